/* SPDX-License-Identifier: MIT */
/* The cache among threads and processes: readers under writers get whole tokens of the name that they asked for, the
 * newest that was put before they asked, and a forked child has a cache of its own. */
#include "test_cache_help.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMES    6
#define TEXTS    13
#define WRITERS  3
#define READERS  5
#define TEXT_MAX 9000u
#define SUM_LEN  16u

/* Tokens that each reader gets, and how often it asks for them at most: the cache may be empty for a while. */
#ifdef __SANITIZE_THREAD__
#define READS 1000u
#else
#define READS 10000u
#endif
#define TRIES_MAX (1000u * READS)

static const char *const names[NAMES] = {"a/n0", "a/n1", "a/n2", "a/n3", "a/n4", "a/n5"};

struct crowd {
    struct jt_cache *cache;
    atomic_uint readers; /* that have not read enough yet */
    atomic_uint seeds, found, wrong;
    atomic_int newest; /* tokens that were put from now on have a greater number */
};

static char texts[NAMES][TEXTS][TEXT_MAX];

static uint64_t sum_of(const char *text)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);

    for (; *text != '\0'; text++)
        sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return sum;
}

/* A token's text: the sum of all that follows, the name, and letters of its own. */
static void text_make(char ret_text[TEXT_MAX], const char *name, size_t len, char letter)
{
    char sum[SUM_LEN + 1];
    size_t at = SUM_LEN + (size_t)snprintf(ret_text + SUM_LEN, TEXT_MAX - SUM_LEN, "%s ", name);

    memset(ret_text + at, letter, len - at);
    ret_text[len] = '\0';
    (void)snprintf(sum, sizeof(sum), "%016llx", (unsigned long long)sum_of(ret_text + SUM_LEN));
    memcpy(ret_text, sum, SUM_LEN);
}

/* Of lengths that take each other's memory, and some for which readers need the mutex. */
static void texts_make(void)
{
    static const size_t lens[] = {40, 700, 3000, 7500, TEXT_MAX - 1};

    for (size_t i = 0; i < NAMES; i++)
        for (size_t j = 0; j < TEXTS; j++)
            text_make(texts[i][j], names[i], lens[j % JT_LEN(lens)], (char)('a' + j));
}

static bool text_fits(const char *text, const char *name)
{
    char sum[SUM_LEN + 1];

    if (text == NULL || strlen(text) <= SUM_LEN || strncmp(text + SUM_LEN, name, strlen(name)) != 0)
        return false;
    (void)snprintf(sum, sizeof(sum), "%016llx", (unsigned long long)sum_of(text + SUM_LEN));
    return memcmp(text, sum, SUM_LEN) == 0;
}

/* Puts tokens, some of which the next writer throws out, and drops some. */
static void *write_always(void *data)
{
    struct crowd *crowd = data;
    unsigned seed = atomic_fetch_add(&crowd->seeds, 1);
    struct jt_cache_times times = hour;

    while (atomic_load(&crowd->readers) > 0) {
        const unsigned number = (seed = seed * 1103515245u + 12345u) >> 8, name = number % NAMES;

        times.needed_ms = number / NAMES % 8 == 0 ? NOW_MS : hour.needed_ms;
        put(crowd->cache, names[name], "", &times, texts[name][number / NAMES % TEXTS]);
        if (number / NAMES % 17 == 0)
            jt_cache_drop(crowd->cache, names[name], "");
    }
    return NULL;
}

static void *read_much(void *data)
{
    struct crowd *crowd = data;

    for (unsigned i = 0, found = 0; i < TRIES_MAX && found < READS; i++) {
        AUTO_TOKEN jeton_token *token = get(crowd->cache, names[i % NAMES]);

        if (token == NULL)
            continue;
        found++;
        (void)atomic_fetch_add(&crowd->found, 1);
        if (!text_fits(jeton_token_access_token(token), names[i % NAMES]))
            (void)atomic_fetch_add(&crowd->wrong, 1);
    }
    (void)atomic_fetch_sub(&crowd->readers, 1);
    return NULL;
}

