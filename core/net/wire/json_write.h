/* SPDX-License-Identifier: MIT */
/* Writing JSON: compact UTF-8 text, members in order, slashes not escaped. */
#ifndef JT_NET_WIRE_JSON_WRITE_H
#define JT_NET_WIRE_JSON_WRITE_H

#include "base/base.h"
#include <json-c/json_object.h>

void jt_json_add(struct jt_buf *buf, struct json_object *value);
void jt_json_add_string(struct jt_buf *buf, const char *text, size_t len);
/* Appends a scalar as text, a string without quotes. */
void jt_json_add_scalar(struct jt_buf *buf, struct json_object *value);

#endif
