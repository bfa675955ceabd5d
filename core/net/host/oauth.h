/* SPDX-License-Identifier: MIT */
/* Reading responses of OAuth servers: RFC 6749 5.1 and 5.2, RFC 7662 2.2. <jeton/provider.h> says what each function
 * does. */
#ifndef JT_NET_HOST_OAUTH_H
#define JT_NET_HOST_OAUTH_H

#include "net/flow/flow.h"

jeton_step jt_host_token_response(jeton_flow *lent);
jeton_step jt_host_introspection_response(jeton_flow *lent);
jeton_step jt_host_empty_response(jeton_flow *lent);

#endif
