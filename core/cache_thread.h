/* SPDX-License-Identifier: MIT */
/* A thread's own small table of tokens, in front of the shared cache: what a thread asks for again and again costs
 * neither a lock nor a cache line that other threads write to. It never holds a token that the shared cache has not
 * held. */
#ifndef JT_CACHE_THREAD_H
#define JT_CACHE_THREAD_H

#include "cache.h"
#include <pthread.h>
#include <stdatomic.h>

#define JT_CACHE_EPOCHS  1024u
#define JT_CACHE_KEY_MAX 512u

struct jt_cache_key {
    uint64_t hash;
    uint32_t quick; /* of the name alone: jt_cache_quick */
    size_t len;
    char text[JT_CACHE_KEY_MAX];
};

struct jt_cache_threads; /* the tables of all threads, for one cache */

struct jt_cache_threads *jt_cache_threads_new(void) JT_MUST_CHECK; /* NULL: out of memory, or of thread keys */
void jt_cache_threads_free(struct jt_cache_threads **threads);

/* FNV-1a: names that collide, by chance or on purpose, cost a thread its own table's help and nothing else. */
static inline uint32_t jt_cache_quick(const char *name)
{
    uint32_t hash = UINT32_C(2166136261);

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT32_C(16777619);
    return hash ^ hash >> 15;
}

/* The account's own token of that name (variant ""). epoch: of the name, from the shared cache; it changes with every
 * put and drop there. */
enum jt_cache_state jt_cache_thread_get(struct jt_cache_threads *threads, const char *name, uint32_t quick,
                                        unsigned epoch, const struct jt_cache_view *view, jeton_token **ret_token);
/* Called when the shared cache had to help: the second time in a row for one name, the table takes a copy of its own.
 */
void jt_cache_thread_put(struct jt_cache_threads *threads, const struct jt_cache_key *key, unsigned epoch,
                         const struct jt_cache_times *times, const jeton_token *token);

/* cache.c: what the times say now. */
enum jt_cache_state jt_cache_judge(const struct jt_cache_times *times, const struct jt_cache_view *view);

#endif
