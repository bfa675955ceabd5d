/* SPDX-License-Identifier: MIT */
/* The tokens that were handed out last, by name, for all threads.
 *
 * What is kept where. An entry is one piece of memory: a link to the next entry of its bucket, times, the key (name and
 * variant) and the token's image. Entries are pieces of an arena of the cache's own. They stay mapped while the cache
 * lives, and the first word of a piece is always a link to another piece, even while the piece is free. A long token
 * (over JT_CACHE_IMAGE_MAX) is kept outside of its entry, which then holds the token's address. The table of buckets
 * grows by one at a time, to which some entries of one other bucket move (linear hashing).
 *
 * Who may write. The writer has the mutex. It fills in an entry that nobody can reach yet, makes the sequence odd,
 * changes links, makes the sequence even, and only then wipes and gives back the entries that it took out.
 *
 * What a reader does. It takes no lock: it remembers the sequence, follows links, copies the token, and compares the
 * sequence. If the sequence was odd or has changed, the reader wipes its copy and tries again. It uses no length before
 * it has compared the sequence. After some tries, and for a long token, the reader takes the mutex. All words are
 * loaded with acquire and stored with release, so a reader that saw any word of a later writer also sees that writer's
 * sequence.
 *
 * What happens at fork. The kernel zeroes this memory in a child (MADV_WIPEONFORK). All zeros is an empty cache with a
 * free mutex, so the child starts with that, whatever the parent's threads were doing at the fork. */
#include "cache/cache.h"
#include "cache/entry.h"
#include "token/token.h"
#include <sys/mman.h>

#define BUCKETS_MAX ((size_t)1 << 20)
#define CHAIN_LEN   2u /* entries for each bucket; with fewer, the buckets would take much memory */
#define TRIES       16

struct jt_cache {
    pthread_mutex_t mutex;
    _Atomic uint64_t sequence;
    _Atomic size_t grown; /* buckets in use, beside the first */
    size_t count;         /* entries */
    struct jt_arena arena;
    struct jt_cache_link buckets[BUCKETS_MAX];
};

