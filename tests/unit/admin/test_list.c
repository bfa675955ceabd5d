/* SPDX-License-Identifier: MIT */
/* Proves what a list says of each name, and that pages of any size show every name once, in order. It never asks the
 * provider. */
#include "tests/lib/fake_net.h"
#include "admin/admin.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jeton_list *list_all(struct fake *fake)
{
    jeton_list *list = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jeton_list_names(fake->ctx, NULL, 100000, &list, &error), &error);
    return list;
}

static const char *state_of(const jeton_list *list, const char *name)
{
    for (size_t i = 0; i < jeton_list_len(list); i++)
        if (strcmp(jeton_list_name(list, i), name) == 0)
            return jeton_list_state(list, i);
    return NULL;
}

static void state_is(struct fake *fake, const char *state)
{
    jeton_list *list = list_all(fake);

    CHECK_STR(state_of(list, FAKE_NAME), state);
    jeton_list_free(&list);
}

static void configured_names_are_listed_before_anything_is_stored(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list = list_all(fake);

    CHECK_INT(jeton_list_len(list), 2);
    CHECK_STR(jeton_list_name(list, 0), "fake/main");
    CHECK_STR(jeton_list_name(list, 1), "fake/other");
    CHECK_STR(jeton_list_state(list, 0), "none");
    CHECK_TRUE(jeton_list_expires_at(list, 0) == JT_NEVER && jeton_list_renew_at(list, 0) == JT_NEVER);
    CHECK_STR(jeton_list_last_error(list, 0), NULL);
    jeton_list_free(&list);
    CHECK_TRUE(list == NULL);
}

static void stored_names_are_merged_in_order(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    static const char *const expected[] = {"a/x",         "fake/main",  "fake/main/alice", "fake/main/bob",
                                           "fake/middle", "fake/other", "fake/other/x",    "zed/z"};
    jeton_list *list;

    for (size_t i = 0; i < JT_LEN(expected); i++)
        if (strcmp(expected[i], "fake/other") != 0)
            fake_put_token(fake, expected[i], "", "t", NULL, 0, 3600);
    list = list_all(fake);
    CHECK_INT(jeton_list_len(list), JT_LEN(expected));
    for (size_t i = 0; i < JT_LEN(expected); i++)
        CHECK_STR(jeton_list_name(list, i), expected[i]);
    CHECK_STR(state_of(list, "fake/other"), "none");
    CHECK_STR(state_of(list, "zed/z"), "valid");
    jeton_list_free(&list);
}

static void each_state_has_its_word(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_put_token(fake, FAKE_NAME, "", "t", "r1", 0, 3600);
    state_is(fake, "valid");
    fake_put_token(fake, FAKE_NAME, "", "t", "r1", 3000, 3600);
    state_is(fake, "due");
    fake_put_token(fake, FAKE_NAME, "", "t", "r1", 4000, 3600);
    state_is(fake, "expired");
    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503});
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "");
    state_is(fake, "failing");
    fake_put_token(fake, FAKE_NAME, "", "t", "r1", 0, 3600);
    CHECK_OK(jeton_invalidate(fake->ctx, FAKE_NAME, NULL, NULL, &error), &error);
    state_is(fake, "invalidated");
    fake->plugin.table.capabilities = 0;
    fake_put_token(fake, FAKE_NAME, "", "t", NULL, 4000, 3600);
    fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "");
    state_is(fake, "login needed");
}

static void times_and_the_last_error_are_shown(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_put_token(fake, FAKE_NAME, "", "t", NULL, 3000, 3600);
    fake_push(fake, (struct fake_outcome){
                        .kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503, .retry_after_s = 100});
    fake_get_ok(fake, FAKE_NAME, "t");
    list = list_all(fake);
    CHECK_STR(jeton_list_name(list, 0), FAKE_NAME);
    CHECK_STR(jeton_list_state(list, 0), "valid");
    CHECK_STR(jeton_list_last_error(list, 0), "fake/main: fake: no reason given");
    CHECK_TRUE(llabs(jeton_list_expires_at(list, 0) - (jt_now() + 600)) <= 2);
    CHECK_TRUE(llabs(jeton_list_renew_at(list, 0) - (jt_now() + 100)) <= 2);
    jeton_list_free(&list);
}

static void a_token_without_an_end_is_valid(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "t", NULL, 100000, JT_NEVER);
    state_is(fake, "valid");
}

static void *acquire(void *data)
{
    struct fake *fake = data;
    jeton_token *token = NULL;

    (void)(jeton_acquire(fake->ctx, FAKE_NAME, NULL, &token, NULL) == JETON_OK);
    jeton_token_free(&token);
    return NULL;
}

static void an_exchange_under_way_for_a_new_name_is_not_called_valid(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    pthread_t thread;

    fake_push(fake, (struct fake_outcome){.once = true, .hold = true});
    CHECK_INT(pthread_create(&thread, NULL, acquire, fake), 0);
    fake_wait_for_held(fake, 1);
    state_is(fake, "none");
    fake_let_go(fake);
    CHECK_INT(pthread_join(thread, NULL), 0);
    state_is(fake, "valid");
}

