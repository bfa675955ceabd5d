/* SPDX-License-Identifier: MIT */
/* Proves promise one: of many threads, contexts and processes that ask for one name, one renews and the others get its
 * result. It never relies on who is first. */
#include "tests/lib/fake_net.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS   32
#define PROCESSES 8

struct caller {
    jeton *ctx;
    int64_t min_ttl_s;
    int64_t timeout_ms;
    int status;
    char token[64];
    char message[256];
};

static int started; /* atomic */

static void *get(void *data)
{
    struct caller *caller = data;
    const struct jeton_request request = {
        .struct_size = sizeof(request), .min_ttl_s = caller->min_ttl_s, .timeout_ms = caller->timeout_ms};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    (void)__atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    caller->status = jeton_get(caller->ctx, FAKE_NAME, &request, &token, &error);
    if (caller->status == JETON_OK)
        (void)snprintf(caller->token, sizeof(caller->token), "%s", jeton_token_access_token(token));
    (void)snprintf(caller->message, sizeof(caller->message), "%s", jeton_error_message(error));
    jeton_token_free(&token);
    jeton_error_free(&error);
    return NULL;
}

static void start(struct caller *caller, pthread_t *thread)
{
    CHECK_INT(pthread_create(thread, NULL, get, caller), 0);
}

/* From counting oneself to waiting is a short way. */
static void wait_for_started(int count)
{
    for (int i = 0; i < 10000 && __atomic_load_n(&started, __ATOMIC_SEQ_CST) < count; i++)
        (void)usleep(1000);
    (void)usleep(50000);
}

static void threads_that_find(struct fake *fake, int contexts_len, const char *expected)
{
    struct caller callers[THREADS] = {0};
    pthread_t threads[THREADS];
    jeton *contexts[THREADS];

    for (int i = 0; i < contexts_len; i++)
        contexts[i] = i == 0 ? fake->ctx : fake_open(fake);
    __atomic_store_n(&started, 0, __ATOMIC_SEQ_CST);
    fake_push(fake, (struct fake_outcome){.hold = true, .refresh_token = "r2"});
    for (int i = 0; i < THREADS; i++) {
        callers[i].ctx = contexts[i % contexts_len];
        callers[i].timeout_ms = i % 2 == 0 ? 0 : 60000;
        start(&callers[i], &threads[i]);
    }
    wait_for_started(THREADS);
    fake_let_go(fake);
    for (int i = 0; i < THREADS; i++) {
        CHECK_INT(pthread_join(threads[i], NULL), 0);
        CHECK_INT(callers[i].status, JETON_OK);
        CHECK_STR(callers[i].token, expected);
    }
    for (int i = 1; i < contexts_len; i++)
        jeton_close(&contexts[i]);
    CHECK_INT(fake_sent(fake), 1);
}

static void thirty_two_threads_without_a_token_make_one_request(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    threads_that_find(fake, 1, "token-1");
}

static void thirty_two_threads_on_an_expired_token_make_one_request(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 4000, 3600);
    threads_that_find(fake, 1, "token-1");
    CHECK_INT(fake->last.operation, JT_REFRESH);
    CHECK_STR(fake->last.refresh_token, "r1");
}

static void threads_of_four_contexts_make_one_request(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 4000, 3600);
    threads_that_find(fake, 4, "token-1");
}

