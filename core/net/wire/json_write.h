/* SPDX-License-Identifier: MIT */
/* JSON out: compact text, members in order, slashes as they are, text in UTF-8. */
#ifndef JT_NET_WIRE_JSON_WRITE_H
#define JT_NET_WIRE_JSON_WRITE_H

#include "base/base.h"
#include <json-c/json_object.h>

void jt_json_add(struct jt_buf *buf, struct json_object *value);
void jt_json_add_string(struct jt_buf *buf, const char *text, size_t len);
/* A scalar as text, without quotes. */
void jt_json_add_scalar(struct jt_buf *buf, struct json_object *value);

#endif
