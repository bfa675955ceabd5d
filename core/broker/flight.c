/* SPDX-License-Identifier: MIT */
/* Single flight among threads. A flight is owned by the threads that wait for it and by the thread that works on it. */
#include "broker/flight.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct flight {
    struct flight *next;
    char *key;
    unsigned refs; /* under the table's mutex */
    bool done;
    pthread_cond_t landed;
    struct jt_flights *table;
    struct jt_flight_work work;
    int status;
    jeton_token *token;
    jeton_error *error;
};

struct jt_flights {
    pthread_mutex_t mutex;
    pthread_cond_t idle;   /* `threads` fell to 0 */
    struct flight *flying; /* those that can be joined */
    unsigned threads;      /* of flights that run without their callers */
};

int jt_flights_new(struct jt_flights **ret_flights, jeton_error **ret_error)
{
    struct jt_flights *flights = calloc(1, sizeof(*flights));

    if (flights == NULL)
        return jt_error_no_memory(ret_error);
    (void)pthread_mutex_init(&flights->mutex, NULL);
    (void)pthread_cond_init(&flights->idle, NULL);
    *ret_flights = flights;
    return JETON_OK;
}

void jt_flights_free(struct jt_flights **flights)
{
    if (*flights == NULL)
        return;
    (void)pthread_mutex_lock(&(*flights)->mutex);
    while ((*flights)->threads > 0)
        (void)pthread_cond_wait(&(*flights)->idle, &(*flights)->mutex);
    (void)pthread_mutex_unlock(&(*flights)->mutex);
    (void)pthread_cond_destroy(&(*flights)->idle);
    (void)pthread_mutex_destroy(&(*flights)->mutex);
    free(*flights);
    *flights = NULL;
}

static struct flight *flight_find(const struct jt_flights *flights, const char *key)
{
    struct flight *flight = flights->flying;

    while (flight != NULL && strcmp(flight->key, key) != 0)
        flight = flight->next;
    return flight;
}

static struct flight *flight_new(struct jt_flights *flights, const char *key)
{
    struct flight *flight = calloc(1, sizeof(*flight));
    pthread_condattr_t attributes;

    if (flight == NULL || (flight->key = strdup(key)) == NULL) {
        free(flight);
        return NULL;
    }
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&flight->landed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    flight->table = flights;
    flight->next = flights->flying;
    flights->flying = flight;
    return flight;
}

/* Under the mutex. */
static void flight_unref(struct flight *flight)
{
    if (--flight->refs > 0)
        return;
    (void)pthread_cond_destroy(&flight->landed);
    jeton_token_free(&flight->token);
    jeton_error_free(&flight->error);
    free(flight->key);
    free(flight);
}

static void flight_unlist(struct flight *flight)
{
    struct flight **link = &flight->table->flying;

    while (*link != flight)
        link = &(*link)->next;
    *link = flight->next;
}

/* Called without the mutex: does the work, then wakes the waiting threads. A thread that comes later cannot join this
 * flight; it starts a new one. */
static void flight_work(struct flight *flight)
{
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int status = flight->work.run(flight->work.data, &token, &error);

    flight->work.data_free(flight->work.data);
    (void)pthread_mutex_lock(&flight->table->mutex);
    flight->status = status;
    flight->token = token;
    flight->error = error;
    flight->done = true;
    flight_unlist(flight);
    (void)pthread_cond_broadcast(&flight->landed);
    (void)pthread_mutex_unlock(&flight->table->mutex);
}

static void *flight_thread(void *data)
{
    struct flight *flight = data;
    struct jt_flights *flights = flight->table;

    flight_work(flight);
    (void)pthread_mutex_lock(&flights->mutex);
    flight_unref(flight);
    if (--flights->threads == 0)
        (void)pthread_cond_broadcast(&flights->idle);
    (void)pthread_mutex_unlock(&flights->mutex);
    return NULL;
}

/* Under the mutex. The thread takes no signals: they are the service's own. */
static bool flight_start_thread(struct flight *flight)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, &attributes, flight_thread, flight);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    if (failed != 0)
        return false;
    flight->refs++;
    flight->table->threads++;
    return true;
}

/* Under the mutex. */
static bool flight_wait(struct flight *flight, int64_t deadline_ms)
{
    struct timespec until;
    int64_t left_ms;

    if (deadline_ms == JT_NEVER) {
        while (!flight->done)
            (void)pthread_cond_wait(&flight->landed, &flight->table->mutex);
        return true;
    }
    while (!flight->done && (left_ms = deadline_ms - jt_boot_ms()) > 0) {
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += (time_t)(left_ms / 1000);
        until.tv_nsec += (long)(left_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        (void)pthread_cond_timedwait(&flight->landed, &flight->table->mutex, &until);
    }
    return flight->done;
}

/* Under the mutex, of a flight that has landed. */
static int flight_result(const struct flight *flight, jeton_token **ret_token, jeton_error **ret_error)
{
    if (flight->status == JETON_OK)
        *ret_token = jeton_token_ref(flight->token);
    else if (ret_error != NULL)
        *ret_error = jt_error_copy(flight->error);
    return flight->status;
}

static int flights_run(struct jt_flights *flights, const char *key, bool join, int64_t deadline_ms,
                       const struct jt_flight_work *work, jeton_token **ret_token, jeton_error **ret_error)
{
    struct flight *flight;
    bool starts = false, landed = false;
    int status;

    (void)pthread_mutex_lock(&flights->mutex);
    flight = flight_find(flights, key);
    if (flight == NULL) {
        flight = flight_new(flights, key);
        starts = true;
    }
    if (flight == NULL) {
        (void)pthread_mutex_unlock(&flights->mutex);
        work->data_free(work->data);
        return jt_error_no_memory(ret_error);
    }
    flight->refs++;
    if (starts)
        flight->work = *work;
    else
        work->data_free(work->data);
    if (starts && (deadline_ms == JT_NEVER || !flight_start_thread(flight))) {
        (void)pthread_mutex_unlock(&flights->mutex);
        flight_work(flight);
        (void)pthread_mutex_lock(&flights->mutex);
        landed = true;
    } else if (starts || join) {
        landed = flight_wait(flight, deadline_ms);
    }
    status = landed ? flight_result(flight, ret_token, ret_error)
                    : jt_error_set(ret_error, JETON_TRY_LATER,
                                   "a token is being fetched and did not arrive within the caller's time");
    flight_unref(flight);
    (void)pthread_mutex_unlock(&flights->mutex);
    return status;
}

int jt_flights_run(struct jt_flights *flights, const char *key, int64_t deadline_ms, const struct jt_flight_work *work,
                   jeton_token **ret_token, jeton_error **ret_error)
{
    return flights_run(flights, key, true, deadline_ms, work, ret_token, ret_error);
}

int jt_flights_run_if_idle(struct jt_flights *flights, const char *key, int64_t deadline_ms,
                           const struct jt_flight_work *work, jeton_token **ret_token, jeton_error **ret_error)
{
    return flights_run(flights, key, false, deadline_ms, work, ret_token, ret_error);
}
