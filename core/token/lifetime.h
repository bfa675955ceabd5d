/* SPDX-License-Identifier: MIT */
/* When a token's renewal is wanted, when it is needed, and how long to wait after a failure. All times come in as
 * arguments. */
#ifndef JT_TOKEN_LIFETIME_H
#define JT_TOKEN_LIFETIME_H

#include "base/base.h"
#include "token/tokenset.h"

#define JT_MIN_TTL_DEFAULT_S 60

struct jt_lifetime {
    int64_t wanted_at; /* JT_NEVER: the token has no end */
    int64_t needed_at;
    int64_t expires_at;
};

/* min_ttl_s and renew_before_s are the account's settings; -1: not set. hash spreads the tokens of one lifetime, so
 * that they are not all due in one second. */
struct jt_lifetime jt_lifetime_of(const struct jt_tokenset *set, int64_t min_ttl_s, int64_t renew_before_s,
                                  uint64_t hash);

/* A moment on both clocks, to be compared with later ones. */
struct jt_anchor {
    int64_t at;      /* wall clock */
    int64_t boot_ms; /* jt_boot_ms, of the boot boot_id; boot_id 0: not known */
    int64_t boot_id;
};
/* The time now, by the clock that nobody can set, where the anchor is of the same boot; else the wall clock's. */
int64_t jt_lifetime_now(const struct jt_anchor *anchor, const struct jt_clock *clock);
/* The moment at which a token set arrived. */
struct jt_anchor jt_lifetime_anchor(const struct jt_tokenset *set);

/* How many seconds a token lives in all, by what its provider said; JT_NEVER: it has no end. */
int64_t jt_lifetime_s(const struct jt_tokenset *set);

/* How many seconds to wait after `failures` failures in a row: 1, 2, 4, … up to ten minutes. The hash decides about the
 * later half of that. At least what the provider asked for (retry_after_s; -1: nothing; a day at most). */
int64_t jt_lifetime_backoff_s(int failures, int64_t retry_after_s, uint64_t hash);

#endif