int jt_cache_new(struct jt_cache **ret_cache, jeton_error **ret_error)
{
    struct jt_cache *cache =
        mmap(NULL, sizeof(*cache), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (cache == MAP_FAILED)
        return jt_error_no_memory(ret_error);
    *ret_cache = cache;
    if (madvise(cache, sizeof(*cache), MADV_WIPEONFORK) != 0)
        jt_cache_free(ret_cache);
    return JETON_OK;
}

/* The largest power of two up to len. */
static inline size_t power_of_two_within(size_t len)
{
    return (size_t)1 << (63 - __builtin_clzll(len));
}

static inline struct jt_cache_link *cache_bucket(struct jt_cache *cache, uint32_t hash)
{
    const size_t len = jt_load(cache->grown) + 1, half = power_of_two_within(len), place = hash & (2 * half - 1);

    return &cache->buckets[place < len ? place : place - half];
}

static inline bool is_unchanged(const struct jt_cache *cache, uint64_t sequence)
{
    return jt_load(cache->sequence) == sequence;
}

/* The key's entry. NULL: there is none, or the sequence has changed. */
static inline const struct jt_cache_entry *cache_find(struct jt_cache *cache, const struct jt_cache_key *key,
                                                      uint64_t sequence)
{
    const struct jt_cache_entry *entry = jt_load(cache_bucket(cache, key->hash)->to);

    for (; entry != NULL; entry = jt_load(entry->next.to)) {
        const bool may_be = jt_cache_entry_may_have(entry, key);

        if (!is_unchanged(cache, sequence))
            return NULL;
        if (may_be && jt_cache_entry_has(entry, key))
            break;
    }
    return entry;
}

/* One try of a reader. False: the sequence has changed, or the token is long and needs the mutex. */
static bool cache_read(struct jt_cache *cache, const struct jt_cache_key *key, const struct jt_cache_view *view,
                       bool locked, enum jt_cache_state *ret_state, jeton_token **ret_token)
{
    const uint64_t sequence = jt_load(cache->sequence);
    const struct jt_cache_entry *entry = cache_find(cache, key, sequence);
    const size_t image_len = entry != NULL ? jt_load(entry->image_len) : 0;
    enum jt_cache_state state = JT_CACHE_MISS;
    struct jt_cache_times times;
    jeton_token *token = NULL;
    void *image;

    if (entry != NULL) {
        times = jt_cache_entry_times(entry);
        state = jt_cache_judge(&times, view);
    }
    if (sequence % 2 != 0 || !is_unchanged(cache, sequence))
        return false;
    if (state != JT_CACHE_MISS && image_len > 0) {
        token = jt_token_of_image(image_len, &image);
        if (token != NULL)
            jt_cache_words_load(image, &entry->words[JT_WORDS(key->len)], image_len);
    } else if (state != JT_CACHE_MISS) {
        if (!locked)
            return false;
        token = jeton_token_ref(jt_cache_entry_long_token(entry));
    }
    if (!is_unchanged(cache, sequence)) {
        jeton_token_free(&token);
        return false;
    }
    *ret_state = token != NULL ? state : JT_CACHE_MISS;
    if (token != NULL)
        *ret_token = token;
    return true;
}

enum jt_cache_state jt_cache_get(struct jt_cache *cache, const char *name, const char *variant,
                                 const struct jt_cache_view *view, jeton_token **ret_token)
{
    enum jt_cache_state state = JT_CACHE_MISS;
    struct jt_cache_key key;

    if (cache == NULL || !jt_cache_key_make(name, variant, &key))
        return JT_CACHE_MISS;
    for (int i = 0; i < TRIES; i++)
        if (cache_read(cache, &key, view, false, &state, ret_token))
            return state;
    (void)pthread_mutex_lock(&cache->mutex);
    (void)cache_read(cache, &key, view, true, &state, ret_token);
    (void)pthread_mutex_unlock(&cache->mutex);
    return state;
}

static void link_insert(struct jt_cache_link *link, struct jt_cache_entry *entry)
{
    jt_store(entry->next.to, jt_load(link->to));
    jt_store(link->to, entry);
}

static void link_remove(struct jt_cache_link *link, struct jt_cache_entry *entry)
{
    jt_store(link->to, jt_load(entry->next.to));
}

/* Adds a bucket and moves its entries there from the bucket that had them. Called while the sequence is odd. */
static void cache_grow(struct jt_cache *cache)
{
    const size_t len = cache->grown + 1, half = power_of_two_within(len);
    struct jt_cache_link *link = &cache->buckets[len - half];
    struct jt_cache_entry *entry;

    while ((entry = jt_load(link->to)) != NULL) {
        if ((jt_load(entry->hash) & (2 * half - 1)) == len) {
            link_remove(link, entry);
            link_insert(&cache->buckets[len], entry);
        } else {
            link = &entry->next;
        }
    }
    jt_store(cache->grown, len);
}

/* Moves the key's entry to the list `out`, and if now_ms is given also the entries of the bucket that can never be
 * handed out again: otherwise a process that serves many subjects, each for a while, would keep them all. Called while
 * the sequence is odd. */
static void cache_take_out(struct jt_cache *cache, const struct jt_cache_key *key, const int64_t *now_ms,
                           struct jt_cache_link *out)
{
    struct jt_cache_link *link = cache_bucket(cache, key->hash);
    struct jt_cache_entry *entry;

    while ((entry = jt_load(link->to)) != NULL) {
        const struct jt_cache_times times = jt_cache_entry_times(entry);

        if ((jt_cache_entry_may_have(entry, key) && jt_cache_entry_has(entry, key)) ||
            (now_ms != NULL && jt_cache_is_over(&times, *now_ms))) {
            link_remove(link, entry);
            link_insert(out, entry);
            cache->count--;
        } else {
            link = &entry->next;
        }
    }
}

static void cache_free_all(struct jt_cache *cache, struct jt_cache_link *link)
{
    struct jt_cache_entry *entry;

    while ((entry = jt_load(link->to)) != NULL) {
        link_remove(link, entry);
        jt_cache_entry_free(&cache->arena, entry);
    }
}

/* Puts `fresh` in place of the key's entry; NULL only removes that. now_ms is NULL or the time: see cache_take_out. */
static void cache_replace(struct jt_cache *cache, const struct jt_cache_key *key, struct jt_cache_entry *fresh,
                          const int64_t *now_ms)
{
    struct jt_cache_link out = {NULL};

    (void)pthread_mutex_lock(&cache->mutex);
    jt_store(cache->sequence, cache->sequence + 1);
    cache_take_out(cache, key, now_ms, &out);
    if (fresh != NULL) {
        if (cache->count++ >= (cache->grown + 1) * CHAIN_LEN && cache->grown + 1 < BUCKETS_MAX)
            cache_grow(cache);
        link_insert(cache_bucket(cache, key->hash), fresh);
    }
    jt_store(cache->sequence, cache->sequence + 1);
    (void)pthread_mutex_unlock(&cache->mutex);
    cache_free_all(cache, &out);
}

void jt_cache_put(struct jt_cache *cache, const char *name, const char *variant, const struct jt_cache_times *times,
                  const jeton_token *token)
{
    struct jt_cache_key key;

    if (cache != NULL && jt_cache_key_make(name, variant, &key))
        cache_replace(cache, &key, jt_cache_entry_new(&cache->arena, &key, times, token), &times->checked_ms);
}

void jt_cache_drop(struct jt_cache *cache, const char *name, const char *variant)
{
    struct jt_cache_key key;

    if (cache != NULL && jt_cache_key_make(name, variant, &key))
        cache_replace(cache, &key, NULL, NULL);
}

void jt_cache_free(struct jt_cache **cache)
{
    struct jt_cache *mine = jt_take(cache);

    if (mine == NULL)
        return;
    for (size_t i = 0; i <= mine->grown; i++)
        cache_free_all(mine, &mine->buckets[i]);
    jt_arena_done(&mine->arena);
    (void)pthread_mutex_destroy(&mine->mutex);
    (void)munmap(mine, sizeof(*mine));
}
