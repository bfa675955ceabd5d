/* SPDX-License-Identifier: MIT */
/* Promise eight: a revoked token is out of use at once, and its revocation is tried until the provider has heard it. */
#include "test_revoke_help.h"
#include "store/opened.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static void a_revoked_token_is_gone(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *note = NULL;
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(revoke_now(fake, FAKE_NAME, &note, &error), &error);
    CHECK_STR(note, "revoked, said the fake");
    CHECK_INT(fake->last.operation, JT_REVOKE);
    CHECK_STR(fake->last.access_token, "token-1");
    row = fake_row(fake, FAKE_NAME, "");
    CHECK_INT(row.version, 0);
    CHECK_INT(queued(fake, NULL, NULL), 0);
    fake_get_ok(fake, FAKE_NAME, "token-3");
}

static void revoking_nothing_says_so(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    CHECK_FAILS(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_USAGE, "no token is stored", &error);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(revoke_now(fake, FAKE_NAME, NULL, &error), &error);
    CHECK_FAILS(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_USAGE, "no token is stored", &error);
    CHECK_INT(fake->sent_of[JT_REVOKE], 1);
}

static void a_provider_without_revocation_changes_nothing(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake->plugin.table.revoke = NULL;
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_FAILS(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_NOT_SUPPORTED, "\"revoke\"", &error);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void a_token_that_its_provider_cannot_revoke_stays(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, not_supported);
    CHECK_FAILS(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_NOT_SUPPORTED, FAKE_NAME, &error);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(queued(fake, NULL, NULL), 0);
}

static void one_that_was_invalidated_before_stays_invalidated(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_invalidate(fake->ctx, FAKE_NAME, NULL, NULL, &error), &error);
    fake_push(fake, not_supported);
    CHECK_FAILS(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_NOT_SUPPORTED, FAKE_NAME, &error);
    fake_get_ok(fake, FAKE_NAME, "token-3");
}

static void a_person_may_ask_for_a_queued_one_at_once(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    fake_push(fake, refused);
    CHECK_INT(revoke_now(fake, FAKE_NAME, NULL, &error), JETON_REFUSED);
    CHECK_CONTAINS(jeton_error_hint(error), "to ask the provider again: jeton revoke fake/main");
    jeton_error_free(&error);
    CHECK_INT(queued(fake, NULL, NULL), 1);
    CHECK_OK(revoke_now(fake, FAKE_NAME, NULL, &error), &error);
    CHECK_STR(fake->last.access_token, "token-1");
    CHECK_INT(queued(fake, NULL, NULL), 0);
}

static void what_the_plugin_advises_comes_with_what_became_of_the_token(void)
{
    static const struct {
        struct fake_outcome outcome;
        const char *rest;
    } failures[] = {
        {{.kind = FAKE_ERROR, .status = JETON_CONFIG, .hint = "add client_secret"},
         "to ask the provider again: jeton revoke fake/main"},
        {{.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .hint = "add client_secret"},
         "tried again, at once with: jeton revoke fake/main"},
    };

    for (size_t i = 0; i < JT_LEN(failures); i++) {
        AUTO_FAKE struct fake *fake = fake_new();
        JT_AUTO_ERROR jeton_error *error = NULL;

        fake_get_ok(fake, FAKE_NAME, "token-1");
        fake_push(fake, failures[i].outcome);
        CHECK_INT(revoke_now(fake, FAKE_NAME, NULL, &error), failures[i].outcome.status);
        CHECK_CONTAINS(jeton_error_hint(error), "add client_secret; the token is not handed out here any more");
        CHECK_CONTAINS(jeton_error_hint(error), failures[i].rest);
    }
}

static void a_queued_one_is_found_behind_many_entries_of_its_name(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;
    char variant[64];

    fake_get_ok(fake, FAKE_NAME, "token-1");
    revoke_later(fake, FAKE_NAME);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(variant, sizeof(variant), "audience=a%d", i);
        fake_put_token(fake, FAKE_NAME, variant, "narrow", NULL, 0, 3600);
    }
    CHECK_OK(revoke_now(fake, FAKE_NAME, NULL, &error), &error);
    CHECK_STR(fake->last.access_token, "token-1");
}

