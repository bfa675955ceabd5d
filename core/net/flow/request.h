/* SPDX-License-Identifier: MIT */
/* The request that a plugin prepares. */
#ifndef JT_NET_FLOW_REQUEST_H
#define JT_NET_FLOW_REQUEST_H

#include "net/flow/state.h"

/* Completes the draft and makes it the request; what is wrong with it sticks to the flow. */
void jt_request_finish(struct jt_flow *flow);
void jt_request_clear(struct jt_http_request *request);

#endif
