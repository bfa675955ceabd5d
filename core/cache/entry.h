/* SPDX-License-Identifier: MIT */
/* One entry of the cache, and the key by which it is found. A reader may look at an entry while a writer changes it, so
 * an entry consists of atomic words; cache.c describes how a reader notices. */
#ifndef JT_CACHE_ENTRY_H
#define JT_CACHE_ENTRY_H

#include "cache/times.h"
#include "token/token.h"
#include <stdatomic.h>
#include <string.h>

#define JT_CACHE_KEY_MAX   511u
#define JT_CACHE_IMAGE_MAX 8000u /* longest image that a reader copies without the mutex */

#define JT_WORD       sizeof(uint64_t)
#define JT_WORDS(len) (((size_t)(len) + JT_WORD - 1) / JT_WORD)

#define jt_load(place)         atomic_load_explicit(&(place), memory_order_acquire)
#define jt_store(place, value) atomic_store_explicit(&(place), (value), memory_order_release)

struct jt_cache_link {
    _Atomic(struct jt_cache_entry *) to;
};

/* There may be a million entries, so times are kept as 32-bit distances from checked_ms. Members that a walk along a
 * bucket needs come first. */
struct jt_cache_entry {
    struct jt_cache_link next;
    _Atomic uint32_t hash;
    _Atomic uint16_t key_len, shard;
    _Atomic uint64_t generation;
    _Atomic int64_t checked_ms;
    _Atomic int32_t wanted_ms, needed_ms;
    _Atomic int32_t expires_s;  /* JT_CACHE_NO_END: it has none */
    _Atomic uint32_t image_len; /* 0: a long token, whose address is stored instead */
    _Atomic uint64_t words[];   /* the key, then the token's image */
};
#define JT_CACHE_NO_END INT32_MAX

struct jt_cache_key {
    const char *text; /* the name; if there is a variant, also a NUL and the variant */
    size_t len;
    uint32_t hash;
    char joined[JT_CACHE_KEY_MAX];
};

/* False: the key is too long to be cached. name and variant must live as long as the key. */
bool jt_cache_key_make(const char *name, const char *variant, struct jt_cache_key *ret_key) JT_MUST_CHECK;

/* A new entry that is not linked yet. NULL: out of memory. */
struct jt_cache_entry *jt_cache_entry_new(struct jt_arena *arena, const struct jt_cache_key *key,
                                          const struct jt_cache_times *times, const jeton_token *token) JT_MUST_CHECK;
/* Wipes the entry and gives it back to the arena. */
void jt_cache_entry_free(struct jt_arena *arena, struct jt_cache_entry *entry);

/* The key as words of eight bytes. The last word overlaps the one before it, so that nothing beyond the key is read. */
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

/* Compares the whole key; to be called if jt_cache_entry_may_have is true. */
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