static void in_the_first_window_one_renews_and_the_others_go_on(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct caller renewer = {.ctx = fake->ctx}, callers[8] = {0};
    pthread_t thread, threads[8];

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 3000, 3600);
    fake_push(fake, (struct fake_outcome){.hold = true});
    start(&renewer, &thread);
    fake_wait_for_held(fake, 1);
    for (size_t i = 0; i < JT_LEN(callers); i++) {
        callers[i].ctx = fake->ctx;
        start(&callers[i], &threads[i]);
    }
    for (size_t i = 0; i < JT_LEN(callers); i++) {
        CHECK_INT(pthread_join(threads[i], NULL), 0);
        CHECK_STR(callers[i].token, "old");
    }
    fake_let_go(fake);
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK_STR(renewer.token, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void who_joins_with_a_longer_min_ttl_gets_what_it_asked_for(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct caller first = {.ctx = fake->ctx}, second = {.ctx = fake->ctx, .min_ttl_s = 1800};
    pthread_t threads[2];

    __atomic_store_n(&started, 0, __ATOMIC_SEQ_CST);
    fake_push(fake, (struct fake_outcome){.access_token = "short", .lifetime_s = 900, .hold = true});
    start(&first, &threads[0]);
    fake_wait_for_held(fake, 1);
    start(&second, &threads[1]);
    wait_for_started(2);
    fake_let_go(fake);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
    CHECK_INT(first.status, JETON_OK);
    CHECK_STR(first.token, "short");
    CHECK_INT(second.status, JETON_REFUSED);
    CHECK_CONTAINS(second.message, "live for 900");
    CHECK_INT(fake_sent(fake), 1);
}

static void a_demand_that_cannot_be_met_hurts_nobody_else(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct caller greedy = {.ctx = fake->ctx, .min_ttl_s = 1800}, modest = {.ctx = fake->ctx};
    pthread_t threads[2];

    __atomic_store_n(&started, 0, __ATOMIC_SEQ_CST);
    fake_push(fake, (struct fake_outcome){.access_token = "short", .lifetime_s = 900, .hold = true});
    start(&greedy, &threads[0]);
    fake_wait_for_held(fake, 1);
    start(&modest, &threads[1]);
    wait_for_started(2);
    fake_let_go(fake);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
    CHECK_INT(greedy.status, JETON_REFUSED);
    CHECK_INT(modest.status, JETON_OK);
    CHECK_STR(modest.token, "short");
    CHECK_INT(fake_sent(fake), 1);
}

static void a_hasty_caller_does_not_shorten_the_wait_of_who_joins_it(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct caller hasty = {.ctx = fake->ctx, .timeout_ms = 100}, patient = {.ctx = fake->ctx};
    jeton_error *error = NULL;
    pthread_t threads[2];
    struct jt_store_lease *lease = NULL;
    int64_t fence;

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 4000, 3600);
    CHECK_OK(jt_store_lease(fake->ctx->store, FAKE_NAME, "", 0, &lease, &fence, &error), &error);
    __atomic_store_n(&started, 0, __ATOMIC_SEQ_CST);
    start(&hasty, &threads[0]);
    wait_for_started(1);
    start(&patient, &threads[1]);
    CHECK_INT(pthread_join(threads[0], NULL), 0);
    CHECK_INT(hasty.status, JETON_TRY_LATER);
    (void)usleep(200000);
    jt_store_release(fake->ctx->store, &lease);
    CHECK_INT(pthread_join(threads[1], NULL), 0);
    CHECK_INT(patient.status, JETON_OK);
    CHECK_STR(patient.token, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void in_the_first_window_another_process_is_not_waited_for(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_error *error = NULL;
    struct jt_store_lease *lease = NULL;
    int64_t fence, started_ms;

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 3000, 3600);
    CHECK_OK(jt_store_lease(fake->ctx->store, FAKE_NAME, "", 0, &lease, &fence, &error), &error);
    started_ms = jt_boot_ms();
    fake_get_ok(fake, FAKE_NAME, "old");
    CHECK_TRUE(jt_boot_ms() - started_ms < 1000);
    jt_store_release(fake->ctx->store, &lease);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

/* Without a deadline a caller works in its own thread, here as far as the wait for another's lease. */
static void a_cancelled_thread_holds_nobody_up(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct caller cancelled = {.ctx = fake->ctx}, next = {.ctx = fake->ctx, .timeout_ms = 5000};
    jeton *other = fake_open(fake);
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    pthread_t threads[2];
    struct jt_store_lease *lease = NULL;
    int64_t fence;

    CHECK_OK(jeton_get(other, "fake/other", NULL, &token, &error), &error); /* opens the store */
    jeton_token_free(&token);
    CHECK_OK(jt_store_lease(other->store, FAKE_NAME, "", 0, &lease, &fence, &error), &error);
    __atomic_store_n(&started, 0, __ATOMIC_SEQ_CST);
    start(&cancelled, &threads[0]);
    wait_for_started(1);
    CHECK_INT(pthread_cancel(threads[0]), 0);
    (void)usleep(50000);
    jt_store_release(other->store, &lease);
    start(&next, &threads[1]);
    CHECK_INT(pthread_join(threads[1], NULL), 0);
    CHECK_INT(next.status, JETON_OK);
    CHECK_STR(next.token, "token-2");
    CHECK_INT(pthread_join(threads[0], NULL), 0);
    jeton_close(&other);
}

/* The child: waits until the parent lets all of them go at once, gets, and says on its standard output what it got. */
static int child_main(const char *dir)
{
    struct fake *fake = fake_join(dir);
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    char byte;
    int status;

    fake_push(fake, (struct fake_outcome){.delay_ms = 300, .refresh_token = "r2"});
    (void)(read(STDIN_FILENO, &byte, 1) == 0);
    status = jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error);
    printf("%s\n", status == JETON_OK ? jeton_token_access_token(token) : jeton_error_message(error));
    jeton_token_free(&token);
    jeton_error_free(&error);
    fake_free(&fake);
    return status;
}

static pid_t child_start(const char *dir, int in_fd, int out_fd)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)dup2(in_fd, STDIN_FILENO);
    (void)dup2(out_fd, STDOUT_FILENO);
    (void)execl("/proc/self/exe", "test_broker_many", "--get", dir, (char *)NULL);
    _exit(127);
}

