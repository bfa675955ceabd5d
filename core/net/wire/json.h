/* SPDX-License-Identifier: MIT */
/* Reading JSON: parsing untrusted text within limits, and reading single values. */
#ifndef JT_NET_WIRE_JSON_H
#define JT_NET_WIRE_JSON_H

#include "base/base.h"
#include <json-c/json_object.h>
#include <json-c/linkhash.h>

#define JT_JSON_WHY 160u /* room for why a text is refused */

/* Parses RFC 8259 JSON strictly: at most JT_RESPONSE_MAX bytes and JT_JSON_DEPTH levels, UTF-8, nothing behind the
 * value, no NUL in a string, and no member name twice in one object, since parsers disagree which of the two counts.
 * *ret_value, which the caller frees with jt_json_free, is NULL for null. JETON_BAD_ANSWER: why holds a clause ("is cut
 * short"). JETON_TRY_LATER: out of memory. */
int JT_MUST_CHECK jt_json_parse(const char *text, size_t len, struct json_object **ret_value, char *why,
                                size_t why_size);

/* Wipes every string and frees the tree. Accepts NULL. */
void jt_json_free(struct json_object **value);
#define JT_AUTO_JSON JT_CLEANUP(jt_json_free)

/* The text of a JSON string; NULL for any other value. */
const char *jt_json_string(struct json_object *value);
/* Reads a number, or a string of digits. A fraction is cut off; a number that does not fit is clamped. */
bool jt_json_integer(struct json_object *value, int64_t *ret_value) JT_MUST_CHECK;
bool jt_json_is_scalar(struct json_object *value); /* a string, a number or a boolean */

#endif
