/* SPDX-License-Identifier: MIT */
/* The next request: method, URL, query. <jeton/provider.h> says what each function does. */
#ifndef JT_NET_HOST_REQUEST_H
#define JT_NET_HOST_REQUEST_H

#include "net/flow/flow.h"

void jt_host_request(jeton_flow *lent, const char *method, const char *url);
void jt_host_path(jeton_flow *lent, const char *segment);
void jt_host_query(jeton_flow *lent, const char *name, const char *value);
void jt_host_once(jeton_flow *lent);

#endif
