/* SPDX-License-Identifier: MIT */
/* Owns one answer on its way out: status, headers, body, and how it is to be delivered.
   It never sends anything. */
#include "answer.h"

#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void answer_header(struct answer *answer, const char *name, const char *value)
{
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcasecmp(answer->headers[i].name, name) == 0) {
            free(answer->headers[i].value);
            answer->headers[i].value = text_copy(value);
            return;
        }
    }
    if (answer->header_count == ANSWER_HEADERS_MAX)
        return;
    answer->headers[answer->header_count].name = text_copy(name);
    answer->headers[answer->header_count].value = text_copy(value);
    answer->header_count++;
}

void answer_clear(struct answer *answer)
{
    free(answer->body);
    for (size_t i = 0; i < answer->header_count; i++) {
        free(answer->headers[i].name);
        free(answer->headers[i].value);
    }
    memset(answer, 0, sizeof(*answer));
}

void answer_bytes(struct answer *answer, unsigned status, const char *content_type, const char *bytes, size_t len)
{
    free(answer->body);
    answer->status = status;
    answer->body = text_copy_n(bytes, len);
    answer->body_len = len;
    if (content_type)
        answer_header(answer, "Content-Type", content_type);
}

void answer_empty(struct answer *answer, unsigned status)
{
    answer_bytes(answer, status, NULL, "", 0);
}

void answer_json(struct answer *answer, unsigned status, json_object *object)
{
    size_t len;
    const char *text =
        json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

    answer_bytes(answer, status, "application/json", text, len);
    json_object_put(object);
}

void answer_members(struct answer *answer, unsigned status, ...)
{
    json_object *object = json_object_new_object();
    const char *name;
    va_list members;

    va_start(members, status);
    while ((name = va_arg(members, const char *))) {
        const char *value = va_arg(members, const char *);

        if (value)
            json_object_object_add(object, name, text_json(value));
    }
    va_end(members);
    answer_json(answer, status, object);
}

void answer_oauth_error(struct answer *answer, unsigned status, const char *error, const char *description)
{
    answer_header(answer, "Cache-Control", "no-store");
    answer_members(answer, status, "error", error, "error_description", description, (char *)NULL);
}
