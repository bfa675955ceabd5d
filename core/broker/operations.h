/* SPDX-License-Identifier: MIT */
/* What the operations by name share: taking the lease, reading the row, saying that nothing is stored. It never runs a
 * flow. */
#ifndef JT_BROKER_OPERATIONS_H
#define JT_BROKER_OPERATIONS_H

#include "broker/call.h"

/* The lease on the call's name; JETON_TRY_LATER when it cannot be had within the caller's time (a minute without one).
 * Rows are written with its fence, so that a holder that lost it without noticing is refused. */
int JT_MUST_CHECK jt_operation_lease(const struct jt_call *call, struct jt_store_lease **ret_lease, int64_t *ret_fence,
                                     jeton_error **ret_error);
int JT_MUST_CHECK jt_operation_read(const struct jt_call *call, struct jt_entry *ret_entry, jeton_error **ret_error);
/* JETON_USAGE: nothing stored for the name. */
int JT_MUST_CHECK jt_operation_no_token(const struct jt_call *call, const struct jt_entry *entry,
                                        jeton_error **ret_error);

#endif
