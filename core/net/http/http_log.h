/* SPDX-License-Identifier: MIT */
/* Exchanges in the log, at LOG_DEBUG, secrets replaced. */
#ifndef JT_NET_HTTP_LOG_H
#define JT_NET_HTTP_LOG_H

#include "net/flow/flow.h"

void jt_http_log_request(const struct jt_flow *flow);
void jt_http_log_response(const struct jt_flow *flow, const struct jt_http_response *response);

#endif
