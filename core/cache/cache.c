/* SPDX-License-Identifier: MIT */
/* The tokens that were handed out last, by name, for all threads. In front of it each thread has a small table of its
 * own (cache_thread.c); this file is where a thread goes that has not asked for the name lately. Readers take no lock:
 * an entry never changes but for its place in a chain, and is freed when nobody can be looking at it any more. A reader
 * that is carried off to another chain meanwhile finds nothing, and asks the store. */
#include "cache/cache_thread.h"
#include "token/tokenset.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS         64u
#define BUCKETS_FIRST  4u
#define CHAIN_LEN      2u /* entries for a bucket: eight bytes each are much where a token has two hundred */
#define CHECK_AFTER_MS 5000
#define HASH_BITS      22
#define HASH_MASK      ((UINT32_C(1) << HASH_BITS) - 1)

/* An entry lies before its token, and its key (name, "\n", variant) behind it, in one piece of memory: there may be a
 * million of them. So the times are kept as distances from checked_ms. */
struct cached {
    _Atomic(struct cached *) next;
    uint64_t generation;
    int64_t checked_ms;
    uint32_t hash : HASH_BITS; /* what there is room for of the key's */
    uint32_t shard : 10;
    int32_t wanted_ms, needed_ms;
    int32_t expires_s; /* EXPIRES_NEVER: it has no end */
};
#define EXPIRES_NEVER INT32_MAX

struct buckets {
    size_t len; /* a power of two */
    _Atomic(struct cached *) first[];
};

struct shard {
    pthread_mutex_t mutex;             /* of those who write */
    _Atomic(struct buckets *) buckets; /* NULL at first */
    size_t len;
    size_t full_len; /* when it has so many entries, it is time to clean up, or to grow */
};

struct jt_cache {
    struct jt_cache_threads *threads;
    unsigned char hash_key[crypto_shorthash_KEYBYTES]; /* so that nobody can choose names that collide */
    atomic_uint epochs[JT_CACHE_EPOCHS];               /* of names, by hash: what threads hold is older */
    struct shard shards[SHARDS];
};

int jt_cache_new(struct jt_cache **ret_cache, jeton_error **ret_error)
{
    struct jt_cache *cache = calloc(1, sizeof *cache);

    if (cache == NULL)
        return jt_error_no_memory(ret_error);
    cache->threads = jt_cache_threads_new();
    if (cache->threads == NULL) {
        free(cache);
        return jt_error_no_memory(ret_error);
    }
    crypto_shorthash_keygen(cache->hash_key);
    for (size_t i = 0; i < SHARDS; i++)
        (void)pthread_mutex_init(&cache->shards[i].mutex, NULL);
    *ret_cache = cache;
    return JETON_OK;
}

static jeton_token *cached_token(struct cached *cached)
{
    return jt_token_of_front(cached, sizeof *cached);
}

static void cached_free(struct cached *cached)
{
    jeton_token *token = cached != NULL ? cached_token(cached) : NULL;

    jeton_token_free(&token);
}

static void cached_free_all(struct cached *cached)
{
    while (cached != NULL) {
        struct cached *next = cached->next;

        cached_free(cached);
        cached = next;
    }
}

/* Rounded down, and no longer than fits, so that nothing is handed out for longer than it may be. */
static int32_t cached_distance(int64_t from_ms, int64_t to_ms, int64_t unit_ms, int32_t most)
{
    int64_t distance;

    if (__builtin_sub_overflow(to_ms, from_ms, &distance))
        return to_ms < from_ms ? INT32_MIN : most;
    distance = distance / unit_ms - (distance % unit_ms < 0);
    return distance > most ? most : distance < INT32_MIN ? INT32_MIN : (int32_t)distance;
}

