/* SPDX-License-Identifier: MIT */
/* What the response says that a flow is at: headers, times, and its start for a message. */
#ifndef JT_NET_FLOW_RESPONSE_H
#define JT_NET_FLOW_RESPONSE_H

#include "net/flow/state.h"

/* The last header of that name, or NULL; in the flow's scratch memory. */
const char *jt_response_header(struct jt_flow *flow, const char *name);
/* Retry-After in seconds (RFC 9110 10.2.3: a number, or a date against the clock); -1: none. */
int64_t jt_response_retry_after(struct jt_flow *flow);
/* How far the provider's clock (RFC 9110 6.6.1: Date) is ahead of ours at most; 0: the two agree, or it does not say.
 */
int64_t jt_response_clock_ahead_s(struct jt_flow *flow);
/* Content type and the start of the body, shortened, without secrets. */
void jt_response_add_excerpt(struct jt_flow *flow, struct jt_buf *buf);

#endif
