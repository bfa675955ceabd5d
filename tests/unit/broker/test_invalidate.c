/* SPDX-License-Identifier: MIT */
/* Proves that an access token which was invalidated or forgotten is not handed out again, whatever goes on around it.
 * It never asks the provider to revoke one. */
#include "store/opened.h"
#include "tests/lib/fake_net.h"
#include <string.h>

static void invalidate(struct fake *fake, const char *access_token)
{
    jeton_error *error = NULL;

    CHECK_OK(jeton_invalidate(fake->ctx, FAKE_NAME, NULL, access_token, &error), &error);
}

static void an_invalidated_token_is_replaced_by_the_next_get(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    invalidate(fake, "token-1");
    fake_get_ok(fake, FAKE_NAME, "token-2");
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_INT(fake_sent(fake), 2);
}

static void without_the_token_whatever_is_stored_is_meant(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    invalidate(fake, NULL);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void a_token_that_was_renewed_meanwhile_stays(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    invalidate(fake, "token-0");
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void where_nothing_is_stored_there_is_nothing_to_do(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    invalidate(fake, NULL);
    invalidate(fake, "x");
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, 0);
}

static void the_refresh_token_beside_it_stays_good(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "bad", "r1", 0, 3600);
    fake_get_ok(fake, FAKE_NAME, "bad");
    invalidate(fake, "bad");
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake->last.operation, JT_REFRESH);
    CHECK_STR(fake->last.refresh_token, "r1");
}

static void other_entries_of_the_name_are_not_touched(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request narrow = {.struct_size = sizeof(narrow), .scope = "a"};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_get(fake->ctx, FAKE_NAME, &narrow, &token, &error), &error);
    jeton_token_free(&token);
    CHECK_OK(jeton_invalidate(fake->ctx, FAKE_NAME, &narrow, NULL, &error), &error);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_get(fake->ctx, FAKE_NAME, &narrow, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-3");
    jeton_token_free(&token);
}

static void other_contexts_see_it_at_their_next_get(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton *other = fake_open(fake);
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_invalidate(other, FAKE_NAME, NULL, "token-1", &error), &error);
    jeton_close(&other);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

