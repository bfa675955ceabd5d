/* SPDX-License-Identifier: MIT */
/* Proves single flight among threads: one works, the others get its result, nobody waits longer than it said. It never
 * asks a provider: the work is the test's own. */
#include "test_flight_help.h"

static void sixty_four_threads_with(int64_t timeout_ms)
{
    struct caller callers[THREADS] = {0};
    pthread_t threads[THREADS];

    start(false);
    for (size_t i = 0; i < THREADS; i++)
        callers[i] = (struct caller){.key = "line/bot", .timeout_ms = timeout_ms};
    run_all(callers, threads, THREADS);
    wait_for(&waiting, THREADS);
    (void)usleep(50000); /* from counting oneself to waiting is a short way */
    open_gate();
    join_all(threads, THREADS);
    CHECK_INT(load(&runs), 1);
    CHECK_INT(load(&frees), THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_INT(callers[i].status, JETON_OK);
        CHECK_STR(jeton_token_access_token(callers[i].token), "line/bot");
        caller_done(&callers[i]);
    }
    jt_flights_free(&flights);
    CHECK_TRUE(flights == NULL);
}

static void of_64_threads_one_works_and_all_get_its_token(void)
{
    sixty_four_threads_with(-1);
}

static void the_same_holds_with_deadlines(void)
{
    sixty_four_threads_with(20000);
}

static void all_who_wait_get_the_error_too_each_a_copy_of_its_own(void)
{
    struct caller callers[8] = {0};
    pthread_t threads[8];

    start(false);
    fails = true;
    for (size_t i = 0; i < 8; i++)
        callers[i] = (struct caller){.key = "line/bot", .timeout_ms = i % 2 == 0 ? -1 : 20000};
    run_all(callers, threads, 8);
    wait_for(&waiting, 8);
    (void)usleep(50000);
    open_gate();
    join_all(threads, 8);
    CHECK_INT(load(&runs), 1);
    for (size_t i = 0; i < 8; i++) {
        CHECK_INT(callers[i].status, JETON_REFUSED);
        CHECK_STR(jeton_error_message(callers[i].error), "no, said line/bot");
        CHECK_STR(jeton_error_code(callers[i].error), "invalid_grant");
        CHECK_TRUE(callers[i].token == NULL);
        CHECK_TRUE(i == 0 || callers[i].error != callers[0].error);
        caller_done(&callers[i]);
    }
    jt_flights_free(&flights);
}

static void who_comes_after_the_landing_starts_anew(void)
{
    struct caller first = {.key = "a", .timeout_ms = -1}, second = first;

    start(true);
    (void)call(&first);
    (void)call(&second);
    CHECK_INT(load(&runs), 2);
    CHECK_INT(load(&frees), 2);
    CHECK_INT(second.status, JETON_OK);
    caller_done(&first);
    caller_done(&second);
    jt_flights_free(&flights);
}

static int free_run(void *data, jeton_token **ret_token, jeton_error **ret_error)
{
    (void)ret_error;
    *ret_token = new_token(data);
    return JETON_OK;
}

static void different_keys_do_not_wait_for_each_other(void)
{
    struct caller held = {.key = "a", .timeout_ms = -1};
    struct jt_flight_work work = {.run = free_run, .data_free = work_free, .data = jt_strdup("b")};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    pthread_t thread;

    start(false);
    CHECK_INT(pthread_create(&thread, NULL, call, &held), 0);
    wait_for(&runs, 1);
    CHECK_OK(jt_flights_run(flights, "b", JT_NEVER, &work, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "b");
    CHECK_TRUE(!__atomic_load_n(&gate, __ATOMIC_SEQ_CST));
    jeton_token_free(&token);
    open_gate();
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK_INT(held.status, JETON_OK);
    caller_done(&held);
    jt_flights_free(&flights);
}

static void many_short_flights_do_not_mix(void)
{
    static const char *const keys[] = {"a", "b", "c", "d"};

    start(true);
    for (int round = 0; round < 50; round++) {
        struct caller callers[16] = {0};
        pthread_t threads[16];

        for (size_t i = 0; i < 16; i++)
            callers[i] = (struct caller){.key = keys[i % 4], .timeout_ms = i % 3 == 0 ? -1 : i % 3 == 1 ? 0 : 10000};
        run_all(callers, threads, 16);
        join_all(threads, 16);
        for (size_t i = 0; i < 16; i++) {
            if (callers[i].status == JETON_OK)
                CHECK_STR(jeton_token_access_token(callers[i].token), callers[i].key);
            else
                CHECK_INT(callers[i].timeout_ms, 0);
            caller_done(&callers[i]);
        }
    }
    jt_flights_free(&flights);
    CHECK_INT(load(&frees), 50 * 16);
}

static const struct check_case cases[] = {
    {"of 64 threads one works and all get its token", of_64_threads_one_works_and_all_get_its_token},
    {"the same holds with deadlines", the_same_holds_with_deadlines},
    {"all who wait get the error too, each a copy of its own", all_who_wait_get_the_error_too_each_a_copy_of_its_own},
    {"who comes after the landing starts anew", who_comes_after_the_landing_starts_anew},
    {"different keys do not wait for each other", different_keys_do_not_wait_for_each_other},
    {"many short flights do not mix", many_short_flights_do_not_mix},
};

int main(int argc, char **argv)
{
    return sodium_init() < 0 ? 99 : check_main(argc, argv, "flight", cases, JT_LEN(cases));
}
