/* SPDX-License-Identifier: MIT */
/* jeton_get of tokens that are in memory, one name or many in turn, with 1 to 8 threads, beside the least that such a
 * get takes: a lookup in a hash table, a copy of the same token, and one look at the clock that counts suspends. The
 * rounds of both alternate, so that a noisy machine is noisy for both. */
#include "bench.h"
#include <jeton/jeton.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define CALLS     400000
#define ROUNDS    9
#define NAMES_MAX 1000

/* The bare thing: a table that nobody writes to, FNV-1a, one chain, malloc and memcpy. */
struct bare {
    struct bare *next;
    const char *name;
    const char *token;
    size_t token_len;
    time_t ends; /* CLOCK_BOOTTIME: hours away */
};
static struct bare *buckets[1024], entries[NAMES_MAX];

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
    struct timespec now;
    char *copy;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    while (entry != NULL && strcmp(entry->name, name) != 0)
        entry = entry->next;
    if (entry == NULL || now.tv_sec >= entry->ends || (copy = malloc(entry->token_len + 1)) == NULL)
        return NULL;
    memcpy(copy, entry->token, entry->token_len + 1);
    return copy;
}

static jeton *ctx;
static const char *names[NAMES_MAX];
static int names_len;

static void *run_bare(void *unused)
{
    (void)unused;
    for (int i = 0; i < CALLS; i++) {
        char *copy = bare_get(names[i % names_len]);

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

        if (jeton_get(ctx, names[i % names_len], NULL, &token, NULL) != JETON_OK)
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

/* The names' tokens, in jeton's memory and in the bare table. */
static void fill(const char *account)
{
    static char texts[NAMES_MAX][64];
    static jeton_token *tokens[NAMES_MAX];
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    for (int i = 0; i < NAMES_MAX; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "%s/%d", account, i);
        names[i] = texts[i];
    }
    if (jeton_get_many(ctx, names, NAMES_MAX, NULL, tokens, NULL) != JETON_OK)
        abort();
    for (int i = 0; i < NAMES_MAX; i++) {
        struct bare **bucket = bare_bucket(names[i]);

        entries[i] = (struct bare){.next = *bucket, .name = names[i], .token = jeton_token_access_token(tokens[i])};
        entries[i].token_len = strlen(entries[i].token);
        entries[i].ends = now.tv_sec + 24 * 3600;
        *bucket = &entries[i];
    }
}

int main(int argc, char **argv)
{
    static const int counts[] = {1, 2, 4, 8}, lens[] = {1, NAMES_MAX};
    struct jeton_options options = {.struct_size = sizeof(options), .config_dir = argc > 1 ? argv[1] : NULL};
    jeton_error *error = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: cached CONFIG_DIR ACCOUNT\n");
        return 64;
    }
    if (jeton_open(&options, &ctx, &error) != JETON_OK) {
        fprintf(stderr, "%s\n", jeton_error_message(error));
        return 1;
    }
    fill(argv[2]);
    for (size_t l = 0; l < sizeof(lens) / sizeof(lens[0]); l++)
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            double bare[ROUNDS], ours[ROUNDS];

            names_len = lens[l];
            for (int round = 0; round < ROUNDS; round++) {
                bare[round] = measure(run_bare, counts[i]);
                ours[round] = measure(run_jeton, counts[i]);
            }
            printf("%d name%s, %d thread%s | %.0f ns | %.0f ns | %.2f\n", names_len, names_len > 1 ? "s in turn" : "",
                   counts[i], counts[i] > 1 ? "s" : "", bench_median(bare, ROUNDS), bench_median(ours, ROUNDS),
                   bench_median(ours, ROUNDS) / bench_median(bare, ROUNDS));
        }
    jeton_close(&ctx);
    return 0;
}
