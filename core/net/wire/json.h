/* SPDX-License-Identifier: MIT */
/* JSON in: hostile text to values, within limits, and what a single value is. */
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

/* Wipes every string and lets go; takes NULL. */
void jt_json_free(struct json_object **value);
#define JT_AUTO_JSON JT_CLEANUP(jt_json_free)

/* A string as it is, or NULL for anything else. */
const char *jt_json_string(struct json_object *value);
/* A number (fractions are dropped, what does not fit is clamped) or a string of digits. */
bool jt_json_integer(struct json_object *value, int64_t *ret_value) JT_MUST_CHECK;
bool jt_json_is_scalar(struct json_object *value); /* a string, a number or a boolean */

#endif
