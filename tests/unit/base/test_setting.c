/* SPDX-License-Identifier: MIT */
/* Names of settings that mean the same for every provider. */
#include "base/base.h"
#include "tests/lib/check.h"
#include <string.h>

static void expect_ending(const char *key, int expected, size_t expected_len)
{
    size_t len = SIZE_MAX;

    CHECK_INT(jt_setting_ending(key, &len), expected);
    CHECK_INT(len, expected_len);
}

static void an_ending_is_found_behind_a_name_only(void)
{
    expect_ending("client_secret_file", 0, 13);
    expect_ending("client_secret_credential", 1, 13);
    expect_ending("client_secret_env", 2, 13);
    expect_ending("client_secret_command", 3, 13);
    expect_ending("x_file", 0, 1);
    expect_ending("x_file_file", 0, 6);
    expect_ending("client_secret", -1, 13);
    expect_ending("_file", -1, 5);
    expect_ending("file", -1, 4);
    expect_ending("x_files", -1, 7);
    expect_ending("", -1, 0);
}

static void names_of_the_cores_own_are_taken(void)
{
    size_t count = 0;

    for (; jt_setting_core[count].name != NULL; count++)
        CHECK_STR(jt_setting_taken(jt_setting_core[count].name), "is a setting of jeton's own");
    CHECK_TRUE(count >= 8);
    CHECK_STR(jt_setting_taken("base_url"), "is a setting of jeton's own");
    CHECK_STR(jt_setting_taken("plugin"), "is a setting of jeton's own");
    CHECK_STR(jt_setting_taken("accounts"), "is a setting of jeton's own");
    CHECK_CONTAINS(jt_setting_taken("token_file"), "ends like one of the ways to give a secret");
    CHECK_CONTAINS(jt_setting_taken("token_command"), "ends like one of the ways to give a secret");
    CHECK_TRUE(jt_setting_taken("client_id") == NULL);
    CHECK_TRUE(jt_setting_taken("account") == NULL);
}

static void a_row_is_found_by_its_whole_name(void)
{
    static const struct jeton_setting rows[] = {{.name = "ab"}, {.name = "abc"}, {0}};

    CHECK_TRUE(jt_setting_row(rows, "abc") == &rows[1]);
    CHECK_TRUE(jt_setting_row(rows, "a") == NULL);
    CHECK_TRUE(jt_setting_row(rows, "abcd") == NULL);
    CHECK_TRUE(jt_setting_row(NULL, "a") == NULL);
}

static const struct check_case cases[] = {
    {"an ending is found behind a name only", an_ending_is_found_behind_a_name_only},
    {"names of the core's own, and those that end like a way to give a secret, are taken",
     names_of_the_cores_own_are_taken},
    {"a row is found by its whole name", a_row_is_found_by_its_whole_name},
};

CHECK_MAIN("setting", cases)
