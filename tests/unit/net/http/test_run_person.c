/* SPDX-License-Identifier: MIT */
/* The conversation with a person in the course of a flow. */
#include "test_run_help.h"

static int talk_result;
static const char *talk_answer;
static char talk_log[512];

static int talk_ask(void *data, const struct jeton_question *question, char *answer, size_t answer_size)
{
    CHECK_STR(data, "talk data");
    (void)snprintf(talk_log, sizeof(talk_log), "%s?", question->prompt);
    (void)snprintf(answer, answer_size, "%s", talk_answer);
    return talk_result;
}

static int talk_browse(void *data, const char *url, const char *redirect_uri, char *answer, size_t answer_size)
{
    (void)data;
    (void)snprintf(talk_log, sizeof(talk_log), "%s -> %s", url, redirect_uri);
    (void)snprintf(answer, answer_size, "%s", talk_answer);
    return talk_result;
}

static int talk_display(void *data, const char *url, const char *url_complete, const char *user_code)
{
    (void)data;
    (void)snprintf(talk_log, sizeof(talk_log), "%s %s %s", url, url_complete, user_code);
    return talk_result;
}

static const struct jeton_conversation talk = {.struct_size = sizeof(talk),
                                               .data = (void *)(uintptr_t) "talk data",
                                               .ask = talk_ask,
                                               .display = talk_display,
                                               .browse = talk_browse};

static jeton_step asks(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_ANSWER) {
        host->set(flow, "access_token", host->reply(flow, "pin"));
        return JETON_STEP_DONE;
    }
    host->ask(flow, "pin", "PIN", JETON_SECRET);
    return JETON_STEP_ASK;
}

static jeton_step browses(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_REDIRECT) {
        host->set(flow, "access_token", host->reply(flow, "code"));
        return JETON_STEP_DONE;
    }
    host->request(flow, "GET", "/authorize");
    return JETON_STEP_BROWSE;
}

static jeton_step displays(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_TIMER) {
        host->set(flow, "access_token", "t");
        return JETON_STEP_DONE;
    }
    host->display(flow, "https://a.example/d", "https://a.example/d?c=1", "WDJB");
    host->wait(flow, 1);
    return JETON_STEP_WAIT;
}

static void the_conversation_is_called_for_each_kind_of_step(void)
{
    static const struct {
        jeton_operation operation;
        const char *answer, *log, *token;
    } cases_[] = {
        {asks, "1234", "PIN?", "1234"},
        {browses, "http://127.0.0.1:8914/callback?code=c-1",
         "http://127.0.0.1:9/authorize -> http://127.0.0.1:8914/callback", "c-1"},
        {displays, "", "https://a.example/d https://a.example/d?c=1 WDJB", "t"},
    };

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct jt_flow_spec spec = spec_for("http://127.0.0.1:9", cases_[i].operation);
        JT_AUTO_RESULT struct jt_flow_result result = {0};
        jeton_error *error = NULL;

        spec.conversation = &talk;
        talk_answer = cases_[i].answer;
        talk_result = 0;
        CHECK_OK(net->run(pool, &spec, &result, &error), &error);
        CHECK_STR(talk_log, cases_[i].log);
        CHECK_STR(result.token.access_token, cases_[i].token);
        talk_result = -1;
        CHECK_FAILS(net->run(pool, &spec, &result, &error), JETON_LOGIN_NEEDED, "given up", &error);
    }
}

static const struct check_case cases[] = {
    {"the conversation is called for each kind of step", the_conversation_is_called_for_each_kind_of_step},
};

RUN_MAIN("run_person", cases)
