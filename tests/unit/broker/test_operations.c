/* SPDX-License-Identifier: MIT */
/* Proves the operations that are asked for by name: acquire, refresh, introspect, list keys. It never opens a
 * connection. */
#include "tests/lib/fake_net.h"
#include <string.h>

static void an_acquire_replaces_what_is_stored(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_acquire(fake->ctx, FAKE_NAME, NULL, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-2");
    CHECK_STR(jeton_token_type(token), "Bearer");
    CHECK_TRUE(jeton_token_expires_at(token) - jeton_token_issued_at(token) == 3600);
    jeton_token_free(&token);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake_sent(fake), 2);
}

static void an_acquire_asks_even_where_gets_stand_back(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client"});
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_client");
    CHECK_OK(jeton_acquire(fake->ctx, FAKE_NAME, NULL, &token, &error), &error);
    jeton_token_free(&token);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void a_failed_acquire_leaves_the_stored_token(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503});
    CHECK_FAILS(jeton_acquire(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_TRY_LATER, FAKE_NAME, &error);
    CHECK_TRUE(token == NULL);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static void parameters_are_held_against_the_plugins_table(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct jeton_param params[] = {{"cdoe", "x"}, {"code", "y"}};
    struct jeton_request request = {.struct_size = sizeof(request), .params = params, .params_len = 1};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_acquire(fake->ctx, FAKE_NAME, &request, &token, &error), JETON_USAGE, "did you mean \"code\"?",
                &error);
    params[0] = params[1];
    request.params_len = 2;
    CHECK_FAILS(jeton_acquire(fake->ctx, FAKE_NAME, &request, &token, &error), JETON_USAGE, "given twice", &error);
    CHECK_INT(fake_sent(fake), 0);
}

static void an_introspection_says_what_the_provider_says(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_introspect(fake->ctx, FAKE_NAME, NULL, &answer, &error), &error);
    CHECK_STR(jeton_answer_json(answer), "{\"active\":true}");
    CHECK_INT(jeton_answer_active(answer), 1);
    CHECK_STR(fake->last.access_token, "token-1");
    jeton_answer_free(&answer);
    CHECK_TRUE(answer == NULL);
    jeton_answer_free(&answer);
}

static void an_introspection_needs_a_token_and_a_key_list_does_not(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_introspect(fake->ctx, FAKE_NAME, NULL, &answer, &error), JETON_USAGE, "no token is stored",
                &error);
    CHECK_INT(fake_sent(fake), 0);
    CHECK_OK(jeton_list_keys(fake->ctx, FAKE_NAME, NULL, &answer, &error), &error);
    CHECK_STR(jeton_answer_json(answer), "{\"keys\":[]}");
    CHECK_INT(fake->last.operation, JT_LIST_KEYS);
    jeton_answer_free(&answer);
}

static void a_failed_question_changes_nothing_that_is_stored(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_token"});
    CHECK_INT(jeton_introspect(fake->ctx, FAKE_NAME, NULL, &answer, &error), JETON_REFUSED);
    CHECK_STR(jeton_error_name(error), FAKE_NAME);
    jeton_error_free(&error);
    CHECK_TRUE(answer == NULL);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.failures, 0);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static void an_operation_the_plugin_lacks_sends_nothing(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    fake->plugin.table.introspect = NULL;
    fake->plugin.table.list_keys = NULL;
    CHECK_FAILS(jeton_introspect(fake->ctx, FAKE_NAME, NULL, &answer, &error), JETON_NOT_SUPPORTED, "\"introspect\"",
                &error);
    CHECK_FAILS(jeton_list_keys(fake->ctx, FAKE_NAME, NULL, &answer, &error), JETON_NOT_SUPPORTED, "\"keys\"", &error);
    CHECK_INT(fake_sent(fake), 0);
}

static void an_operation_waits_for_the_lease_as_long_as_its_caller_says(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 50};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int64_t fence, started_ms = jt_boot_ms();
    struct jt_store_lease *lease = NULL;

    fake_put_token(fake, FAKE_NAME, "", "t", NULL, 0, 3600);
    CHECK_OK(jt_store_lease(fake->ctx->store, FAKE_NAME, "", 0, &lease, &fence, &error), &error);
    CHECK_FAILS(jeton_acquire(fake->ctx, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "has not finished",
                &error);
    CHECK_TRUE(jt_boot_ms() - started_ms < 5000);
    CHECK_INT(fake_sent(fake), 0);
    jt_store_release(fake->ctx->store, &lease);
    CHECK_OK(jeton_acquire(fake->ctx, FAKE_NAME, &hasty, &token, &error), &error);
    jeton_token_free(&token);
}

static void rows_are_written_under_the_fence_of_their_lease(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry first = JT_ENTRY_INIT, second = JT_ENTRY_INIT, stale = JT_ENTRY_INIT;
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    bool done = true;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    first = fake_row(fake, FAKE_NAME, "");
    CHECK_TRUE(first.fence > 0);
    CHECK_OK(jeton_acquire(fake->ctx, FAKE_NAME, NULL, &token, &error), &error);
    jeton_token_free(&token);
    second = fake_row(fake, FAKE_NAME, "");
    CHECK_TRUE(second.fence > first.fence);
    /* Who held the lease before and wakes up only now is refused, even though it knows the row's version. */
    stale = fake_row(fake, FAKE_NAME, "");
    stale.fence = first.fence;
    CHECK_OK(jt_store_put(fake->ctx->store, FAKE_NAME, "", &stale, stale.version, false, &done, &error), &error);
    CHECK_TRUE(!done);
}

static const struct check_case cases[] = {
    {"an acquire replaces what is stored", an_acquire_replaces_what_is_stored},
    {"an acquire asks even where gets stand back", an_acquire_asks_even_where_gets_stand_back},
    {"a failed acquire leaves the stored token", a_failed_acquire_leaves_the_stored_token},
    {"parameters are held against the plugin's table", parameters_are_held_against_the_plugins_table},
    {"an introspection says what the provider says", an_introspection_says_what_the_provider_says},
    {"an introspection needs a token and a key list does not", an_introspection_needs_a_token_and_a_key_list_does_not},
    {"a failed question changes nothing that is stored", a_failed_question_changes_nothing_that_is_stored},
    {"an operation the plugin lacks sends nothing", an_operation_the_plugin_lacks_sends_nothing},
    {"an operation waits for the lease as long as its caller says",
     an_operation_waits_for_the_lease_as_long_as_its_caller_says},
    {"rows are written under the fence of their lease", rows_are_written_under_the_fence_of_their_lease},
};

CHECK_MAIN("operations", cases)
