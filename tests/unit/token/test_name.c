/* SPDX-License-Identifier: MIT */
/* Token names and variants, from friendly and hostile text. */
#include "tests/lib/check.h"
#include "token/name.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT "p/a/"

static void refused(const char *text, const char *why)
{
    struct jt_name name = {.full = "untouched"};
    jeton_error *error = NULL;

    CHECK_FAILS(jt_name_parse(text, &name, &error), JETON_USAGE, why, &error);
    CHECK_STR(name.full, "untouched");
}

static void taken(const char *text, const char *provider, const char *account, const char *subject)
{
    jeton_error *error = NULL;
    struct jt_name name;

    if (!CHECK_OK(jt_name_parse(text, &name, &error), &error))
        return;
    CHECK_STR(name.full, text);
    CHECK_STR(name.provider, provider);
    CHECK_STR(name.account, account);
    CHECK_STR(name.subject, subject);
}

static void a_name_has_provider_account_and_perhaps_a_subject(void)
{
    taken("line/bot", "line", "bot", "");
    taken("line/bot/U4af4980629", "line", "bot", "U4af4980629");
    taken("my-idp_2/Main-1_x/alice@example.org", "my-idp_2", "Main-1_x", "alice@example.org");
    taken("0/a/b", "0", "a", "b");
}

static void a_subject_may_hold_slashes_spaces_and_any_script(void)
{
    taken("p/a/https://id.example/users/7", "p", "a", "https://id.example/users/7");
    taken("p/a//", "p", "a", "/");
    taken("p/a/Jane Doe", "p", "a", "Jane Doe");
    taken("p/a/Åsa/Ελένη/太郎/😀", "p", "a", "Åsa/Ελένη/太郎/😀");
}

static void what_is_no_name_is_refused_with_the_reason(void)
{
    refused("", "empty");
    refused("line", "is not a token name");
    refused("line/", "is not a token name");
    refused("/bot", "is not a provider's name");
    refused("/", "is not a token name");
    refused("//", "is not a provider's name");
    refused("line//x", "is not an account's name");
    refused("line/bot/", "ends with a slash");
}

static void providers_are_lower_case_and_never_a_path(void)
{
    refused("Line/bot", "\"Line\" in \"Line/bot\" is not a provider's name");
    refused("-line/bot", "is not a provider's name");
    refused("_line/bot", "is not a provider's name");
    refused("../bot", "is not a provider's name");
    refused("li.ne/bot", "is not a provider's name");
    refused("liné/bot", "is not a provider's name");
    refused("li ne/bot", "is not a provider's name");
}

static void accounts_begin_with_a_letter(void)
{
    refused("line/1bot", "is not an account's name");
    refused("line/-bot", "is not an account's name");
    refused("line/*", "is not an account's name");
    refused("line/*bot", "is not an account's name");
    refused("line/bo.t", "is not an account's name");
    refused("line/bo t/x", "is not an account's name");
    refused("line/böt", "is not an account's name");
}

static void a_name_of_255_bytes_is_taken_and_one_of_256_is_not(void)
{
    char text[JT_NAME_MAX + 2];

    memset(text, 'x', sizeof(text));
    memcpy(text, SUBJECT, strlen(SUBJECT));
    text[JT_NAME_MAX] = '\0';
    taken(text, "p", "a", text + strlen(SUBJECT));
    text[JT_NAME_MAX] = 'x';
    text[JT_NAME_MAX + 1] = '\0';
    refused(text, "has 256 bytes: at most 255 are allowed");
}

static void control_characters_are_refused(void)
{
    static const char *const controls[] = {"\n",       "\t",       "\r",       "\x1b[2J",      "\x01",        "\x7f",
                                           "\xc2\x80", "\xc2\x9b", "\xc2\x9f", "\xe2\x80\xa8", "\xe2\x80\xa9"};

    for (size_t i = 0; i < JT_LEN(controls); i++) {
        char text[64];

        (void)snprintf(text, sizeof(text), SUBJECT "x%sy", controls[i]);
        refused(text, "control characters");
        (void)snprintf(text, sizeof(text), SUBJECT "%s", controls[i]);
        refused(text, "control characters");
    }
    taken(SUBJECT "\xc2\xa0", "p", "a", "\xc2\xa0");
}

