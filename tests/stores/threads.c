/* SPDX-License-Identifier: MIT */
/* Several threads of a test. */
#include "threads.h"
#include <stdlib.h>

struct start {
    void (*run)(void *data, unsigned which);
    void *data;
    unsigned which;
};

static void *thread_main(void *data)
{
    struct start start = *(struct start *)data;

    free(data);
    start.run(start.data, start.which);
    return NULL;
}

struct threads threads_start(unsigned count, void (*run)(void *data, unsigned which), void *data)
{
    struct threads threads = {.count = count};

    for (unsigned i = 0; i < count; i++) {
        struct start *start = malloc(sizeof(*start));

        if (start == NULL)
            abort();
        *start = (struct start){run, data, i};
        if (pthread_create(&threads.all[i], NULL, thread_main, start) != 0)
            abort();
    }
    return threads;
}

void threads_join(struct threads *threads)
{
    for (unsigned i = 0; i < threads->count; i++)
        (void)pthread_join(threads->all[i], NULL);
}
