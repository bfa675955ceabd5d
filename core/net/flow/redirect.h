/* SPDX-License-Identifier: MIT */
/* The URL at which a browser arrived. */
#ifndef JT_NET_FLOW_REDIRECT_H
#define JT_NET_FLOW_REDIRECT_H

#include "net/flow/state.h"

/* The parameters of the URL become the answers of the flow. JETON_BAD_ANSWER, JETON_USAGE. */
int JT_MUST_CHECK jt_redirect_read(struct jt_flow *flow, const char *url, jeton_error **ret_error);

#endif
