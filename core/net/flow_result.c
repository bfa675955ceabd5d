/* SPDX-License-Identifier: MIT */
/* Freeing what a flow brought: both sides of the module boundary do it. It knows nothing of how it was filled in. */
#include "net/net.h"

void jt_flow_result_done(struct jt_flow_result *result)
{
    jt_tokenset_done(&result->token);
    jt_str_wipe(&result->answer);
    jt_str_free(&result->note);
    *result = (struct jt_flow_result){0};
}
