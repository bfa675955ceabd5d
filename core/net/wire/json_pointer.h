/* SPDX-License-Identifier: MIT */
/* Values by RFC 6901 pointer: reading them, and putting them into a tree. */
#ifndef JT_NET_WIRE_JSON_POINTER_H
#define JT_NET_WIRE_JSON_POINTER_H

#include "base/base.h"
#include <json-c/json_object.h>

/* false: nothing there; a null that is there gives true and NULL. */
bool jt_json_find(struct json_object *root, const char *pointer, struct json_object **ret_value) JT_MUST_CHECK;
/* Puts a value (taken over, also on failure) at the pointer, making the objects on the way; "-" or the next index
 * appends to an array that exists. false: the pointer leads through something else, or there is no memory. */
bool jt_json_put(struct json_object **root, const char *pointer, struct json_object *value) JT_MUST_CHECK;

#endif
