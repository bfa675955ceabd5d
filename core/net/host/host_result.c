/* SPDX-License-Identifier: MIT */
/* What a plugin hands back: the fields of a token set, an introspection, a list, and what else the provider said. It
 * never judges whether a result is complete; result.c does. */
#include "net/host/host.h"
#include "net/flow/result.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum jt_known_field field;
} known_fields[] = {
    {"access_token", JT_SET_ACCESS_TOKEN},
    {"token_type", JT_SET_TOKEN_TYPE},
    {"refresh_token", JT_SET_REFRESH_TOKEN},
    {"scope", JT_SET_SCOPE},
    {"key_id", JT_SET_KEY_ID},
    {"expires_at", JT_SET_EXPIRES_AT},
    {"expires_in", JT_SET_EXPIRES_IN},
    {"refresh_expires_at", JT_SET_REFRESH_EXPIRES_AT},
};

static uint32_t result_known_field(const char *name)
{
    for (size_t i = 0; i < JT_LEN(known_fields); i++)
        if (strcmp(known_fields[i].name, name) == 0)
            return known_fields[i].field;
    return 0;
}

/* RFC 7662 2.2 */
static bool result_is_introspected(const char *name)
{
    static const char *const names[] = {"active", "scope", "client_id", "username", "token_type", "exp",
                                        "iat",    "nbf",   "sub",       "aud",      "iss",        "jti"};

    for (size_t i = 0; i < JT_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void jt_result_put_text(struct jt_flow *flow, uint32_t field, const char *value, size_t len)
{
    struct jt_tokenset *token = &flow->result.token;
    char **place = field == JT_SET_ACCESS_TOKEN    ? &token->access_token
                   : field == JT_SET_TOKEN_TYPE    ? &token->token_type
                   : field == JT_SET_REFRESH_TOKEN ? &token->refresh_token
                   : field == JT_SET_SCOPE         ? &token->scope
                                                   : &token->key_id;

    if (len > JT_TOKEN_MAX) {
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer holds a token or a field of a token of over %u bytes",
                       JT_TOKEN_MAX);
        return;
    }
    flow->set_fields |= field;
    jt_str_wipe(place);
    *place = strndup(value, len);
    if (*place == NULL)
        jt_fault_no_memory(flow);
}

void jt_result_put_at(struct jt_flow *flow, uint32_t field, int64_t at)
{
    if (at < 0)
        at = 0;
    if (at > JT_LATEST_AT && at != JT_NEVER)
        at = JT_LATEST_AT;
    flow->set_fields |= field;
    if (field == JT_SET_REFRESH_EXPIRES_AT)
        flow->result.token.refresh_expires_at = at;
    else
        flow->result.token.expires_at = at;
}

int64_t jt_result_at(struct jt_flow *flow, int64_t seconds)
{
    int64_t sent_at = jt_flow_now(flow);

    if (seconds <= 0)
        return sent_at;
    return seconds < JT_LATEST_AT - sent_at ? sent_at + seconds : JT_LATEST_AT;
}

void jt_result_put_json(struct jt_flow *flow, const char *name, struct json_object *value)
{
    bool named = flow->spec.operation == JT_INTROSPECT && result_is_introspected(name);
    struct json_object **place = named ? &flow->answer : &flow->extra;

    if (*place == NULL)
        *place = json_object_new_object();
    if (*place == NULL || json_object_object_add(*place, name, value) != 0) {
        jt_json_free(&value);
        jt_fault_no_memory(flow);
    }
}

/* Tokens have no business where everything is printed. */
bool jt_result_is_kept_apart(const char *name)
{
    return strcmp(name, "access_token") == 0 || strcmp(name, "refresh_token") == 0;
}

static bool result_parse_integer(struct jt_flow *flow, const char *field, const char *text, int64_t *ret_value)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0) {
        jt_fault_stick(flow, JETON_BAD_ANSWER, "%s is \"%s\", which is not a whole number", field, text);
        return false;
    }
    *ret_value = value;
    return true;
}

void jt_host_set(jeton_flow *lent, const char *field, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);
    uint32_t known;
    int64_t number;

    if (field == NULL || value == NULL)
        return;
    known = result_known_field(field);
    if ((known & (JT_SET_EXPIRES_AT | JT_SET_REFRESH_EXPIRES_AT | JT_SET_EXPIRES_IN)) != 0) {
        if (result_parse_integer(flow, field, value, &number))
            jt_host_set_integer(lent, field, number);
    } else if (known != 0 && flow->spec.operation <= JT_REFRESH) {
        jt_result_put_text(flow, known, value, strlen(value));
    } else if (strcmp(field, "active") == 0) {
        jt_fault_contract(flow, "\"active\" is a boolean: set_boolean");
    } else if (!jt_result_is_kept_apart(field)) {
        jt_result_put_json(flow, field, json_object_new_string(value));
    }
}

