/* SPDX-License-Identifier: MIT */
/* Builds the body of the next request: either a form or JSON. */
#include "net/host/host_body.h"
#include <string.h>

static bool body_is_begun(struct jt_flow *flow, const char *setter, const char *name)
{
    if (!flow->has_request)
        jt_fault_contract(flow, "it calls %s before request", setter);
    else if (name == NULL)
        jt_fault_contract(flow, "it calls %s without a name", setter);
    else
        return flow->sticky == NULL;
    return false;
}

void jt_host_form(jeton_flow *lent, const char *name, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);
    struct jt_buf *body = &flow->draft.body;

    if (!body_is_begun(flow, "form", name))
        return;
    /* A form is sent, with its content type, even if every value in it is left out. */
    flow->has_form = true;
    if (value == NULL)
        return;
    if (body->len > 0)
        jt_buf_add(body, "&", 1);
    jt_text_add_form(body, name);
    jt_buf_add(body, "=", 1);
    jt_text_add_form(body, value);
}

static void body_put(struct jt_flow *flow, const char *pointer, struct json_object *value)
{
    unsigned levels = 0;

    for (const char *p = pointer; *p != '\0'; p++)
        levels += *p == '/';
    if (value == NULL) {
        jt_state_no_memory(flow);
    } else if (levels > (unsigned)JT_JSON_DEPTH) {
        jt_json_free(&value);
        jt_fault_contract(flow, "it builds JSON deeper than %d levels", JT_JSON_DEPTH);
    } else if (!jt_json_put(&flow->request_json, pointer, value)) {
        jt_fault_contract(flow, "there is no place in its JSON at \"%s\"", pointer);
    }
}

void jt_host_json_put(jeton_flow *lent, const char *pointer, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (value == NULL || !body_is_begun(flow, "json_put", pointer))
        return;
    if (!jt_utf8_is_valid(value, strlen(value)))
        jt_fault_stick(flow, JETON_CONFIG, "the value for \"%s\" in the request is not UTF-8", pointer);
    else
        body_put(flow, pointer, json_object_new_string(value));
}

void jt_host_json_put_integer(jeton_flow *lent, const char *pointer, int64_t value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (body_is_begun(flow, "json_put_integer", pointer))
        body_put(flow, pointer, json_object_new_int64(value));
}

void jt_host_json_put_boolean(jeton_flow *lent, const char *pointer, int value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (body_is_begun(flow, "json_put_boolean", pointer))
        body_put(flow, pointer, json_object_new_boolean(value != 0));
}