static void a_revocation_that_waits_is_shown_with_its_next_try(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;
    jeton_list *list;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, (struct fake_outcome){
                        .kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503, .retry_after_s = 100});
    CHECK_FAILS(jeton_revoke(fake->ctx, FAKE_NAME, NULL, NULL, &error), JETON_TRY_LATER, FAKE_NAME, &error);
    list = list_all(fake);
    CHECK_STR(state_of(list, FAKE_NAME), "revoking");
    CHECK_TRUE(llabs(jeton_list_renew_at(list, 0) - (jt_now() + 100)) <= 2);
    jeton_list_free(&list);
}

static void narrowed_tokens_do_not_make_a_second_line(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_put_token(fake, FAKE_NAME, "", "t", NULL, 4000, 3600);
    fake_put_token(fake, FAKE_NAME, "audience=x", "t", NULL, 0, 3600);
    fake_put_token(fake, FAKE_NAME, "scope=a", "t", NULL, 0, 3600);
    list = list_all(fake);
    CHECK_INT(jeton_list_len(list), 2);
    CHECK_STR(state_of(list, FAKE_NAME), "expired");
    jeton_list_free(&list);
}

/* Walks in pages and checks that they bring what one list brings. */
static void pages_bring_all(struct fake *fake, const jeton_list *all, size_t limit)
{
    char after[JT_NAME_MAX + 1] = "";
    size_t seen = 0, len;

    do {
        jeton_list *page = NULL;
        jeton_error *error = NULL;

        if (!CHECK_OK(jeton_list_names(fake->ctx, after, limit, &page, &error), &error))
            return;
        len = jeton_list_len(page);
        CHECK_TRUE(len <= limit);
        for (size_t i = 0; i < len; i++, seen++) {
            CHECK_STR(jeton_list_name(page, i), jeton_list_name(all, seen));
            CHECK_STR(jeton_list_state(page, i), jeton_list_state(all, seen));
        }
        if (len > 0)
            (void)snprintf(after, sizeof(after), "%s", jeton_list_name(page, len - 1));
        jeton_list_free(&page);
    } while (len == limit);
    CHECK_INT(seen, jeton_list_len(all));
}

/* Names that are configured only, stored only, and both, with entries that must not count as names. */
static void a_thousand_names_come_in_pages_of_any_size(void)
{
    static const size_t limits[] = {1, 7, 256, 257, 5000};
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);
    jeton_list *all;
    char name[64];

    jt_buf_puts(&text, "accounts = {\n");
    for (int i = 0; i < 1000; i += 2)
        jt_buf_printf(&text, "n%03d = { client_id = \"x\"; };\n", i);
    jt_buf_puts(&text, "};\n");
    fake_write(fake, "providers.d/many.conf", jt_buf_str(&text));
    fake_write(fake, "providers.d/many-not.conf", "plugin = \"fake\"; accounts = { a = { client_id = \"x\"; }; };\n");
    for (int i = 0; i < 1000; i += 3) {
        (void)snprintf(name, sizeof(name), "many/n%03d", i);
        fake_put_token(fake, name, "", "t", NULL, 0, 3600);
        if (i % 2 == 0)
            fake_put_token(fake, name, "scope=a", "t", NULL, 0, 3600);
    }
    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "audience=%03d", i);
        fake_put_token(fake, "many/n006", name, "t", NULL, 0, 3600);
    }
    all = list_all(fake);
    CHECK_INT(jeton_list_len(all), 2 + 1 + 500 + 167);
    for (size_t i = 1; i < jeton_list_len(all); i++)
        CHECK_TRUE(strcmp(jeton_list_name(all, i - 1), jeton_list_name(all, i)) < 0);
    for (size_t i = 0; i < JT_LEN(limits); i++)
        pages_bring_all(fake, all, limits[i]);
    jeton_list_free(&all);
}

static void configured_and_stored_names_are_merged_on_every_page(void)
{
    static const size_t limits[] = {1, 2, 5, 50, 199, 1000};
    static const char *const providers[] = {"fake", "fake-b", "fake0", "fake_"};
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;
    jeton_list *all = NULL;
    size_t expected = 0;

    for (size_t i = 0; i < JT_LEN(providers); i++) {
        JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(64 * 1024);
        JT_AUTO_STR char *path = jt_printf("providers.d/%s.conf", providers[i]);

        jt_buf_puts(&text, "plugin = \"fake\";\naccounts = {\n");
        for (int j = 0; j < 40; j++)
            jt_buf_printf(&text, "a%d%s = { client_id = \"1\"; };\n", j, j % 3 == 0 ? "-x" : "");
        jt_buf_puts(&text, "};\n");
        fake_write(fake, path, jt_buf_str(&text));
        expected += 40;
        for (int j = 0; j < 40; j += 7) {
            JT_AUTO_STR char *name = jt_printf("%s/a%d/user", providers[i], j);

            fake_put_token(fake, name, "", "t", NULL, 0, 3600);
            expected++;
        }
    }
    CHECK_OK(jeton_list_names(fake->ctx, NULL, 5000, &all, &error), &error);
    CHECK_INT(jeton_list_len(all), expected);
    for (size_t i = 1; i < jeton_list_len(all); i++)
        CHECK_TRUE(strcmp(jeton_list_name(all, i - 1), jeton_list_name(all, i)) < 0);
    for (size_t i = 0; i < JT_LEN(limits); i++)
        pages_bring_all(fake, all, limits[i]);
    jeton_list_free(&all);
}