static void rfc_3629_malformed_utf_8_is_refused(void)
{
    static const char *const malformed[] = {
        "\x80", /* a continuation byte alone */
        "\xbf",
        "\xc3", /* the end comes too early */
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3x",
        "\xe2\x82x",
        "\xc0\xaf", /* overlong "/" */
        "\xc1\xbf",
        "\xe0\x80\xaf",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\xaf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", /* surrogates */
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
    };

    for (size_t i = 0; i < JT_LEN(malformed); i++) {
        char text[64];

        (void)snprintf(text, sizeof(text), SUBJECT "x%s", malformed[i]);
        refused(text, "not UTF-8");
    }
    taken(SUBJECT "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "p", "a", "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf");
}

static void a_refusal_never_repeats_control_characters(void)
{
    char text[400];
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_name name;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    text[3] = '\x1b';
    text[4] = '\n';
    CHECK_INT(jt_name_parse(text, &name, &error), JETON_USAGE);
    CHECK_TRUE(strpbrk(jeton_error_message(error), "\x1b\n") == NULL);
}

static void a_bare_name_may_stand_in_a_path(void)
{
    char text[66];

    CHECK_TRUE(jt_name_is_bare("line"));
    CHECK_TRUE(jt_name_is_bare("0-_z"));
    CHECK_TRUE(!jt_name_is_bare(""));
    CHECK_TRUE(!jt_name_is_bare("."));
    CHECK_TRUE(!jt_name_is_bare("a/b"));
    CHECK_TRUE(!jt_name_is_bare("-a"));
    CHECK_TRUE(!jt_name_is_bare("A"));
    CHECK_TRUE(!jt_name_is_bare("a\n"));
    memset(text, 'a', sizeof(text));
    text[65] = '\0';
    CHECK_TRUE(!jt_name_is_bare(text));
    text[64] = '\0';
    CHECK_TRUE(jt_name_is_bare(text));
}

static void variant_is(const char *scope, const char *audience, const char *resource, const char *expected)
{
    JT_AUTO_STR char *variant = jt_variant_make(scope, audience, resource);

    CHECK_STR(variant, expected);
}

static void nothing_narrowed_is_the_empty_variant(void)
{
    variant_is(NULL, NULL, NULL, "");
    variant_is("", "", "", "");
    variant_is("   ", NULL, NULL, "");
}

static void rfc_6749_section_3_3_the_order_of_scope_values_means_nothing(void)
{
    variant_is("a", NULL, NULL, "scope=a");
    variant_is("b a", NULL, NULL, "scope=a b");
    variant_is("a b", NULL, NULL, "scope=a b");
    variant_is(" b  a b a ", NULL, NULL, "scope=a b");
    variant_is("aa a", NULL, NULL, "scope=a aa");
    variant_is("A a", NULL, NULL, "scope=A a");
}

static void audience_and_resource_are_parts_of_their_own(void)
{
    variant_is("b a", "https://api", "urn:r", "scope=a b\naudience=https://api\nresource=urn:r");
    variant_is(NULL, "x", NULL, "audience=x");
    variant_is(NULL, NULL, "x", "resource=x");
}

static void a_newline_cannot_forge_another_part(void)
{
    static const char *const forged[] = {"a\naudience=x", "a\n\naudience=x", "\naudience=x", "a\r\naudience=x"};

    for (size_t i = 0; i < JT_LEN(forged); i++) {
        JT_AUTO_STR char *of_scope = jt_variant_make(forged[i], NULL, NULL);
        JT_AUTO_STR char *of_audience = jt_variant_make(NULL, forged[i], NULL);
        JT_AUTO_STR char *of_resource = jt_variant_make(NULL, NULL, forged[i]);
        JT_AUTO_STR char *audience = jt_variant_part(of_scope, "audience");
        JT_AUTO_STR char *other_audience = jt_variant_part(of_resource, "audience");

        CHECK_TRUE(strchr(of_scope, '\n') == NULL);
        CHECK_TRUE(strchr(of_audience, '\n') == NULL);
        CHECK_TRUE(strchr(of_resource, '\n') == NULL);
        CHECK_STR(audience, NULL);
        CHECK_STR(other_audience, NULL);
    }
}

static void parts_are_found_again(void)
{
    JT_AUTO_STR char *variant = jt_variant_make("b a", "x=y", "r");
    JT_AUTO_STR char *scope = jt_variant_part(variant, "scope"), *audience = jt_variant_part(variant, "audience");
    JT_AUTO_STR char *resource = jt_variant_part(variant, "resource"), *half = jt_variant_part(variant, "scop");
    JT_AUTO_STR char *none = jt_variant_part("", "scope"), *bare = jt_variant_part("scope", "scope");

    CHECK_STR(scope, "a b");
    CHECK_STR(audience, "x=y");
    CHECK_STR(resource, "r");
    CHECK_STR(half, NULL);
    CHECK_STR(none, NULL);
    CHECK_STR(bare, NULL);
}

static void hundreds_of_scope_values_are_sorted_too(void)
{
    JT_AUTO_BUF struct jt_buf up = JT_BUF_INIT(JT_SETTING_MAX), down = JT_BUF_INIT(JT_SETTING_MAX);
    JT_AUTO_STR char *of_up = NULL, *of_down = NULL;

    for (int i = 100; i < 700; i++) {
        jt_buf_printf(&up, "s%d ", i);
        jt_buf_printf(&down, "s%d ", 799 - i);
    }
    of_up = jt_variant_make(jt_buf_str(&up), NULL, NULL);
    of_down = jt_variant_make(jt_buf_str(&down), NULL, NULL);
    CHECK_TRUE(of_up != NULL);
    CHECK_STR(of_up, of_down);
}

static void the_hash_is_the_same_for_ever(void)
{
    /* printf 'line/bot\0' | b2sum -l 128, the first eight bytes: rows are spread and leases are taken by it. */
    CHECK_TRUE(jt_name_hash("line/bot", "") == UINT64_C(0x36bcf67264160b03));
    CHECK_TRUE(jt_name_hash("line/bot", "scope=a") == UINT64_C(0x561f425d371079f8));
}

static void the_hash_knows_where_the_name_ends(void)
{
    CHECK_TRUE(jt_name_hash("line/bot", "x") != jt_name_hash("line/botx", ""));
    CHECK_TRUE(jt_name_hash("line/bot", "") != jt_name_hash("line/bou", ""));
}

static const struct check_case cases[] = {
    {"a name has provider, account and perhaps a subject", a_name_has_provider_account_and_perhaps_a_subject},
    {"a subject may hold slashes, spaces and any script", a_subject_may_hold_slashes_spaces_and_any_script},
    {"what is no name is refused with the reason", what_is_no_name_is_refused_with_the_reason},
    {"providers are lower case and never a path", providers_are_lower_case_and_never_a_path},
    {"accounts begin with a letter", accounts_begin_with_a_letter},
    {"a name of 255 bytes is taken and one of 256 is not", a_name_of_255_bytes_is_taken_and_one_of_256_is_not},
    {"control characters are refused", control_characters_are_refused},
    {"RFC 3629: malformed UTF-8 is refused", rfc_3629_malformed_utf_8_is_refused},
    {"a refusal never repeats control characters", a_refusal_never_repeats_control_characters},
    {"a bare name may stand in a path", a_bare_name_may_stand_in_a_path},
    {"nothing narrowed is the empty variant", nothing_narrowed_is_the_empty_variant},
    {"RFC 6749 3.3: the order of scope values means nothing",
     rfc_6749_section_3_3_the_order_of_scope_values_means_nothing},
    {"audience and resource are parts of their own", audience_and_resource_are_parts_of_their_own},
    {"a newline cannot forge another part", a_newline_cannot_forge_another_part},
    {"parts are found again", parts_are_found_again},
    {"hundreds of scope values are sorted too", hundreds_of_scope_values_are_sorted_too},
    {"the hash is the same for ever", the_hash_is_the_same_for_ever},
    {"the hash knows where the name ends", the_hash_knows_where_the_name_ends},
};

CHECK_MAIN("names", cases)
