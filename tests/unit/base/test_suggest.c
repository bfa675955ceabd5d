/* SPDX-License-Identifier: MIT */
/* Which name a person probably meant, and that a far one is not put forward. */
#include "tests/lib/check.h"
#include "base/base.h"
#include <string.h>

static const char *const settings[] = {"client_id", "client_secret", "private_key", "base_url", "scope", "api"};

static const char *suggest(const char *wrong)
{
    return jt_suggest(wrong, settings, JT_LEN(settings));
}

static void slips_of_the_finger_are_understood(void)
{
    static const struct {
        const char *wrong, *meant;
    } slips[] = {
        {"clinet_id", "client_id"}, /* two letters swapped */
        {"client_sercet", "client_secret"},
        {"clientid", "client_id"}, /* one left out */
        {"bas_url", "base_url"},
        {"scopes", "scope"}, /* one too many */
        {"scobe", "scope"},  /* one wrong */
        {"ap", "api"},
        {"apj", "api"},
        {"private-key", "private_key"},
        {"client_ids", "client_id"},
        {"client_id", "client_id"},
    };

    for (size_t i = 0; i < JT_LEN(slips); i++)
        CHECK_STR(suggest(slips[i].wrong), slips[i].meant);
}

static void what_is_far_from_all_is_not_guessed(void)
{
    CHECK_STR(suggest("timeout"), NULL);
    CHECK_STR(suggest("xyz"), NULL);
    CHECK_STR(suggest("secret"), NULL);
    CHECK_STR(suggest(""), NULL);
    CHECK_STR(suggest("Client_Secret_File"), NULL);
}

static void the_nearest_of_several_wins(void)
{
    static const char *const names[] = {"token_lifetimes", "token_lifetime", "token_time"};

    CHECK_STR(jt_suggest("token_lifetimx", names, JT_LEN(names)), "token_lifetime");
    CHECK_STR(jt_suggest("token_lifetimess", names, JT_LEN(names)), "token_lifetimes");
}

static void of_equals_the_first_wins(void)
{
    static const char *const names[] = {"cat", "bat"};

    CHECK_STR(jt_suggest("rat", names, JT_LEN(names)), "cat");
}

static void the_result_is_the_callers_own_pointer(void)
{
    CHECK_TRUE(suggest("scobe") == settings[4]);
}

static void no_names_no_suggestion(void)
{
    CHECK_STR(jt_suggest("scope", NULL, 0), NULL);
}

static void long_names_are_compared_up_to_their_limit_and_not_beyond(void)
{
    char name[66], wrong[66];
    const char *const names[] = {name};

    memset(name, 'a', sizeof(name));
    memset(wrong, 'a', sizeof(wrong));
    name[64] = '\0';
    wrong[64] = '\0';
    wrong[63] = 'b';
    CHECK_STR(jt_suggest(wrong, names, 1), name);
    wrong[64] = 'a';
    wrong[65] = '\0';
    CHECK_STR(jt_suggest(wrong, names, 1), NULL);
    name[64] = 'a';
    name[65] = '\0';
    wrong[63] = '\0';
    CHECK_STR(jt_suggest(wrong, names, 1), NULL);
}

static void expect_list(const char *wrong, size_t count, const char *expected)
{
    static const char *const names[] = {"line", "google", "a3",  "a4",  "a5",  "a6", "a7",
                                        "a8",   "a9",     "a10", "a11", "a12", "x",  "y"};
    JT_AUTO_BUF struct jt_buf sentence = JT_BUF_INIT(1000);

    jt_suggest_list(&sentence, wrong, names, count);
    CHECK_STR(jt_buf_str(&sentence), expected);
}

static void the_words_ask_only_where_a_name_is_near(void)
{
    static const char *const longest[] = {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklm"
                                          "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
                                          "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"};

    CHECK_STR(jt_suggest_words("clinet_id", settings, JT_LEN(settings)).text, "; did you mean \"client_id\"?");
    CHECK_STR(jt_suggest_words("timeout", settings, JT_LEN(settings)).text, "");
    CHECK_STR(jt_suggest_words("timeout", NULL, 0).text, "");
    /* The longest name that is compared has room. */
    CHECK_STR(jt_suggest_words("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk", longest, 2).text,
              "; did you mean \"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl\"?");
}

static void a_list_has_a_dozen_names_and_the_number_of_the_others(void)
{
    expect_list("lien", 2, "; did you mean \"line\"? There are: line, google");
    expect_list("qqqq", 2, "; there are: line, google");
    expect_list("qqqq", 1, "; there are: line");
    expect_list("qqqq", 0, "");
    expect_list("qqqq", 12, "; there are: line, google, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12");
    expect_list("qqqq", 14, "; there are: line, google, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12 and 2 more");
}

static const struct check_case cases[] = {
    {"slips of the finger are understood", slips_of_the_finger_are_understood},
    {"what is far from all is not guessed", what_is_far_from_all_is_not_guessed},
    {"the nearest of several wins", the_nearest_of_several_wins},
    {"of equals the first wins", of_equals_the_first_wins},
    {"the result is the caller's own pointer", the_result_is_the_callers_own_pointer},
    {"no names, no suggestion", no_names_no_suggestion},
    {"long names are compared up to their limit and not beyond",
     long_names_are_compared_up_to_their_limit_and_not_beyond},
    {"the words ask only where a name is near", the_words_ask_only_where_a_name_is_near},
    {"a list has a dozen names and the number of the others", a_list_has_a_dozen_names_and_the_number_of_the_others},
};

CHECK_MAIN("suggest", cases)
