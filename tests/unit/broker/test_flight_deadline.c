/* SPDX-License-Identifier: MIT */
/* Proves that nobody waits for a flight longer than it said, and that a flight does not end with those who wait for it.
 * It never asks a provider: the work is the test's own. */
#include "test_flight_help.h"

static void a_waiter_leaves_at_its_deadline_and_the_work_goes_on(void)
{
    struct caller hasty = {.key = "a", .timeout_ms = 100}, patient = {.key = "a", .timeout_ms = -1};
    pthread_t threads[2];

    start(false);
    CHECK_INT(pthread_create(&threads[0], NULL, call, &hasty), 0);
    wait_for(&runs, 1);
    CHECK_INT(pthread_create(&threads[1], NULL, call, &patient), 0);
    CHECK_INT(pthread_join(threads[0], NULL), 0);
    CHECK_INT(hasty.status, JETON_TRY_LATER);
    CHECK_TRUE(hasty.took_ms >= 99 && hasty.took_ms < 5000);
    CHECK_CONTAINS(jeton_error_message(hasty.error), "within the caller's time");
    wait_for(&waiting, 2);
    (void)usleep(50000);
    open_gate();
    CHECK_INT(pthread_join(threads[1], NULL), 0);
    CHECK_INT(patient.status, JETON_OK);
    CHECK_STR(jeton_token_access_token(patient.token), "a");
    CHECK_INT(load(&runs), 1);
    caller_done(&hasty);
    caller_done(&patient);
    jt_flights_free(&flights);
    CHECK_INT(load(&frees), 2);
}

static void who_joins_a_caller_without_a_deadline_keeps_its_own(void)
{
    struct caller worker = {.key = "a", .timeout_ms = -1}, hasty = {.key = "a", .timeout_ms = 100};
    pthread_t thread;

    start(false);
    CHECK_INT(pthread_create(&thread, NULL, call, &worker), 0);
    wait_for(&runs, 1);
    (void)call(&hasty);
    CHECK_INT(hasty.status, JETON_TRY_LATER);
    CHECK_TRUE(hasty.took_ms >= 99 && hasty.took_ms < 5000);
    open_gate();
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK_INT(worker.status, JETON_OK);
    CHECK_INT(load(&runs), 1);
    caller_done(&worker);
    caller_done(&hasty);
    jt_flights_free(&flights);
}

static void a_deadline_that_is_past_still_starts_the_work(void)
{
    struct caller late = {.key = "a", .timeout_ms = 0};

    start(true);
    (void)call(&late);
    jt_flights_free(&flights);
    CHECK_INT(load(&runs), 1);
    CHECK_INT(load(&frees), 1);
    CHECK_TRUE(late.status == JETON_TRY_LATER || late.status == JETON_OK);
    caller_done(&late);
}

static void if_idle_leaves_at_once_where_somebody_works(void)
{
    struct caller held = {.key = "a", .timeout_ms = -1};
    struct caller busy = {.key = "a", .timeout_ms = 20000, .if_idle = true}, idle = busy;
    pthread_t thread;

    start(false);
    CHECK_INT(pthread_create(&thread, NULL, call, &held), 0);
    wait_for(&runs, 1);
    (void)call(&busy);
    CHECK_INT(busy.status, JETON_TRY_LATER);
    CHECK_TRUE(busy.took_ms < 5000);
    CHECK_TRUE(busy.token == NULL);
    open_gate();
    CHECK_INT(pthread_join(thread, NULL), 0);
    (void)call(&idle);
    CHECK_INT(idle.status, JETON_OK);
    CHECK_STR(jeton_token_access_token(idle.token), "a");
    CHECK_INT(load(&runs), 2);
    CHECK_INT(load(&frees), 3);
    caller_done(&held);
    caller_done(&busy);
    caller_done(&idle);
    jt_flights_free(&flights);
}

static void *open_gate_later(void *data)
{
    (void)usleep(200000);
    (void)__atomic_add_fetch((int *)data, 1, __ATOMIC_SEQ_CST);
    open_gate();
    return NULL;
}

static void freeing_waits_for_flights_without_their_callers(void)
{
    struct caller hasty[3] = {
        {.key = "a", .timeout_ms = 1}, {.key = "b", .timeout_ms = 1}, {.key = "c", .timeout_ms = 1}};
    int opened = 0;
    pthread_t thread;

    start(false);
    for (size_t i = 0; i < JT_LEN(hasty); i++) {
        (void)call(&hasty[i]);
        CHECK_INT(hasty[i].status, JETON_TRY_LATER);
        caller_done(&hasty[i]);
    }
    CHECK_INT(pthread_create(&thread, NULL, open_gate_later, &opened), 0);
    jt_flights_free(&flights);
    CHECK_INT(load(&opened), 1);
    CHECK_INT(load(&runs), 3);
    CHECK_INT(load(&frees), 3);
    CHECK_INT(pthread_join(thread, NULL), 0);
    jt_flights_free(&flights);
}

static const struct check_case cases[] = {
    {"a waiter leaves at its deadline and the work goes on", a_waiter_leaves_at_its_deadline_and_the_work_goes_on},
    {"who joins a caller without a deadline keeps its own", who_joins_a_caller_without_a_deadline_keeps_its_own},
    {"a deadline that is past still starts the work", a_deadline_that_is_past_still_starts_the_work},
    {"run_if_idle leaves at once where somebody works", if_idle_leaves_at_once_where_somebody_works},
    {"freeing waits for flights without their callers", freeing_waits_for_flights_without_their_callers},
};

int main(int argc, char **argv)
{
    return sodium_init() < 0 ? 99 : check_main(argc, argv, "flight_deadline", cases, JT_LEN(cases));
}
