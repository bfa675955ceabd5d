/* SPDX-License-Identifier: MIT */
/* The way of a get over the real store: who is asked, when, and what callers get meanwhile. The provider is a script.
 */
#include "tests/lib/fake_net.h"
#include <string.h>
#include <unistd.h>

static int count_lines(const char *log, const char *part)
{
    int count = 0;

    while ((log = strstr(log, part)) != NULL) {
        log += strlen(part);
        count++;
    }
    return count;
}

static void the_first_get_acquires_and_stores(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_push(fake, (struct fake_outcome){.access_token = "first", .scope = "a b", .lifetime_s = 900});
    fake_get_ok(fake, FAKE_NAME, "first");
    CHECK_INT(fake_sent(fake), 1);
    CHECK_INT(fake->last.operation, JT_ACQUIRE);
    CHECK_STR(fake->last.name, FAKE_NAME);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_TOKEN);
    CHECK_STR(row.token.access_token, "first");
    CHECK_INT(row.token.expires_at - row.token.issued_at, 900);
    CHECK_TRUE(row.due_at >= row.token.issued_at + 720 && row.due_at <= row.token.issued_at + 739);
    CHECK_INT(row.failures, 0);
}

static void a_second_get_asks_nobody(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton *other;
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    for (int i = 0; i < 100; i++)
        fake_get_ok(fake, FAKE_NAME, "token-1");
    other = fake_open(fake);
    CHECK_OK(jeton_get(other, FAKE_NAME, NULL, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-1");
    CHECK_STR(jeton_token_type(token), "Bearer");
    jeton_token_free(&token);
    jeton_close(&other);
    CHECK_INT(fake_sent(fake), 1);
}

static void accounts_subjects_and_scopes_are_entries_of_their_own(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct jeton_request request = {.struct_size = sizeof(request), .scope = "b a"};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_get_ok(fake, "fake/other", "token-2");
    fake_get_ok(fake, "fake/main/alice", "token-3");
    CHECK_OK(fake_get(fake, &request, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-4");
    CHECK_STR(fake->last.scope, "a b");
    jeton_token_free(&token);
    request.scope = "a  b a";
    CHECK_OK(fake_get(fake, &request, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-4");
    jeton_token_free(&token);
    request.audience = "https://api.example";
    CHECK_OK(fake_get(fake, &request, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-5");
    jeton_token_free(&token);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 5);
}

static void a_plugin_that_cannot_narrow_says_so_and_nothing_is_sent(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request request = {.struct_size = sizeof(request), .resource = "urn:r"};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(fake_get(fake, &request, &token, &error), JETON_USAGE, "takes no parameter \"resource\"", &error);
    CHECK_INT(fake_sent(fake), 0);
}

static void an_expired_token_is_renewed(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 3600, 3600);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 3541, 3600);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake_sent(fake), 2);
}

static void a_token_without_an_end_is_never_renewed(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_push(fake, (struct fake_outcome){.access_token = "eternal", .lifetime_s = JT_NEVER});
    fake_get_ok(fake, FAKE_NAME, "eternal");
    fake_age(fake, FAKE_NAME, "", 100000000);
    fake_get_ok(fake, FAKE_NAME, "eternal");
    fake_get_min_ttl(fake, INT64_MAX, "eternal");
    CHECK_INT(fake_sent(fake), 1);
}

static void in_the_first_window_a_get_renews(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 2800, 3600);
    fake_get_ok(fake, FAKE_NAME, "old");
    CHECK_INT(fake_sent(fake), 0);
    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 3000, 3600);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void a_failed_renewal_in_the_first_window_is_only_logged(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 3000, 3600);
    fake_push(fake, (struct fake_outcome){
                        .kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503, .retry_after_s = 30});
    for (int i = 0; i < 50; i++)
        fake_get_ok(fake, FAKE_NAME, "old");
    CHECK_INT(fake_sent(fake), 1);
    CHECK_INT(count_lines(fake->log, "the token is valid until it expires, but its renewal failed"), 1);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.failures, 1);
    CHECK_STR(row.token.access_token, "old");
    fake_age(fake, FAKE_NAME, "", 31);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake_sent(fake), 1);
}