/* During a refresh the row is an intent, and a get of another process looks at that. */
static void an_invalidated_token_is_not_handed_out_while_it_is_refreshed(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 30};
    jeton *other = fake_open(fake);
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_put_token(fake, FAKE_NAME, "", "bad", "r1", 0, 3600);
    invalidate(fake, "bad");
    fake_push(fake, (struct fake_outcome){.hold = true});
    CHECK_FAILS(jeton_get(fake->ctx, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "", &error);
    fake_wait_for_held(fake, 1);
    CHECK_FAILS(jeton_get(other, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "", &error);
    CHECK_TRUE(token == NULL);
    fake_let_go(fake);
    jeton_close(&other);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static void an_invalidated_token_whose_refresh_failed_is_not_handed_out_either(void)
{
    static const struct fake_outcome failures[] = {
        {.kind = FAKE_LOST},
        {.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503},
        {.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client", .http_status = 401},
    };

    for (size_t i = 0; i < JT_LEN(failures); i++) {
        AUTO_FAKE struct fake *fake = fake_new();
        jeton_token *token = NULL;
        jeton_error *error = NULL;

        fake_put_token(fake, FAKE_NAME, "", "bad", "r1", 0, 3600);
        invalidate(fake, "bad");
        fake_push(fake, failures[i]);
        for (int j = 0; j < 3; j++) {
            CHECK_TRUE(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error) != JETON_OK);
            CHECK_TRUE(token == NULL);
            jeton_error_free(&error);
        }
        CHECK_INT(fake_sent(fake), 1);
        fake_configure(fake, "client_secret = \"another\";");
        fake_age(fake, FAKE_NAME, "", 2);
        fake_get_ok(fake, FAKE_NAME, "token-2");
    }
}

static void a_token_beside_a_lost_answer_can_be_invalidated(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 3000, 3600);
    fake_push(fake, (struct fake_outcome){.kind = FAKE_LOST});
    fake_get_ok(fake, FAKE_NAME, "old");
    invalidate(fake, "old");
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_INTENT);
    CHECK_STR(row.token.refresh_token, "r1");
    fake_age(fake, FAKE_NAME, "", 2);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

/* While the refresh is under way, or its answer is lost, only times say that the token is of no use. */
static void setting_the_wall_clock_back_does_not_bring_an_invalidated_token_to_life(void)
{
    static const int64_t back_s[] = {60, 600, 3600, 86400};

    for (size_t i = 0; i < JT_LEN(back_s); i++) {
        AUTO_FAKE struct fake *fake = fake_new();

        fake_put_token(fake, FAKE_NAME, "", "bad", "r1", 300, 3600);
        invalidate(fake, "bad");
        fake_push(fake, (struct fake_outcome){.kind = FAKE_LOST});
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
        fake_set_wall_clock(fake, FAKE_NAME, "", -back_s[i]);
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
        fake_age(fake, FAKE_NAME, "", 2);
        fake_get_ok(fake, FAKE_NAME, "token-2");
    }
}

/* The first window: the refresh was begun for a token that then turned out to be bad. */
static void a_token_invalidated_while_it_is_refreshed_does_not_come_back_when_that_fails(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 30};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_put_token(fake, FAKE_NAME, "", "bad", "r1", 3000, 3600);
    fake_push(fake,
              (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503, .hold = true});
    CHECK_OK(jeton_get(fake->ctx, FAKE_NAME, &hasty, &token, &error), &error);
    jeton_token_free(&token);
    fake_wait_for_held(fake, 1);
    invalidate(fake, "bad");
    fake_let_go(fake);
    jeton_close(&fake->ctx);
    fake->ctx = fake_open(fake);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void invalidate_now(struct fake *fake)
{
    invalidate(fake, "bad");
}

/* The narrowest gap: the row was read, and its intent is not yet written. */
static void a_token_invalidated_just_before_it_is_refreshed_does_not_come_back_either(void)
{
    static const struct fake_outcome failures[] = {
        {.kind = FAKE_LOST, .at_start = invalidate_now},
        {.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503, .at_start = invalidate_now},
    };

    for (size_t i = 0; i < JT_LEN(failures); i++) {
        AUTO_FAKE struct fake *fake = fake_new();

        fake_put_token(fake, FAKE_NAME, "", "bad", "r1", 3000, 3600);
        fake_push(fake, failures[i]);
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
        CHECK_INT(fake_sent(fake), 1);
        fake_age(fake, FAKE_NAME, "", 2);
        fake_get_ok(fake, FAKE_NAME, "token-2");
    }
}

static jeton *other_ctx; /* that invalidates what was just committed; NULL: it has */
static struct jeton_store_engine engine;

static void invalidate_elsewhere(void)
{
    jeton *ctx = jt_take(&other_ctx);
    jeton_error *error = NULL;

    if (ctx != NULL)
        CHECK_OK(jeton_invalidate(ctx, FAKE_NAME, NULL, NULL, &error), &error);
}

static int write_then_invalidate(void *store, jeton_store_call *call, uint32_t flags, jeton_store_next next, void *data,
                                 int *ret_done)
{
    int status = engine.write(store, call, flags, next, data, ret_done);

    invalidate_elsewhere();
    return status;
}

/* Between the commit of a new token and its way into the memory of who renewed it. */
static void a_token_invalidated_just_after_its_commit_is_handed_out_once_at_most(void)
{
    static const char *const names[] = {FAKE_NAME};

    for (int i = 0; i < 2; i++) {
        AUTO_FAKE struct fake *fake = fake_new();
        jeton *other = fake_open(fake);
        jeton_token *token = NULL;
        jeton_error *error = NULL;

        fake_get_ok(fake, "fake/other", "token-1"); /* opens the store */
        engine = fake->ctx->store->engine;
        fake->ctx->store->engine.write = write_then_invalidate;
        other_ctx = other;
        if (i == 0)
            CHECK_OK(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error), &error);
        else
            CHECK_OK(jeton_get_many(fake->ctx, names, 1, NULL, &token, &error), &error);
        CHECK_TRUE(other_ctx == NULL);
        CHECK_STR(jeton_token_access_token(token), "token-2");
        jeton_token_free(&token);
        fake_get_ok(fake, FAKE_NAME, "token-3");
        jeton_close(&other);
    }
}

