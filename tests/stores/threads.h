/* SPDX-License-Identifier: MIT */
/* Several threads of a test. */
#ifndef STORES_THREADS_H
#define STORES_THREADS_H

#include <pthread.h>

#define THREADS_MAX 32u

struct threads {
    pthread_t all[THREADS_MAX];
    unsigned count;
};

/* Each runs the function with its own number, from 0. */
struct threads threads_start(unsigned count, void (*run)(void *data, unsigned which), void *data);
void threads_join(struct threads *threads);

#endif
