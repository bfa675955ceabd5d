/* SPDX-License-Identifier: MIT */
/* Checks that the step which a plugin returned is one that it may take now. flow.c carries the step out. */
#include "net/flow/judge.h"
#include "net/flow/fault.h"
#include "net/flow/request.h"
#include "net/flow/result.h"
#include <string.h>

#define JUDGE_PERSON_MS INT64_C(600000) /* how long a person may take if the caller set no deadline */

/* Checks that the caller's conversation has the function for a step that needs a person. */
static void judge_require_person(struct jt_flow *flow, jeton_step step)
{
    const struct jeton_conversation *talk = flow->spec.conversation;
    bool there =
        talk != NULL && talk->struct_size >= offsetof(struct jeton_conversation, browse) + sizeof(talk->browse);

    if (there && step == JETON_STEP_ASK)
        there = talk->ask != NULL;
    else if (there && step == JETON_STEP_BROWSE)
        there = talk->browse != NULL;
    else if (there)
        there = talk->display != NULL;
    if (there)
        return;
    jt_fault_stick(flow, JETON_LOGIN_NEEDED, "a person must %s, and nobody is there to do it",
                   step == JETON_STEP_ASK ? "answer a question" : "sign in with a browser");
    if (flow->spec.name != NULL)
        jt_error_set_hint(&flow->sticky, "sign in with: jeton login %s", flow->spec.name);
    else
        jt_error_set_hint(&flow->sticky, "sign in with jeton login");
}

static void judge_send(struct jt_flow *flow)
{
    if (!flow->has_request)
        jt_fault_contract(flow, "it wants a request sent that it has not prepared");
    else if (++flow->requests_in_row > JT_REQUESTS_MAX)
        jt_fault_contract(flow, "over %u requests in a row without a wait or a person between them", JT_REQUESTS_MAX);
    else
        jt_request_finish(flow);
}

static void judge_browse(struct jt_flow *flow)
{
    if (!flow->has_request)
        jt_fault_contract(flow, "it wants a page opened that it has not prepared");
    else if (strcmp(flow->draft.method, "GET") != 0 || flow->draft.headers.len > 0)
        jt_fault_contract(flow, "a page for a browser can be a GET without headers only");
    else
        jt_request_finish(flow);
}

/* Without this check, a plugin that returns DONE too early would have an unfinished result stored. */
void jt_judge_step(struct jt_flow *flow, jeton_step step)
{
    if (flow->sticky != NULL)
        return;
    if (flow->checking && step != JETON_STEP_DONE) {
        jt_fault_contract(flow, "check returned the step %d; it may only complain and be done", (int)step);
        return;
    }
    switch (step) {
    case JETON_STEP_DONE:
        if (!flow->checking)
            jt_result_finish(flow);
        return;
    case JETON_STEP_SEND:
        judge_send(flow);
        return;
    case JETON_STEP_BROWSE:
        judge_browse(flow);
        break;
    case JETON_STEP_ASK:
        if (flow->questions_len == 0)
            jt_fault_contract(flow, "it wants a person asked, and has prepared no question");
        break;
    case JETON_STEP_WAIT:
        if (!flow->has_wait)
            jt_fault_contract(flow, "it wants to wait, and has not said how long");
        break;
    case JETON_STEP_FAIL:
        if (flow->error == NULL)
            jt_fault_contract(flow, "it failed without saying why");
        return;
    default:
        jt_fault_contract(flow, "it returned the step %d, which does not exist", (int)step);
        return;
    }
    flow->requests_in_row = 0;
    if (flow->own_deadline_ms == JT_NEVER)
        flow->own_deadline_ms = jt_boot_ms() + JUDGE_PERSON_MS;
    if (flow->sticky == NULL && (step != JETON_STEP_WAIT || flow->has_display))
        judge_require_person(flow, step);
}