static void what_was_forgotten_is_acquired_anew(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_get_ok(fake, "fake/other", "token-2");
    CHECK_OK(jeton_forget(fake->ctx, FAKE_NAME, NULL, &error), &error);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.version, 0);
    fake_get_ok(fake, "fake/other", "token-2");
    fake_get_ok(fake, FAKE_NAME, "token-3");
}

static void forgetting_forgets_a_failure_too(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_grant"});
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "invalid_grant");
    CHECK_OK(jeton_forget(fake->ctx, FAKE_NAME, NULL, &error), &error);
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static void forgetting_nothing_says_so(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ERROR jeton_error *error = NULL;

    CHECK_INT(jeton_forget(fake->ctx, FAKE_NAME, NULL, &error), JETON_USAGE);
    CHECK_CONTAINS(jeton_error_message(error), "no token is stored");
    CHECK_STR(jeton_error_name(error), FAKE_NAME);
    CHECK_CONTAINS(jeton_error_hint(error), "jeton get fake/main");
}

static void a_damaged_row_can_be_forgotten(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_damage(fake, FAKE_NAME);
    CHECK_OK(jeton_forget(fake->ctx, FAKE_NAME, NULL, &error), &error);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_TRUE(strstr(fake->log, "cannot be used") == NULL);
}

static const struct check_case cases[] = {
    {"an invalidated token is replaced by the next get", an_invalidated_token_is_replaced_by_the_next_get},
    {"without the token whatever is stored is meant", without_the_token_whatever_is_stored_is_meant},
    {"a token that was renewed meanwhile stays", a_token_that_was_renewed_meanwhile_stays},
    {"where nothing is stored there is nothing to do", where_nothing_is_stored_there_is_nothing_to_do},
    {"the refresh token beside it stays good", the_refresh_token_beside_it_stays_good},
    {"other entries of the name are not touched", other_entries_of_the_name_are_not_touched},
    {"other contexts see it at their next get", other_contexts_see_it_at_their_next_get},
    {"an invalidated token is not handed out while it is refreshed",
     an_invalidated_token_is_not_handed_out_while_it_is_refreshed},
    {"an invalidated token whose refresh failed is not handed out either",
     an_invalidated_token_whose_refresh_failed_is_not_handed_out_either},
    {"a token beside a lost answer can be invalidated", a_token_beside_a_lost_answer_can_be_invalidated},
    {"setting the wall clock back does not bring an invalidated token to life",
     setting_the_wall_clock_back_does_not_bring_an_invalidated_token_to_life},
    {"a token invalidated while it is refreshed does not come back when that fails",
     a_token_invalidated_while_it_is_refreshed_does_not_come_back_when_that_fails},
    {"a token invalidated just before it is refreshed does not come back either",
     a_token_invalidated_just_before_it_is_refreshed_does_not_come_back_either},
    {"a token invalidated just after its commit is handed out once at most",
     a_token_invalidated_just_after_its_commit_is_handed_out_once_at_most},
    {"what was forgotten is acquired anew", what_was_forgotten_is_acquired_anew},
    {"forgetting forgets a failure too", forgetting_forgets_a_failure_too},
    {"forgetting nothing says so", forgetting_nothing_says_so},
    {"a damaged row can be forgotten", a_damaged_row_can_be_forgotten},
};

CHECK_MAIN("invalidate", cases)
