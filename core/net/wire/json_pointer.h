/* SPDX-License-Identifier: MIT */
/* Reading a value from a JSON tree, or putting one in, by RFC 6901 pointer. */
#ifndef JT_NET_WIRE_JSON_POINTER_H
#define JT_NET_WIRE_JSON_POINTER_H

#include "base/base.h"
#include <json-c/json_object.h>

/* False: nothing is at the pointer. For a null that is there: true, and *ret_value is NULL. */
bool jt_json_find(struct json_object *root, const char *pointer, struct json_object **ret_value) JT_MUST_CHECK;
/* Puts a value at the pointer and makes missing objects on the way. The value is taken over, also on failure. "-" or
 * the next index appends to an existing array. False: something on the way is no container, or out of memory. */
bool jt_json_put(struct json_object **root, const char *pointer, struct json_object *value) JT_MUST_CHECK;

#endif
