/* SPDX-License-Identifier: MIT */
/* What a plugin may read of a response: values by JSON pointer, headers, the body. It never says what an
 * answer means. */
#include "net/host/host.h"
#include <string.h>
#include <strings.h>

static bool response_find(struct jt_flow *flow, const char *pointer, struct json_object **ret_value)
{
    return pointer != NULL && jt_flow_parse(flow) && jt_json_find(flow->json, pointer, ret_value);
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
    text = jt_arena_copy(&flow->scratch, jt_buf_str(&buf), buf.len);
    if (text == NULL)
        jt_fault_no_memory(flow);
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

/* In the lines as they came; the last one of a name counts, as in the parsed list. */
static const char *response_head_line(struct jt_flow *flow, const char *name)
{
    const char *head = flow->response->head, *found = NULL;
    size_t name_len = strlen(name), found_len = 0;
    char *copy;

    while (head != NULL && *head != '\0') {
        size_t len = strcspn(head, "\n");

        if (len > name_len && head[name_len] == ':' && strncasecmp(head, name, name_len) == 0) {
            found = head + name_len + 1;
            found_len = len - name_len - 1;
        }
        head += len + (head[len] == '\n');
    }
    if (found == NULL)
        return NULL;
    while (found_len > 0 && (*found == ' ' || *found == '\t')) {
        found++;
        found_len--;
    }
    while (found_len > 0 && strchr(" \t\r", found[found_len - 1]) != NULL)
        found_len--;
    copy = jt_arena_copy(&flow->scratch, found, found_len);
    if (copy == NULL)
        jt_fault_no_memory(flow);
    return copy;
}

const char *jt_response_header(struct jt_flow *flow, const char *name)
{
    const struct jt_fields *headers;

    if (flow->response == NULL || name == NULL || *name == '\0')
        return NULL;
    headers = &flow->response->headers;
    for (size_t i = headers->len; i-- > 0;)
        if (strcasecmp(headers->items[i].name, name) == 0)
            return headers->items[i].value;
    return response_head_line(flow, name);
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
