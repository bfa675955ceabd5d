/* SPDX-License-Identifier: MIT */
/* Revocation, and the queue of revocations that could not reach the provider. */
#ifndef JT_REVOKE_H
#define JT_REVOKE_H

#include "call.h"

/* The variant under which a queued revocation is kept starts with this; no request can make such a variant. */
#define JT_REVOKING_PREFIX "revoking="
/* The variant under which the revocation of this token of this variant is queued. NULL: out of memory; the caller
 * frees. */
char *jt_revoke_variant(const char *variant, const char *access_token) JT_MUST_CHECK;

/* Tries one queued revocation that is due, of any name; at most every five seconds a context. Failures stay in the row.
 */
void jt_revoke_try_queued(jeton *ctx);

#endif
