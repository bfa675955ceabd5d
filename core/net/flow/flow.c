/* SPDX-License-Identifier: MIT */
/* Runs a plugin's operation from step to step, and checks that the plugin keeps its contract. */
#include "net/flow/flow.h"
#include "net/flow/judge.h"
#include "net/flow/redirect.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static int64_t flow_clock(void *data)
{
    (void)data;
    return jt_now();
}

static int flow_random(void *data, void *out, size_t len)
{
    (void)data;
    randombytes_buf(out, len);
    return 1;
}

static jeton_operation flow_operation(const struct jt_flow *flow)
{
    const struct jeton_provider *table = &flow->spec.plugin->table;

    return flow->checking ? table->check : jt_operation_of(table, flow->spec.operation);
}

int jt_flow_new(const struct jt_flow_spec *spec, struct jt_flow **ret_flow, jeton_error **ret_error)
{
    JT_AUTO_FLOW struct jt_flow *flow = calloc(1, sizeof(*flow));

    if (flow == NULL)
        return jt_error_no_memory(ret_error);
    flow->spec = *spec;
    flow->clock_now = flow_clock;
    flow->clock_random = flow_random;
    flow->own_deadline_ms = JT_NEVER;
    flow->result.token = JT_TOKENSET_INIT;
    flow->url = flow->query = JT_BUF_INIT(JT_URL_MAX);
    if (flow_operation(flow) == NULL)
        return jt_error_set(ret_error, JETON_NOT_SUPPORTED, "%s has no operation \"%s\"", jt_state_plugin_name(flow),
                            jt_state_operation_name(flow));
    *ret_flow = jt_take(&flow);
    return JETON_OK;
}

/* Drops what the plugin prepared in the last call. */
static void flow_forget_prepared(struct jt_flow *flow)
{
    jt_request_clear(&flow->draft);
    jt_buf_done(&flow->url);
    jt_buf_done(&flow->query);
    jt_json_free(&flow->request_json);
    jt_json_free(&flow->jwt_head);
    jt_json_free(&flow->jwt_claims);
    flow->jwt_alg = NULL;
    flow->has_request = flow->has_form = flow->has_wait = flow->wants_once = false;
    flow->headers_len = 0;
}

static void flow_forget_questions(struct jt_flow *flow)
{
    for (size_t i = 0; i < flow->questions_len; i++) {
        free((char *)(uintptr_t)flow->questions[i].name);
        free((char *)(uintptr_t)flow->questions[i].prompt);
    }
    flow->questions_len = 0;
}

static void flow_forget_event(struct jt_flow *flow)
{
    flow->response = NULL;
    jt_json_free(&flow->json);
    flow->json_state = JT_JSON_UNREAD;
    jt_state_wipe_fields(&flow->answers);
    jt_scratch_reset(&flow->scratch);
}

void jt_flow_free(struct jt_flow **flow)
{
    struct jt_flow *own = *flow;

    if (own == NULL)
        return;
    flow_forget_prepared(own);
    flow_forget_questions(own);
    free(own->questions);
    flow_forget_event(own);
    jt_request_clear(&own->request);
    jt_state_wipe_fields(&own->kept);
    jt_state_wipe_fields(&own->signed_texts);
    jt_json_free(&own->stored_extra);
    jt_json_free(&own->extra);
    jt_json_free(&own->answer);
    jt_str_free(&own->hint);
    jt_str_wipe(&own->display_url);
    jt_str_wipe(&own->display_complete);
    jt_str_wipe(&own->display_code);
    jeton_error_free(&own->error);
    jeton_error_free(&own->sticky);
    jt_flow_result_done(&own->result);
    free(own);
    *flow = NULL;
}

static jeton_step flow_end(struct jt_flow *flow, jeton_step step)
{
    if (flow->sticky != NULL) {
        jeton_error_free(&flow->error);
        flow->error = jt_take(&flow->sticky);
        step = JETON_STEP_FAIL;
    }
    if (step == JETON_STEP_FAIL && flow->hint != NULL)
        jt_error_set_hint(&flow->error, "%s", flow->hint);
    if (step == JETON_STEP_FAIL)
        jt_error_set_name(&flow->error, flow->spec.name);
    flow->over = step == JETON_STEP_DONE || step == JETON_STEP_FAIL;
    flow->step = step;
    return step;
}

static jeton_step flow_call(struct jt_flow *flow, uint32_t type, int http_status)
{
    struct jeton_event event = {
        .struct_size = sizeof(event), .type = type, .http_status = http_status, .stage = flow->stage};
    jeton_step step;

    flow_forget_questions(flow);
    flow->has_display = false;
    flow->lent.flow = flow;
    step = flow_operation(flow)(&flow->lent, &event);
    jt_judge_step(flow, step);
    step = flow_end(flow, step);
    flow->lent.flow = NULL;
    flow_forget_prepared(flow);
    flow_forget_event(flow);
    return step;
}

/* The driver passed the outcome of another step than the one that the flow asked for. That is jeton's defect, not the
 * plugin's. */
static jeton_step flow_misdriven(struct jt_flow *flow)
{
    if (!flow->over) {
        jeton_error_free(&flow->error);
        (void)jt_error_set(&flow->error, JETON_INTERNAL, "%s: a flow was given the outcome of a step that it is not at",
                           jt_state_plugin_name(flow));
        flow->over = true;
        flow->step = JETON_STEP_FAIL;
    }
    return JETON_STEP_FAIL;
}

