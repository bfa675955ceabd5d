/* SPDX-License-Identifier: MIT */
/* The arithmetic of a token's lifetime and of the pauses after failures. All times are arguments; no clock is read
 * here. */
#include "token/lifetime.h"

#define BACKOFF_MAX_S 600

int64_t jt_lifetime_now(const struct jt_anchor *anchor, const struct jt_clock *clock)
{
    int64_t now;

    if (clock->boot_id == 0 || anchor->boot_id != clock->boot_id || anchor->boot_ms > clock->boot_ms ||
        anchor->boot_ms < 0 || __builtin_add_overflow(anchor->at, (clock->boot_ms - anchor->boot_ms) / 1000, &now))
        return clock->now;
    return now;
}

struct jt_anchor jt_lifetime_anchor(const struct jt_tokenset *set)
{
    return (struct jt_anchor){.at = set->seen_at, .boot_ms = set->seen_boot_ms, .boot_id = set->boot_id};
}

int64_t jt_lifetime_s(const struct jt_tokenset *set)
{
    int64_t lifetime_s;

    if (set->expires_at == JT_NEVER)
        return JT_NEVER;
    if (set->expires_at <= set->issued_at)
        return 0;
    /* A stored row may hold any number, so the subtraction may overflow. */
    return __builtin_sub_overflow(set->expires_at, set->issued_at, &lifetime_s) || lifetime_s == JT_NEVER ? JT_NEVER - 1
                                                                                                          : lifetime_s;
}

struct jt_lifetime jt_lifetime_of(const struct jt_tokenset *set, int64_t min_ttl_s, int64_t renew_before_s,
                                  uint64_t hash)
{
    struct jt_lifetime lifetime = {JT_NEVER, JT_NEVER, set->expires_at};
    int64_t lifetime_s = jt_lifetime_s(set);

    if (lifetime_s == JT_NEVER)
        return lifetime;
    if (lifetime_s ==
        0) { /* it had expired on arrival, or was taken out of use: a clock that is set back must not revive it */
        lifetime.needed_at = lifetime.wanted_at = lifetime.expires_at = set->expires_at < 0 ? set->expires_at : 0;
        return lifetime;
    }
    if (min_ttl_s < 0)
        min_ttl_s = JT_MIN_TTL_DEFAULT_S;
    if (min_ttl_s > lifetime_s / 10)
        min_ttl_s = lifetime_s / 10;
    if (renew_before_s < 0)
        renew_before_s = lifetime_s / 5;
    if (renew_before_s > lifetime_s / 2) /* otherwise each get of a short-lived token would renew it */
        renew_before_s = lifetime_s / 2;
    /* Jitter: takes 90 to 100 % of it. By the hash it is the same for one name at all times and in all processes. */
    renew_before_s -= (int64_t)((uint64_t)(renew_before_s / 10 + 1) * (hash >> 32) >> 32);
    if (renew_before_s < min_ttl_s)
        renew_before_s = min_ttl_s;
    lifetime.needed_at = set->expires_at - min_ttl_s;
    lifetime.wanted_at = set->expires_at - renew_before_s;
    return lifetime;
}

int64_t jt_lifetime_backoff_s(int failures, int64_t retry_after_s, uint64_t hash)
{
    int64_t most_s = failures < 1 ? 1 : failures > 10 ? BACKOFF_MAX_S : (int64_t)1 << (failures - 1), delay_s;

    if (most_s > BACKOFF_MAX_S)
        most_s = BACKOFF_MAX_S;
    delay_s = most_s - most_s / 2 + (int64_t)((uint64_t)(most_s / 2 + 1) * (hash >> 32) >> 32);
    if (retry_after_s > JT_RETRY_MAX_S)
        retry_after_s = JT_RETRY_MAX_S;
    return delay_s > retry_after_s ? delay_s : retry_after_s;
}