static void run_threads(struct crowd *crowd, void *(*writer)(void *), unsigned writers, void *(*reader)(void *),
                        unsigned readers)
{
    pthread_t threads[READERS + WRITERS];

    texts_make();
    atomic_store(&crowd->readers, readers);
    for (unsigned i = 0; i < readers + writers; i++)
        if (pthread_create(&threads[i], NULL, i < writers ? writer : reader, crowd) != 0)
            abort();
    for (unsigned i = 0; i < readers + writers; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
}

static void no_reader_gets_a_token_in_pieces(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct crowd crowd = {.cache = cache};

    run_threads(&crowd, write_always, WRITERS, read_much, READERS);
    CHECK_INT(atomic_load(&crowd.wrong), 0);
    CHECK_INT(atomic_load(&crowd.found), READERS * READS);
}

static void *count_on(void *data)
{
    struct crowd *crowd = data;
    char text[32];

    for (int number = 1; atomic_load(&crowd->readers) > 0; number++) {
        (void)snprintf(text, sizeof(text), "%d", number);
        if (number % 5 == 0)
            jt_cache_drop(crowd->cache, names[0], "");
        put(crowd->cache, names[0], "", &hour, text);
        atomic_store(&crowd->newest, number);
    }
    return NULL;
}

static void *read_numbers(void *data)
{
    struct crowd *crowd = data;

    for (unsigned i = 0, found = 0; i < TRIES_MAX && found < READS; i++) {
        const int newest = atomic_load(&crowd->newest);
        AUTO_TOKEN jeton_token *token = get(crowd->cache, names[0]);

        if (token == NULL)
            continue;
        found++;
        (void)atomic_fetch_add(&crowd->found, 1);
        if (atoi(jeton_token_access_token(token)) < newest)
            (void)atomic_fetch_add(&crowd->wrong, 1);
    }
    (void)atomic_fetch_sub(&crowd->readers, 1);
    return NULL;
}

static void no_reader_gets_a_token_that_was_replaced_before(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct crowd crowd = {.cache = cache};

    run_threads(&crowd, count_on, 1, read_numbers, READERS);
    CHECK_INT(atomic_load(&crowd.wrong), 0);
    CHECK_INT(atomic_load(&crowd.found), READERS * READS);
}

/* In a forked child: 0, or what was wrong. */
static int use_in_child(struct jt_cache *cache)
{
    jeton_token *token = get(cache, "a/kept");

    (void)alarm(20);
    if (token != NULL)
        return 2;
    for (unsigned i = 0; i < 20; i++) {
        put(cache, names[i % NAMES], "", &hour, texts[i % NAMES][i % TEXTS]);
        token = get(cache, names[i % NAMES]);
        if (token == NULL || !text_fits(jeton_token_access_token(token), names[i % NAMES]))
            return 3;
        jeton_token_free(&token);
    }
    jt_cache_free(&cache);
    return 0;
}

static void *fork_often(void *data)
{
    struct crowd *crowd = data;

    for (int i = 0; i < 50; i++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0)
            _exit(use_in_child(crowd->cache));
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
            (void)atomic_fetch_add(&crowd->wrong, 1);
    }
    (void)atomic_fetch_sub(&crowd->readers, 1);
    return NULL;
}

static void a_child_that_is_forked_in_the_middle_has_a_cache_of_its_own(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    AUTO_TOKEN jeton_token *token = NULL;
    struct crowd crowd = {.cache = cache};

#ifdef __SANITIZE_ADDRESS__
    check_skip("the allocator of AddressSanitizer may be locked in a child of a process with threads");
    return;
#endif
    put(cache, "a/kept", "", &hour, "the parent's");
    run_threads(&crowd, write_always, WRITERS, fork_often, 1);
    CHECK_INT(atomic_load(&crowd.wrong), 0);
    token = get(cache, "a/kept");
    CHECK_STR(jeton_token_access_token(token), "the parent's");
}

static const struct check_case cases[] = {
    {"no reader gets a token in pieces", no_reader_gets_a_token_in_pieces},
    {"no reader gets a token that was replaced before", no_reader_gets_a_token_that_was_replaced_before},
    {"a child that is forked in the middle has a cache of its own",
     a_child_that_is_forked_in_the_middle_has_a_cache_of_its_own},
};

CHECK_MAIN("cache_threads", cases)
