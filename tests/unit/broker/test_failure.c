/* SPDX-License-Identifier: MIT */
/* Proves promise five: what failed is not asked again before its time, and a broken account costs the provider nothing.
 * It never waits for a backoff: rows are made older. */
#include "tests/lib/fake_net.h"
#include "broker/failure.h"
#include <stdlib.h>

static struct fake_outcome error_of(int status, const char *code, int http_status, int64_t retry_after_s)
{
    return (struct fake_outcome){
        .kind = FAKE_ERROR, .status = status, .code = code, .http_status = http_status, .retry_after_s = retry_after_s};
}

static int64_t wait_of(struct fake *fake)
{
    JT_AUTO_ENTRY struct jt_entry row = fake_row(fake, FAKE_NAME, "");

    return row.retry_at == JT_NEVER ? JT_NEVER : row.retry_at - jt_now();
}

static void a_refusal_costs_one_request_for_a_thousand_gets(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_push(fake, error_of(JETON_REFUSED, "invalid_client", 401, 0));
    for (int i = 0; i < 1000; i++)
        fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    CHECK_INT(fake_sent(fake), 1);
    CHECK_TRUE(wait_of(fake) == JT_NEVER);
    fake_age(fake, FAKE_NAME, "", 10 * 86400);
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    fake_get_ok(fake, "fake/other", "token-2");
    CHECK_INT(fake_sent(fake), 1);
}

static void a_change_of_the_configuration_lets_the_next_get_try(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_push(fake, error_of(JETON_REFUSED, "invalid_client", 401, 0));
    fake_push(fake, error_of(JETON_REFUSED, "invalid_client", 401, 0));
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    fake_configure(fake, "client_secret = \"another\";");
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    CHECK_INT(fake_sent(fake), 2);
    fake_configure(fake, "client_secret = \"the right one\";");
    fake_get_ok(fake, FAKE_NAME, "token-3");
}

/* The file of the configuration stays as it is; a context that runs on sees it as a new process does. */
static void so_does_a_new_secret_in_its_file(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *setting = jt_printf("client_secret_file = \"%s/secret\";", fake->dir);

    fake_write(fake, "secret", "wrong");
    fake_configure(fake, setting);
    fake_push(fake, error_of(JETON_REFUSED, "invalid_client", 401, 0));
    for (int i = 0; i < 20; i++)
        fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    CHECK_INT(fake_sent(fake), 1);
    fake_write(fake, "secret", "the right one");
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void what_is_remembered_is_told_in_full(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton_token *token = NULL;

    fake_push(fake, error_of(JETON_REFUSED, "invalid_client", 401, 0));
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    CHECK_INT(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_REFUSED);
    CHECK_CONTAINS(jeton_error_message(error), "fake/main: fake: invalid_client (since 20");
    CHECK_CONTAINS(jeton_error_message(error), "until the configuration or the token changes");
    CHECK_STR(jeton_error_name(error), FAKE_NAME);
    CHECK_STR(jeton_error_code(error), "invalid_client");
    CHECK_INT(jeton_error_http_status(error), 401);
    CHECK_INT(jeton_error_retry_after(error), -1);
    CHECK_CONTAINS(jeton_error_hint(error), "jeton acquire fake/main");
}

static void which_refusals_last_and_which_pass(void)
{
    static const struct {
        int status;
        const char *code;
        int http_status;
        bool lasts, kept;
    } table[] = {
        {JETON_REFUSED, "invalid_client", 401, true, true},
        {JETON_REFUSED, "invalid_grant", 400, true, true},
        {JETON_REFUSED, NULL, 401, true, true},
        {JETON_REFUSED, NULL, 403, true, true},
        {JETON_REFUSED, NULL, 400, false, true}, /* LINE: the maximum number of access tokens has been issued */
        {JETON_LOGIN_NEEDED, NULL, 0, true, true},
        {JETON_TRY_LATER, NULL, 503, false, true},
        {JETON_TRY_LATER, NULL, 429, false, true},
        {JETON_BAD_ANSWER, NULL, 200, false, true},
        {JETON_INTERNAL, NULL, 0, false, true},
        {JETON_CONFIG, NULL, 0, false, false},
        {JETON_USAGE, NULL, 0, false, false},
        {JETON_NOT_PERMITTED, NULL, 0, false, false},
    };

    for (size_t i = 0; i < JT_LEN(table); i++) {
        AUTO_FAKE struct fake *fake = fake_new();
        JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

        fake_push(fake, error_of(table[i].status, table[i].code, table[i].http_status, 0));
        fake_get_fails(fake, FAKE_NAME, table[i].status, "fake/main");
        row = fake_row(fake, FAKE_NAME, "");
        CHECK_INT(row.failures, table[i].kept ? 1 : 0);
        CHECK_INT(row.failure_status, table[i].kept ? table[i].status : 0);
        CHECK_INT(row.retry_at == JT_NEVER, table[i].lasts);
        CHECK_TRUE(table[i].kept || row.state == 0);
    }
}

static void a_passing_failure_backs_off_longer_each_time(void)
{
    static const int64_t most_s[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600};
    AUTO_FAKE struct fake *fake = fake_new();

    for (size_t i = 0; i < JT_LEN(most_s); i++) {
        fake_push(fake, error_of(JETON_TRY_LATER, NULL, 503, 0));
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "not asked again yet");
        CHECK_INT(fake_sent(fake), 1);
        CHECK_TRUE(wait_of(fake) <= most_s[i] && wait_of(fake) >= most_s[i] / 2 - 1);
        fake_age(fake, FAKE_NAME, "", most_s[i]);
    }
    fake_get_ok(fake, FAKE_NAME, "token-13");
    {
        JT_AUTO_ENTRY struct jt_entry row = fake_row(fake, FAKE_NAME, "");

        CHECK_INT(row.failures, 0);
        CHECK_INT(row.failed_at, 0);
        CHECK_STR(row.failure, NULL);
    }
}

