/* SPDX-License-Identifier: MIT */
/* Promise two: what can be spent once is spent only where the store can take the answer, and a lost answer is
 * remembered until the provider has spoken. */
#include "store/opened.h"
#include "tests/lib/fake_net.h"

static const struct fake_outcome lost = {.kind = FAKE_LOST};
static const struct fake_outcome invalid_grant = {
    .kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_grant", .http_status = 400};

static struct fake *new_attended_with_expired(const char *refresh_token)
{
    struct fake *fake = fake_new();

    fake->plugin.table.capabilities = 0;
    fake_put_token(fake, FAKE_NAME, "", "old", refresh_token, 4000, 3600);
    return fake;
}

static uint32_t state_of(struct fake *fake)
{
    JT_AUTO_ENTRY struct jt_entry row = fake_row(fake, FAKE_NAME, "");

    return row.state;
}

static int acquire_with_code(struct fake *fake, jeton_error **ret_error)
{
    const struct jeton_param code = {"code", "the-code"};
    const struct jeton_request request = {.struct_size = sizeof(request), .params = &code, .params_len = 1};
    jeton_token *token = NULL;
    int status = jeton_acquire(fake->ctx, FAKE_NAME, &request, &token, ret_error);

    jeton_token_free(&token);
    return status;
}

static void while_a_refresh_token_is_out_the_row_says_so(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_push(fake, (struct fake_outcome){.hold = true, .refresh_token = "r2"});
    CHECK_FAILS(jeton_get(fake->ctx, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "", &error);
    fake_wait_for_held(fake, 1);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_INTENT);
    CHECK_STR(row.token.refresh_token, "r1");
    fake_let_go(fake);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(state_of(fake), JT_ROW_TOKEN);
}

static void an_answered_refusal_leaves_no_intent(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");

    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503});
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "fake/main");
    CHECK_INT(state_of(fake), JT_ROW_TOKEN);
}

static void after_a_lost_answer_the_refresh_token_is_tried_once_more(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");

    fake_push(fake, lost);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "the connection broke");
    CHECK_INT(state_of(fake), JT_ROW_INTENT);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "the connection broke");
    CHECK_INT(fake_sent(fake), 1);
    fake_age(fake, FAKE_NAME, "", 2);
    fake_push(fake, (struct fake_outcome){.refresh_token = "r2"});
    fake_get_ok(fake, FAKE_NAME, "token-2");
    CHECK_STR(fake->last.refresh_token, "r1");
    CHECK_INT(state_of(fake), JT_ROW_TOKEN);
}

static void a_token_spent_by_a_lost_answer_needs_a_login_and_says_why(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton_token *token = NULL;

    fake_push(fake, lost);
    fake_push(fake, invalid_grant);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "the connection broke");
    fake_age(fake, FAKE_NAME, "", 2);
    CHECK_INT(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_LOGIN_NEEDED);
    CHECK_CONTAINS(jeton_error_message(error), "login needed: the answer to a renewal was lost");
    CHECK_STR(jeton_error_code(error), "invalid_grant");
    CHECK_CONTAINS(jeton_error_hint(error), "jeton login fake/main");
    for (int i = 0; i < 20; i++)
        fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "the answer to a renewal was lost");
    CHECK_INT(fake_sent(fake), 2);
}

static void a_loss_is_remembered_over_failures_that_decide_nothing(void)
{
    static const struct fake_outcome undecided[] = {
        {.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503},
        {.kind = FAKE_ERROR, .status = JETON_BAD_ANSWER, .http_status = 200},
        {.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client", .http_status = 401},
        {.kind = FAKE_LOST},
    };

    for (size_t i = 0; i < JT_LEN(undecided); i++) {
        AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
        jeton_token *token = NULL;
        jeton_error *error = NULL;

        fake_push(fake, lost);
        fake_push(fake, undecided[i]);
        fake_push(fake, invalid_grant);
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "the connection broke");
        fake_age(fake, FAKE_NAME, "", 2);
        CHECK_TRUE(jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error) != JETON_LOGIN_NEEDED);
        jeton_error_free(&error);
        CHECK_INT(state_of(fake), JT_ROW_INTENT);
        fake_configure(fake, "client_secret = \"another\";");
        fake_age(fake, FAKE_NAME, "", 700);
        fake_get_fails(fake, FAKE_NAME, JETON_LOGIN_NEEDED, "the answer to a renewal was lost");
        CHECK_INT(fake_sent(fake), 3);
    }
}

