/* SPDX-License-Identifier: MIT */
/* Tokens in memory, for handing out again. Readers take no lock and make no system call; it never decides when a token
 * is due, it is told. */
#ifndef JT_CACHE_H
#define JT_CACHE_H

#include "base/base.h"

struct jt_cache; /* thread-safe */

/* When a cached token may be handed out, in jt_boot_ms. */
struct jt_cache_times {
    int64_t wanted_ms;   /* from then on renewal is wanted */
    int64_t needed_ms;   /* from then on it may not be handed out */
    int64_t expires_ms;  /* its end: for calls with a min_ttl of their own */
    int64_t checked_ms;  /* when the store was last looked at */
    uint64_t generation; /* of the row's shard of the store then */
    uint32_t shard;
};

/* What a get goes by. */
struct jt_cache_view {
    int64_t now_ms; /* jt_boot_ms */
    int64_t min_ttl_s;
    uint64_t (*generation)(void *data, uint32_t shard); /* of the store now */
    void *data;
};

int JT_MUST_CHECK jt_cache_new(struct jt_cache **ret_cache, jeton_error **ret_error);
void jt_cache_free(struct jt_cache **cache);

enum jt_cache_state {
    JT_CACHE_MISS,  /* nothing there, or the store changed (generation), or went unchecked for five seconds */
    JT_CACHE_FRESH, /* *ret_token is the caller's, valid for at least min_ttl_s (0: as configured) */
    JT_CACHE_DUE    /* the same, and renewal is wanted */
};
enum jt_cache_state jt_cache_get(struct jt_cache *cache, const char *name, const char *variant,
                                 const struct jt_cache_view *view, jeton_token **ret_token);
/* Replaces what is there. Without memory nothing is cached. */
void jt_cache_put(struct jt_cache *cache, const char *name, const char *variant, const struct jt_cache_times *times,
                  const jeton_token *token);
void jt_cache_drop(struct jt_cache *cache, const char *name, const char *variant);

#endif