static void rfc_9110_10_2_3_retry_after_is_waited_for(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton_token *token = NULL;

    fake_push(fake, error_of(JETON_TRY_LATER, NULL, 429, 120));
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
    CHECK_TRUE(wait_of(fake) >= 119 && wait_of(fake) <= 120);
    CHECK_INT(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_TRY_LATER);
    CHECK_TRUE(jeton_error_retry_after(error) >= 119 && jeton_error_retry_after(error) <= 120);
    fake_age(fake, FAKE_NAME, "", 118);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
    fake_age(fake, FAKE_NAME, "", 2);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake_sent(fake), 2);
}

/* Whatever the provider asked for: the first error and those that follow say when jeton asks again. */
static void the_first_error_says_how_long_the_failure_stands(void)
{
    const struct {
        struct fake_outcome outcome;
        int64_t first_s;
    } table[] = {
        {error_of(JETON_TRY_LATER, NULL, 503, INT64_C(365) * 86400), 86400},
        {error_of(JETON_TRY_LATER, NULL, 503, 30), 30},
        {error_of(JETON_TRY_LATER, NULL, 503, 0), 1},
        {error_of(JETON_REFUSED, NULL, 400, 0), 60},
        {error_of(JETON_REFUSED, "invalid_client", 401, 30), -1},
        {error_of(JETON_LOGIN_NEEDED, NULL, 0, 30), -1},
    };

    for (size_t i = 0; i < JT_LEN(table); i++) {
        AUTO_FAKE struct fake *fake = fake_new();
        JT_AUTO_ERROR jeton_error *first = NULL, *next = NULL;
        jeton_token *token = NULL;

        fake_push(fake, table[i].outcome);
        CHECK_INT(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &first), table[i].outcome.status);
        CHECK_INT(jeton_error_retry_after(first), table[i].first_s);
        CHECK_TRUE(wait_of(fake) == JT_NEVER
                       ? table[i].first_s == -1
                       : wait_of(fake) <= table[i].first_s && wait_of(fake) > table[i].first_s - 2);
        CHECK_INT(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &next), table[i].outcome.status);
        CHECK_TRUE(jeton_error_retry_after(next) <= table[i].first_s &&
                   jeton_error_retry_after(next) >= table[i].first_s - 2);
    }
}

static void a_refusal_without_a_code_stands_for_a_minute_at_least(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_push(fake, error_of(JETON_REFUSED, NULL, 400, 0));
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "fake/main");
    CHECK_TRUE(wait_of(fake) >= 59 && wait_of(fake) <= 60);
}

static void a_next_try_far_in_the_future_was_written_under_another_clock(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_push(fake, error_of(JETON_TRY_LATER, NULL, 503, 0));
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
    row = fake_row(fake, FAKE_NAME, "");
    row.retry_at = jt_now() + 10 * 365 * 86400;
    free(row.failure);
    row.failure = jt_strdup("{\"message\":\"written before this boot\"}");
    fake_put(fake, FAKE_NAME, "", &row);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void setting_the_wall_clock_neither_shortens_nor_lengthens_a_backoff(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_push(fake, error_of(JETON_TRY_LATER, NULL, 429, 120));
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
    fake_set_wall_clock(fake, FAKE_NAME, "", 3600);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "not asked again yet");
    fake_set_wall_clock(fake, FAKE_NAME, "", -7200);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "not asked again yet");
    fake_age(fake, FAKE_NAME, "", 121);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void a_failure_never_replaces_the_token_beside_it(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 3000, 3600);
    fake_push(fake, error_of(JETON_TRY_LATER, NULL, 503, 0));
    fake_get_ok(fake, FAKE_NAME, "old");
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_TOKEN);
    CHECK_STR(row.token.access_token, "old");
    CHECK_STR(row.token.refresh_token, "r1");
    CHECK_INT(row.failures, 1);
}

