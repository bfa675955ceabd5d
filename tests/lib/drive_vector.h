/* SPDX-License-Identifier: MIT */
/* The recorded exchanges below tests/vectors, for drive.c. Nothing here knows a flow. */
#ifndef DRIVE_VECTOR_H
#define DRIVE_VECTOR_H

#include <json-c/json.h>
#include "net/flow/flow.h"

/* A part of the vector; aborts when there is no such vector or part. Lives until the program ends. */
struct json_object *drive_vector_object(const char *vector, const char *pointer);
int drive_vector_status(const char *vector);
/* Header lines and body of the recorded response. */
void drive_vector_response(const char *vector, struct jt_buf *headers, struct jt_buf *body);
/* Reports every difference through CUnit. */
bool drive_vector_matches(const char *vector, const struct jt_http_request *request, const char *path);
/* The decoded value of a name in a=b&c=d; the caller frees. NULL: not there. */
char *drive_vector_pair(const char *pairs, const char *name);
/* A member of a JSON text, as text in buf; NULL: nothing there. */
const char *drive_vector_text_of(const char *json, const char *pointer, struct jt_buf *buf);

#endif
