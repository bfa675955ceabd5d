/* SPDX-License-Identifier: MIT */
/* Owns one answer on its way out: status, headers, body, and how it is to be delivered.
   It never sends anything. */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <json-c/json.h>
#include <stddef.h>

#define ANSWER_HEADERS_MAX 8

enum delivery {
    DELIVER_NORMALLY,
    DELIVER_NOTHING, /* drop the connection */
    DELIVER_HALF,    /* announce the whole length, send half, drop the connection */
};

struct answer {
    unsigned status; /* 0: nothing was answered */
    char *body;
    size_t body_len;
    struct {
        char *name;
        char *value;
    } headers[ANSWER_HEADERS_MAX];
    size_t header_count;
    enum delivery delivery;
    unsigned delay_ms;
};

void answer_header(struct answer *answer, const char *name, const char *value);
void answer_empty(struct answer *answer, unsigned status);
void answer_bytes(struct answer *answer, unsigned status, const char *content_type, const char *bytes, size_t len);
/* Takes `object`. */
void answer_json(struct answer *answer, unsigned status, json_object *object);
/* A JSON object of string members: name, value, name, value, NULL. A NULL value skips its name. */
void answer_members(struct answer *answer, unsigned status, ...) __attribute__((sentinel));
/* {"error": error, "error_description": description}, as RFC 6749 section 5.2 has it. */
void answer_oauth_error(struct answer *answer, unsigned status, const char *error, const char *description);
void answer_clear(struct answer *answer);

#endif