static void cached_set_times(struct cached *cached, const struct jt_cache_times *times)
{
    cached->generation = times->generation;
    cached->shard = times->shard & 1023u; /* of a row: 0 to 1023 */
    cached->checked_ms = times->checked_ms;
    cached->wanted_ms = cached_distance(times->checked_ms, times->wanted_ms, 1, INT32_MAX);
    cached->needed_ms = cached_distance(times->checked_ms, times->needed_ms, 1, INT32_MAX);
    cached->expires_s = times->expires_ms == JT_NEVER
                            ? EXPIRES_NEVER
                            : cached_distance(times->checked_ms, times->expires_ms, 1000, EXPIRES_NEVER - 1);
}

static struct jt_cache_times cached_times(const struct cached *cached)
{
    return (struct jt_cache_times){
        .wanted_ms = cached->checked_ms + cached->wanted_ms,
        .needed_ms = cached->checked_ms + cached->needed_ms,
        .expires_ms =
            cached->expires_s == EXPIRES_NEVER ? JT_NEVER : cached->checked_ms + (int64_t)cached->expires_s * 1000,
        .checked_ms = cached->checked_ms,
        .generation = cached->generation,
        .shard = cached->shard,
    };
}

void jt_cache_free(struct jt_cache **cache)
{
    if (*cache == NULL)
        return;
    jt_cache_threads_free(&(*cache)->threads);
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &(*cache)->shards[i];

        struct buckets *buckets = shard->buckets;

        for (size_t bucket = 0; buckets != NULL && bucket < buckets->len; bucket++)
            cached_free_all(buckets->first[bucket]);
        free(buckets);
        (void)pthread_mutex_destroy(&shard->mutex);
    }
    free(*cache);
    *cache = NULL;
}

/* The key is at most a name and a variant; one that does not fit is not cached, nor is what only looks like a name. */
static bool cache_key(const struct jt_cache *cache, const char *name, const char *variant, struct jt_cache_key *ret_key)
{
    size_t name_len = strlen(name), variant_len = strlen(variant);

    if (name_len + 1 + variant_len >= sizeof ret_key->text || memchr(name, '\n', name_len) != NULL)
        return false;
    memcpy(ret_key->text, name, name_len);
    ret_key->len = name_len;
    if (variant_len > 0) {
        ret_key->text[name_len] = '\n';
        memcpy(ret_key->text + name_len + 1, variant, variant_len);
        ret_key->len += 1 + variant_len;
    }
    ret_key->text[ret_key->len] = '\0';
    ret_key->quick = jt_cache_quick(name, name_len);
    (void)crypto_shorthash((unsigned char *)&ret_key->hash, (const unsigned char *)ret_key->text, ret_key->len,
                           cache->hash_key);
    return true;
}

static uint32_t cache_hash(const struct jt_cache_key *key)
{
    return (uint32_t)(key->hash / SHARDS) & HASH_MASK;
}

static struct shard *cache_shard(struct jt_cache *cache, const struct jt_cache_key *key)
{
    return &cache->shards[key->hash % SHARDS];
}

static atomic_uint *cache_epoch(struct jt_cache *cache, uint32_t quick)
{
    return &cache->epochs[quick % JT_CACHE_EPOCHS];
}

static bool cached_is(struct cached *cached, const struct jt_cache_key *key)
{
    return cached->hash == cache_hash(key) && strcmp(jt_token_back(cached_token(cached)), key->text) == 0;
}

/* Under the shard's mutex. NULL: the shard is empty. */
static _Atomic(struct cached *) *cache_find(struct shard *shard, const struct jt_cache_key *key)
{
    struct buckets *buckets = shard->buckets;
    _Atomic(struct cached *) *link;

    if (buckets == NULL)
        return NULL;
    link = &buckets->first[cache_hash(key) & (buckets->len - 1)];
    while (*link != NULL && !cached_is(*link, key))
        link = &(*link)->next;
    return link;
}

/* Between enter and leave. */
static struct cached *cache_look(struct shard *shard, const struct jt_cache_key *key)
{
    struct buckets *buckets = atomic_load_explicit(&shard->buckets, memory_order_acquire);
    struct cached *cached;

    if (buckets == NULL)
        return NULL;
    cached = atomic_load_explicit(&buckets->first[cache_hash(key) & (buckets->len - 1)], memory_order_acquire);
    while (cached != NULL && !cached_is(cached, key))
        cached = atomic_load_explicit(&cached->next, memory_order_acquire);
    return cached;
}

