/* SPDX-License-Identifier: MIT */
/* The row of a call: taking its lease, reading it, writing it while others write too. */
#ifndef JT_BROKER_ROW_H
#define JT_BROKER_ROW_H

#include "broker/call.h"

/* The lease on the call's name. JETON_TRY_LATER: it cannot be had within the caller's time (two minutes without one).
 * Rows are written with its fence, so that a holder that lost it without noticing is refused. */
int JT_MUST_CHECK jt_row_lease(const struct jt_call *call, struct jt_store_lease **ret_lease, int64_t *ret_fence,
                               jeton_error **ret_error);
int JT_MUST_CHECK jt_row_read(const struct jt_call *call, struct jt_entry *ret_entry, jeton_error **ret_error);
/* JETON_USAGE: nothing is stored for the name. */
int JT_MUST_CHECK jt_row_no_token(const struct jt_call *call, const struct jt_entry *entry, jeton_error **ret_error);

/* Called if another writer was first. `other` is the row as it is now; its members may be moved away. The function may
 * change what is to be written. It ends the commit with a status other than JETON_OK, or with *ret_stop: nothing needs
 * to be written any more. */
typedef int jt_row_overtaken(void *data, struct jt_entry *other, bool *ret_stop, jeton_error **ret_error);

/* Writes the entry over the row that it was read from. If other writers have changed that row meanwhile, `overtaken`
 * decides; NULL: it is overwritten. JETON_TRY_LATER: other writers keep changing it. */
int JT_MUST_CHECK jt_row_commit(const struct jt_call *call, struct jt_entry *entry, bool durable,
                                jt_row_overtaken *overtaken, void *data, jeton_error **ret_error);

#endif
