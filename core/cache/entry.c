/* SPDX-License-Identifier: MIT */
/* Makes and frees the entries of the cache, and the keys by which they are found. */
#include "cache/entry.h"
#include "token/token.h"
#include <sodium.h>
#include <sys/mman.h>

/* Random, so that nobody can choose names that collide. */
static uint64_t hash_key[1 + 2 * JT_WORDS(JT_CACHE_KEY_MAX)];
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;

static void hash_begin(void)
{
    randombytes_buf(hash_key, sizeof(hash_key));
}

/* Multilinear hashing with a random key: names that somebody chose collide no more often than random ones. */
static uint32_t key_hash(const struct jt_cache_key *key)
{
    uint64_t hash = hash_key[0];

    for (size_t i = 0; i < JT_WORDS(key->len); i++) {
        const uint64_t word = jt_cache_key_word(key, i);

        hash += hash_key[2 * i + 1] * (uint32_t)word + hash_key[2 * i + 2] * (word >> 32);
    }
    return (uint32_t)(hash >> 32);
}

bool jt_cache_key_make(const char *name, const char *variant, struct jt_cache_key *ret_key)
{
    const size_t name_len = strlen(name), variant_len = strlen(variant);

    ret_key->text = name;
    ret_key->len = variant_len > 0 ? name_len + 1 + variant_len : name_len;
    if (ret_key->len > JT_CACHE_KEY_MAX)
        return false;
    if (variant_len > 0) {
        memcpy(ret_key->joined, name, name_len + 1);
        memcpy(ret_key->joined + name_len + 1, variant, variant_len);
        ret_key->text = ret_key->joined;
    }
    (void)pthread_once(&hash_once, hash_begin);
    ret_key->hash = key_hash(ret_key);
    return true;
}

static size_t entry_size(size_t key_len, size_t image_len)
{
    return sizeof(struct jt_cache_entry) + JT_WORD * (JT_WORDS(key_len) + (image_len > 0 ? JT_WORDS(image_len) : 1));
}

/* The time from `from` to `to` in units, rounded down and capped at `most`: an error may only make an entry end too
 * early. */
static int32_t distance(int64_t from, int64_t to, uint64_t unit, int32_t most)
{
    const uint64_t units = to > from ? ((uint64_t)to - (uint64_t)from) / unit : 0;

    return units > (uint64_t)most ? most : (int32_t)units;
}

static void entry_set_times(struct jt_cache_entry *entry, const struct jt_cache_times *times)
{
    jt_store(entry->generation, times->generation);
    jt_store(entry->shard, (uint16_t)times->shard);
    jt_store(entry->checked_ms, times->checked_ms);
    jt_store(entry->wanted_ms, distance(times->checked_ms, times->wanted_ms, 1, INT32_MAX));
    jt_store(entry->needed_ms, distance(times->checked_ms, times->needed_ms, 1, INT32_MAX));
    jt_store(entry->expires_s, times->expires_ms == JT_NEVER
                                   ? JT_CACHE_NO_END
                                   : distance(times->checked_ms, times->expires_ms, 1000, JT_CACHE_NO_END - 1));
}

static void words_store(_Atomic uint64_t *to, const char *from, size_t len)
{
    for (size_t at = 0; at < len; at += JT_WORD) {
        uint64_t word = 0;

        memcpy(&word, from + at, len - at < JT_WORD ? len - at : JT_WORD);
        jt_store(*to++, word);
    }
}

struct jt_cache_entry *jt_cache_entry_new(struct jt_arena *arena, const struct jt_cache_key *key,
                                          const struct jt_cache_times *times, const jeton_token *token)
{
    size_t image_len;
    const char *image = jt_token_image(token, &image_len);
    const bool is_long = image_len > JT_CACHE_IMAGE_MAX;
    JT_CLEANUP(jeton_token_free) jeton_token *copy = is_long ? jt_token_copy(token) : NULL;
    const size_t size = entry_size(key->len, is_long ? 0 : image_len), words = JT_WORDS(key->len);
    struct jt_cache_entry *entry = is_long && copy == NULL ? NULL : jt_arena_take(arena, size, MADV_WIPEONFORK);

    if (entry == NULL)
        return NULL;
    entry_set_times(entry, times);
    jt_store(entry->hash, key->hash);
    jt_store(entry->key_len, (uint16_t)key->len);
    for (size_t i = 0; i < words; i++)
        jt_store(entry->words[i], jt_cache_key_word(key, i));
    if (is_long) {
        jt_store(entry->words[words], (uintptr_t)jt_take(&copy));
    } else {
        jt_store(entry->image_len, (uint32_t)image_len);
        words_store(&entry->words[words], image, image_len);
    }
    return entry;
}

void jt_cache_entry_free(struct jt_arena *arena, struct jt_cache_entry *entry)
{
    const size_t image_len = jt_load(entry->image_len), size = entry_size(jt_load(entry->key_len), image_len);
    jeton_token *copy = image_len == 0 ? jt_cache_entry_long_token(entry) : NULL;
    _Atomic uint64_t *words = (_Atomic uint64_t *)(void *)entry;

    jeton_token_free(&copy);
    for (size_t i = 1; i < size / JT_WORD; i++) /* word 0 stays: it is the link */
        jt_store(words[i], 0);
    jt_arena_give(arena, entry, size);
}
