/* SPDX-License-Identifier: MIT */
/* The tokens that were handed out last, by name, for all threads. In front of it each thread has a small table of its
 * own (cache_thread.c); this file is where a thread goes that has not asked for the name lately. */
#include "cache_thread.h"
#include "tokenset.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS         64u
#define BUCKETS_FIRST  16u
#define CHECK_AFTER_MS 5000

struct cached {
    struct cached *next;
    uint64_t hash;
    struct jt_cache_times times;
    jeton_token *token;
    char key[]; /* name, "\n", variant */
};

struct shard {
    pthread_mutex_t mutex;
    struct cached **buckets;
    size_t buckets_len; /* a power of two; 0 at first */
    size_t len;
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

static void cached_free(struct cached *cached)
{
    if (cached == NULL)
        return;
    jeton_token_free(&cached->token);
    free(cached);
}

void jt_cache_free(struct jt_cache **cache)
{
    if (*cache == NULL)
        return;
    jt_cache_threads_free(&(*cache)->threads);
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &(*cache)->shards[i];

        for (size_t bucket = 0; bucket < shard->buckets_len; bucket++)
            while (shard->buckets[bucket] != NULL) {
                struct cached *next = shard->buckets[bucket]->next;

                cached_free(shard->buckets[bucket]);
                shard->buckets[bucket] = next;
            }
        free(shard->buckets);
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

static struct shard *cache_shard(struct jt_cache *cache, const struct jt_cache_key *key)
{
    return &cache->shards[key->hash % SHARDS];
}

static atomic_uint *cache_epoch(struct jt_cache *cache, uint32_t quick)
{
    return &cache->epochs[quick % JT_CACHE_EPOCHS];
}

/* Under the shard's mutex. NULL: the shard is empty. */
static struct cached **cache_find(struct shard *shard, const struct jt_cache_key *key)
{
    struct cached **link;

    if (shard->buckets_len == 0)
        return NULL;
    link = &shard->buckets[key->hash / SHARDS & (shard->buckets_len - 1)];
    while (*link != NULL && ((*link)->hash != key->hash || strcmp((*link)->key, key->text) != 0))
        link = &(*link)->next;
    return link;
}

/* Under the shard's mutex. Without memory the shard stays as it is, only slower. */
static void cache_grow(struct shard *shard)
{
    size_t len = shard->buckets_len == 0 ? BUCKETS_FIRST : shard->buckets_len * 2;
    struct cached **buckets;

    if (shard->len < shard->buckets_len || (buckets = calloc(len, sizeof(struct cached *))) == NULL)
        return;
    for (size_t i = 0; i < shard->buckets_len; i++)
        while (shard->buckets[i] != NULL) {
            struct cached *moved = shard->buckets[i], **bucket = &buckets[moved->hash / SHARDS & (len - 1)];

            shard->buckets[i] = moved->next;
            moved->next = *bucket;
            *bucket = moved;
        }
    free(shard->buckets);
    shard->buckets = buckets;
    shard->buckets_len = len;
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

/* The way of those whose thread does not have it: one of many mutexes, held for a lookup. */
static enum jt_cache_state cache_get_shared(struct jt_cache *cache, const struct jt_cache_key *key, bool keep,
                                            unsigned epoch, const struct jt_cache_view *view, jeton_token **ret_token)
{
    enum jt_cache_state state = JT_CACHE_MISS;
    struct shard *shard = cache_shard(cache, key);
    struct cached **link;

    (void)pthread_mutex_lock(&shard->mutex);
    link = cache_find(shard, key);
    if (link != NULL && *link != NULL) {
        state = jt_cache_judge(&(*link)->times, view);
        if (state != JT_CACHE_MISS) {
            if (keep)
                jt_cache_thread_put(cache->threads, key, epoch, &(*link)->times, (*link)->token);
            *ret_token = jeton_token_ref((*link)->token);
        }
    }
    (void)pthread_mutex_unlock(&shard->mutex);
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

/* The old entry comes back, to be freed without the mutex. */
static struct cached *cache_replace(struct jt_cache *cache, const struct jt_cache_key *key, struct cached *fresh)
{
    struct shard *shard = cache_shard(cache, key);
    struct cached **link, *old = NULL;

    (void)pthread_mutex_lock(&shard->mutex);
    if (fresh != NULL)
        cache_grow(shard);
    link = cache_find(shard, key);
    if (link != NULL) {
        old = *link;
        if (old != NULL) {
            *link = old->next;
            shard->len--;
        }
        if (fresh != NULL) {
            fresh->next = *link;
            *link = fresh;
            shard->len++;
            fresh = NULL;
        }
    }
    (void)atomic_fetch_add_explicit(cache_epoch(cache, key->quick), 1, memory_order_release);
    (void)pthread_mutex_unlock(&shard->mutex);
    cached_free(fresh);
    return old;
}

void jt_cache_put(struct jt_cache *cache, const char *name, const char *variant, const struct jt_cache_times *times,
                  const jeton_token *token)
{
    struct jt_cache_key key;
    struct cached *fresh;

    if (!cache_key(cache, name, variant, &key) || (fresh = malloc(sizeof *fresh + key.len + 1)) == NULL)
        return;
    fresh->hash = key.hash;
    fresh->times = *times;
    fresh->token = jeton_token_ref((jeton_token *)(uintptr_t)token);
    memcpy(fresh->key, key.text, key.len + 1);
    cached_free(cache_replace(cache, &key, fresh));
}

void jt_cache_drop(struct jt_cache *cache, const char *name, const char *variant)
{
    struct jt_cache_key key;

    if (cache_key(cache, name, variant, &key))
        cached_free(cache_replace(cache, &key, NULL));
}
