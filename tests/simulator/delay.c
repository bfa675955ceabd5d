/* SPDX-License-Identifier: MIT */
/* Owns the connections whose answer has to wait, and the one thread that wakes them.
   It never blocks a connection that is not delayed. */
#include "delay.h"

#include "text.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

struct waiter {
    struct MHD_Connection *connection;
    int64_t due_ms; /* CLOCK_MONOTONIC */
    struct waiter *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static struct waiter *waiters; /* soonest first */
static bool stopping;

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wake_first(void)
{
    struct waiter *waiter = waiters;

    waiters = waiter->next;
    MHD_resume_connection(waiter->connection);
    free(waiter);
}

static void *run(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&lock);
    while (!stopping) {
        if (!waiters) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }

        int64_t due = waiters->due_ms;

        if (due <= monotonic_ms()) {
            wake_first();
            continue;
        }

        struct timespec until = {
            .tv_sec = (time_t)(due / 1000),
            .tv_nsec = (long)(due % 1000) * 1000000,
        };

        pthread_cond_timedwait(&changed, &lock, &until);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

int delay_start(void)
{
    pthread_condattr_t attributes;
    int failed;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed = pthread_cond_init(&changed, &attributes) || pthread_create(&thread, NULL, run, NULL);
    pthread_condattr_destroy(&attributes);
    return failed ? -1 : 0;
}

void delay_stop(void)
{
    pthread_mutex_lock(&lock);
    stopping = true;
    while (waiters)
        wake_first();
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&changed);
}

void delay_connection(struct MHD_Connection *connection, unsigned delay_ms)
{
    struct waiter *waiter = text_alloc(sizeof(*waiter));
    struct waiter **link;

    waiter->connection = connection;
    waiter->due_ms = monotonic_ms() + delay_ms;
    pthread_mutex_lock(&lock);
    MHD_suspend_connection(connection);
    if (stopping) {
        MHD_resume_connection(connection);
        free(waiter);
    } else {
        for (link = &waiters; *link && (*link)->due_ms <= waiter->due_ms;)
            link = &(*link)->next;
        waiter->next = *link;
        *link = waiter;
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&lock);
}
