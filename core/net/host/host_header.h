/* SPDX-License-Identifier: MIT */
/* Headers of the next request, authorization among them. <jeton/provider.h> says what each function does. */
#ifndef JT_NET_HOST_HEADER_H
#define JT_NET_HOST_HEADER_H

#include "net/flow/flow.h"

void jt_host_header(jeton_flow *lent, const char *name, const char *value);
void jt_host_basic(jeton_flow *lent, const char *user, const char *password);
void jt_host_bearer(jeton_flow *lent, const char *token);

#endif
