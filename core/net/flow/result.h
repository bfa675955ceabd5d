/* SPDX-License-Identifier: MIT */
/* The result of a flow: putting values into it, for the host functions that do it for a plugin, and its end. */
#ifndef JT_NET_FLOW_RESULT_H
#define JT_NET_FLOW_RESULT_H

#include "net/flow/state.h"

/* Which of the fields with a place of their own the name stands for; 0: none. */
uint32_t jt_result_known_field(const char *name);
/* field: one of enum jt_known_field. Over JT_TOKEN_MAX sticks. */
void jt_result_put_text(struct jt_flow *flow, uint32_t field, const char *value, size_t len);
void jt_result_put_at(struct jt_flow *flow, uint32_t field, int64_t at); /* clamped to what can be believed */
/* The point in time so many seconds after the request was sent; no overflow. */
int64_t jt_result_at(struct jt_flow *flow, int64_t seconds);
/* A member of the answer (RFC 7662's own, in introspect) or of the extra; takes the value over. */
void jt_result_put_json(struct jt_flow *flow, const char *name, struct json_object *value);
/* Members that are never kept as an extra, since extras are printed. */
bool jt_result_is_kept_apart(const char *name);
/* Was it set already, or is it one that is kept apart? */
bool jt_result_was_set(const struct jt_flow *flow, const char *name);
/* Copies of all members of an object that were not set yet. */
void jt_result_put_members(struct jt_flow *flow, struct json_object *object);

/* Is what the plugin filled in a result of its operation? Makes the texts of it; what is wrong sticks to the flow. */
void jt_result_finish(struct jt_flow *flow);

#endif
