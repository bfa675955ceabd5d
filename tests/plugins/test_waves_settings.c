/* SPDX-License-Identifier: MIT */
/* Proves which settings the Waves plugin refuses, with which words, and that it refuses them in a flow too. It never
 * sends anything. */
#include "waves_flow.h"
#include <jeton/provider.h>
#include <stdio.h>
#include <string.h>

static void good_settings_have_no_complaint(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    CHECK_STR(drive_check(d), "");
    drive_setting(d, "chain_id", "T");
    CHECK_STR(drive_check(d), "");
    drive_free(&d);
    d = waves_with_private_key(WAVES_PRIVATE_KEY);
    CHECK_STR(drive_check(d), "");
    drive_free(&d);
}

/* A wrong setting is found by check, and stops a flow that is started in spite of it before anything is sent. */
static void check_refused(struct drive *d, const char *setting, const char *sentence)
{
    char start[64];

    snprintf(start, sizeof(start), "%s: ", setting);
    CHECK_CONTAINS(drive_check(d), start);
    CHECK_CONTAINS(drive_check(d), sentence);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    waves_check_failure(d, JETON_CONFIG, NULL, sentence, NULL);
    waves_check_failure(d, JETON_CONFIG, NULL, start, NULL);
    drive_free(&d);
}

static void exactly_one_of_seed_and_private_key_is_needed(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_setting(d, "private_key", WAVES_PRIVATE_KEY);
    check_refused(d, "private_key", "seed and private_key are both set");
    check_refused(drive_new(jeton_provider_v1), "seed", "neither seed nor private_key is set");
    check_refused(waves_with_seed(""), "seed", "it is empty");
    check_refused(waves_with_private_key(""), "private_key", "it is empty");
}

static void a_wrong_character_of_a_private_key_is_named_with_its_place(void)
{
    check_refused(waves_with_private_key("3kME0U5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYT"), "private_key",
                  "character 5 of the key is \"0\"");
    check_refused(waves_with_private_key("3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYT "), "private_key",
                  "character 45 of the key is a space");
    check_refused(waves_with_private_key("\n3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYT"), "private_key",
                  "character 1 of the key is a line break");
    check_refused(waves_with_private_key("3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWY\xd0\xa2"), "private_key",
                  "character 44 of the key is the byte 0xd0");
}

static void a_private_key_of_another_length_is_refused(void)
{
    check_refused(
        waves_with_private_key("3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWY"), "private_key",
        "the key is too short: the 32 bytes of a private key are 43 or 44 characters in base58, and these 43");
    check_refused(waves_with_private_key("3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYTz"), "private_key",
                  "the key is too long");
    check_refused(waves_with_private_key("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"), "private_key",
                  "these 44 stand for more bytes");
}

static void a_chain_is_one_character(void)
{
    static const char *const wrong[] = {"", "WT", "mainnet", "\xc3\xa9", " ", "\t"};

    for (size_t i = 0; i < JT_LEN(wrong); i++) {
        struct drive *d = waves_with_seed(WAVES_SEED);

        drive_setting(d, "chain_id", wrong[i]);
        check_refused(d, "chain_id", "exactly one ASCII character");
    }
}

static void an_empty_client_id_is_refused_and_every_finding_is_told(void)
{
    struct drive *d = waves_with_private_key("l");

    drive_setting(d, "chain_id", "WW");
    drive_setting(d, "client_id", "");
    CHECK_CONTAINS(drive_check(d), "private_key: ");
    CHECK_CONTAINS(drive_check(d), "chain_id: ");
    check_refused(d, "private_key", "\"l\"");
    d = waves_with_seed(WAVES_SEED);
    drive_setting(d, "client_id", "");
    check_refused(d, "client_id", "it is empty");
}

static void an_empty_scope_is_refused(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_setting(d, "scope", "");
    check_refused(d, "scope", "it is empty; leave it out for general");
}

static void a_seed_is_used_byte_for_byte(void)
{
    /* é as one character and as two, which look alike; spaces and line ends that a person does not see. */
    static const char *const seeds[] = {WAVES_SEED,      WAVES_SEED " ", " " WAVES_SEED,
                                        WAVES_SEED "\n", "caf\xc3\xa9",  "cafe\xcc\x81"};
    char seen[JT_LEN(seeds)][64];

    for (size_t i = 0; i < JT_LEN(seeds); i++) {
        struct drive *d = waves_with_seed(seeds[i]);

        CHECK_STR(drive_check(d), "");
        CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
        snprintf(seen[i], sizeof(seen[i]), "%s", drive_form(d, "username"));
        for (size_t j = 0; j < i; j++)
            CHECK_TRUE(strcmp(seen[i], seen[j]) != 0);
        drive_free(&d);
    }
    CHECK_STR(seen[0], WAVES_USERNAME);
}

static void a_lifetime_of_over_a_week_is_out_of_the_table_s_bounds(void)
{
    const struct jeton_provider *provider = jeton_provider_v1(&jt_host);
    const struct jeton_setting *row = provider->settings;

    while (row->name != NULL && strcmp(row->name, "token_lifetime") != 0)
        row++;
    CHECK_STR(row->name, "token_lifetime");
    CHECK_INT(row->type, JETON_INTEGER);
    CHECK_INT(row->minimum, 1);
    CHECK_INT(row->maximum, WAVES_WEEK_S);
    CHECK_STR(row->default_value, "604500");
    CHECK_INT(provider->capabilities, JETON_CAP_UNATTENDED);
    CHECK_TRUE(provider->revoke == NULL && provider->introspect == NULL && provider->list_keys == NULL);
}

static const struct check_case cases[] = {
    {"good settings have no complaint", good_settings_have_no_complaint},
    {"exactly one of seed and private_key is needed", exactly_one_of_seed_and_private_key_is_needed},
    {"a wrong character of a private key is named with its place",
     a_wrong_character_of_a_private_key_is_named_with_its_place},
    {"a private key of another length is refused", a_private_key_of_another_length_is_refused},
    {"a chain is one character", a_chain_is_one_character},
    {"an empty client_id is refused, and every finding is told",
     an_empty_client_id_is_refused_and_every_finding_is_told},
    {"an empty scope is refused", an_empty_scope_is_refused},
    {"a seed is used byte for byte", a_seed_is_used_byte_for_byte},
    {"a lifetime of over a week is out of the table's bounds", a_lifetime_of_over_a_week_is_out_of_the_table_s_bounds},
};

CHECK_MAIN("waves settings", cases)