static void a_losers_error_never_replaces_a_winners_token(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    struct fake_outcome lost = error_of(JETON_TRY_LATER, NULL, 503, 0);

    lost.hold = true;
    fake_push(fake, lost);
    CHECK_FAILS(jeton_get(fake->ctx, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "", &error);
    fake_wait_for_held(fake, 1);
    fake_put_token(fake, FAKE_NAME, "", "winner", NULL, 0, 3600);
    fake_let_go(fake);
    jeton_close(&fake->ctx);
    fake->ctx = fake_open(fake);
    fake_get_ok(fake, FAKE_NAME, "winner");
}

static void a_failure_beside_a_damaged_row_is_remembered_too(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_damage(fake, FAKE_NAME);
    fake_push(fake, error_of(JETON_REFUSED, "invalid_client", 401, 0));
    for (int i = 0; i < 20; i++)
        fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    CHECK_INT(fake_sent(fake), 2);
}

static void a_persons_failed_try_does_not_stop_the_machine(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_param code = {"code", "wrong"};
    const struct jeton_request request = {.struct_size = sizeof(request), .params = &code, .params_len = 1};
    struct fake_outcome refused = error_of(JETON_REFUSED, "invalid_grant", 400, 0);
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    refused.once = true;
    fake->plugin.table.capabilities = 0;
    fake_put_token(fake, FAKE_NAME, "", "good", "r1", 0, 3600);
    fake_push(fake, refused);
    CHECK_FAILS(jeton_acquire(fake->ctx, FAKE_NAME, &request, &token, &error), JETON_REFUSED, "invalid_grant", &error);
    fake_get_ok(fake, FAKE_NAME, "good");
    fake_age(fake, FAKE_NAME, "", 3600);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_STR(fake->last.refresh_token, "r1");
}

static void a_row_that_says_failed_with_success_is_not_believed(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_push(fake, error_of(JETON_REFUSED, "invalid_client", 401, 0));
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    row = fake_row(fake, FAKE_NAME, "");
    row.failure_status = JETON_OK;
    fake_put(fake, FAKE_NAME, "", &row);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "invalid_client");
}

static void kept_words_of_any_form_are_read(void)
{
    static const struct {
        const char *kept, *message;
    } table[] = {
        {"{\"message\":\"what happened\"}", "what happened"},
        {"{\"message\":7}", "the reason was not kept"},
        {"{}", "the reason was not kept"},
        {"[1,2]", "the reason was not kept"},
        {"not JSON at all", "the reason was not kept"},
        {"{\"message\":\"cut", "the reason was not kept"},
        {"", "the reason was not kept"},
        {NULL, "the reason was not kept"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "the reason was not kept"},
    };

    for (size_t i = 0; i < JT_LEN(table); i++) {
        JT_AUTO_STR char *message = jt_failure_message(table[i].kept);

        CHECK_STR(message, table[i].message);
    }
}

static const struct check_case cases[] = {
    {"a refusal costs one request for a thousand gets", a_refusal_costs_one_request_for_a_thousand_gets},
    {"a change of the configuration lets the next get try", a_change_of_the_configuration_lets_the_next_get_try},
    {"so does a new secret in its file", so_does_a_new_secret_in_its_file},
    {"what is remembered is told in full", what_is_remembered_is_told_in_full},
    {"which refusals last and which pass", which_refusals_last_and_which_pass},
    {"a passing failure backs off longer each time", a_passing_failure_backs_off_longer_each_time},
    {"RFC 9110 10.2.3: Retry-After is waited for", rfc_9110_10_2_3_retry_after_is_waited_for},
    {"the first error says how long the failure stands", the_first_error_says_how_long_the_failure_stands},
    {"a refusal without a code stands for a minute at least", a_refusal_without_a_code_stands_for_a_minute_at_least},
    {"a next try far in the future was written under another clock",
     a_next_try_far_in_the_future_was_written_under_another_clock},
    {"setting the wall clock neither shortens nor lengthens a backoff",
     setting_the_wall_clock_neither_shortens_nor_lengthens_a_backoff},
    {"a failure never replaces the token beside it", a_failure_never_replaces_the_token_beside_it},
    {"a loser's error never replaces a winner's token", a_losers_error_never_replaces_a_winners_token},
    {"a failure beside a damaged row is remembered too", a_failure_beside_a_damaged_row_is_remembered_too},
    {"a person's failed try does not stop the machine", a_persons_failed_try_does_not_stop_the_machine},
    {"a row that says failed with success is not believed", a_row_that_says_failed_with_success_is_not_believed},
    {"kept words of any form are read", kept_words_of_any_form_are_read},
};

CHECK_MAIN("failure", cases)
