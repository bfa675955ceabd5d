/* SPDX-License-Identifier: MIT */
/* Proves what is shown of one name's entries, and that no secret is among it. It never asks the provider. */
#include "tests/lib/fake_net.h"
#include <stdio.h>
#include <string.h>

static jeton_list *show(struct fake *fake, const char *name)
{
    jeton_list *list = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jeton_show(fake->ctx, name, &list, &error), &error);
    return list;
}

static void a_name_without_anything_stored_is_one_entry(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list = show(fake, FAKE_NAME);

    CHECK_INT(jeton_list_len(list), 1);
    CHECK_STR(jeton_list_name(list, 0), FAKE_NAME);
    CHECK_STR(jeton_list_state(list, 0), "none");
    CHECK_STR(jeton_list_field(list, 0, "plugin"), "fake");
    CHECK_STR(jeton_list_field(list, 0, "issued_at"), NULL);
    CHECK_STR(jeton_list_field(list, 0, "refresh_token"), NULL);
    jeton_list_free(&list);
}

static void the_fields_of_a_token_set_are_shown(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    char issued_at[32];
    jeton_list *list;

    fake_put_token(fake, FAKE_NAME, "", "the-secret-token", "the-refresh-token", 100, 3600);
    row = fake_row(fake, FAKE_NAME, "");
    row.token.scope = jt_strdup("a b");
    row.token.key_id = jt_strdup("kid-1");
    row.token.refresh_expires_at = 2000000000;
    fake_put(fake, FAKE_NAME, "", &row);
    (void)snprintf(issued_at, sizeof(issued_at), "%lld", (long long)row.token.issued_at);
    list = show(fake, FAKE_NAME);
    CHECK_STR(jeton_list_state(list, 0), "valid");
    CHECK_STR(jeton_list_field(list, 0, "scope"), "a b");
    CHECK_STR(jeton_list_field(list, 0, "key_id"), "kid-1");
    CHECK_STR(jeton_list_field(list, 0, "token_type"), "Bearer");
    CHECK_STR(jeton_list_field(list, 0, "refresh_token"), "yes");
    CHECK_STR(jeton_list_field(list, 0, "refresh_expires_at"), "2000000000");
    CHECK_STR(jeton_list_field(list, 0, "issued_at"), issued_at);
    CHECK_INT(jeton_list_expires_at(list, 0), row.token.expires_at);
    CHECK_STR(jeton_list_field(list, 0, "no such field"), NULL);
    jeton_list_free(&list);
}

static void no_field_holds_a_secret(void)
{
    static const char *const fields[] = {"access_token", "refresh_token", "scope", "audience", "resource", "key_id",
                                         "token_type",   "issued_at",     "extra", "plugin",   "note",     "failed_at"};
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_put_token(fake, FAKE_NAME, "", "the-secret-token", "the-secret-refresh", 100, 3600);
    list = show(fake, FAKE_NAME);
    for (size_t i = 0; i < JT_LEN(fields); i++) {
        const char *value = jeton_list_field(list, 0, fields[i]);

        CHECK_TRUE(value == NULL || strstr(value, "secret") == NULL);
    }
    jeton_list_free(&list);
}

static void each_narrowed_token_is_an_entry(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_put_token(fake, FAKE_NAME, "", "t", NULL, 0, 3600);
    fake_put_token(fake, FAKE_NAME, "audience=https://api", "t", NULL, 4000, 3600);
    fake_put_token(fake, FAKE_NAME, "scope=a b\nresource=urn:r", "t", NULL, 0, 3600);
    fake_put_token(fake, "fake/main/alice", "", "t", NULL, 0, 3600);
    fake_put_token(fake, "fake/mai", "", "t", NULL, 0, 3600);
    list = show(fake, FAKE_NAME);
    CHECK_INT(jeton_list_len(list), 3);
    CHECK_STR(jeton_list_field(list, 0, "scope"), NULL);
    CHECK_STR(jeton_list_field(list, 1, "audience"), "https://api");
    CHECK_STR(jeton_list_state(list, 1), "expired");
    CHECK_STR(jeton_list_field(list, 2, "scope"), "a b");
    CHECK_STR(jeton_list_field(list, 2, "resource"), "urn:r");
    jeton_list_free(&list);
}

