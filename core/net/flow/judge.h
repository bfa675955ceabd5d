/* SPDX-License-Identifier: MIT */
/* Holds the step that the plugin returned to the contract. */
#ifndef JT_NET_FLOW_JUDGE_H
#define JT_NET_FLOW_JUDGE_H

#include "net/flow/state.h"

/* What is wrong with the step sticks to the flow. */
void jt_judge_step(struct jt_flow *flow, jeton_step step);

#endif
