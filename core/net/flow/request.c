/* SPDX-License-Identifier: MIT */
/* Completes a request that the plugin has prepared: its body, its content type, and its URL, which must be https or
 * lead to this machine. */
#include "net/flow/request.h"
#include "net/flow/fault.h"
#include <string.h>
#include <strings.h>

void jt_request_clear(struct jt_http_request *request)
{
    jt_str_wipe(&request->url);
    jt_state_wipe_fields(&request->headers);
    jt_buf_done(&request->body);
    *request = (struct jt_http_request){0};
}

static void request_finish_body(struct jt_flow *flow)
{
    struct jt_http_request *draft = &flow->draft;
    bool takes_none = strcmp(draft->method, "GET") == 0 || strcmp(draft->method, "HEAD") == 0;
    const char *type = NULL;

    if (flow->has_form && flow->request_json != NULL) {
        jt_fault_contract(flow, "it prepares a form and JSON for one request");
        return;
    }
    if (takes_none && (flow->has_form || flow->request_json != NULL)) {
        jt_fault_contract(flow, "it prepares a body for a %s request", draft->method);
        return;
    }
    if (flow->request_json != NULL) {
        jt_json_add(&draft->body, flow->request_json);
        type = "application/json";
    } else if (flow->has_form) {
        type = "application/x-www-form-urlencoded";
    }
    draft->has_body = !takes_none && (type != NULL || strcmp(draft->method, "DELETE") != 0);
    for (size_t i = 0; i < draft->headers.len; i++)
        if (strcasecmp(draft->headers.items[i].name, "content-type") == 0)
            type = NULL;
    if (type != NULL && jt_fields_set(&draft->headers, "Content-Type", type, 0, NULL) != JETON_OK)
        jt_state_no_memory(flow);
    if (draft->body.failed)
        jt_fault_contract(flow, "the request's body is longer than %u bytes", JT_RESPONSE_MAX);
}

void jt_request_finish(struct jt_flow *flow)
{
    struct jt_http_request *draft = &flow->draft;
    struct jt_url parsed;
    const char *wrong;

    request_finish_body(flow);
    if (flow->query.len > 0) {
        jt_buf_add(&flow->url, "?", 1);
        jt_buf_add(&flow->url, flow->query.data, flow->query.len);
    }
    if (flow->url.failed || flow->query.failed) {
        jt_fault_contract(flow, "the request's URL is longer than %u bytes", JT_URL_MAX);
        return;
    }
    draft->url = jt_buf_take(&flow->url);
    if (draft->url == NULL) {
        jt_state_no_memory(flow);
        return;
    }
    wrong = jt_url_parse(draft->url, &parsed);
    if (wrong != NULL) {
        JT_AUTO_BUF struct jt_buf shown = JT_BUF_INIT(JT_URL_MAX);

        jt_url_add_shown(&shown, draft->url);
        jt_fault_stick(flow, JETON_CONFIG, "a request would go to \"%s\", which %s", jt_buf_str(&shown), wrong);
        return;
    }
    draft->once = flow->wants_once || flow->one_time_read || flow->spec.operation == JT_REFRESH;
    if (flow->sticky != NULL)
        return;
    jt_request_clear(&flow->request);
    flow->request = *draft;
    *draft = (struct jt_http_request){0};
}
