/* SPDX-License-Identifier: MIT */
/* Names of settings that mean the same for every provider. */
#include "base/base.h"
#include "tests/lib/check.h"
#include <string.h>

static void expect_way(const char *name, const char *ending, enum jt_secret_source source)
{
    const struct jt_secret_way *way = jt_secret_way_of(name);

    CHECK_STR(way != NULL ? way->ending : NULL, ending);
    if (way != NULL)
        CHECK_INT(way->source, source);
}

static void an_ending_is_found_behind_a_name_only(void)
{
    expect_way("client_secret_file", "_file", JT_SECRET_FILE);
    expect_way("client_secret_credential", "_credential", JT_SECRET_CREDENTIAL);
    expect_way("client_secret_env", "_env", JT_SECRET_ENV);
    expect_way("client_secret_command", "_command", JT_SECRET_COMMAND);
    expect_way("x_file", "_file", JT_SECRET_FILE);
    expect_way("client_secret", NULL, JT_SECRET_INLINE);
    expect_way("_file", NULL, JT_SECRET_INLINE);
    expect_way("file", NULL, JT_SECRET_INLINE);
    expect_way("x_files", NULL, JT_SECRET_INLINE);
    expect_way("", NULL, JT_SECRET_INLINE);
}

static void the_cores_own_are_known_by_name(void)
{
    static const char *const names[] = {"base_url", "min_ttl", "renew_before", "timeout", "ca_file",
                                        "proxy",    "client_key", "plugin",    "accounts"};

    for (size_t i = 0; i < JT_LEN(names); i++)
        CHECK_TRUE(jt_own_setting_find(jt_core_settings_table, "", names[i]) != NULL);
    CHECK_TRUE(jt_own_setting_find(jt_core_settings_table, "", "client_id") == NULL);
    CHECK_TRUE(jt_own_setting_find(jt_core_settings_table, "store", "base_url") == NULL);
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
    {"the core's own settings are known by name and group", the_cores_own_are_known_by_name},
    {"a row is found by its whole name", a_row_is_found_by_its_whole_name},
};

CHECK_MAIN("setting", cases)