static void where_nobody_is_needed_a_lost_answer_costs_a_new_set(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 4000, 3600);
    fake_push(fake, lost);
    fake_push(fake, invalid_grant);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "the connection broke");
    fake_age(fake, FAKE_NAME, "", 2);
    fake_get_ok(fake, FAKE_NAME, "token-3");
    CHECK_INT(fake->sent_of[JT_REFRESH], 2);
    CHECK_INT(fake->sent_of[JT_ACQUIRE], 1);
    CHECK_INT(state_of(fake), JT_ROW_TOKEN);
}

static void a_token_beside_an_intent_is_handed_out_while_it_lives(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake->plugin.table.capabilities = 0;
    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 3000, 3600);
    fake_push(fake, lost);
    fake_get_ok(fake, FAKE_NAME, "old");
    CHECK_INT(state_of(fake), JT_ROW_INTENT);
    fake_get_ok(fake, FAKE_NAME, "old");
    CHECK_INT(fake_sent(fake), 1);
}

/* The disk fills up between taking the lease and sending. */
static void where_the_store_takes_nothing_nothing_is_spent(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int status;

    fake_push(fake, (struct fake_outcome){.at_start = fake_disk_full});
    status = jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error);
    fake_disk_freed();
    CHECK_FAILS(status, JETON_TRY_LATER, "tokens.db", &error);
    fake_push(fake, (struct fake_outcome){.once = true, .at_start = fake_disk_full});
    status = acquire_with_code(fake, &error);
    fake_disk_freed();
    CHECK_FAILS(status, JETON_TRY_LATER, "tokens.db", &error);
    CHECK_INT(fake->flows, 2);
    CHECK_INT(fake_sent(fake), 0);
    CHECK_INT(state_of(fake), JT_ROW_TOKEN);
}

static int proof_fails(void *store, jeton_store_call *call)
{
    (void)store;
    return jt_error_set(&call->error, JETON_TRY_LATER, "tokens.db: there is no room for an answer");
}

static struct jeton_store_engine *engine_of(struct fake *fake)
{
    struct jt_store *store = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_context_store(fake->ctx, &store, &error), &error);
    return &store->engine;
}

/* There is room for the intent, and none for what the provider would answer. */
static void where_the_store_has_no_room_for_the_answer_nothing_is_spent(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    engine_of(fake)->prove_writable = proof_fails;
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "no room for an answer");
    fake_push(fake, (struct fake_outcome){.once = true});
    CHECK_FAILS(acquire_with_code(fake, &error), JETON_TRY_LATER, "no room for an answer", &error);
    CHECK_INT(fake_sent(fake), 0);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_TOKEN);
    CHECK_STR(row.token.refresh_token, "r1");
}

/* A token that is asked for again and again, and that nothing can keep. */
static void where_the_store_takes_nothing_no_provider_is_asked(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    engine_of(fake)->seems_writable = proof_fails;
    for (int i = 0; i < 3; i++)
        fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "no room for an answer");
    CHECK_FAILS(jeton_acquire(fake->ctx, FAKE_NAME, NULL, &token, &error), JETON_TRY_LATER, "no room for an answer",
                &error);
    CHECK_INT(fake->flows, 0);
}

static void import_now(struct fake *fake)
{
    fake_put_token(fake, FAKE_NAME, "", "imported", "r9", 0, 3600);
}

