/* SPDX-License-Identifier: MIT */
/* Freeing what a flow brought. Both sides of jeton_net.so have a copy of this file. */
#include "net/flow/spec.h"

void jt_flow_result_done(struct jt_flow_result *result)
{
    jt_tokenset_done(&result->token);
    jt_str_wipe(&result->answer);
    jt_str_free(&result->note);
    *result = (struct jt_flow_result){0};
}
