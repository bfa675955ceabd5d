/* SPDX-License-Identifier: MIT */
/* Tokens in memory, for handing out again. Readers take no lock and make no system call. */
#ifndef JT_CACHE_H
#define JT_CACHE_H

#include "cache/times.h"

struct jt_cache; /* thread-safe; empty in a forked child */

int JT_MUST_CHECK jt_cache_new(struct jt_cache **ret_cache, jeton_error **ret_error);
void jt_cache_free(struct jt_cache **cache);

/* *ret_token is the caller's, except after JT_CACHE_MISS. */
enum jt_cache_state jt_cache_get(struct jt_cache *cache, const char *name, const char *variant,
                                 const struct jt_cache_view *view, jeton_token **ret_token);
/* Replaces what is cached for the name and variant. Without memory, nothing is cached. */
void jt_cache_put(struct jt_cache *cache, const char *name, const char *variant, const struct jt_cache_times *times,
                  const jeton_token *token);
void jt_cache_drop(struct jt_cache *cache, const char *name, const char *variant);

#endif
