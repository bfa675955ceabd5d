/* SPDX-License-Identifier: MIT */
/* Runs one flow to its end in the calling thread. */
#include "net/http/run.h"
#include "net/http/converse.h"
#include "net/http/http_end.h"
#include "net/http/http_log.h"
#include <errno.h>
#include <time.h>

jeton_step jt_run_fail(struct jt_flow *flow, jeton_error **error)
{
    JT_AUTO_BUF struct jt_buf place = JT_BUF_INIT(JT_RESPONSE_MAX);

    jt_url_add_shown(&place, flow->request.url);
    jt_error_prefix(error, "%s: %s %s", jt_state_plugin_name(flow), flow->request.method, jt_buf_str(&place));
    return jt_flow_abort(flow, error);
}

jeton_step jt_run_begin(struct jt_flow *flow, struct jt_http *http)
{
    jeton_error *error = NULL;
    jeton_step step = jt_flow_before_send(flow);

    if (step != JETON_STEP_SEND)
        return step;
    if (jt_http_begin(http, &flow->request, &flow->spec.http, jt_flow_deadline_ms(flow), &error) != JETON_OK)
        return jt_run_fail(flow, &error);
    jt_http_log_request(flow);
    return JETON_STEP_SEND;
}

jeton_step jt_run_end(struct jt_flow *flow, struct jt_http *http, CURLcode code)
{
    struct jt_http_response response;
    jeton_error *error = NULL;
    bool sent;
    int status = jt_http_end(http, code, &response, &sent, &error);

    if (sent)
        jt_flow_sent(flow);
    if (status != JETON_OK) {
        jt_log_write(flow->spec.log, LOG_DEBUG, "%s: ! %s", flow->spec.name != NULL ? flow->spec.name : "",
                     jeton_error_message(error));
        return jt_run_fail(flow, &error);
    }
    jt_http_log_response(flow, &response);
    return jt_flow_respond(flow, &response);
}

static jeton_step run_exchange(struct jt_net_pool *pool, struct jt_flow *flow)
{
    struct jt_http *http = NULL;
    jeton_error *error = NULL;
    jeton_step step;
    CURLcode code;

    if (jt_pool_take(pool, flow->request.url, &http, &error) != JETON_OK)
        return jt_run_fail(flow, &error);
    step = jt_run_begin(flow, http);
    if (step == JETON_STEP_SEND) {
        code = curl_easy_perform(http->easy);
        if (jt_http_again(http, code))
            code = curl_easy_perform(http->easy);
        step = jt_run_end(flow, http, code);
    }
    jt_pool_give(pool, &http);
    return step;
}

jeton_step jt_run_wait(struct jt_flow *flow, int64_t *ret_until_ms)
{
    int64_t now_ms = jt_boot_ms(), deadline_ms = jt_flow_deadline_ms(flow), left_ms = deadline_ms - now_ms;
    jeton_error *error = NULL;
    bool callers = flow->spec.deadline_ms > 0 && deadline_ms == flow->spec.deadline_ms;
    jeton_step step = jt_converse_display(flow);

    if (step != JETON_STEP_WAIT)
        return step;
    if (left_ms >= 0 && flow->wait_s <= left_ms / 1000) {
        *ret_until_ms = now_ms + flow->wait_s * 1000;
        return JETON_STEP_WAIT;
    }
    /* Waiting on would only end the same way later. */
    if (callers)
        (void)jt_error_set(&error, JETON_TRY_LATER,
                           "%s: the time for this is over before the provider may be asked again",
                           jt_state_plugin_name(flow));
    else
        (void)jt_error_set(&error, JETON_LOGIN_NEEDED,
                           "%s: nobody has signed in within the time that the provider gave",
                           jt_state_plugin_name(flow));
    return jt_flow_abort(flow, &error);
}

void jt_run_sleep(int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, NULL) == EINTR)
        continue;
}

int jt_run_finish(struct jt_flow *flow, jeton_step step, struct jt_flow_result *result, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_flow_result *brought = jt_flow_result(flow);

    if (step == JETON_STEP_DONE) {
        *result = *brought;
        *brought = (struct jt_flow_result){0};
        return JETON_OK;
    }
    result->sent_once = brought->sent_once;
    result->answered_once = brought->answered_once;
    error = jt_flow_take_error(flow);
    return jt_error_give(ret_error, &error);
}

int jt_run_flow(struct jt_net_pool *pool, const struct jt_flow_spec *spec, struct jt_flow_result *result,
                jeton_error **ret_error)
{
    JT_AUTO_FLOW struct jt_flow *flow = NULL;
    int status = jt_flow_new(spec, &flow, ret_error);
    int64_t until_ms;
    jeton_step step;

    if (status != JETON_OK)
        return status;
    for (step = jt_flow_start(flow); step != JETON_STEP_DONE && step != JETON_STEP_FAIL;) {
        if (step == JETON_STEP_SEND) {
            step = run_exchange(pool, flow);
        } else if (step == JETON_STEP_WAIT) {
            step = jt_run_wait(flow, &until_ms);
            if (step == JETON_STEP_WAIT) {
                jt_run_sleep(until_ms);
                step = jt_flow_timer(flow);
            }
        } else {
            step = jt_converse(flow, step);
        }
    }
    return jt_run_finish(flow, step, result, ret_error);
}
