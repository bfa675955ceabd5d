/* SPDX-License-Identifier: MIT */
/* Revocation, and the queue of revocations that could not reach the provider. */
#ifndef JT_BROKER_REVOKE_H
#define JT_BROKER_REVOKE_H

#include "broker/call.h"

/* The variant under which a queued revocation is kept starts with this; no request can make such a variant. */
#define JT_REVOKING_PREFIX "revoking="
/* The variant under which the revocation of this token of this variant is queued. NULL: out of memory; the caller
 * frees. */
char *jt_revoke_variant(const char *variant, const char *access_token) JT_MUST_CHECK;

/* The due time of a queued revocation, from the time of its next try. All of them lie before any time, so that they are
 * found in front of a crowd of expired tokens, and those that still have to wait lie behind those that have not. */
static inline int64_t jt_revoke_due_at(int64_t retry_at)
{
    return retry_at == JT_NEVER ? JT_NEVER : retry_at - (INT64_C(1) << 62);
}

/* Tries one queued revocation that is due, of any name; at most every five seconds a context. Failures stay in the row.
 */
void jt_revoke_try_queued(jeton *ctx);

#endif
