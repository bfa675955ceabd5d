/* SPDX-License-Identifier: MIT */
/* One running operation without any I/O: it calls the plugin, holds what the plugin prepared, and takes the outcome.
 * run.c drives it with real requests, tests with recorded ones. */
#ifndef JT_NET_FLOW_H
#define JT_NET_FLOW_H

#include "net/net.h"

/* A request as the plugin prepared it. */
struct jt_http_request {
    const char *method;       /* one of a few constants */
    char *url;                /* absolute, query included */
    struct jt_fields headers; /* content-type of the body included */
    struct jt_buf body;
    bool has_body; /* a POST with neither form nor JSON has an empty one */
    bool once;
};

/* A response as it arrived. */
struct jt_http_response {
    int status;
    struct jt_fields headers; /* names in lower case; the last one of a name wins */
    const char *body;
    size_t body_len;
    int64_t sent_at;  /* wall clock before the request was sent */
    const char *head; /* the header lines as they came, or NULL; asked where `headers` has no such name */
};

/* JT_FLOW_SEND: request() is to be sent. ASK, BROWSE, WAIT likewise. DONE: result() is filled in. FAIL: error() says
 * why. */
struct jt_flow;

int JT_MUST_CHECK jt_flow_new(const struct jt_flow_spec *spec, struct jt_flow **ret_flow, jeton_error **ret_error);
void jt_flow_free(struct jt_flow **flow);
#define JT_AUTO_FLOW JT_CLEANUP(jt_flow_free)

/* Each calls the plugin once and gives the step it asks for. Contract breaks (a step that was not prepared, over 16
 * requests in a row, a result without a token) come back as JETON_STEP_FAIL with an error that names the plugin. */
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
const char *jt_flow_redirect_uri(const struct jt_flow *flow);
int64_t jt_flow_deadline_ms(const struct jt_flow *flow);
struct jt_flow_result *jt_flow_result(struct jt_flow *flow); /* the flow's; its strings may be taken */
jeton_error *jt_flow_take_error(struct jt_flow *flow);
const struct jt_flow_spec *jt_flow_spec(const struct jt_flow *flow);

/* Calls the plugin's own check, if it has one; what struct jt_net offers as check_settings. */
int JT_MUST_CHECK jt_flow_check(const struct jt_plugin *plugin, const struct jt_fields *settings, const char *base_url,
                                void (*complaint)(void *data, const char *setting, const char *sentence), void *data,
                                jeton_error **ret_error);

/* For tests: the clock and the random source; NULL: the real ones. */
void jt_flow_set_clock(struct jt_flow *flow, int64_t (*now)(void *), int (*random)(void *, void *, size_t), void *data);

extern const struct jeton_host jt_host; /* host.c */

#endif
