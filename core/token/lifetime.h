/* SPDX-License-Identifier: MIT */
/* When a token's renewal is wanted, when it is needed, and how long to stand back after a failure. Pure arithmetic: it
 * never looks at a clock by itself. */
#ifndef JT_TOKEN_LIFETIME_H
#define JT_TOKEN_LIFETIME_H

#include "base/base.h"
#include "token/tokenset.h"

#define JT_MIN_TTL_DEFAULT_S 60

struct jt_windows {
    int64_t wanted_at; /* JT_NEVER: the token has no end */
    int64_t needed_at;
    int64_t expires_at;
};

/* min_ttl_s and renew_before_s are the account's settings; -1: not set. hash spreads the tokens of one lifetime, so
 * that they are not all due in one second. */
struct jt_windows jt_windows_of(const struct jt_tokenset *set, int64_t min_ttl_s, int64_t renew_before_s,
                                uint64_t hash);

/* A moment on both clocks, written down to be compared with later. */
struct jt_anchor {
    int64_t at;      /* wall clock */
    int64_t boot_ms; /* jt_boot_ms, of the boot boot_id; boot_id 0: not known */
    int64_t boot_id;
};
/* What the wall clock would say now if it had not been set since the anchor was written, in the same boot; else what it
 * says. */
int64_t jt_windows_now(const struct jt_anchor *anchor, const struct jt_clock *clock);
/* The moment at which a token set arrived. */
struct jt_anchor jt_windows_anchor(const struct jt_tokenset *set);

/* How long a token lives by what its provider said; JT_NEVER. */
int64_t jt_windows_lifetime(const struct jt_tokenset *set);

/* Seconds to stand back after `failures` failures in a row: 1, 2, 4, … up to ten minutes, the later half of it by
 * chance (hash); at least what the provider asked for (retry_after_s, -1: nothing; a day at most). */
int64_t jt_windows_backoff_s(int failures, int64_t retry_after_s, uint64_t hash);

#endif
