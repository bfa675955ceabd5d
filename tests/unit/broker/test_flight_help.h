/* SPDX-License-Identifier: MIT */
/* What the tests of flights share: a work that can be held, callers in threads. It checks nothing by itself but that
 * these work. */
#ifndef TEST_FLIGHT_HELP_H
#define TEST_FLIGHT_HELP_H

#include "tests/lib/check.h"
#include "broker/flight.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "token/tokenset.h"
#include <unistd.h>

#define THREADS 64

static struct jt_flights *flights;
static int runs, frees, waiting; /* atomic */
static bool gate;                /* atomic: held works go on */
static bool fails;

__attribute__((unused)) static int load(int *number)
{
    return __atomic_load_n(number, __ATOMIC_SEQ_CST);
}

__attribute__((unused)) static void wait_for(int *number, int value)
{
    for (int i = 0; i < 5000 && load(number) < value; i++)
        (void)usleep(1000);
    CHECK_TRUE(load(number) >= value);
}

__attribute__((unused)) static jeton_token *new_token(const char *text)
{
    struct jt_tokenset set = JT_TOKENSET_INIT;
    jeton_token *token;

    set.access_token = jt_strdup(text);
    token = jt_token_new(&set);
    jt_tokenset_done(&set);
    return token;
}

__attribute__((unused)) static int work_run(void *data, jeton_token **ret_token, jeton_error **ret_error)
{
    (void)__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 10000 && !__atomic_load_n(&gate, __ATOMIC_SEQ_CST); i++)
        (void)usleep(1000);
    if (fails) {
        (void)jt_error_set(ret_error, JETON_REFUSED, "no, said %s", (const char *)data);
        jt_error_set_provider(ret_error, "invalid_grant", NULL, 400, -1);
        return JETON_REFUSED;
    }
    *ret_token = new_token(data);
    return JETON_OK;
}

__attribute__((unused)) static void work_free(void *data)
{
    (void)__atomic_add_fetch(&frees, 1, __ATOMIC_SEQ_CST);
    free(data);
}

__attribute__((unused)) static struct jt_flight_work work_of(const char *text)
{
    return (struct jt_flight_work){.run = work_run, .data_free = work_free, .data = jt_strdup(text)};
}

__attribute__((unused)) static void start(bool open_gate)
{
    jeton_error *error = NULL;

    runs = frees = waiting = 0;
    fails = false;
    __atomic_store_n(&gate, open_gate, __ATOMIC_SEQ_CST);
    CHECK_OK(jt_flights_new(&flights, &error), &error);
}

__attribute__((unused)) static void open_gate(void)
{
    __atomic_store_n(&gate, true, __ATOMIC_SEQ_CST);
}

struct caller {
    const char *key;
    int64_t timeout_ms; /* -1: none */
    bool if_idle;
    int status;
    int64_t took_ms;
    jeton_token *token;
    jeton_error *error;
};

__attribute__((unused)) static void *call(void *data)
{
    struct caller *caller = data;
    struct jt_flight_work work = work_of(caller->key);
    int64_t started_ms = jt_boot_ms();
    int64_t deadline_ms = caller->timeout_ms < 0 ? JT_NEVER : started_ms + caller->timeout_ms;

    (void)__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    if (caller->if_idle)
        caller->status =
            jt_flights_run_if_idle(flights, caller->key, deadline_ms, &work, &caller->token, &caller->error);
    else
        caller->status = jt_flights_run(flights, caller->key, deadline_ms, &work, &caller->token, &caller->error);
    caller->took_ms = jt_boot_ms() - started_ms;
    return NULL;
}

__attribute__((unused)) static void caller_done(struct caller *caller)
{
    jeton_token_free(&caller->token);
    jeton_error_free(&caller->error);
}

__attribute__((unused)) static void run_all(struct caller *callers, pthread_t *threads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
}

__attribute__((unused)) static void join_all(pthread_t *threads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
}

#endif
