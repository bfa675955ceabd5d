/* SPDX-License-Identifier: MIT */
/* jeton_get of a token that is in memory, beside a bare hash lookup plus copy of the same token, with 1 to 8 threads.
 * The rounds of both alternate, so that a noisy machine is noisy for both. */
#include "bench.h"
#include <jeton/jeton.h>
#include <pthread.h>
#include <string.h>

#define CALLS  400000
#define ROUNDS 9

/* The bare thing: SipHash-free, lock-free, read-only: FNV-1a, one chain, malloc and memcpy. */
struct bare {
    struct bare *next;
    const char *name;
    const char *token;
    size_t token_len;
};
static struct bare *buckets[1024];

static struct bare **bare_bucket(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return &buckets[hash % 1024];
}

static char *bare_get(const char *name)
{
    const struct bare *entry = *bare_bucket(name);
    char *copy;

    while (entry != NULL && strcmp(entry->name, name) != 0)
        entry = entry->next;
    if (entry == NULL || (copy = malloc(entry->token_len + 1)) == NULL)
        return NULL;
    memcpy(copy, entry->token, entry->token_len + 1);
    return copy;
}

static jeton *ctx;
static const char *wanted;

static void *run_bare(void *unused)
{
    (void)unused;
    for (int i = 0; i < CALLS; i++) {
        char *copy = bare_get(wanted);

        if (copy == NULL || copy[0] == '\0')
            abort();
        free(copy);
    }
    return NULL;
}

static void *run_jeton(void *unused)
{
    (void)unused;
    for (int i = 0; i < CALLS; i++) {
        jeton_token *token = NULL;

        if (jeton_get(ctx, wanted, NULL, &token, NULL) != JETON_OK)
            abort();
        jeton_token_free(&token);
    }
    return NULL;
}

/* CPU time a call: on a machine with fewer cores than threads the wall clock would measure the scheduler. */
static double measure(void *(*run)(void *), int threads)
{
    pthread_t ids[8];
    struct timespec before, after;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    for (int i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, run, NULL) != 0)
            abort();
    for (int i = 0; i < threads; i++)
        (void)pthread_join(ids[i], NULL);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    return ((double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec)) /
           ((double)CALLS * threads);
}

int main(int argc, char **argv)
{
    static const int counts[] = {1, 2, 4, 8};
    struct jeton_options options = {.struct_size = sizeof options, .config_dir = argc > 1 ? argv[1] : NULL};
    jeton_error *error = NULL;
    jeton_token *token = NULL;
    struct bare entry;

    if (argc != 3) {
        fprintf(stderr, "usage: cached CONFIG_DIR NAME\n");
        return 64;
    }
    wanted = argv[2];
    if (jeton_open(&options, &ctx, &error) != JETON_OK || jeton_get(ctx, wanted, NULL, &token, &error) != JETON_OK) {
        fprintf(stderr, "%s\n", jeton_error_message(error));
        return 1;
    }
    entry = (struct bare){.name = wanted, .token = jeton_token_access_token(token)};
    entry.token_len = strlen(entry.token);
    *bare_bucket(wanted) = &entry;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        double bare[ROUNDS], ours[ROUNDS];

        for (int round = 0; round < ROUNDS; round++) {
            bare[round] = measure(run_bare, counts[i]);
            ours[round] = measure(run_jeton, counts[i]);
        }
        printf("%d threads | %.0f ns | %.0f ns | %.2f\n", counts[i], bench_median(bare, ROUNDS),
               bench_median(ours, ROUNDS), bench_median(ours, ROUNDS) / bench_median(bare, ROUNDS));
    }
    jeton_token_free(&token);
    jeton_close(&ctx);
    return 0;
}
