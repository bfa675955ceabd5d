/* SPDX-License-Identifier: MIT */
/* Marking a stored access token as one that may not be handed out. The refresh token beside it stays good. */
#ifndef JT_BROKER_INVALIDATE_H
#define JT_BROKER_INVALIDATE_H

#include "broker/call.h"

/* access_token NULL: whatever is stored. Needs no lease, so it does not wait for a renewal that is under way. */
int JT_MUST_CHECK jt_invalidate_row(const struct jt_call *call, const char *access_token, jeton_error **ret_error);

#endif
