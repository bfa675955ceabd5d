/* SPDX-License-Identifier: MIT */
/* Whether a cached token may be handed out now: a pure function of times that the caller passes. */
#ifndef JT_CACHE_TIMES_H
#define JT_CACHE_TIMES_H

#include "base/base.h"

/* The times of a cached token, in jt_boot_ms. */
struct jt_cache_times {
    int64_t wanted_ms;   /* from then on renewal is wanted */
    int64_t needed_ms;   /* from then on it may not be handed out */
    int64_t expires_ms;  /* its end, for calls with a min_ttl of their own */
    int64_t checked_ms;  /* when its row was last read */
    uint64_t generation; /* the number of the row's shard (jt_store_number) at that time */
    uint32_t shard;
};
#define JT_CACHE_CHECK_AFTER_MS 5000

/* What a get compares the times with. */
struct jt_cache_view {
    int64_t now_ms; /* jt_boot_ms */
    int64_t min_ttl_s;
    uint64_t (*generation)(void *data, uint32_t shard); /* the shard's number now */
    void *data;
};

enum jt_cache_state {
    JT_CACHE_MISS,  /* not to be handed out before the store is read again */
    JT_CACHE_FRESH, /* valid for at least min_ttl_s (0: as configured) */
    JT_CACHE_DUE    /* as above, and renewal is wanted */
};

/* Whether it can never be handed out again, because of its age alone. */
static inline bool jt_cache_is_over(const struct jt_cache_times *times, int64_t now_ms)
{
    return now_ms >= times->needed_ms || now_ms - times->checked_ms >= JT_CACHE_CHECK_AFTER_MS;
}

static inline enum jt_cache_state jt_cache_judge(const struct jt_cache_times *times, const struct jt_cache_view *view)
{
    if (jt_cache_is_over(times, view->now_ms) ||
        (view->min_ttl_s > 0 && times->expires_ms != JT_NEVER &&
         (times->expires_ms - view->now_ms) / 1000 < view->min_ttl_s) ||
        view->generation(view->data, times->shard) != times->generation)
        return JT_CACHE_MISS;
    return view->now_ms < times->wanted_ms ? JT_CACHE_FRESH : JT_CACHE_DUE;
}

#endif
