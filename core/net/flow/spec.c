/* SPDX-License-Identifier: MIT */
/* Frees the result of a flow. This file is linked into both libjeton and jeton_net.so. */
#include "net/flow/spec.h"

void jt_flow_result_done(struct jt_flow_result *result)
{
    jt_tokenset_done(&result->token);
    jt_str_wipe(&result->answer);
    jt_str_free(&result->note);
    *result = (struct jt_flow_result){0};
}
