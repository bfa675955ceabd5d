/* SPDX-License-Identifier: MIT */
/* JSON with limits: hostile text in, values by pointer, compact text out. It never interprets a member. */
#ifndef JT_NET_WIRE_JSON_H
#define JT_NET_WIRE_JSON_H

#include "base/base.h"
#include <json-c/json_object.h>
#include <json-c/linkhash.h>

#define JT_JSON_WHY 160u /* room for why a text is refused */

/* Parses RFC 8259 JSON strictly: at most JT_RESPONSE_MAX bytes and JT_JSON_DEPTH levels, UTF-8, nothing behind the
 * value, no NUL in a string, and no member name twice in one object, since readers disagree which of the two counts.
 * *ret_value is NULL for null; jt_json_free it. JETON_BAD_ANSWER with a clause in why ("is cut short"), or
 * JETON_TRY_LATER: no memory. */
int JT_MUST_CHECK jt_json_parse(const char *text, size_t len, struct json_object **ret_value, char *why,
                                size_t why_size);
/* json_scan.c: the part of the above that json-c does not do; *ret_members is how many members all objects have. */
bool jt_json_scan(const char *text, size_t len, size_t *ret_members, char *why, size_t why_size) JT_MUST_CHECK;

/* Wipes every string and lets go; takes NULL. */
void jt_json_free(struct json_object **value);
#define JT_AUTO_JSON JT_CLEANUP(jt_json_free)

/* RFC 6901. false: nothing there; a null that is there gives true and NULL. */
bool jt_json_find(struct json_object *root, const char *pointer, struct json_object **ret_value) JT_MUST_CHECK;
/* A string as it is, or NULL for anything else. */
const char *jt_json_string(struct json_object *value);
/* A number (fractions are dropped, what does not fit is clamped) or a string of digits. */
bool jt_json_integer(struct json_object *value, int64_t *ret_value) JT_MUST_CHECK;
bool jt_json_is_scalar(struct json_object *value); /* a string, a number or a boolean */
/* A scalar as text, without quotes. */
void jt_json_add_scalar(struct jt_buf *buf, struct json_object *value);

/* json_write.c: compact text, members in order, slashes as they are, text in UTF-8. */
void jt_json_add(struct jt_buf *buf, struct json_object *value);
void jt_json_add_string(struct jt_buf *buf, const char *text, size_t len);
/* Puts a value (taken over, also on failure) at an RFC 6901 pointer, making the objects on the way; "-" or the next
 * index appends to an array that exists. false: the pointer leads through something else, or there is no memory. */
bool jt_json_put(struct json_object **root, const char *pointer, struct json_object *value) JT_MUST_CHECK;
/* The next reference token of a pointer, unescaped, into token (token_size bytes); NULL at the end, or when it does not
 * fit or is malformed (*ret_bad). */
const char *jt_json_pointer_next(const char *pointer, char *token, size_t token_size, bool *ret_bad);
/* An array index as RFC 6901 4 wants it: no leading zeros. */
bool jt_json_pointer_index(const char *token, size_t *ret_index);

#endif
