/* SPDX-License-Identifier: MIT */
/* Reading the current response of a flow: headers, times, and an excerpt for messages. */
#ifndef JT_NET_FLOW_RESPONSE_H
#define JT_NET_FLOW_RESPONSE_H

#include "net/flow/state.h"

/* The last header of that name, or NULL. Lives in the flow's scratch memory. */
const char *jt_response_header(struct jt_flow *flow, const char *name);
/* Retry-After in seconds (RFC 9110 10.2.3: a number, or a date, which is compared with the clock); -1: none. */
int64_t jt_response_retry_after(struct jt_flow *flow);
/* By how many seconds at most the provider's clock (RFC 9110 6.6.1: Date) is ahead of ours; 0: they agree, or there is
 * no Date. */
int64_t jt_response_clock_ahead_s(struct jt_flow *flow);
/* Appends the content type and the beginning of the body, without secrets. */
void jt_response_add_excerpt(struct jt_flow *flow, struct jt_buf *buf);

#endif
