/* SPDX-License-Identifier: MIT */
/* Checking the step that a plugin returned against the contract. */
#ifndef JT_NET_FLOW_JUDGE_H
#define JT_NET_FLOW_JUDGE_H

#include "net/flow/state.h"

/* If the step is wrong, makes the flow fail (jt_fault_stick). */
void jt_judge_step(struct jt_flow *flow, jeton_step step);

#endif
