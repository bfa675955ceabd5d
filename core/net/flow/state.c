/* SPDX-License-Identifier: MIT */
/* Functions that the files of flow/ and host/ share to read a running flow. */
#include "net/flow/state.h"
#include <string.h>

const char *jt_state_plugin_name(const struct jt_flow *flow)
{
    return flow->spec.plugin->table.name;
}

const char *jt_state_operation_name(const struct jt_flow *flow)
{
    return flow->checking ? "check" : jt_operation_name(flow->spec.operation);
}

const char *jt_state_redirect_uri(const struct jt_flow *flow)
{
    const struct jt_field *configured = jt_state_find(flow->spec.settings, "redirect_uri");

    return configured != NULL ? configured->value : JT_DEFAULT_REDIRECT_URI;
}

int64_t jt_state_now(const struct jt_flow *flow)
{
    return flow->response != NULL ? flow->response->sent_at : flow->clock_now(flow->clock_data);
}

void jt_state_wipe_fields(struct jt_fields *fields)
{
    for (size_t i = 0; i < fields->len; i++)
        jt_wipe(fields->items[i].value, fields->items[i].len);
    jt_fields_done(fields);
}

bool jt_state_parse(struct jt_flow *flow)
{
    const struct jt_http_response *response = flow->response;
    char why[JT_JSON_WHY] = "is not there";

    if (flow->json_state != JT_JSON_UNREAD)
        return flow->json_state == JT_JSON_GOOD;
    flow->json_state = JT_JSON_BAD;
    if (response != NULL && jt_json_parse(response->body != NULL ? response->body : "", response->body_len, &flow->json,
                                          why, sizeof(why)) == JETON_OK) {
        flow->json_state = JT_JSON_GOOD;
        return true;
    }
    flow->json_why = jt_scratch_copy(&flow->scratch, why, strlen(why));
    if (flow->json_why == NULL)
        flow->json_why = "is no JSON";
    return false;
}

void jt_state_no_memory(struct jt_flow *flow)
{
    if (flow->sticky == NULL)
        (void)jt_error_no_memory(&flow->sticky);
}