static void a_revocation_is_seen_however_the_page_ends(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;
    jeton_list *list = NULL;
    char variant[64];

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_TRY_LATER});
    CHECK_FAILS(jeton_revoke(fake->ctx, FAKE_NAME, NULL, NULL, &error), JETON_TRY_LATER, FAKE_NAME, &error);
    for (int i = 0; i < 600; i++) {
        struct jt_entry entry = JT_ENTRY_INIT;

        (void)snprintf(variant, sizeof(variant), "audience=%03d", i);
        entry.state = JT_ROW_EMPTY;
        fake_put(fake, FAKE_NAME, variant, &entry);
    }
    for (size_t limit = 1; limit <= 3; limit++) {
        CHECK_OK(jeton_list_names(fake->ctx, NULL, limit, &list, &error), &error);
        CHECK_STR(jeton_list_state(list, 0), "revoking");
        jeton_list_free(&list);
    }
}

static void a_page_of_nothing_is_empty(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    char after[400];
    jeton_list *list = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jeton_list_names(fake->ctx, "", 0, &list, &error), &error);
    CHECK_INT(jeton_list_len(list), 0);
    jeton_list_free(&list);
    CHECK_OK(jeton_list_names(fake->ctx, "zzz", 10, &list, &error), &error);
    CHECK_INT(jeton_list_len(list), 0);
    jeton_list_free(&list);
    memset(after, 'x', sizeof(after));
    after[256] = '\0';
    CHECK_FAILS(jeton_list_names(fake->ctx, after, 10, &list, &error), JETON_USAGE, "over 255 bytes", &error);
}

static void a_provider_file_with_an_error_does_not_hide_the_others(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list;

    fake_write(fake, "providers.d/broken.conf", "accounts = {{{\n");
    fake_put_token(fake, "broken/x", "", "t", NULL, 0, 3600);
    list = list_all(fake);
    CHECK_INT(jeton_list_len(list), 3);
    CHECK_STR(state_of(list, "broken/x"), "valid");
    CHECK_STR(state_of(list, "fake/other"), "none");
    jeton_list_free(&list);
}

static void reading_beside_a_list_gives_nothing(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_list *list = list_all(fake);
    size_t len = jeton_list_len(list);

    CHECK_STR(jeton_list_name(list, len), NULL);
    CHECK_STR(jeton_list_state(list, SIZE_MAX), NULL);
    CHECK_STR(jeton_list_field(list, len, "scope"), NULL);
    CHECK_STR(jeton_list_last_error(list, len), NULL);
    CHECK_TRUE(jeton_list_expires_at(list, len) == JT_NEVER);
    CHECK_INT(jeton_list_len(NULL), 0);
    CHECK_STR(jeton_list_name(NULL, 0), NULL);
    jeton_list_free(&list);
    jeton_list_free(&list);
    jeton_list_free(NULL);
}

static const struct check_case cases[] = {
    {"configured names are listed before anything is stored", configured_names_are_listed_before_anything_is_stored},
    {"stored names are merged in order", stored_names_are_merged_in_order},
    {"each state has its word", each_state_has_its_word},
    {"times and the last error are shown", times_and_the_last_error_are_shown},
    {"a token without an end is valid", a_token_without_an_end_is_valid},
    {"an exchange under way for a new name is not called valid",
     an_exchange_under_way_for_a_new_name_is_not_called_valid},
    {"a revocation that waits is shown with its next try", a_revocation_that_waits_is_shown_with_its_next_try},
    {"narrowed tokens do not make a second line", narrowed_tokens_do_not_make_a_second_line},
    {"a thousand names come in pages of any size", a_thousand_names_come_in_pages_of_any_size},
    {"configured and stored names are merged on every page", configured_and_stored_names_are_merged_on_every_page},
    {"a revocation is seen however the page ends", a_revocation_is_seen_however_the_page_ends},
    {"a page of nothing is empty", a_page_of_nothing_is_empty},
    {"a provider file with an error does not hide the others", a_provider_file_with_an_error_does_not_hide_the_others},
    {"reading beside a list gives nothing", reading_beside_a_list_gives_nothing},
};

CHECK_MAIN("list", cases)
