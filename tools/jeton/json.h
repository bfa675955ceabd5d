/* SPDX-License-Identifier: MIT */
/* JSON out and in: objects built from what the library says, and its answers read. It never prints a refresh token,
 * since it is never given one. */
#ifndef JT_JSON_H
#define JT_JSON_H

#include "base/base.h"
#include <json-c/json.h>

/* A tree that is wiped, strings and all, when it is freed. */
void jt_json_free(struct json_object **object);
#define JT_AUTO_JSON JT_CLEANUP(jt_json_free)

struct json_object *jt_json_new(void);
/* Members. A NULL string adds nothing; what is not UTF-8 in it becomes U+FFFD. */
void jt_json_add_string(struct json_object *object, const char *key, const char *value);
void jt_json_add_string_or_null(struct json_object *object, const char *key, const char *value);
void jt_json_add_integer(struct json_object *object, const char *key, int64_t value);
void jt_json_add_boolean(struct json_object *object, const char *key, bool value);
void jt_json_add_time(struct json_object *object, const char *key, int64_t at);                  /* INT64_MAX: null */
void jt_json_add_object(struct json_object *object, const char *key, struct json_object *value); /* taken over */
void jt_json_append_string(struct json_object *array, const char *value);

/* An answer of the library. NULL: not the JSON object that it should be. */
struct json_object *jt_json_parse(const char *text) JT_MUST_CHECK;
const char *jt_json_string(struct json_object *object, const char *key); /* NULL: absent, or not a string */
int64_t jt_json_integer(struct json_object *object, const char *key, int64_t otherwise);
bool jt_json_boolean(struct json_object *object, const char *key);
struct json_object *jt_json_array(struct json_object *object, const char *key, size_t *ret_len); /* NULL: none */

/* On one line of stdout. */
void jt_json_print(struct json_object *object);

/* A token set, as get, acquire and refresh print it. with_secret: the access token too. NULL: the library's `extra` is
 * not JSON. */
struct json_object *jt_json_token(const char *name, const jeton_token *token, bool with_secret);

#endif
