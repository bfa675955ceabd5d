/* SPDX-License-Identifier: MIT */
/* Proves that a revocation which could not reach its provider is tried again: when it is due, behind whatever crowd,
 * and without holding anybody up. It never opens a connection. */
#include "test_revoke_help.h"

static void a_provider_that_cannot_be_reached_is_asked_again_later(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ERROR jeton_error *error = NULL;
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_list *list = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, unreachable);
    CHECK_INT(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_TRY_LATER);
    CHECK_CONTAINS(jeton_error_hint(error), "not handed out here any more; its revocation is queued");
    jeton_error_free(&error);
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.version, 0);
    CHECK_OK(jeton_list_names(fake->ctx, NULL, 100, &list, &error), &error);
    CHECK_STR(jeton_list_name(list, 0), FAKE_NAME);
    CHECK_STR(jeton_list_state(list, 0), "revoking");
    CHECK_TRUE(jeton_list_last_error(list, 0) != NULL);
    jeton_list_free(&list);
    fake_get_ok(fake, FAKE_NAME, "token-3");
    make_due(fake, FAKE_NAME);
    jt_revoke_try_queued(fake->ctx);
    wait_for_queue(fake, 0);
    CHECK_INT(fake->last.operation, JT_REVOKE);
    CHECK_STR(fake->last.access_token, "token-1");
    fake_get_ok(fake, FAKE_NAME, "token-3");
}

static void a_get_that_asks_the_provider_tries_the_queue_too(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    revoke_later(fake, FAKE_NAME);
    make_due(fake, FAKE_NAME);
    fake_get_ok(fake, "fake/other", "token-3");
    wait_for_queue(fake, 0);
    CHECK_INT(fake->sent_of[JT_REVOKE], 2);
}

static void a_queue_that_hangs_holds_no_get_up(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    int64_t started_ms;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    revoke_later(fake, FAKE_NAME);
    make_due(fake, FAKE_NAME);
    fake_push(fake, (struct fake_outcome){.access_token = "prompt"});
    fake_push(fake, (struct fake_outcome){.delay_ms = 2000});
    started_ms = jt_boot_ms();
    fake_get_ok(fake, "fake/other", "prompt");
    CHECK_TRUE(jt_boot_ms() - started_ms < 1500);
    jeton_close(&fake->ctx); /* waits for it */
    CHECK_INT(fake->sent_of[JT_REVOKE], 2);
    fake->ctx = fake_open(fake);
    fake_get_ok(fake, "fake/other", "prompt");
    CHECK_INT(queued(fake, NULL, NULL), 0);
}

static void the_queue_backs_off_and_is_not_tried_before_its_time(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, (struct fake_outcome){
                        .kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 429, .retry_after_s = 300});
    CHECK_FAILS(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_TRY_LATER, FAKE_NAME, &error);
    for (int i = 0; i < 5; i++) {
        __atomic_store_n(&fake->ctx->revoke_tried_ms, 0, __ATOMIC_RELAXED);
        jt_revoke_try_queued(fake->ctx);
    }
    (void)usleep(50000);
    CHECK_INT(fake->sent_of[JT_REVOKE], 1);
}

static void a_context_looks_at_the_queue_every_five_seconds_at_most(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    revoke_later(fake, FAKE_NAME);
    make_due(fake, FAKE_NAME);
    __atomic_store_n(&fake->ctx->revoke_tried_ms, jt_boot_ms() - 1000, __ATOMIC_RELAXED);
    jt_revoke_try_queued(fake->ctx);
    (void)usleep(50000);
    CHECK_INT(fake->sent_of[JT_REVOKE], 1);
    __atomic_store_n(&fake->ctx->revoke_tried_ms, jt_boot_ms() - 5000, __ATOMIC_RELAXED);
    jt_revoke_try_queued(fake->ctx);
    wait_for_queue(fake, 0);
}

static void a_queued_one_that_was_refused_does_not_bar_the_way_for_the_next(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct queue first = {.name = FAKE_NAME};
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_error *error = NULL;
    int sent;

    /* Of two queued revocations of one name, the one that is never due again comes first in order. */
    for (int i = 1; i <= 2; i++) {
        fake_get_ok(fake, FAKE_NAME, i == 1 ? "token-1" : "token-3");
        fake_push(fake, unreachable);
        CHECK_INT(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_TRY_LATER);
        jeton_error_free(&error);
    }
    CHECK_INT(queued(fake, FAKE_NAME, NULL), 2);
    CHECK_OK(jt_store_scan(fake->ctx->store, FAKE_NAME, "", 1, false, queue_visit, &first, &error), &error);
    row = fake_row(fake, FAKE_NAME, first.variant);
    row.retry_at = row.due_at = JT_NEVER;
    row.failure_status = JETON_REFUSED;
    fake_put(fake, FAKE_NAME, first.variant, &row);
    sent = fake->sent_of[JT_REVOKE];
    make_due(fake, FAKE_NAME);
    jt_revoke_try_queued(fake->ctx);
    wait_for_queue(fake, 1);
    CHECK_INT(fake->sent_of[JT_REVOKE], sent + 1);
    make_due(fake, FAKE_NAME);
    jt_revoke_try_queued(fake->ctx);
    (void)usleep(50000);
    CHECK_INT(fake->sent_of[JT_REVOKE], sent + 1);
}

