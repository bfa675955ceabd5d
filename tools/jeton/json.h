/* SPDX-License-Identifier: MIT */
/* JSON: building the objects that jeton(1) prints, and reading the library's answers. */
#ifndef JT_JSON_H
#define JT_JSON_H

#include "base/base.h"
#include <json-c/json.h>

/* Wipes all strings of a tree and frees it. */
void jt_json_free(struct json_object **object);
#define JT_AUTO_JSON JT_CLEANUP(jt_json_free)

struct json_object *jt_json_new(void);
/* These add a member. A NULL string adds nothing. Bytes that are not UTF-8 become U+FFFD. */
void jt_json_add_string(struct json_object *object, const char *key, const char *value);
void jt_json_add_string_or_null(struct json_object *object, const char *key, const char *value);
void jt_json_add_integer(struct json_object *object, const char *key, int64_t value);
void jt_json_add_boolean(struct json_object *object, const char *key, bool value);
void jt_json_add_time(struct json_object *object, const char *key, int64_t at);                  /* INT64_MAX: null */
void jt_json_add_object(struct json_object *object, const char *key, struct json_object *value); /* taken over */
void jt_json_append_string(struct json_object *array, const char *value);

/* Parses an answer of the library. NULL: it is no JSON object. */
struct json_object *jt_json_parse(const char *text) JT_MUST_CHECK;
const char *jt_json_string(struct json_object *object, const char *key); /* NULL: absent, or not a string */
int64_t jt_json_integer(struct json_object *object, const char *key, int64_t otherwise);
bool jt_json_boolean(struct json_object *object, const char *key);
struct json_object *jt_json_array(struct json_object *object, const char *key, size_t *ret_len); /* NULL: none */

/* Prints the object on one line of stdout. */
void jt_json_print(struct json_object *object);

/* A token set as get, acquire and refresh print it. with_secret: with the access token. NULL: the library's `extra` is
 * not JSON. */
struct json_object *jt_json_token(const char *name, const jeton_token *token, bool with_secret);

#endif
