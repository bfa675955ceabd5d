/* SPDX-License-Identifier: MIT */
/* The result of a flow: setting its fields, for the functions that plugins call (host/), and finishing it. */
#ifndef JT_NET_FLOW_RESULT_H
#define JT_NET_FLOW_RESULT_H

#include "net/flow/state.h"

/* The bit of enum jt_known_field for the name; 0: it is no known field. */
uint32_t jt_result_known_field(const char *name);
/* field: one of enum jt_known_field. A value over JT_TOKEN_MAX makes the flow fail. */
void jt_result_put_text(struct jt_flow *flow, uint32_t field, const char *value, size_t len);
void jt_result_put_at(struct jt_flow *flow, uint32_t field, int64_t at); /* clamped to 0 … JT_LATEST_AT; or JT_NEVER */
/* The point in time `seconds` after the request was sent. Does not overflow. */
int64_t jt_result_at(struct jt_flow *flow, int64_t seconds);
/* Sets a member: in introspect, one that RFC 7662 names is set in the answer; all others are extras. Takes over the
 * value. */
void jt_result_put_json(struct jt_flow *flow, const char *name, struct json_object *value);
/* Whether the name is a token's, which must not become an extra, since extras are printed. */
bool jt_result_is_kept_apart(const char *name);
/* Whether the member was set already, or must not become an extra. */
bool jt_result_was_set(const struct jt_flow *flow, const char *name);
/* Sets a copy of each member of the object that was not set yet. */
void jt_result_put_members(struct jt_flow *flow, struct json_object *object);

/* Checks that what the plugin has set is a result of its operation, and makes the texts of it. If it is not, makes the
 * flow fail. */
void jt_result_finish(struct jt_flow *flow);

#endif
