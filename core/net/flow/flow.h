/* SPDX-License-Identifier: MIT */
/* The face of the room. A flow is one running operation without any I/O: it calls the plugin, holds what the plugin
 * prepared, and takes the outcome of each step. http/ drives it with real requests, tests with recorded ones. The
 * host's functions work on its state; the headers of that are shown here too. */
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

/* Each calls the plugin once and gives the step that it asks for. JETON_STEP_SEND: jt_flow_request is to be sent; ASK,
 * BROWSE and WAIT have their functions below; DONE: jt_flow_result is filled in; FAIL: jt_flow_take_error says why.
 * Contract breaks (a step that was not prepared, over 16 requests in a row, a result without a token) come back as
 * JETON_STEP_FAIL with an error that names the plugin. */
jeton_step jt_flow_start(struct jt_flow *flow);
jeton_step jt_flow_respond(struct jt_flow *flow, const struct jt_http_response *response);
jeton_step jt_flow_answer(struct jt_flow *flow, const struct jt_fields *answers); /* ASK */
jeton_step jt_flow_redirect(struct jt_flow *flow, const char *url); /* BROWSE: where the browser arrived */
jeton_step jt_flow_timer(struct jt_flow *flow);                     /* WAIT */
/* The outcome of a step that could not be taken: ends the flow with this error (taken over). */
jeton_step jt_flow_abort(struct jt_flow *flow, jeton_error **error);

/* At SEND, before the request goes out: announces one that spends something (spec->before_once). JETON_STEP_SEND: send
 * it; JETON_STEP_FAIL: nothing may be sent, the flow is over. */
jeton_step jt_flow_before_send(struct jt_flow *flow);
/* The request, or a part of it, has left this machine. Implied by jt_flow_respond. */
void jt_flow_sent(struct jt_flow *flow);

const struct jt_http_request *jt_flow_request(const struct jt_flow *flow); /* SEND, BROWSE */
int64_t jt_flow_wait_s(const struct jt_flow *flow);
const struct jeton_question *jt_flow_questions(const struct jt_flow *flow, size_t *ret_count);
const char *jt_flow_display(const struct jt_flow *flow, const char **ret_complete, const char **ret_code);
int64_t jt_flow_deadline_ms(const struct jt_flow *flow);
struct jt_flow_result *jt_flow_result(struct jt_flow *flow); /* the flow's; its strings may be taken */
jeton_error *jt_flow_take_error(struct jt_flow *flow);
const struct jt_flow_spec *jt_flow_spec(const struct jt_flow *flow);

/* Calls the plugin's own check of its settings, if it has one. Nothing is sent, and the plugin can only complain. */
int JT_MUST_CHECK jt_flow_check(const struct jt_plugin *plugin, const struct jt_fields *settings, const char *base_url,
                                void (*complaint)(void *data, const char *setting, const char *sentence), void *data,
                                jeton_error **ret_error);

/* For tests: the clock and the random source; NULL: the real ones. */
void jt_flow_set_clock(struct jt_flow *flow, int64_t (*now)(void *), int (*random)(void *, void *, size_t), void *data);

#endif
