/* SPDX-License-Identifier: MIT */
/* Completing the request that a plugin has prepared. */
#ifndef JT_NET_FLOW_REQUEST_H
#define JT_NET_FLOW_REQUEST_H

#include "net/flow/state.h"

/* Completes the draft and makes it the flow's request. If something is wrong with it, makes the flow fail. */
void jt_request_finish(struct jt_flow *flow);
void jt_request_clear(struct jt_http_request *request);

#endif
