/* SPDX-License-Identifier: MIT */
/* Proves which operation a renewal is, what it keeps of the old token set, and what becomes of a refresh token that the
 * provider no longer takes. It never opens a connection: the provider is a script. */
#include "tests/lib/fake_net.h"
#include <unistd.h>

static struct fake *new_attended(void)
{
    struct fake *fake = fake_new();

    fake->plugin.table.capabilities = 0;
    return fake;
}

static void expired(struct fake *fake, const char *refresh_token)
{
    fake_put_token(fake, FAKE_NAME, "", "old", refresh_token, 4000, 3600);
}

static const struct fake_outcome invalid_grant = {
    .kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_grant", .http_status = 400};
static const struct fake_outcome invalid_client = {
    .kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client", .http_status = 401};

static void a_stored_refresh_token_is_used(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    expired(fake, "r1");
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake->last.operation, JT_REFRESH);
    CHECK_STR(fake->last.refresh_token, "r1");
}

static void without_one_a_token_is_acquired(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    expired(fake, NULL);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake->last.operation, JT_ACQUIRE);
    fake->plugin.table.refresh = NULL;
    expired(fake, "r1");
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake->last.operation, JT_ACQUIRE);
}

static void a_refresh_token_that_is_over_is_not_tried(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    expired(fake, "r1");
    row = fake_row(fake, FAKE_NAME, "");
    row.token.refresh_expires_at = jt_now() - 1;
    fake_put(fake, FAKE_NAME, "", &row);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake->last.operation, JT_ACQUIRE);
}

static void rfc_6749_section_6_without_a_new_refresh_token_the_old_one_stays(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    int64_t refresh_expires_at;

    expired(fake, "r1");
    row = fake_row(fake, FAKE_NAME, "");
    refresh_expires_at = row.token.refresh_expires_at = jt_now() + 86400;
    row.token.scope = jt_strdup("a b");
    fake_put(fake, FAKE_NAME, "", &row);
    jt_entry_done(&row);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_STR(row.token.access_token, "token-1");
    CHECK_STR(row.token.refresh_token, "r1");
    CHECK_INT(row.token.refresh_expires_at, refresh_expires_at);
    CHECK_STR(row.token.scope, "a b");
    CHECK_INT(row.state, JT_ROW_TOKEN);
}

static void rfc_6749_section_6_a_new_refresh_token_replaces_the_old_one(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    expired(fake, "r1");
    fake_push(fake, (struct fake_outcome){.refresh_token = "r2", .scope = "b"});
    fake_get_ok(fake, FAKE_NAME, "token-1");
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_STR(row.token.refresh_token, "r2");
    CHECK_TRUE(row.token.refresh_expires_at == JT_NEVER);
    CHECK_STR(row.token.scope, "b");
    fake_age(fake, FAKE_NAME, "", 3600);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_STR(fake->last.refresh_token, "r2");
}

static void an_acquired_set_keeps_nothing_of_the_old_one(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    expired(fake, "r1");
    CHECK_OK(jeton_acquire(fake->ctx, FAKE_NAME, NULL, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-1");
    jeton_token_free(&token);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_STR(row.token.refresh_token, NULL);
}

static void a_dead_refresh_token_is_replaced_where_nobody_is_needed(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    expired(fake, "r1");
    fake_push(fake, invalid_grant);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake->sent_of[JT_REFRESH], 1);
    CHECK_INT(fake->sent_of[JT_ACQUIRE], 1);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_TOKEN);
    CHECK_INT(row.failures, 0);
    CHECK_STR(row.token.refresh_token, NULL);
}

static void a_dead_refresh_token_is_tried_once_only_where_acquiring_fails_too(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    expired(fake, "r1");
    fake_push(fake, invalid_grant);
    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503});
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "no reason given");
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_STR(row.token.refresh_token, NULL);
    CHECK_TRUE(row.retry_at != JT_NEVER);
    fake_age(fake, FAKE_NAME, "", 2);
    fake_get_ok(fake, FAKE_NAME, "token-3");
    CHECK_INT(fake->sent_of[JT_REFRESH], 1);
    CHECK_INT(fake->sent_of[JT_ACQUIRE], 2);
}

/* What the next process finds when this one is killed while it acquires anew. */
static void a_crash_after_a_dead_refresh_token_does_not_bar_the_way(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 50};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    expired(fake, "r1");
    fake_push(fake, invalid_grant);
    fake_push(fake, (struct fake_outcome){.hold = true});
    CHECK_FAILS(jeton_get(fake->ctx, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "", &error);
    fake_wait_for_held(fake, 1);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_TRUE(row.retry_at != JT_NEVER);
    fake_let_go(fake);
}

static void where_a_person_is_needed_a_dead_refresh_token_says_so(void)
{
    AUTO_FAKE struct fake *fake = new_attended();
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton_token *token = NULL;

    expired(fake, "r1");
    fake_push(fake, invalid_grant);
    CHECK_INT(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_LOGIN_NEEDED);
    CHECK_CONTAINS(jeton_error_message(error), "login needed: the provider no longer takes the refresh token");
    CHECK_STR(jeton_error_code(error), "invalid_grant");
    CHECK_INT(jeton_error_http_status(error), 400);
    CHECK_STR(jeton_error_hint(error), "run: jeton login fake/main");
    for (int i = 0; i < 20; i++)
        fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "login needed");
    CHECK_INT(fake_sent(fake), 1);
}

