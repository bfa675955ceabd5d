/* SPDX-License-Identifier: MIT */
/* Running one flow; and taking the steps that a flow asks for, which run_many.c does too. */
#ifndef JT_NET_HTTP_RUN_H
#define JT_NET_HTTP_RUN_H

#include "net/http/pool.h"

/* To its end in this thread: what struct jt_net offers as run. */
int jt_run_flow(struct jt_net_pool *pool, const struct jt_flow_spec *spec, struct jt_flow_result *result,
                jeton_error **ret_error);

/* Ends the flow with the error of an exchange, which gets the request put before it. */
jeton_step jt_run_fail(struct jt_flow *flow, jeton_error **error);
/* Starts an exchange on the handle: announcement, log, options. JETON_STEP_SEND: transfer it now. */
jeton_step jt_run_begin(struct jt_flow *flow, struct jt_http *http);
/* After the transfer: hands the response, or the failure, to the flow. */
jeton_step jt_run_end(struct jt_flow *flow, struct jt_http *http, CURLcode code);
/* Until when a flow that waits must sleep, as jt_boot_ms(); JETON_STEP_WAIT, or FAIL when its time is over before that.
 * What a person must see is shown. */
jeton_step jt_run_wait(struct jt_flow *flow, int64_t *ret_until_ms);
void jt_run_sleep(int64_t until_ms);
/* Moves what the flow brought to the caller. Returns the status. */
int jt_run_finish(struct jt_flow *flow, jeton_step step, struct jt_flow_result *result, jeton_error **ret_error);

#endif