static void eight_processes_on_an_expired_token_make_one_request(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    int in[2], out[2], status;
    pid_t pids[PROCESSES];
    char text[4096];
    size_t len = 0;
    ssize_t got;

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 4000, 3600);
    CHECK_INT(pipe2(in, O_CLOEXEC), 0);
    CHECK_INT(pipe2(out, O_CLOEXEC), 0);
    for (int i = 0; i < PROCESSES; i++)
        pids[i] = child_start(fake->dir, in[0], out[1]);
    (void)usleep(200000);
    (void)close(in[1]);
    (void)close(in[0]);
    (void)close(out[1]);
    while (len < sizeof(text) - 1 && (got = read(out[0], text + len, sizeof(text) - 1 - len)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    (void)close(out[0]);
    for (int i = 0; i < PROCESSES; i++) {
        CHECK_INT(waitpid(pids[i], &status, 0), pids[i]);
        CHECK_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK_STR(text, "token-1\ntoken-1\ntoken-1\ntoken-1\ntoken-1\ntoken-1\ntoken-1\ntoken-1\n");
    CHECK_INT(fake_sent_by_all(fake), 1);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static void a_process_that_dies_while_it_renews_holds_nobody_up(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    int in[2], status;
    pid_t pid;

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 4000, 3600);
    CHECK_INT(pipe2(in, O_CLOEXEC), 0);
    pid = child_start(fake->dir, in[0], STDERR_FILENO);
    (void)close(in[0]);
    (void)close(in[1]);
    for (int i = 0; i < 10000 && fake_sent_by_all(fake) == 0; i++)
        (void)usleep(1000);
    CHECK_INT(kill(pid, SIGKILL), 0);
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_TRUE(WIFSIGNALED(status));
    fake_push(fake, (struct fake_outcome){.access_token = "after"});
    fake_get_ok(fake, FAKE_NAME, "after");
    CHECK_STR(fake->last.refresh_token, "r1");
    CHECK_INT(fake_sent_by_all(fake), 2);
}

static const struct check_case cases[] = {
    {"a cancelled thread holds nobody up", a_cancelled_thread_holds_nobody_up},
    {"32 threads without a token make one request", thirty_two_threads_without_a_token_make_one_request},
    {"32 threads on an expired token make one request", thirty_two_threads_on_an_expired_token_make_one_request},
    {"threads of four contexts make one request", threads_of_four_contexts_make_one_request},
    {"in the first window one renews and the others go on", in_the_first_window_one_renews_and_the_others_go_on},
    {"who joins with a longer min_ttl gets what it asked for", who_joins_with_a_longer_min_ttl_gets_what_it_asked_for},
    {"a demand that cannot be met hurts nobody else", a_demand_that_cannot_be_met_hurts_nobody_else},
    {"a hasty caller does not shorten the wait of who joins it",
     a_hasty_caller_does_not_shorten_the_wait_of_who_joins_it},
    {"in the first window another process is not waited for", in_the_first_window_another_process_is_not_waited_for},
    {"8 processes on an expired token make one request", eight_processes_on_an_expired_token_make_one_request},
    {"a process that dies while it renews holds nobody up", a_process_that_dies_while_it_renews_holds_nobody_up},
};

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--get") == 0)
        return child_main(argv[2]);
    return check_main(argc, argv, "broker_many", cases, JT_LEN(cases));
}
