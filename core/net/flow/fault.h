/* SPDX-License-Identifier: MIT */
/* How a flow fails: the sentence, the status and what the provider said, secrets replaced. */
#ifndef JT_NET_FLOW_FAULT_H
#define JT_NET_FLOW_FAULT_H

#include "net/flow/state.h"

/* The first failure that sticks stays, whatever the plugin returns. */
void jt_fault_stick(struct jt_flow *flow, int status, const char *format, ...) JT_PRINTF(3, 4);
/* JETON_INTERNAL, and names the plugin. */
void jt_fault_contract(struct jt_flow *flow, const char *format, ...) JT_PRINTF(2, 3);
/* Ends the flow with "<plugin>: <request>: HTTP n: <code>: <text>"; returns JETON_STEP_FAIL. code and description may
 * be NULL. */
jeton_step jt_fault_end(struct jt_flow *flow, int status, const char *code, const char *description, const char *format,
                        ...) JT_PRINTF(5, 6);
/* The status that a response's HTTP status and error code stand for, as error_response promises. */
int jt_fault_status(int http_status, const char *code);

#endif
