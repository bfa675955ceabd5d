/* SPDX-License-Identifier: MIT */
/* The steps that need a person go through the caller's conversation. Every answer is wiped. */
#include "net/http/converse.h"
#include <string.h>

#define CONVERSE_ANSWER_MAX (16u * 1024u) /* a URL with a code in it is the longest */

/* Wiped with the scope it lives in. */
struct converse_answer {
    char text[CONVERSE_ANSWER_MAX];
};

static void converse_answer_done(struct converse_answer *answer)
{
    jt_wipe(answer->text, sizeof(answer->text));
}

static void converse_fields_done(struct jt_fields *fields)
{
    jt_state_wipe_fields(fields);
}

static jeton_step converse_given_up(struct jt_flow *flow)
{
    jeton_error *error = NULL;

    (void)jt_error_set(&error, JETON_LOGIN_NEEDED, "%s: the sign-in was given up", jt_state_plugin_name(flow));
    return jt_flow_abort(flow, &error);
}

static jeton_step converse_late(struct jt_flow *flow)
{
    jeton_error *error = NULL;

    (void)jt_error_set(&error, JETON_LOGIN_NEEDED, "%s: the person's answer came too late", jt_state_plugin_name(flow));
    return jt_flow_abort(flow, &error);
}

static jeton_step converse_ask(struct jt_flow *flow)
{
    JT_CLEANUP(converse_answer_done) struct converse_answer answer;
    JT_CLEANUP(converse_fields_done) struct jt_fields answers = {0};
    const struct jeton_conversation *talk = flow->spec.conversation;
    jeton_error *error = NULL;
    const struct jeton_question *questions;
    size_t count;

    questions = jt_flow_questions(flow, &count);
    for (size_t i = 0; i < count; i++) {
        answer.text[0] = '\0';
        if (talk->ask(talk->data, &questions[i], answer.text, sizeof(answer.text)) != 0)
            return converse_given_up(flow);
        answer.text[sizeof(answer.text) - 1] = '\0';
        if (jt_fields_set(&answers, questions[i].name, answer.text, questions[i].secret ? JT_FIELD_SECRET : 0,
                          &error) != JETON_OK)
            return jt_flow_abort(flow, &error);
    }
    if (jt_boot_ms() > jt_flow_deadline_ms(flow))
        return converse_late(flow);
    return jt_flow_answer(flow, &answers);
}

static jeton_step converse_browse(struct jt_flow *flow)
{
    JT_CLEANUP(converse_answer_done) struct converse_answer answer;
    const struct jeton_conversation *talk = flow->spec.conversation;

    answer.text[0] = '\0';
    if (talk->browse(talk->data, flow->request.url, jt_state_redirect_uri(flow), answer.text, sizeof(answer.text)) != 0)
        return converse_given_up(flow);
    answer.text[sizeof(answer.text) - 1] = '\0';
    if (jt_boot_ms() > jt_flow_deadline_ms(flow))
        return converse_late(flow);
    return jt_flow_redirect(flow, answer.text);
}

jeton_step jt_converse(struct jt_flow *flow, jeton_step step)
{
    return step == JETON_STEP_ASK ? converse_ask(flow) : converse_browse(flow);
}

jeton_step jt_converse_display(struct jt_flow *flow)
{
    const struct jeton_conversation *talk = flow->spec.conversation;
    const char *complete = NULL, *code = NULL, *url = jt_flow_display(flow, &complete, &code);

    if (url != NULL && talk->display(talk->data, url, complete, code) != 0)
        return converse_given_up(flow);
    return JETON_STEP_WAIT;
}
