/* SPDX-License-Identifier: MIT */
/* The steps that need a person. */
#ifndef JT_NET_HTTP_CONVERSE_H
#define JT_NET_HTTP_CONVERSE_H

#include "net/flow/flow.h"

/* ASK and BROWSE. */
jeton_step jt_converse(struct jt_flow *flow, jeton_step step);
/* Shows the address of the display, where one is new; JETON_STEP_WAIT or FAIL. */
jeton_step jt_converse_display(struct jt_flow *flow);

#endif