jeton_step jt_flow_start(struct jt_flow *flow)
{
    if (flow->over || flow->started)
        return flow_misdriven(flow);
    flow->started = true;
    return flow_call(flow, JETON_EVENT_START, 0);
}

jeton_step jt_flow_respond(struct jt_flow *flow, const struct jt_http_response *response)
{
    jeton_error *error = NULL;

    if (flow->over || flow->step != JETON_STEP_SEND)
        return flow_misdriven(flow);
    jt_flow_sent(flow);
    flow->result.answered_once = flow->result.answered_once || flow->request.once;
    if (response->status < 100 || response->status > 599) {
        (void)jt_error_set(&error, JETON_BAD_ANSWER, "%s: the answer has the HTTP status %d, which does not exist",
                           jt_state_plugin_name(flow), response->status);
        return jt_flow_abort(flow, &error);
    }
    flow->response = response;
    return flow_call(flow, JETON_EVENT_RESPONSE, response->status);
}

jeton_step jt_flow_answer(struct jt_flow *flow, const struct jt_fields *answers)
{
    jeton_error *error = NULL;

    if (flow->over || flow->step != JETON_STEP_ASK)
        return flow_misdriven(flow);
    for (size_t i = 0; i < answers->len; i++)
        if (jt_fields_set(&flow->answers, answers->items[i].name, answers->items[i].value, answers->items[i].flags,
                          &error) != JETON_OK)
            return jt_flow_abort(flow, &error);
    return flow_call(flow, JETON_EVENT_ANSWER, 0);
}

jeton_step jt_flow_redirect(struct jt_flow *flow, const char *url)
{
    jeton_error *error = NULL;

    if (flow->over || flow->step != JETON_STEP_BROWSE)
        return flow_misdriven(flow);
    if (jt_redirect_read(flow, url, &error) != JETON_OK)
        return jt_flow_abort(flow, &error);
    return flow_call(flow, JETON_EVENT_REDIRECT, 0);
}

jeton_step jt_flow_timer(struct jt_flow *flow)
{
    if (flow->over || flow->step != JETON_STEP_WAIT)
        return flow_misdriven(flow);
    return flow_call(flow, JETON_EVENT_TIMER, 0);
}

jeton_step jt_flow_abort(struct jt_flow *flow, jeton_error **error)
{
    jeton_error_free(&flow->sticky);
    flow->sticky = jt_take(error);
    return flow_end(flow, JETON_STEP_FAIL);
}

jeton_step jt_flow_before_send(struct jt_flow *flow)
{
    jeton_error *error = NULL;

    if (flow->over || flow->step != JETON_STEP_SEND)
        return flow_misdriven(flow);
    if (!flow->request.once || flow->once_announced || flow->spec.before_once == NULL)
        return JETON_STEP_SEND;
    flow->once_announced = true;
    if (flow->spec.before_once(flow->spec.data, &error) == JETON_OK)
        return JETON_STEP_SEND;
    return jt_flow_abort(flow, &error);
}

void jt_flow_sent(struct jt_flow *flow)
{
    flow->result.sent_once = flow->result.sent_once || flow->request.once;
}

const struct jt_http_request *jt_flow_request(const struct jt_flow *flow)
{
    return flow->request.url != NULL ? &flow->request : NULL;
}

int64_t jt_flow_wait_s(const struct jt_flow *flow)
{
    return flow->wait_s;
}

const struct jeton_question *jt_flow_questions(const struct jt_flow *flow, size_t *ret_count)
{
    *ret_count = flow->questions_len;
    return flow->questions;
}

const char *jt_flow_display(const struct jt_flow *flow, const char **ret_complete, const char **ret_code)
{
    if (!flow->has_display)
        return NULL;
    *ret_complete = flow->display_complete;
    *ret_code = flow->display_code;
    return flow->display_url;
}

int64_t jt_flow_deadline_ms(const struct jt_flow *flow)
{
    int64_t callers = flow->spec.deadline_ms > 0 ? flow->spec.deadline_ms : JT_NEVER;

    return callers < flow->own_deadline_ms ? callers : flow->own_deadline_ms;
}

struct jt_flow_result *jt_flow_result(struct jt_flow *flow)
{
    return &flow->result;
}

jeton_error *jt_flow_take_error(struct jt_flow *flow)
{
    return jt_take(&flow->error);
}

const struct jt_flow_spec *jt_flow_spec(const struct jt_flow *flow)
{
    return &flow->spec;
}

void jt_flow_set_clock(struct jt_flow *flow, int64_t (*now)(void *), int (*random)(void *, void *, size_t), void *data)
{
    flow->clock_now = now != NULL ? now : flow_clock;
    flow->clock_random = random != NULL ? random : flow_random;
    flow->clock_data = data;
}

int jt_flow_check(const struct jt_plugin *plugin, const struct jt_fields *settings, const char *base_url,
                  void (*complaint)(void *data, const char *setting, const char *sentence), void *data,
                  jeton_error **ret_error)
{
    struct jt_flow_spec spec = {.plugin = plugin, .settings = settings, .base_url = base_url, .deadline_ms = JT_NEVER};
    JT_AUTO_FLOW struct jt_flow *flow = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status;

    if (plugin->table.check == NULL)
        return JETON_OK;
    status = jt_flow_new(&spec, &flow, ret_error);
    if (status != JETON_OK)
        return status;
    flow->checking = true;
    flow->complaint = complaint;
    flow->complaint_data = data;
    if (jt_flow_start(flow) == JETON_STEP_DONE)
        return JETON_OK;
    error = jt_flow_take_error(flow);
    return jt_error_give(ret_error, &error);
}