/* The token is queued and in its own row, as two versions of jeton on one store may leave it. */
static void a_token_that_is_queued_and_still_there_is_revoked_once(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    revoke_later(fake, FAKE_NAME);
    fake_put_token(fake, FAKE_NAME, "", "token-1", NULL, 0, 3600);
    CHECK_OK(revoke_now(fake, FAKE_NAME, NULL, &error), &error);
    CHECK_STR(fake->last.access_token, "token-1");
    CHECK_INT(queued(fake, NULL, NULL), 0);
    CHECK_INT(fake_version(fake, FAKE_NAME, ""), 0);
}

static void narrowed_tokens_are_revoked_by_what_they_were_asked_for(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request narrow = {.struct_size = sizeof(narrow), .scope = "a"};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_get(fake->ctx, FAKE_NAME, &narrow, &token, &error), &error);
    jeton_token_free(&token);
    CHECK_OK(jeton_revoke(fake->ctx, FAKE_NAME, &narrow, NULL, &error), &error);
    CHECK_STR(fake->last.access_token, "token-2");
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 3);
}

static void a_revocation_waits_for_a_renewal_under_way_and_revokes_what_it_brings(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.access_token = "fresh", .delay_ms = 300});
    CHECK_FAILS(jeton_get(fake->ctx, FAKE_NAME, &hasty, &token, &error), JETON_TRY_LATER, "", &error);
    while (fake_sent_by_all(fake) == 0) /* it is sent under the lease */
        (void)usleep(1000);
    CHECK_OK(revoke_now(fake, FAKE_NAME, NULL, &error), &error);
    CHECK_STR(fake->last.access_token, "fresh");
    CHECK_INT(fake_version(fake, FAKE_NAME, ""), 0);
}

/* A process that waits to be told, then revokes and never comes back. */
static pid_t revoking_process(const char *dir, int *ret_tell_fd)
{
    int tell[2];
    pid_t pid;

    if (pipe(tell) != 0 || (pid = fork()) < 0)
        abort();
    if (pid == 0) {
        struct fake *fake;
        char word;

        if (read(tell[0], &word, 1) != 1)
            _exit(1);
        fake = fake_join(dir);
        _exit(jeton_revoke(fake->ctx, FAKE_NAME, NULL, NULL, NULL) == JETON_OK ? 0 : 2);
    }
    (void)close(tell[0]);
    *ret_tell_fd = tell[1];
    return pid;
}

static bool hands_out(jeton *ctx, const char *access_token)
{
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20};
    jeton_token *token = NULL;
    bool does = jeton_get(ctx, FAKE_NAME, &hasty, &token, NULL) == JETON_OK &&
                strcmp(jeton_token_access_token(token), access_token) == 0;

    jeton_token_free(&token);
    return does;
}

/* By a process that has never seen it before. */
static bool is_handed_out(struct fake *fake, const char *access_token)
{
    jeton *other = fake_open(fake);
    bool is = hands_out(other, access_token);

    jeton_close(&other);
    return is;
}

/* Somebody else has the lease, and the provider has not heard of it. */
static void a_token_is_out_of_use_from_the_call_on_also_where_that_is_killed(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    int tell_fd;
    pid_t pid = revoking_process(fake->dir, &tell_fd);

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 3000, 3600);
    fake_push(fake,
              (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503, .hold = true});
    CHECK_TRUE(hands_out(fake->ctx, "old"));
    fake_wait_for_held(fake, 1);
    CHECK_TRUE(is_handed_out(fake, "old"));
    CHECK_INT(write(tell_fd, "x", 1), 1);
    for (int i = 0; i < 500 && is_handed_out(fake, "old"); i++)
        (void)usleep(10000);
    CHECK_INT(kill(pid, SIGKILL), 0);
    CHECK_INT(waitpid(pid, NULL, 0), pid);
    (void)close(tell_fd);
    CHECK_TRUE(!is_handed_out(fake, "old"));
    CHECK_INT(fake->sent_of[JT_REVOKE], 0);
    fake_let_go(fake);
    fake_age(fake, FAKE_NAME, "", 2);
    CHECK_TRUE(!is_handed_out(fake, "old"));
}

