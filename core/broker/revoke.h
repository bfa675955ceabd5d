/* SPDX-License-Identifier: MIT */
/* Queued revocations, which are tried again during other calls. */
#ifndef JT_BROKER_REVOKE_H
#define JT_BROKER_REVOKE_H

#include "broker/context.h"

/* Tries one queued revocation that is due, of any name; at most every five seconds a context. Failures stay in the row.
 */
void jt_revoke_try_queued(jeton *ctx);

#endif
