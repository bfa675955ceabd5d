/* SPDX-License-Identifier: MIT */
/* Making a flow fail, with a sentence, a status and what the provider said. Secrets in them are replaced. */
#ifndef JT_NET_FLOW_FAULT_H
#define JT_NET_FLOW_FAULT_H

#include "net/flow/state.h"

/* Makes the flow fail when the current call into the plugin returns, whatever step the plugin returns. The first such
 * failure counts. */
void jt_fault_stick(struct jt_flow *flow, int status, const char *format, ...) JT_PRINTF(3, 4);
/* The same with JETON_INTERNAL, for a plugin that breaks its contract; the message names the plugin. */
void jt_fault_contract(struct jt_flow *flow, const char *format, ...) JT_PRINTF(2, 3);
/* Ends the flow with the error "<plugin>: <request>: HTTP n: <code>: <text>". Returns JETON_STEP_FAIL. code and
 * description may be NULL. */
jeton_step jt_fault_end(struct jt_flow *flow, int status, const char *code, const char *description, const char *format,
                        ...) JT_PRINTF(5, 6);
/* The status for a response's HTTP status and error code, by the rules of error_response in <jeton/provider.h>. */
int jt_fault_status(int http_status, const char *code);

#endif
