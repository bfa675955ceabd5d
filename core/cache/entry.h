/* SPDX-License-Identifier: MIT */
/* What the cache keeps of one token, and the key to it. Readers look at an entry while a writer may be changing it: so
 * it consists of atomic words, and cache.c says when they count. */
#ifndef JT_CACHE_ENTRY_H
#define JT_CACHE_ENTRY_H

#include "cache/times.h"
#include "token/token.h"
#include <stdatomic.h>
#include <string.h>

#define JT_CACHE_KEY_MAX   511u
#define JT_CACHE_IMAGE_MAX 8000u /* of a token that is copied without the mutex */

#define JT_WORD       sizeof(uint64_t)
#define JT_WORDS(len) (((size_t)(len) + JT_WORD - 1) / JT_WORD)

#define jt_load(place)         atomic_load_explicit(&(place), memory_order_acquire)
#define jt_store(place, value) atomic_store_explicit(&(place), (value), memory_order_release)

struct jt_cache_link {
    _Atomic(struct jt_cache_entry *) to;
};

/* There may be a million of them, so the times are distances from checked_ms. What a walk looks at comes first. */
struct jt_cache_entry {
    struct jt_cache_link next;
    _Atomic uint32_t hash;
    _Atomic uint16_t key_len, shard;
    _Atomic uint64_t generation;
    _Atomic int64_t checked_ms;
    _Atomic int32_t wanted_ms, needed_ms;
    _Atomic int32_t expires_s;  /* JT_CACHE_NO_END: it has none */
    _Atomic uint32_t image_len; /* 0: the address of a long token is in its place */
    _Atomic uint64_t words[];   /* of the key, then of the token's image */
};
#define JT_CACHE_NO_END INT32_MAX

struct jt_cache_key {
    const char *text; /* the name, and behind a NUL the variant where there is one */
    size_t len;
    uint32_t hash;
    char joined[JT_CACHE_KEY_MAX];
};

/* False: it is too long to be cached. name and variant must live as long as the key. */
bool jt_cache_key_make(const char *name, const char *variant, struct jt_cache_key *ret_key) JT_MUST_CHECK;

/* Linked to nothing. NULL: out of memory. */
struct jt_cache_entry *jt_cache_entry_new(struct jt_arena *arena, const struct jt_cache_key *key,
                                          const struct jt_cache_times *times, const jeton_token *token) JT_MUST_CHECK;
/* Wipes it and gives it back. */
void jt_cache_entry_free(struct jt_arena *arena, struct jt_cache_entry *entry);

/* The key eight bytes at a time; the last eight begin among those before, so that none are read behind the end. */
static inline uint64_t jt_cache_key_word(const struct jt_cache_key *key, size_t index)
{
    const size_t at = (index + 1) * JT_WORD <= key->len ? index * JT_WORD : key->len - JT_WORD;
    uint64_t word = 0;

    if (key->len < JT_WORD)
        memcpy(&word, key->text, key->len);
    else
        memcpy(&word, key->text + at, JT_WORD);
    return word;
}

static inline bool jt_cache_entry_may_have(const struct jt_cache_entry *entry, const struct jt_cache_key *key)
{
    return jt_load(entry->hash) == key->hash && jt_load(entry->key_len) == key->len;
}

/* Where the entry may have the key. */
static inline bool jt_cache_entry_has(const struct jt_cache_entry *entry, const struct jt_cache_key *key)
{
    for (size_t i = 0; i < JT_WORDS(key->len); i++)
        if (jt_load(entry->words[i]) != jt_cache_key_word(key, i))
            return false;
    return true;
}

static inline struct jt_cache_times jt_cache_entry_times(const struct jt_cache_entry *entry)
{
    const int64_t checked_ms = jt_load(entry->checked_ms), expires_s = jt_load(entry->expires_s);

    return (struct jt_cache_times){
        .wanted_ms = checked_ms + jt_load(entry->wanted_ms),
        .needed_ms = checked_ms + jt_load(entry->needed_ms),
        .expires_ms = expires_s == JT_CACHE_NO_END ? JT_NEVER : checked_ms + expires_s * 1000,
        .checked_ms = checked_ms,
        .generation = jt_load(entry->generation),
        .shard = jt_load(entry->shard),
    };
}

static inline void jt_cache_words_load(char *to, const _Atomic uint64_t *from, size_t len)
{
    for (; len >= JT_WORD; len -= JT_WORD, to += JT_WORD) {
        const uint64_t word = jt_load(*from++);

        memcpy(to, &word, JT_WORD);
    }
    if (len > 0) {
        const uint64_t word = jt_load(*from);

        memcpy(to, &word, len);
    }
}

static inline jeton_token *jt_cache_entry_long_token(const struct jt_cache_entry *entry)
{
    return (jeton_token *)(uintptr_t)jt_load(entry->words[JT_WORDS(jt_load(entry->key_len))]);
}

#endif