static void a_queued_one_is_found_behind_a_crowd_of_expired_tokens(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    char name[64];

    fake_get_ok(fake, FAKE_NAME, "token-1");
    revoke_later(fake, FAKE_NAME);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof(name), "fake/main/user%d", i);
        fake_put_token(fake, name, "", "expired", NULL, 40000 + i, 3600);
    }
    make_due(fake, FAKE_NAME);
    jt_revoke_try_queued(fake->ctx);
    wait_for_queue(fake, 0);
    CHECK_INT(fake->sent_of[JT_REVOKE], 2);
}

static void one_whose_account_is_gone_does_not_stop_the_others(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_get_ok(fake, FAKE_NAME, "token-1");
    revoke_later(fake, FAKE_NAME);
    fake_get_ok(fake, "fake/other", "token-3");
    revoke_later(fake, "fake/other");
    make_due(fake, FAKE_NAME);
    make_due(fake, "fake/other");
    fake_write(fake, "providers.d/fake.conf", "accounts = { other = { client_id = \"other\"; }; };\n");
    for (int i = 0; i < 100 && queued(fake, NULL, NULL) == 2; i++) {
        __atomic_store_n(&fake->ctx->revoke_tried_ms, 0, __ATOMIC_RELAXED);
        jt_revoke_try_queued(fake->ctx);
        (void)usleep(10000);
    }
    CHECK_INT(queued(fake, NULL, NULL), 1);
    CHECK_INT(queued(fake, FAKE_NAME, NULL), 1);
    CHECK_INT(fake->sent_of[JT_REVOKE], 3);
}

static void one_is_found_behind_a_crowd_of_queued_ones_that_cannot_be_done(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    struct queue last = {.name = NULL};
    char name[64];
    int sent;

    fake_get_ok(fake, "fake/other", "token-1");
    revoke_later(fake, "fake/other");
    make_due(fake, "fake/other");
    CHECK_INT(queued(fake, NULL, &last), 1);
    row = fake_row(fake, "fake/other", last.variant);
    /* Of an account that nobody configures any more; in order of name and of time they all come first. */
    for (int i = 0; i < 100; i++) {
        JT_AUTO_ENTRY struct jt_entry crowd = fake_row(fake, "fake/other", last.variant);

        (void)snprintf(name, sizeof(name), "fake/gone/user%d", i);
        crowd.due_at -= 1000;
        fake_put(fake, name, last.variant, &crowd);
    }
    CHECK_INT(queued(fake, NULL, NULL), 101);
    sent = fake->sent_of[JT_REVOKE];
    for (int i = 0; i < 2000 && fake->sent_of[JT_REVOKE] == sent; i++) {
        __atomic_store_n(&fake->ctx->revoke_tried_ms, 0, __ATOMIC_RELAXED);
        jt_revoke_try_queued(fake->ctx);
        (void)usleep(1000);
    }
    wait_for_queue(fake, 100);
    CHECK_INT(queued(fake, "fake/other", NULL), 0);
}

static const struct check_case cases[] = {
    {"a provider that cannot be reached is asked again later", a_provider_that_cannot_be_reached_is_asked_again_later},
    {"a get that asks the provider tries the queue too", a_get_that_asks_the_provider_tries_the_queue_too},
    {"a queue that hangs holds no get up", a_queue_that_hangs_holds_no_get_up},
    {"the queue backs off and is not tried before its time", the_queue_backs_off_and_is_not_tried_before_its_time},
    {"a context looks at the queue every five seconds at most",
     a_context_looks_at_the_queue_every_five_seconds_at_most},
    {"a queued one that was refused does not bar the way for the next",
     a_queued_one_that_was_refused_does_not_bar_the_way_for_the_next},
    {"a queued one is found behind a crowd of expired tokens", a_queued_one_is_found_behind_a_crowd_of_expired_tokens},
    {"one whose account is gone does not stop the others", one_whose_account_is_gone_does_not_stop_the_others},
    {"one is found behind a crowd of queued ones that cannot be done",
     one_is_found_behind_a_crowd_of_queued_ones_that_cannot_be_done},
};

CHECK_MAIN("revoke_queue", cases)
