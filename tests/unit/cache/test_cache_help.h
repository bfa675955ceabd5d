/* SPDX-License-Identifier: MIT */
/* What the cache's tests share: a token that is good for an hour, and short ways to put and to get. */
#ifndef TEST_CACHE_HELP_H
#define TEST_CACHE_HELP_H

#include "cache/cache.h"
#include "tests/lib/check.h"
#include "token/tokenset.h"
#include <string.h>

#define NOW_MS INT64_C(1000000000)

static const struct jt_cache_times hour = {
    .wanted_ms = NOW_MS + 2880000,
    .needed_ms = NOW_MS + 3540000,
    .expires_ms = NOW_MS + 3600000,
    .checked_ms = NOW_MS,
    .generation = 7,
    .shard = 5,
};

static void cache_done(struct jt_cache **cache)
{
    jt_cache_free(cache);
}
#define AUTO_CACHE JT_CLEANUP(cache_done)
#define AUTO_TOKEN JT_CLEANUP(jeton_token_free)

static inline struct jt_cache *new_cache(void)
{
    struct jt_cache *cache = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_cache_new(&cache, &error), &error);
    CHECK_TRUE(cache != NULL);
    return cache;
}

/* Nothing of the text stays behind but in the token. */
static inline jeton_token *new_token(const char *text)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;

    set.access_token = jt_strdup(text);
    return jt_token_new(&set);
}

static inline void put(struct jt_cache *cache, const char *name, const char *variant,
                       const struct jt_cache_times *times, const char *text)
{
    AUTO_TOKEN jeton_token *token = new_token(text);

    jt_cache_put(cache, name, variant, times, token);
}

/* Only the shard of the entry has it: to ask for another one's would be a miss. */
static inline uint64_t generation_of(void *data, uint32_t shard)
{
    return *(uint64_t *)data + shard - 5;
}

static inline enum jt_cache_state get_at(struct jt_cache *cache, const char *name, const char *variant, int64_t now_ms,
                                         uint64_t generation, int64_t min_ttl_s, jeton_token **ret_token)
{
    const struct jt_cache_view view = {
        .now_ms = now_ms, .min_ttl_s = min_ttl_s, .generation = generation_of, .data = &generation};

    return jt_cache_get(cache, name, variant, &view, ret_token);
}

/* NULL: it is not there. */
static inline jeton_token *get(struct jt_cache *cache, const char *name)
{
    jeton_token *token = NULL;

    return get_at(cache, name, "", NOW_MS, 7, 0, &token) != JT_CACHE_MISS ? token : NULL;
}

#endif