static void only_a_narrowed_token_is_shown_alone(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_put_token(fake, FAKE_NAME, "scope=a", "t", NULL, 0, 3600);
    list = show(fake, FAKE_NAME);
    CHECK_INT(jeton_list_len(list), 1);
    CHECK_STR(jeton_list_field(list, 0, "scope"), "a");
    jeton_list_free(&list);
}

static void a_failure_is_shown_with_its_times(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_push(fake, (struct fake_outcome){
                        .kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503, .retry_after_s = 100});
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, FAKE_NAME);
    list = show(fake, FAKE_NAME);
    CHECK_STR(jeton_list_state(list, 0), "failing");
    CHECK_STR(jeton_list_last_error(list, 0), "fake/main: fake: no reason given");
    CHECK_TRUE(jeton_list_field(list, 0, "failed_at") != NULL);
    CHECK_TRUE(jeton_list_field(list, 0, "retry_at") != NULL);
    jeton_list_free(&list);
}

static void a_damaged_row_says_so(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_damage(fake, FAKE_NAME);
    list = show(fake, FAKE_NAME);
    CHECK_STR(jeton_list_state(list, 0), "unreadable");
    CHECK_CONTAINS(jeton_list_last_error(list, 0), "cannot be used");
    jeton_list_free(&list);
}

static void an_unknown_name_is_an_error(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton_list *list = NULL;

    CHECK_INT(jeton_show(fake->ctx, "fake/mian", &list, &error), JETON_USAGE);
    CHECK_STR(jeton_error_name(error), "fake/mian");
    CHECK_TRUE(list == NULL);
}

static void hundreds_of_entries_are_all_shown(void)
{
    static const int counts[] = {256, 257, 600};
    AUTO_FAKE struct fake *fake = fake_new();
    char variant[64];
    int made = 0;

    for (size_t i = 0; i < JT_LEN(counts); i++) {
        jeton_list *list;

        for (; made < counts[i]; made++) {
            (void)snprintf(variant, sizeof(variant), "audience=%03d", made);
            fake_put_token(fake, FAKE_NAME, variant, "t", NULL, 0, 3600);
        }
        list = show(fake, FAKE_NAME);
        CHECK_INT(jeton_list_len(list), counts[i]);
        for (int j = 0; j < counts[i]; j++) {
            (void)snprintf(variant, sizeof(variant), "%03d", j);
            CHECK_STR(jeton_list_field(list, (size_t)j, "audience"), variant);
        }
        jeton_list_free(&list);
    }
}

static void what_a_removed_account_left_can_be_seen_and_forgotten(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;
    jeton_list *list;

    fake_put_token(fake, "fake/gone", "", "left behind", NULL, 100, 3600);
    list = show(fake, "fake/gone");
    CHECK_STR(jeton_list_state(list, 0), "valid");
    CHECK_STR(jeton_list_field(list, 0, "plugin"), NULL);
    jeton_list_free(&list);
    CHECK_OK(jeton_forget(fake->ctx, "fake/gone", NULL, &error), &error);
    CHECK_INT(fake_version(fake, "fake/gone", ""), 0);
    CHECK_FAILS(jeton_forget(fake->ctx, "fake/gone", NULL, &error), JETON_USAGE, "gone", &error);
    CHECK_FAILS(jeton_show(fake->ctx, NULL, &list, &error), JETON_USAGE, "NULL", &error);
}

static const struct check_case cases[] = {
    {"what a removed account left can be seen and forgotten", what_a_removed_account_left_can_be_seen_and_forgotten},
    {"a name without anything stored is one entry", a_name_without_anything_stored_is_one_entry},
    {"the fields of a token set are shown", the_fields_of_a_token_set_are_shown},
    {"no field holds a secret", no_field_holds_a_secret},
    {"each narrowed token is an entry", each_narrowed_token_is_an_entry},
    {"only a narrowed token is shown alone", only_a_narrowed_token_is_shown_alone},
    {"a failure is shown with its times", a_failure_is_shown_with_its_times},
    {"a damaged row says so", a_damaged_row_says_so},
    {"an unknown name is an error", an_unknown_name_is_an_error},
    {"hundreds of entries are all shown", hundreds_of_entries_are_all_shown},
};

CHECK_MAIN("show", cases)
