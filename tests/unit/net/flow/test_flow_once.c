/* SPDX-License-Identifier: MIT */
/* What a request spends, such as a code or a refresh token, is announced before it is sent, and accounted for after. */
#include "tests/lib/probe.h"

static const struct jeton_host *const host = &jt_host;

static int announced;
static int announce_status;

static int announce(void *data, jeton_error **ret_error)
{
    announced++;
    return announce_status == JETON_OK ? JETON_OK : jt_error_set(ret_error, announce_status, "%s", (const char *)data);
}

static jeton_step spends_a_code(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", "/token");
    host->form(flow, "code", host->param(flow, "code"));
    return JETON_STEP_SEND;
}

static struct jt_flow *spending_flow(enum jt_operation operation, const char *code, struct jt_plugin *plugin,
                                     struct jt_fields *params)
{
    struct jt_flow_spec spec = {.plugin = plugin,
                                .operation = operation,
                                .params = params,
                                .deadline_ms = JT_NEVER,
                                .before_once = announce,
                                .data = (void *)(uintptr_t) "the store is full"};
    struct jt_flow *flow = NULL;
    jeton_error *error = NULL;

    announced = 0;
    *plugin = probe_plugin(spends_a_code);
    if (code != NULL)
        CHECK_OK(jt_fields_set(params, "code", code, 0, &error), &error);
    CHECK_OK(jt_flow_new(&spec, &flow, &error), &error);
    CHECK_INT(jt_flow_start(flow), JETON_STEP_SEND);
    return flow;
}

static void what_spends_something_is_announced_before_it_is_sent(void)
{
    static const struct {
        enum jt_operation operation;
        const char *code;
        bool once;
    } cases_[] = {{JT_ACQUIRE, NULL, false}, {JT_ACQUIRE, "c-1", true}, {JT_REFRESH, NULL, true}};

    announce_status = JETON_OK;
    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        JT_AUTO_FIELDS struct jt_fields params = {0};
        struct jt_http_response response = {.status = 200, .body = "{\"access_token\":\"t\"}", .body_len = 20};
        struct jt_plugin plugin;
        struct jt_flow *flow = spending_flow(cases_[i].operation, cases_[i].code, &plugin, &params);

        CHECK_INT(jt_flow_request(flow)->once, cases_[i].once);
        CHECK_INT(announced, 0);
        CHECK_INT(jt_flow_before_send(flow), JETON_STEP_SEND);
        CHECK_INT(announced, cases_[i].once);
        CHECK_INT(jt_flow_result(flow)->sent_once, false);
        jt_flow_sent(flow);
        CHECK_INT(jt_flow_result(flow)->sent_once, cases_[i].once);
        CHECK_INT(jt_flow_result(flow)->answered_once, false);
        CHECK_INT(jt_flow_respond(flow, &response), JETON_STEP_DONE);
        CHECK_INT(jt_flow_result(flow)->answered_once, cases_[i].once);
        jt_flow_free(&flow);
    }
}

static void nothing_is_sent_when_the_announcement_fails(void)
{
    JT_AUTO_FIELDS struct jt_fields params = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_plugin plugin;
    struct jt_flow *flow = spending_flow(JT_ACQUIRE, "c-1", &plugin, &params);

    announce_status = JETON_TRY_LATER;
    CHECK_INT(jt_flow_before_send(flow), JETON_STEP_FAIL);
    error = jt_flow_take_error(flow);
    CHECK_INT(jeton_error_status(error), JETON_TRY_LATER);
    CHECK_CONTAINS(jeton_error_message(error), "the store is full");
    CHECK_INT(jt_flow_result(flow)->sent_once, false);
    CHECK_INT(jt_flow_before_send(flow), JETON_STEP_FAIL);
    CHECK_INT(announced, 1);
    jt_flow_free(&flow);
}

static const struct check_case cases[] = {
    {"what spends something is announced before it is sent", what_spends_something_is_announced_before_it_is_sent},
    {"nothing is sent when the announcement fails", nothing_is_sent_when_the_announcement_fails},
};

CHECK_MAIN("flow_once", cases)
