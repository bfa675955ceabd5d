/* SPDX-License-Identifier: MIT */
/* Owns one request as it came over the wire, and its decoded query, form and headers.
   It never decides anything about it. */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_BODY_MAX   ((size_t)1 << 20)
#define REQUEST_FIELDS_MAX 256

struct field {
    char *name;
    char *value;
};

/* Names and values lie in `text`, decoded and NUL-terminated. A list that could not be decoded
   is `malformed` and empty, so that providers see missing fields. */
struct fields {
    struct field *items;
    size_t count;
    char *text;
    bool malformed;
};

struct request {
    char *method;
    char *target;    /* as sent: path and query */
    char *path;      /* without the query; providers see it without their prefix */
    char *query_raw; /* "" if none */
    struct fields query;
    struct fields form;
    struct fields headers; /* lower-case names, sorted as received */
    char *body;
    size_t body_len;
    bool too_large; /* the body passed REQUEST_BODY_MAX and was dropped */
    bool tls;
    uint64_t connection;
    int64_t at_ms;
};

void fields_parse(struct fields *fields, const char *raw, size_t len);
void fields_add(struct fields *fields, const char *name, const char *value);
void fields_free(struct fields *fields);

/* The value, or NULL if the field is absent. */
const char *fields_get(const struct fields *fields, const char *name);
/* The same, with an empty value counting as absent, as RFC 6749 section 3.1 has it. */
const char *fields_need(const struct fields *fields, const char *name);
bool fields_repeated(const struct fields *fields);
json_object *fields_json(const struct fields *fields);

struct request *request_new(const char *target);
void request_free(struct request *request);
void request_split(struct request *request); /* path, query and form from target and body */
bool request_is_form(const struct request *request);

#endif