/* What was taken out, and may still be looked at. */
struct retired {
    struct cached *replaced;
    struct cached *cleaned; /* a list: a reader on one of them goes on among what is gone, and finds nothing */
    struct buckets *buckets;
};

static void retired_free(struct jt_cache *cache, struct retired *retired)
{
    if (retired->replaced == NULL && retired->cleaned == NULL && retired->buckets == NULL)
        return;
    jt_cache_threads_wait(cache->threads);
    cached_free(retired->replaced);
    cached_free_all(retired->cleaned);
    free(retired->buckets);
}

/* As if no row had changed. */
static uint64_t cache_same_generation(void *data, uint32_t shard)
{
    (void)shard;
    return ((const struct cached *)data)->generation;
}

/* Under the shard's mutex: takes out what can never be handed out again without a look at the store. A process that
 * serves many subjects, each for a while, must not keep them all. */
static void cache_clean(struct shard *shard, int64_t now_ms, struct retired *retired)
{
    struct buckets *buckets = shard->buckets;

    for (size_t i = 0; buckets != NULL && i < buckets->len; i++)
        for (_Atomic(struct cached *) *link = &buckets->first[i]; *link != NULL;) {
            struct cached *old = *link;
            const struct jt_cache_times times = cached_times(old);
            const struct jt_cache_view view = {.now_ms = now_ms, .generation = cache_same_generation, .data = old};

            if (jt_cache_judge(&times, &view) != JT_CACHE_MISS) {
                link = &old->next;
                continue;
            }
            *link = old->next;
            shard->len--;
            old->next = retired->cleaned;
            retired->cleaned = old;
        }
}

/* Under the shard's mutex. Without memory the shard stays as it is, only slower. */
static void cache_grow(struct shard *shard, size_t len, struct retired *retired)
{
    struct buckets *old = shard->buckets;
    struct buckets *buckets = calloc(1, sizeof *buckets + len * sizeof buckets->first[0]);

    if (buckets == NULL)
        return;
    buckets->len = len;
    for (size_t i = 0; old != NULL && i < old->len; i++)
        for (struct cached *moved = old->first[i], *next; moved != NULL; moved = next) {
            _Atomic(struct cached *) *bucket = &buckets->first[moved->hash & (len - 1)];

            next = moved->next;
            moved->next = *bucket;
            *bucket = moved;
        }
    shard->buckets = buckets;
    retired->buckets = old;
}

/* Under the shard's mutex, before an entry with these times is put. Cleaning up costs a walk over all entries, so at
 * least a quarter as many are put between two of them. */
static void cache_make_room(struct shard *shard, const struct jt_cache_times *times, struct retired *retired)
{
    struct buckets *buckets;
    size_t len;

    if (shard->len < shard->full_len)
        return;
    cache_clean(shard, times->checked_ms, retired);
    buckets = shard->buckets;
    len = buckets != NULL ? buckets->len : BUCKETS_FIRST;
    while (shard->len >= len * CHAIN_LEN * 3 / 4)
        len *= 2;
    if (buckets == NULL || len > buckets->len)
        cache_grow(shard, len, retired);
    buckets = shard->buckets;
    shard->full_len = buckets != NULL ? buckets->len * CHAIN_LEN : 0;
    if (shard->full_len < shard->len + shard->len / 4)
        shard->full_len = shard->len + shard->len / 4;
}

enum jt_cache_state jt_cache_judge(const struct jt_cache_times *times, const struct jt_cache_view *view)
{
    if (view->now_ms >= times->needed_ms || view->now_ms - times->checked_ms >= CHECK_AFTER_MS ||
        (view->min_ttl_s > 0 && times->expires_ms != JT_NEVER &&
         (times->expires_ms - view->now_ms) / 1000 < view->min_ttl_s) ||
        view->generation(view->data, times->shard) != times->generation)
        return JT_CACHE_MISS;
    return view->now_ms < times->wanted_ms ? JT_CACHE_FRESH : JT_CACHE_DUE;
}

