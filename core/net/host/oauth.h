/* SPDX-License-Identifier: MIT */
/* Errors as RFC 6749 5.2 has them and as they come. It reads the response of the call that is going on. */
#ifndef JT_NET_HOST_OAUTH_H
#define JT_NET_HOST_OAUTH_H

#include "net/flow/state.h"

/* A member "error" that says something: some refuse with a 200. */
bool jt_oauth_says_no(struct jt_flow *flow);
/* Ends the flow with the response's error, of whatever shape. */
jeton_step jt_oauth_refuse(struct jt_flow *flow);

#endif
