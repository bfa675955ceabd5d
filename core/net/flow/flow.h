/* SPDX-License-Identifier: MIT */
/* The face of this room. A flow is one running operation, without any I/O: it calls the plugin, keeps what the plugin
 * prepared, and is given the outcome of each step. http/ drives flows with real requests, tests with recorded ones. The
 * functions that plugins call (host/) work on the flow's state, so the headers of that are included here too. */
#ifndef JT_NET_FLOW_H
#define JT_NET_FLOW_H

#include "net/flow/exchange.h"
#include "net/flow/fault.h"
#include "net/flow/redact.h"
#include "net/flow/request.h"
#include "net/flow/response.h"
#include "net/flow/result.h"
#include "net/flow/spec.h"
#include "net/flow/state.h"

int JT_MUST_CHECK jt_flow_new(const struct jt_flow_spec *spec, struct jt_flow **ret_flow, jeton_error **ret_error);
void jt_flow_free(struct jt_flow **flow);
#define JT_AUTO_FLOW JT_CLEANUP(jt_flow_free)

/* Each calls the plugin once and returns the step that the plugin asks for. JETON_STEP_SEND: send jt_flow_request. ASK,
 * BROWSE, WAIT: see the functions below. DONE: jt_flow_result is filled in. FAIL: jt_flow_take_error says why. If the
 * plugin breaks its contract (a step that it did not prepare, over 16 requests in a row, a result without a token), the
 * step is JETON_STEP_FAIL and the error names the plugin. */
jeton_step jt_flow_start(struct jt_flow *flow);
jeton_step jt_flow_respond(struct jt_flow *flow, const struct jt_http_response *response);
jeton_step jt_flow_answer(struct jt_flow *flow, const struct jt_fields *answers); /* ASK */
jeton_step jt_flow_redirect(struct jt_flow *flow, const char *url); /* BROWSE: where the browser arrived */
jeton_step jt_flow_timer(struct jt_flow *flow);                     /* WAIT */
/* For a step that could not be taken: ends the flow with this error, which is taken over. */
jeton_step jt_flow_abort(struct jt_flow *flow, jeton_error **error);

/* To be called at SEND before the request is sent: if the request spends something, calls spec->before_once.
 * JETON_STEP_SEND: send it. JETON_STEP_FAIL: send nothing, the flow is over. */
jeton_step jt_flow_before_send(struct jt_flow *flow);
/* Says that the request, or a part of it, has left this machine. jt_flow_respond implies it. */
void jt_flow_sent(struct jt_flow *flow);

const struct jt_http_request *jt_flow_request(const struct jt_flow *flow); /* SEND, BROWSE */
int64_t jt_flow_wait_s(const struct jt_flow *flow);
const struct jeton_question *jt_flow_questions(const struct jt_flow *flow, size_t *ret_count);
const char *jt_flow_display(const struct jt_flow *flow, const char **ret_complete, const char **ret_code);
int64_t jt_flow_deadline_ms(const struct jt_flow *flow);
struct jt_flow_result *jt_flow_result(struct jt_flow *flow); /* the flow's; its strings may be taken */
jeton_error *jt_flow_take_error(struct jt_flow *flow);
const struct jt_flow_spec *jt_flow_spec(const struct jt_flow *flow);

/* Calls the plugin's `check` of its settings, if it has one. The plugin can only complain; nothing is sent. */
int JT_MUST_CHECK jt_flow_check(const struct jt_plugin *plugin, const struct jt_fields *settings, const char *base_url,
                                void (*complaint)(void *data, const char *setting, const char *sentence), void *data,
                                jeton_error **ret_error);

/* For tests: replaces the clock and the random source. NULL: the real ones. */
void jt_flow_set_clock(struct jt_flow *flow, int64_t (*now)(void *), int (*random)(void *, void *, size_t), void *data);

#endif