/* The way of those whose thread does not have it. */
static enum jt_cache_state cache_get_shared(struct jt_cache *cache, const struct jt_cache_key *key, bool keep,
                                            unsigned epoch, const struct jt_cache_view *view, jeton_token **ret_token)
{
    struct jt_cache_table *reader = jt_cache_thread_enter(cache->threads);
    enum jt_cache_state state = JT_CACHE_MISS;
    jeton_token *token = NULL;
    struct jt_cache_times times;
    struct cached *found;

    if (reader == NULL)
        return JT_CACHE_MISS;
    found = cache_look(cache_shard(cache, key), key);
    if (found != NULL) {
        times = cached_times(found);
        token = jeton_token_ref(cached_token(found));
    }
    jt_cache_thread_leave(reader);
    if (token != NULL)
        state = jt_cache_judge(&times, view);
    if (state == JT_CACHE_MISS) {
        jeton_token_free(&token);
        return state;
    }
    if (keep)
        jt_cache_thread_put(cache->threads, key, epoch, &times, token);
    *ret_token = token;
    return state;
}

enum jt_cache_state jt_cache_get(struct jt_cache *cache, const char *name, const char *variant,
                                 const struct jt_cache_view *view, jeton_token **ret_token)
{
    size_t len = strlen(name);
    uint32_t quick = jt_cache_quick(name, len);
    unsigned epoch = atomic_load_explicit(cache_epoch(cache, quick), memory_order_acquire);
    bool keep = *variant == '\0';
    enum jt_cache_state state = JT_CACHE_MISS;
    struct jt_cache_key key;

    if (keep)
        state = jt_cache_thread_get(cache->threads, name, len, quick, epoch, view, ret_token);
    if (state != JT_CACHE_MISS || !cache_key(cache, name, variant, &key))
        return state;
    return cache_get_shared(cache, &key, keep, epoch, view, ret_token);
}

/* fresh NULL: there is to be none; times: of fresh. */
static void cache_replace(struct jt_cache *cache, const struct jt_cache_key *key, struct cached *fresh,
                          const struct jt_cache_times *times)
{
    struct shard *shard = cache_shard(cache, key);
    struct retired retired = {NULL, NULL, NULL};
    _Atomic(struct cached *) *link;
    struct cached *old = NULL;

    (void)pthread_mutex_lock(&shard->mutex);
    if (fresh != NULL)
        cache_make_room(shard, times, &retired);
    link = cache_find(shard, key);
    if (link != NULL)
        old = *link;
    if (fresh != NULL && link != NULL) {
        fresh->next = old != NULL ? atomic_load(&old->next) : NULL;
        *link = fresh;
        shard->len++;
        fresh = NULL;
    } else if (old != NULL) {
        *link = old->next;
    }
    if (old != NULL)
        shard->len--;
    retired.replaced = old;
    (void)atomic_fetch_add_explicit(cache_epoch(cache, key->quick), 1, memory_order_release);
    (void)pthread_mutex_unlock(&shard->mutex);
    cached_free(fresh);
    retired_free(cache, &retired);
}

void jt_cache_put(struct jt_cache *cache, const char *name, const char *variant, const struct jt_cache_times *times,
                  const jeton_token *token)
{
    struct jt_cache_key key;
    struct cached *fresh;
    jeton_token *copy;

    if (!cache_key(cache, name, variant, &key) ||
        (copy = jt_token_copy_with_room(token, sizeof *fresh, (uint16_t)(key.len + 1))) == NULL)
        return;
    fresh = jt_token_front(copy);
    fresh->hash = cache_hash(&key) & HASH_MASK;
    cached_set_times(fresh, times);
    memcpy(jt_token_back(copy), key.text, key.len + 1);
    cache_replace(cache, &key, fresh, times);
}

void jt_cache_drop(struct jt_cache *cache, const char *name, const char *variant)
{
    struct jt_cache_key key;

    if (cache_key(cache, name, variant, &key))
        cache_replace(cache, &key, NULL, NULL);
}
