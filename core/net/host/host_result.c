/* SPDX-License-Identifier: MIT */
/* Sets the fields of a result. A name that is no known field becomes an extra. */
#include "net/host/host_result.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
    known = jt_result_known_field(field);
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
    uint32_t known = field != NULL ? jt_result_known_field(field) : 0;

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
    if (jt_result_known_field(field) != 0) {
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

void jt_host_extra(jeton_flow *lent, const char *pointer)
{
    struct jt_flow *flow = jt_state_of(lent);
    struct json_object *value;

    if (pointer == NULL || !jt_state_parse(flow) || !jt_json_find(flow->json, pointer, &value) ||
        !json_object_is_type(value, json_type_object))
        return;
    jt_result_put_members(flow, value);
}

void jt_host_note(jeton_flow *lent, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_flow *flow = jt_state_of(lent);
    va_list args;

    va_start(args, format);
    jt_redact_vprintf(&text, flow, JT_NOTE_MAX, format, args);
    va_end(args);
    jt_str_free(&flow->result.note);
    flow->result.note = jt_buf_take(&text);
}