/* An import takes no lease. */
static void tokens_that_came_from_elsewhere_meanwhile_are_neither_spent_nor_replaced(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_push(fake, (struct fake_outcome){.at_start = import_now, .refresh_token = "r2"});
    fake_get_ok(fake, FAKE_NAME, "imported");
    CHECK_INT(fake_sent(fake), 0);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_STR(row.token.refresh_token, "r9");
    CHECK_INT(row.failures, 0);
}

static void a_lost_answer_to_a_code_says_start_again(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake->plugin.table.capabilities = 0;
    fake_push(fake, (struct fake_outcome){.kind = FAKE_LOST, .once = true});
    CHECK_FAILS(acquire_with_code(fake, &error), JETON_LOGIN_NEEDED, "one-time code was lost: start again", &error);
    CHECK_INT(fake_sent(fake), 1);
}

static void a_code_that_was_refused_leaves_what_was_stored(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
    struct fake_outcome refused = invalid_grant;
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    refused.once = true;
    fake_push(fake, refused);
    CHECK_FAILS(acquire_with_code(fake, &error), JETON_REFUSED, "invalid_grant", &error);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_TOKEN);
    CHECK_STR(row.token.access_token, "old");
    CHECK_STR(row.token.refresh_token, "r1");
    CHECK_INT(row.failures, 0);
}

static void a_code_that_was_refused_leaves_no_row_where_there_was_none(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct fake_outcome refused = invalid_grant;
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    refused.once = true;
    fake_push(fake, refused);
    CHECK_FAILS(acquire_with_code(fake, &error), JETON_REFUSED, "invalid_grant", &error);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.state, JT_ROW_EMPTY);
    CHECK_TRUE(row.due_at == JT_NEVER);
}

static void a_renewal_wins_over_an_invalidation_of_the_token_before_it(void)
{
    AUTO_FAKE struct fake *fake = new_attended_with_expired("r1");
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.hold = true, .refresh_token = "r2"});
    CHECK_FAILS(jeton_get(fake->ctx, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "", &error);
    fake_wait_for_held(fake, 1);
    CHECK_OK(jeton_invalidate(fake->ctx, FAKE_NAME, NULL, NULL, &error), &error);
    fake_let_go(fake);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static const struct check_case cases[] = {
    {"while a refresh token is out the row says so", while_a_refresh_token_is_out_the_row_says_so},
    {"an answered refusal leaves no intent", an_answered_refusal_leaves_no_intent},
    {"after a lost answer the refresh token is tried once more",
     after_a_lost_answer_the_refresh_token_is_tried_once_more},
    {"a token spent by a lost answer needs a login and says why",
     a_token_spent_by_a_lost_answer_needs_a_login_and_says_why},
    {"a loss is remembered over failures that decide nothing", a_loss_is_remembered_over_failures_that_decide_nothing},
    {"where nobody is needed a lost answer costs a new set", where_nobody_is_needed_a_lost_answer_costs_a_new_set},
    {"a token beside an intent is handed out while it lives", a_token_beside_an_intent_is_handed_out_while_it_lives},
    {"where the store takes nothing nothing is spent", where_the_store_takes_nothing_nothing_is_spent},
    {"where the store has no room for the answer nothing is spent",
     where_the_store_has_no_room_for_the_answer_nothing_is_spent},
    {"where the store takes nothing no provider is asked", where_the_store_takes_nothing_no_provider_is_asked},
    {"tokens that came from elsewhere meanwhile are neither spent nor replaced",
     tokens_that_came_from_elsewhere_meanwhile_are_neither_spent_nor_replaced},
    {"a lost answer to a code says start again", a_lost_answer_to_a_code_says_start_again},
    {"a code that was refused leaves what was stored", a_code_that_was_refused_leaves_what_was_stored},
    {"a code that was refused leaves no row where there was none",
     a_code_that_was_refused_leaves_no_row_where_there_was_none},
    {"a renewal wins over an invalidation of the token before it",
     a_renewal_wins_over_an_invalidation_of_the_token_before_it},
};

CHECK_MAIN("intent", cases)
