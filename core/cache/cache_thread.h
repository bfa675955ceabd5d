/* SPDX-License-Identifier: MIT */
/* A thread's own small table of tokens, in front of the shared cache: what a thread asks for again and again costs
 * neither a lock nor a cache line that other threads write to. It never holds a token that the shared cache has not
 * held. */
#ifndef JT_CACHE_CACHE_THREAD_H
#define JT_CACHE_CACHE_THREAD_H

#include "cache/cache.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define JT_CACHE_EPOCHS  1024u
#define JT_CACHE_KEY_MAX 512u

struct jt_cache_key {
    uint64_t hash;
    uint32_t quick; /* of the name alone: jt_cache_quick */
    size_t len;
    char text[JT_CACHE_KEY_MAX];
};

struct jt_cache_threads; /* the tables of all threads, for one cache */
struct jt_cache_table;   /* of one thread */

struct jt_cache_threads *jt_cache_threads_new(void) JT_MUST_CHECK; /* NULL: out of memory, or of thread keys */
void jt_cache_threads_free(struct jt_cache_threads **threads);

/* The last characters of a name, by which many differ, are the upper bits of a word: they must reach the lower ones. */
static inline uint64_t jt_cache_mix(uint64_t hash, uint64_t word)
{
    hash ^= word;
    hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

/* Eight bytes at a time. Names that collide, by chance or on purpose, cost a thread its own table's help and nothing
 * else. */
static inline uint32_t jt_cache_quick(const char *name, size_t len)
{
    uint64_t hash = len, word = 0;

    if (len < sizeof word) {
        for (; len > 0; len--)
            word = word << 8 | (unsigned char)name[len - 1];
        return (uint32_t)jt_cache_mix(hash, word);
    }
    for (size_t at = 0; at + sizeof word < len; at += sizeof word) {
        memcpy(&word, name + at, sizeof word);
        hash = jt_cache_mix(hash, word);
    }
    memcpy(&word, name + len - sizeof word, sizeof word); /* the last eight, some of which were in already */
    return (uint32_t)jt_cache_mix(hash, word);
}

/* The account's own token of that name (variant ""). epoch: of the name, from the shared cache; it changes with every
 * put and drop there. */
enum jt_cache_state jt_cache_thread_get(struct jt_cache_threads *threads, const char *name, size_t len, uint32_t quick,
                                        unsigned epoch, const struct jt_cache_view *view, jeton_token **ret_token);
/* Called when the shared cache had to help: the second time in a row for one name, the table takes a copy of its own.
 */
void jt_cache_thread_put(struct jt_cache_threads *threads, const struct jt_cache_key *key, unsigned epoch,
                         const struct jt_cache_times *times, const jeton_token *token);

/* Between enter and leave, which come close together, this thread may look at entries of the shared cache; what is
 * taken out of it is freed after a wait. NULL: out of memory, no leave. */
struct jt_cache_table *jt_cache_thread_enter(struct jt_cache_threads *threads) JT_MUST_CHECK;
void jt_cache_thread_leave(struct jt_cache_table *table);
/* Until every thread that is between the two now has left. */
void jt_cache_threads_wait(struct jt_cache_threads *threads);

/* cache.c: what the times say now. */
enum jt_cache_state jt_cache_judge(const struct jt_cache_times *times, const struct jt_cache_view *view);

#endif
