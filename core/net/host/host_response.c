/* SPDX-License-Identifier: MIT */
/* Lets the plugin read the response that it is being called with. */
#include "net/host/host_response.h"
#include <string.h>
#include <strings.h>

static bool response_find(struct jt_flow *flow, const char *pointer, struct json_object **ret_value)
{
    return pointer != NULL && jt_state_parse(flow) && jt_json_find(flow->json, pointer, ret_value);
}

const char *jt_host_json(jeton_flow *lent, const char *pointer)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_flow *flow = jt_state_of(lent);
    struct json_object *value;
    const char *text;

    if (!response_find(flow, pointer, &value) || !jt_json_is_scalar(value))
        return NULL;
    text = jt_json_string(value);
    if (text != NULL)
        return text;
    jt_json_add_scalar(&buf, value);
    text = jt_scratch_copy(&flow->scratch, jt_buf_str(&buf), buf.len);
    if (text == NULL)
        jt_state_no_memory(flow);
    return text;
}

int jt_host_json_integer(jeton_flow *lent, const char *pointer, int64_t *ret)
{
    struct json_object *value;

    return response_find(jt_state_of(lent), pointer, &value) && jt_json_integer(value, ret);
}

int jt_host_json_count(jeton_flow *lent, const char *pointer)
{
    struct json_object *value;

    if (!response_find(jt_state_of(lent), pointer, &value))
        return -1;
    if (json_object_is_type(value, json_type_array))
        return (int)json_object_array_length(value);
    return json_object_is_type(value, json_type_object) ? json_object_object_length(value) : -1;
}

const char *jt_host_json_name(jeton_flow *lent, const char *pointer, uint32_t index)
{
    struct json_object *value;

    if (!response_find(jt_state_of(lent), pointer, &value) || !json_object_is_type(value, json_type_object))
        return NULL;
    json_object_object_foreach(value, name, member)
    {
        (void)member;
        if (index-- == 0)
            return name;
    }
    return NULL;
}

const char *jt_host_response_header(jeton_flow *lent, const char *name)
{
    return jt_response_header(jt_state_of(lent), name);
}

const char *jt_host_body(jeton_flow *lent, size_t *ret_len)
{
    const struct jt_http_response *response = jt_state_of(lent)->response;

    if (response == NULL)
        return NULL;
    if (ret_len != NULL)
        *ret_len = response->body_len;
    return response->body != NULL ? response->body : "";
}