static void a_renewal_that_hangs_in_the_first_window_holds_nobody_up_for_long(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 50};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int64_t started_ms = jt_boot_ms();

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 3000, 3600);
    fake_push(fake, (struct fake_outcome){.hold = true});
    CHECK_OK(fake_get(fake, &hasty, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "old");
    jeton_token_free(&token);
    CHECK_TRUE(jt_boot_ms() - started_ms < 2000);
    fake_get_ok(fake, FAKE_NAME, "old");
    CHECK_INT(fake->flows, 1);
    CHECK_INT(count_lines(fake->log, "failed"), 0);
    fake_let_go(fake);
    for (int i = 0; i < 5000 && fake_version(fake, FAKE_NAME, "") < 2; i++)
        (void)usleep(1000);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static void a_token_that_is_over_when_it_comes_is_no_answer(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_push(fake, (struct fake_outcome){.lifetime_s = -10});
    fake_get_fails(fake, FAKE_NAME, JETON_BAD_ANSWER, "is this machine's clock right?");
}

static void without_a_store_nothing_is_sent(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *path = jt_printf("%s/tokens.db", fake->dir);

    jeton_close(&fake->ctx);
    CHECK_INT(unlink(path), 0);
    fake->ctx = fake_open(fake);
    fake_get_fails(fake, FAKE_NAME, JETON_CONFIG, "jeton init");
    CHECK_INT(fake_sent(fake), 0);
}

static void another_process_renewal_is_seen_by_the_next_get(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton *other = fake_open(fake);
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_acquire(other, FAKE_NAME, NULL, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-2");
    jeton_token_free(&token);
    jeton_close(&other);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake_sent(fake), 2);
}

static void setting_the_wall_clock_neither_shortens_nor_lengthens_a_tokens_life(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_set_wall_clock(fake, FAKE_NAME, "", 7200);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_get_min_ttl(fake, 3000, "token-1");
    fake_set_wall_clock(fake, FAKE_NAME, "", -14400);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
    fake_age(fake, FAKE_NAME, "", 3600);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void a_row_that_cannot_be_read_is_acquired_anew(void)
{
    static const char said[] = "the stored row cannot be used";
    AUTO_FAKE struct fake *fake = fake_new();
    const char *first;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_get_ok(fake, "fake/other", "token-2");
    fake_damage(fake, FAKE_NAME);
    fake_get_ok(fake, "fake/other", "token-2");
    fake_get_ok(fake, FAKE_NAME, "token-3");
    first = strstr(fake->log, said);
    CHECK_TRUE(first != NULL && strstr(first + 1, said) == NULL);
    fake_get_ok(fake, FAKE_NAME, "token-3");
}

static const struct check_case cases[] = {
    {"the first get acquires and stores", the_first_get_acquires_and_stores},
    {"a second get asks nobody", a_second_get_asks_nobody},
    {"accounts, subjects and scopes are entries of their own", accounts_subjects_and_scopes_are_entries_of_their_own},
    {"a plugin that cannot narrow says so and nothing is sent",
     a_plugin_that_cannot_narrow_says_so_and_nothing_is_sent},
    {"an expired token is renewed", an_expired_token_is_renewed},
    {"a token without an end is never renewed", a_token_without_an_end_is_never_renewed},
    {"in the first window a get renews", in_the_first_window_a_get_renews},
    {"a failed renewal in the first window is only logged", a_failed_renewal_in_the_first_window_is_only_logged},
    {"a renewal that hangs in the first window holds nobody up for long",
     a_renewal_that_hangs_in_the_first_window_holds_nobody_up_for_long},
    {"a token that is over when it comes is no answer", a_token_that_is_over_when_it_comes_is_no_answer},
    {"without a store nothing is sent", without_a_store_nothing_is_sent},
    {"another process's renewal is seen by the next get", another_process_renewal_is_seen_by_the_next_get},
    {"setting the wall clock neither shortens nor lengthens a token's life",
     setting_the_wall_clock_neither_shortens_nor_lengthens_a_tokens_life},
    {"a row that cannot be read is acquired anew", a_row_that_cannot_be_read_is_acquired_anew},
};

CHECK_MAIN("broker", cases)