#define CRASHED 7

static struct jeton_store_engine whole; /* the engine without the crash */
static int writes_left;

static int write_and_crash(void *store, jeton_store_call *call, uint32_t flags, jeton_store_next next, void *data,
                           int *ret_done)
{
    int status = whole.write(store, call, flags, next, data, ret_done);

    if (--writes_left == 0)
        _exit(CRASHED);
    return status;
}

/* A process that is gone right after so many transactions. Its exit status. */
static int revoke_and_crash(const char *dir, int writes)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        struct fake *fake = fake_join(dir);
        struct jt_store *store;

        if (jt_context_store(fake->ctx, &store, NULL) != JETON_OK)
            _exit(1);
        whole = store->engine;
        store->engine.write = write_and_crash;
        writes_left = writes;
        _exit(jeton_revoke(fake->ctx, FAKE_NAME, NULL, NULL, NULL) == JETON_OK ? 0 : 2);
    }
    CHECK_INT(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* How many rows hold the token: its own, from which it is not handed out, and those of the queue. */
static int rows_of_token(struct fake *fake)
{
    JT_AUTO_ENTRY struct jt_entry row = fake_row(fake, FAKE_NAME, "");

    CHECK_TRUE(row.state != JT_ROW_TOKEN);
    return queued(fake, NULL, NULL) + (row.token.access_token != NULL);
}

static void whenever_it_is_killed_the_token_is_in_one_row(void)
{
    int exited = CRASHED;

    for (int writes = 1; exited == CRASHED; writes++) {
        AUTO_FAKE struct fake *fake = fake_new();
        jeton_error *error = NULL;

        fake_put_token(fake, FAKE_NAME, "", "old", NULL, 0, 3600);
        exited = revoke_and_crash(fake->dir, writes);
        if (!CHECK_TRUE(exited == CRASHED || exited == 0))
            return;
        if (fake_sent_by_all(fake) > 0)
            continue; /* the provider knows */
        CHECK_INT(rows_of_token(fake), 1);
        CHECK_OK(revoke_now(fake, FAKE_NAME, NULL, &error), &error);
        CHECK_STR(fake->last.access_token, "old");
        CHECK_INT(rows_of_token(fake), 0);
    }
}

static const struct check_case cases[] = {
    {"a revoked token is gone", a_revoked_token_is_gone},
    {"revoking nothing says so", revoking_nothing_says_so},
    {"a provider without revocation changes nothing", a_provider_without_revocation_changes_nothing},
    {"a token that its provider cannot revoke stays", a_token_that_its_provider_cannot_revoke_stays},
    {"one that was invalidated before stays invalidated", one_that_was_invalidated_before_stays_invalidated},
    {"a person may ask for a queued one at once", a_person_may_ask_for_a_queued_one_at_once},
    {"what the plugin advises comes with what became of the token",
     what_the_plugin_advises_comes_with_what_became_of_the_token},
    {"a queued one is found behind many entries of its name", a_queued_one_is_found_behind_many_entries_of_its_name},
    {"a token that is queued and still there is revoked once", a_token_that_is_queued_and_still_there_is_revoked_once},
    {"narrowed tokens are revoked by what they were asked for",
     narrowed_tokens_are_revoked_by_what_they_were_asked_for},
    {"a revocation waits for a renewal under way and revokes what it brings",
     a_revocation_waits_for_a_renewal_under_way_and_revokes_what_it_brings},
    {"a token is out of use from the call on, also where that is killed",
     a_token_is_out_of_use_from_the_call_on_also_where_that_is_killed},
    {"whenever it is killed the token is in one row", whenever_it_is_killed_the_token_is_in_one_row},
};

CHECK_MAIN("revoke", cases)
