/* SPDX-License-Identifier: MIT */
/* Parses JSON: jt_json_scan checks the text first, then json-c parses it. Every string is wiped before it is freed,
 * since any of them may be a token. */
#include "net/wire/json.h"
#include "net/wire/json_scan.h"
#include <errno.h>
#include <json-c/json_tokener.h>
#include <json-c/printbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void json_tokener_done(struct json_tokener **tok)
{
    if (*tok == NULL)
        return;
    if ((*tok)->pb != NULL)
        jt_wipe((*tok)->pb->buf, (size_t)(*tok)->pb->size);
    json_tokener_free(*tok);
    *tok = NULL;
}

static size_t json_count_members(struct json_object *value)
{
    size_t count = 0;

    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            count += 1 + json_count_members(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            count += json_count_members(json_object_array_get_idx(value, i));
    }
    return count;
}

/* Finds the first member name that an object has twice, for the message. Called if the tree has fewer members than the
 * text. The text is valid JSON. */
static void json_name_duplicate(const char *text, size_t len, char *why, size_t why_size)
{
    struct json_object *seen[JT_JSON_DEPTH + 2] = {NULL};
    size_t depth = 0, found_at = 0, found_len = 0;

    for (size_t i = 0; i < len && found_len == 0; i++) {
        size_t start = i + 1;

        if (text[i] == '{' || text[i] == '[') {
            depth++;
            json_object_put(seen[depth]);
            seen[depth] = text[i] == '{' ? json_object_new_object() : NULL;
        } else if (text[i] == '}' || text[i] == ']') {
            depth--;
        } else if (text[i] == '"') {
            JT_AUTO_STR char *name = NULL;

            for (i = start; text[i] != '"'; i++)
                i += text[i] == '\\';
            if (text[i + 1 + strspn(text + i + 1, " \t\r\n")] != ':' || seen[depth] == NULL)
                continue;
            name = strndup(text + start, i - start);
            if (name == NULL)
                break;
            if (json_object_object_get_ex(seen[depth], name, NULL)) {
                found_at = start;
                found_len = i - start;
            } else {
                (void)json_object_object_add(seen[depth], name, NULL);
            }
        }
    }
    for (size_t i = 0; i < JT_LEN(seen); i++)
        json_object_put(seen[i]);
    /* None is found if the two are spelt differently ("a" and "\u0061"), but there are two. */
    if (found_len == 0)
        (void)snprintf(why, why_size, "names a member twice");
    else
        (void)snprintf(why, why_size, "names the member \"%.*s\" twice", (int)(found_len < 64 ? found_len : 64),
                       text + found_at);
}

int jt_json_parse(const char *text, size_t len, struct json_object **ret_value, char *why, size_t why_size)
{
    JT_CLEANUP(json_tokener_done) struct json_tokener *tok = NULL;
    JT_AUTO_JSON struct json_object *value = NULL;
    enum json_tokener_error problem;
    size_t members;

    if (!jt_json_scan(text, len, &members, why, why_size))
        return JETON_BAD_ANSWER;
    /* json-c counts one level more than there are brackets. The scan has checked the depth. */
    tok = json_tokener_new_ex(JT_JSON_DEPTH + 2);
    if (tok == NULL) {
        (void)snprintf(why, why_size, "does not fit into memory");
        return JETON_TRY_LATER;
    }
    json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
    value = json_tokener_parse_ex(tok, text, (int)len);
    problem = json_tokener_get_error(tok);
    if (problem == json_tokener_continue) {
        /* The NUL tells json-c that the text ends: a number at the top level has no other end. */
        value = json_tokener_parse_ex(tok, "", 1);
        problem = json_tokener_get_error(tok);
    }
    if (problem == json_tokener_continue) {
        (void)snprintf(why, why_size, "is cut short");
        return JETON_BAD_ANSWER;
    }
    if (problem != json_tokener_success) {
        (void)snprintf(why, why_size, "is not JSON (%s at byte %zu)", json_tokener_error_desc(problem),
                       json_tokener_get_parse_end(tok));
        return JETON_BAD_ANSWER;
    }
    if (json_count_members(value) != members) {
        json_name_duplicate(text, len, why, why_size);
        return JETON_BAD_ANSWER;
    }
    *ret_value = jt_take(&value);
    return JETON_OK;
}

static void json_wipe(struct json_object *value)
{
    if (json_object_is_type(value, json_type_string)) {
        jt_wipe((void *)(uintptr_t)json_object_get_string(value), (size_t)json_object_get_string_len(value));
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            json_wipe(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            json_wipe(json_object_array_get_idx(value, i));
    }
}

void jt_json_free(struct json_object **value)
{
    if (*value == NULL)
        return;
    json_wipe(*value);
    (void)json_object_put(*value);
    *value = NULL;
}

const char *jt_json_string(struct json_object *value)
{
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static bool json_integer_of_digits(const char *text, int64_t *ret_value)
{
    char *end;
    long long value;

    if (text[strspn(text, "-0123456789")] != '\0' || (*text == '-' ? text[1] : text[0]) == '\0')
        return false;
    errno = 0;
    value = strtoll(text, &end, 10); /* clamps */
    if (*end != '\0')
        return false;
    *ret_value = value;
    return true;
}

bool jt_json_integer(struct json_object *value, int64_t *ret_value)
{
    double number;

    switch (json_object_get_type(value)) {
    case json_type_int:
        *ret_value = json_object_get_int64(value);
        return true;
    case json_type_double:
        number = json_object_get_double(value);
        if (number >= 9223372036854775807.0)
            *ret_value = INT64_MAX;
        else if (number <= -9223372036854775807.0)
            *ret_value = INT64_MIN;
        else
            *ret_value = (int64_t)number;
        return true;
    case json_type_string:
        return json_integer_of_digits(json_object_get_string(value), ret_value);
    default:
        return false;
    }
}

bool jt_json_is_scalar(struct json_object *value)
{
    enum json_type type = json_object_get_type(value);

    return type == json_type_string || type == json_type_int || type == json_type_double || type == json_type_boolean;
}
