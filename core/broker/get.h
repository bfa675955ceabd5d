/* SPDX-License-Identifier: MIT */
/* What a get of one name and a get of many have in common: judging a row, handing its token out. */
#ifndef JT_BROKER_GET_H
#define JT_BROKER_GET_H

#include "broker/call.h"

enum jt_verdict {
    JT_VERDICT_FRESH,  /* hand it out */
    JT_VERDICT_DUE,    /* hand it out; renewal is wanted and may be tried */
    JT_VERDICT_NEEDED, /* nothing to hand out */
    JT_VERDICT_SHORT   /* fresh, but this provider's tokens never live as long as the caller asks */
};

/* How long a caller that has a valid token at hand waits for the renewal that it started. */
#define JT_GET_WANTED_WAIT_MS 3000

/* From memory alone: no lock, no system call. */
bool jt_get_cached(jeton *ctx, const char *name, const struct jeton_request *request, jeton_token **ret_token);

/* What the row is good for now; *ret_times (for the cache) where it may be handed out. */
enum jt_verdict jt_get_judge(const struct jt_call *call, int64_t min_ttl_s, const struct jt_entry *entry,
                             uint64_t generation, struct jt_cache_times *ret_times);
/* A damaged row is news for the log, once for each get. */
void jt_get_log_damage(const struct jt_call *call, const struct jt_entry *entry);
uint64_t jt_get_generation(const struct jt_call *call); /* of the store now, for this name */
/* Reads the row and judges it. */
int JT_MUST_CHECK jt_get_read(const struct jt_call *call, struct jt_entry *ret_entry, enum jt_verdict *ret_verdict,
                              struct jt_cache_times *ret_times, jeton_error **ret_error);
/* Makes the caller's token, and caches it. */
int JT_MUST_CHECK jt_get_hand_out(const struct jt_call *call, const struct jt_entry *entry,
                                  const struct jt_cache_times *times, jeton_token **ret_token, jeton_error **ret_error);
/* JETON_REFUSED: the provider's tokens live lifetime_s, and the caller asks for more. */
int JT_MUST_CHECK jt_get_fail_too_short(const struct jt_call *call, int64_t lifetime_s, jeton_error **ret_error);

/* The token that came cannot be handed out: makes that the error, and records it beside what was stored. */
int jt_get_fail_over_already(const struct jt_call *call, struct jt_entry *entry, jeton_error **error);
/* jeton_get without a look at the memory. may_renew: also a token that would do, where that is wanted. */
int JT_MUST_CHECK jt_get_uncached(jeton *ctx, const char *name, const struct jeton_request *request, bool may_renew,
                                  jeton_token **ret_token, jeton_error **ret_error);

#endif
