/* SPDX-License-Identifier: MIT */
/* Reading the URL at which a browser arrived. */
#ifndef JT_NET_FLOW_REDIRECT_H
#define JT_NET_FLOW_REDIRECT_H

#include "net/flow/state.h"

/* Makes the parameters of the URL the flow's answers. JETON_BAD_ANSWER: they are malformed. JETON_USAGE: it is not the
 * URL that was waited for. */
int JT_MUST_CHECK jt_redirect_read(struct jt_flow *flow, const char *url, jeton_error **ret_error);

#endif
