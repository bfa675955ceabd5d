/* SPDX-License-Identifier: MIT */
/* Owns one request as it came over the wire, and its decoded query, form and headers.
   It never decides anything about it. */
#include "request.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void fields_free(struct fields *fields)
{
    free(fields->items);
    free(fields->text);
    memset(fields, 0, sizeof(*fields));
}

static void fields_spoil(struct fields *fields)
{
    fields_free(fields);
    fields->malformed = true;
}

void fields_parse(struct fields *fields, const char *raw, size_t len)
{
    fields_free(fields);
    if (!len)
        return;
    fields->text = text_copy_n(raw, len);
    if (strlen(fields->text) != len) {
        fields_spoil(fields);
        return;
    }

    size_t parts = 1;

    for (size_t i = 0; i < len; i++)
        parts += raw[i] == '&';
    if (parts > REQUEST_FIELDS_MAX) {
        fields_spoil(fields);
        return;
    }
    fields->items = text_alloc(parts * sizeof(*fields->items));

    for (char *at = fields->text; at;) {
        char *next = strchr(at, '&');

        if (next)
            *next++ = 0;
        if (*at) {
            struct field *field = &fields->items[fields->count++];
            char *equals = strchr(at, '=');

            field->name = at;
            field->value = equals ? equals + 1 : at + strlen(at);
            if (equals)
                *equals = 0;
            if (!text_percent_decode(field->name, true) || !text_percent_decode(field->value, true)) {
                fields_spoil(fields);
                return;
            }
        }
        at = next;
    }
}

const char *fields_get(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->items[i].name, name) == 0)
            return fields->items[i].value;
    return NULL;
}

const char *fields_need(const struct fields *fields, const char *name)
{
    const char *value = fields_get(fields, name);

    return value && *value ? value : NULL;
}

bool fields_repeated(const struct fields *fields)
{
    for (size_t i = 1; i < fields->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(fields->items[i].name, fields->items[j].name) == 0)
                return true;
    return false;
}

/* A repeated field becomes an array, so that a recorded request hides nothing. */
json_object *fields_json(const struct fields *fields)
{
    json_object *object = json_object_new_object();

    for (size_t i = 0; i < fields->count; i++) {
        json_object *value = text_json(fields->items[i].value);
        json_object *name = text_json(fields->items[i].name);
        json_object *old = NULL;

        if (!json_object_object_get_ex(object, json_object_get_string(name), &old)) {
            json_object_object_add(object, json_object_get_string(name), value);
        } else if (json_object_is_type(old, json_type_array)) {
            json_object_array_add(old, value);
        } else {
            json_object *both = json_object_new_array();

            json_object_array_add(both, json_object_get(old));
            json_object_array_add(both, value);
            json_object_object_add(object, json_object_get_string(name), both);
        }
        json_object_put(name);
    }
    return object;
}

struct request *request_new(const char *target)
{
    struct request *request = text_alloc(sizeof(*request));

    request->target = text_copy(target);
    return request;
}

void request_free(struct request *request)
{
    if (!request)
        return;
    free(request->method);
    free(request->target);
    free(request->path);
    free(request->query_raw);
    free(request->body);
    fields_free(&request->query);
    fields_free(&request->form);
    for (size_t i = 0; i < request->headers.count; i++) {
        free(request->headers.items[i].name);
        free(request->headers.items[i].value);
    }
    fields_free(&request->headers);
    free(request);
}

/* Header names and values are copied one by one: they arrive one by one. */
void fields_add(struct fields *fields, const char *name, const char *value)
{
    if (fields->count >= REQUEST_FIELDS_MAX)
        return;
    if (fields->count % 16 == 0) {
        struct field *grown = text_alloc((fields->count + 16) * sizeof(*grown));

        if (fields->count)
            memcpy(grown, fields->items, fields->count * sizeof(*grown));
        free(fields->items);
        fields->items = grown;
    }

    struct field *field = &fields->items[fields->count++];

    field->name = text_copy(name);
    field->value = text_copy(value ? value : "");
    for (char *c = field->name; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
}

bool request_is_form(const struct request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = fields_get(&request->headers, "content-type");

    if (!type || strncasecmp(type, form, sizeof(form) - 1) != 0)
        return false;
    type += sizeof(form) - 1;
    return *type == 0 || *type == ';' || *type == ' ';
}

void request_split(struct request *request)
{
    const char *mark = strchr(request->target, '?');

    request->path = mark ? text_copy_n(request->target, (size_t)(mark - request->target)) : text_copy(request->target);
    request->query_raw = text_copy(mark ? mark + 1 : "");
    fields_parse(&request->query, request->query_raw, strlen(request->query_raw));
    if (request_is_form(request))
        fields_parse(&request->form, request->body, request->body_len);
}
