/* SPDX-License-Identifier: MIT */
/* The result that a plugin sets: the fields of a token set, an introspection or a list, and extras. <jeton/provider.h>
 * says what each function does. */
#ifndef JT_NET_HOST_RESULT_H
#define JT_NET_HOST_RESULT_H

#include "net/flow/flow.h"

void jt_host_set(jeton_flow *lent, const char *field, const char *value);
void jt_host_set_integer(jeton_flow *lent, const char *field, int64_t value);
void jt_host_set_boolean(jeton_flow *lent, const char *field, int value);
void jt_host_set_expires_in(jeton_flow *lent, int64_t seconds);
void jt_host_add(jeton_flow *lent, const char *list, const char *value);
void jt_host_extra(jeton_flow *lent, const char *pointer);
void jt_host_note(jeton_flow *lent, const char *format, ...) JT_PRINTF(2, 3);

#endif
