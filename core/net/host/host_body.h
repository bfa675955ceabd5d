/* SPDX-License-Identifier: MIT */
/* The body of the next request, a form or JSON. <jeton/provider.h> says what each function does. */
#ifndef JT_NET_HOST_BODY_H
#define JT_NET_HOST_BODY_H

#include "net/flow/flow.h"

void jt_host_form(jeton_flow *lent, const char *name, const char *value);
void jt_host_json_put(jeton_flow *lent, const char *pointer, const char *value);
void jt_host_json_put_integer(jeton_flow *lent, const char *pointer, int64_t value);
void jt_host_json_put_boolean(jeton_flow *lent, const char *pointer, int value);

#endif
