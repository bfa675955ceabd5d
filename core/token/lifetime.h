/* SPDX-License-Identifier: MIT */
/* When the renewal of a token is wanted, when it is needed, and how long to wait after a failure. All times are
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

/* min_ttl_s and renew_before_s are the account's settings; -1: not set. hash (of the name) spreads renewals: tokens
 * that were issued in the same second are not all due in the same second. */
struct jt_lifetime jt_lifetime_of(const struct jt_tokenset *set, int64_t min_ttl_s, int64_t renew_before_s,
                                  uint64_t hash);

/* A moment on both clocks, to be compared with later ones. */
struct jt_anchor {
    int64_t at;      /* wall clock */
    int64_t boot_ms; /* jt_boot_ms, of the boot boot_id; boot_id 0: not known */
    int64_t boot_id;
};
/* The wall time now. Within the anchor's boot it is the anchor's time plus the milliseconds since boot that have
 * passed, so that setting the wall clock has no effect; else the wall clock's time. */
int64_t jt_lifetime_now(const struct jt_anchor *anchor, const struct jt_clock *clock);
/* The moment at which a token set arrived. */
struct jt_anchor jt_lifetime_anchor(const struct jt_tokenset *set);

/* How many seconds a token lives from issue to expiry, by what its provider said; JT_NEVER: it has no end. */
int64_t jt_lifetime_s(const struct jt_tokenset *set);

/* How many seconds to wait after `failures` failures in a row: at most 1, 2, 4, … up to ten minutes, at least half of
 * that, in between by the hash. Never less than the provider asked for (retry_after_s; -1: nothing; a day at most). */
int64_t jt_lifetime_backoff_s(int failures, int64_t retry_after_s, uint64_t hash);

#endif