void jt_host_set_integer(jeton_flow *lent, const char *field, int64_t value)
{
    struct jt_flow *flow = jt_state_of(lent);
    uint32_t known = field != NULL ? result_known_field(field) : 0;

    if (field == NULL)
        return;
    if (known == JT_SET_EXPIRES_IN)
        jt_host_set_expires_in(lent, value);
    else if (known == JT_SET_EXPIRES_AT && flow->spec.operation == JT_INTROSPECT)
        jt_result_put_json(flow, "exp", json_object_new_int64(value));
    else if ((known & (JT_SET_EXPIRES_AT | JT_SET_REFRESH_EXPIRES_AT)) != 0)
        jt_result_put_at(flow, known, value);
    else if (known != 0)
        jt_fault_contract(flow, "\"%s\" is text: set", field);
    else
        jt_result_put_json(flow, field, json_object_new_int64(value));
}

void jt_host_set_boolean(jeton_flow *lent, const char *field, int value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (field == NULL)
        return;
    if (result_known_field(field) != 0) {
        jt_fault_contract(flow, "\"%s\" is not a boolean", field);
    } else if (strcmp(field, "active") == 0 && flow->spec.operation == JT_INTROSPECT) {
        flow->result.active = value != 0;
        flow->set_fields |= JT_SET_ACTIVE;
    } else {
        jt_result_put_json(flow, field, json_object_new_boolean(value != 0));
    }
}

void jt_host_set_expires_in(jeton_flow *lent, int64_t seconds)
{
    struct jt_flow *flow = jt_state_of(lent);
    int64_t at = jt_result_at(flow, seconds);

    flow->set_fields |= JT_SET_EXPIRES_IN;
    if (flow->spec.operation == JT_INTROSPECT)
        jt_result_put_json(flow, "exp", json_object_new_int64(at));
    else
        jt_result_put_at(flow, JT_SET_EXPIRES_AT, at);
}

void jt_host_add(jeton_flow *lent, const char *list, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);
    struct json_object **place = flow->spec.operation == JT_LIST_KEYS ? &flow->answer : &flow->extra;
    struct json_object *array = NULL, *item;

    if (list == NULL || value == NULL)
        return;
    if (*place == NULL)
        *place = json_object_new_object();
    if (*place != NULL && !json_object_object_get_ex(*place, list, &array)) {
        array = json_object_new_array();
        (void)json_object_object_add(*place, list, array);
    }
    item = json_object_new_string(value);
    if (!json_object_is_type(array, json_type_array) || json_object_array_add(array, item) != 0) {
        jt_json_free(&item);
        jt_fault_contract(flow, "\"%s\" is no list that can be added to", list);
    }
}

bool jt_result_was_set(const struct jt_flow *flow, const char *name)
{
    if ((result_known_field(name) & flow->set_fields) != 0 || jt_result_is_kept_apart(name))
        return true;
    if (strcmp(name, "active") == 0)
        return flow->spec.operation == JT_INTROSPECT;
    return (flow->answer != NULL && json_object_object_get_ex(flow->answer, name, NULL)) ||
           (flow->extra != NULL && json_object_object_get_ex(flow->extra, name, NULL));
}

void jt_result_put_members(struct jt_flow *flow, struct json_object *object)
{
    json_object_object_foreach(object, name, member)
    {
        struct json_object *copy = NULL;

        if (jt_result_was_set(flow, name))
            continue;
        /* A copy, since the response is wiped before the result is read. */
        if (member != NULL && json_object_deep_copy(member, &copy, NULL) != 0)
            jt_fault_no_memory(flow);
        else
            jt_result_put_json(flow, name, copy);
    }
}

void jt_host_extra(jeton_flow *lent, const char *pointer)
{
    struct jt_flow *flow = jt_state_of(lent);
    struct json_object *value;

    if (pointer == NULL || !jt_flow_parse(flow) || !jt_json_find(flow->json, pointer, &value) ||
        !json_object_is_type(value, json_type_object))
        return;
    jt_result_put_members(flow, value);
}

void jt_host_note(jeton_flow *lent, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX), clean = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_flow *flow = jt_state_of(lent);
    va_list args;

    va_start(args, format);
    jt_buf_vprintf(&text, format, args);
    va_end(args);
    jt_redact_add(&clean, flow, jt_buf_str(&text), text.len, JT_NOTE_MAX, false);
    jt_str_free(&flow->result.note);
    flow->result.note = jt_buf_take(&clean);
}