static void wrong_client_credentials_are_no_reason_to_acquire_or_to_log_in(void)
{
    AUTO_FAKE struct fake *fake = fake_new(), *attended = new_attended();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    expired(fake, "r1");
    fake_push(fake, invalid_client);
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    CHECK_INT(fake->sent_of[JT_ACQUIRE], 0);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_STR(row.token.refresh_token, "r1");
    expired(attended, "r1");
    fake_push(attended, invalid_client);
    fake_get_fails(attended, FAKE_NAME, JETON_REFUSED, "invalid_client");
    fake_configure(attended, "client_secret = \"the right one\";");
    fake_get_ok(attended, FAKE_NAME, "token-2");
    CHECK_STR(attended->last.refresh_token, "r1");
}

static void where_a_person_is_needed_and_nothing_is_stored_nothing_is_sent(void)
{
    AUTO_FAKE struct fake *fake = new_attended();

    fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "only a person can get one");
    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 4000, 3600);
    fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "the provider gave no refresh token");
    expired(fake, "r1");
    {
        JT_AUTO_ENTRY struct jt_entry row = fake_row(fake, FAKE_NAME, "");

        row.token.refresh_expires_at = jt_now() - 1;
        fake_put(fake, FAKE_NAME, "", &row);
    }
    fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "so has its refresh token");
    CHECK_INT(fake_sent(fake), 0);
}

static void after_a_login_gets_work_again(void)
{
    AUTO_FAKE struct fake *fake = new_attended();
    const struct jeton_param code = {"code", "the-code"};
    const struct jeton_request request = {.struct_size = sizeof(request), .params = &code, .params_len = 1};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "login needed");
    fake_push(fake, (struct fake_outcome){.once = true, .refresh_token = "r1"});
    CHECK_OK(jeton_acquire(fake->ctx, FAKE_NAME, &request, &token, &error), &error);
    CHECK_STR(fake->last.code, "the-code");
    jeton_token_free(&token);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void *free_the_disk_later(void *data)
{
    (void)data;
    (void)usleep(500000);
    fake_disk_freed();
    return NULL;
}

/* The answer holds a refresh token that will never come again. */
static void an_answer_that_cost_a_refresh_token_waits_for_a_full_disk(void)
{
    AUTO_FAKE struct fake *fake = new_attended();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    pthread_t thread;

    expired(fake, "r1");
    fake_push(fake, (struct fake_outcome){.refresh_token = "r2", .at_answer = fake_disk_full});
    CHECK_INT(pthread_create(&thread, NULL, free_the_disk_later, NULL), 0);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(pthread_join(thread, NULL), 0);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_STR(row.token.refresh_token, "r2");
    CHECK_CONTAINS(fake->log, "cannot be stored, trying again");
}

static void an_operation_that_the_plugin_lacks_says_what_there_is(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton_token *token = NULL;

    fake->plugin.table.refresh = NULL;
    fake->plugin.table.list_keys = NULL;
    expired(fake, "r1");
    CHECK_INT(jeton_refresh(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_NOT_SUPPORTED);
    CHECK_CONTAINS(jeton_error_message(error), "does not have the operation \"refresh\"");
    CHECK_STR(jeton_error_hint(error), "it has: acquire, revoke, introspect");
    CHECK_STR(jeton_error_name(error), FAKE_NAME);
    CHECK_INT(fake_sent(fake), 0);
}

static void a_refresh_that_was_asked_for_needs_a_refresh_token(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_refresh(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_LOGIN_NEEDED,
                "no refresh token is stored", &error);
    CHECK_INT(fake_sent(fake), 0);
    fake_put_token(fake, FAKE_NAME, "", "fresh", "r1", 0, 3600);
    CHECK_OK(jeton_refresh(fake->ctx, FAKE_NAME, NULL, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-1");
    jeton_token_free(&token);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static const struct check_case cases[] = {
    {"a stored refresh token is used", a_stored_refresh_token_is_used},
    {"without one a token is acquired", without_one_a_token_is_acquired},
    {"a refresh token that is over is not tried", a_refresh_token_that_is_over_is_not_tried},
    {"RFC 6749 6: without a new refresh token the old one stays",
     rfc_6749_section_6_without_a_new_refresh_token_the_old_one_stays},
    {"RFC 6749 6: a new refresh token replaces the old one",
     rfc_6749_section_6_a_new_refresh_token_replaces_the_old_one},
    {"an acquired set keeps nothing of the old one", an_acquired_set_keeps_nothing_of_the_old_one},
    {"a dead refresh token is replaced where nobody is needed",
     a_dead_refresh_token_is_replaced_where_nobody_is_needed},
    {"a dead refresh token is tried once only where acquiring fails too",
     a_dead_refresh_token_is_tried_once_only_where_acquiring_fails_too},
    {"a crash after a dead refresh token does not bar the way",
     a_crash_after_a_dead_refresh_token_does_not_bar_the_way},
    {"where a person is needed a dead refresh token says so", where_a_person_is_needed_a_dead_refresh_token_says_so},
    {"wrong client credentials are no reason to acquire or to log in",
     wrong_client_credentials_are_no_reason_to_acquire_or_to_log_in},
    {"where a person is needed and nothing is stored nothing is sent",
     where_a_person_is_needed_and_nothing_is_stored_nothing_is_sent},
    {"after a login gets work again", after_a_login_gets_work_again},
    {"an answer that cost a refresh token waits for a full disk",
     an_answer_that_cost_a_refresh_token_waits_for_a_full_disk},
    {"an operation that the plugin lacks says what there is", an_operation_that_the_plugin_lacks_says_what_there_is},
    {"a refresh that was asked for needs a refresh token", a_refresh_that_was_asked_for_needs_a_refresh_token},
};

CHECK_MAIN("renew", cases)
