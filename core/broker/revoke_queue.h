/* SPDX-License-Identifier: MIT */
/* The rows of queued revocations, those that have not reached the provider yet. Each has a row of its own under the
 * token's name. */
#ifndef JT_BROKER_REVOKE_QUEUE_H
#define JT_BROKER_REVOKE_QUEUE_H

#include "base/base.h"

/* The variant of such a row starts with this; no request can make such a variant. */
#define JT_REVOKING_PREFIX "revoking="
/* The variant under which the revocation of this token of this variant is queued. NULL: out of memory; the caller
 * frees. */
char *jt_revoke_variant(const char *variant, const char *access_token) JT_MUST_CHECK;

/* The due time of such a row, from the time of the next try. It lies before every real time, so that a scan of what is
 * due finds queued revocations in front of a crowd of expired tokens, the next one to be tried first. */
int64_t jt_revoke_due_at(int64_t retry_at);

#endif
