/* SPDX-License-Identifier: MIT */
/* What the tests of OAuth answers share: a plugin that has each answer read by the host, and flows through it. */
#ifndef TEST_OAUTH_HELP_H
#define TEST_OAUTH_HELP_H

#include "tests/lib/probe.h"

static const struct jeton_host *const host = &jt_host;

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", "/token?hidden=1");
    host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    return JETON_STEP_SEND;
}

static jeton_step introspect(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->introspection_response(flow);
    host->request(flow, "POST", "/introspect");
    host->form(flow, "token", host->token(flow, "access_token"));
    return JETON_STEP_SEND;
}

static jeton_step revoke(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->empty_response(flow);
    host->request(flow, "POST", "/revoke");
    return JETON_STEP_SEND;
}

static jeton_step list_keys(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->error_response(flow, "/key", "/message");
    host->request(flow, "GET", "/keys");
    return JETON_STEP_SEND;
}

/* The flow after this answer; drive_free. */
__attribute__((unused)) static struct drive *answer_to(const char *secret, enum jt_operation operation, int status,
                                                       const char *headers, const char *body)
{
    static const jeton_operation steps[] = {
        [JT_ACQUIRE] = acquire, [JT_REVOKE] = revoke, [JT_INTROSPECT] = introspect, [JT_LIST_KEYS] = list_keys};
    struct drive *d = probe_new(steps[operation]);

    drive_base_url(d, "https://as.example/base/");
    drive_setting(d, "client_secret", secret);
    drive_token(d, "access_token", "stored-token-1");
    CHECK_INT(drive_start(d, operation), JETON_STEP_SEND);
    (void)drive_respond(d, status, headers, body);
    return d;
}

__attribute__((unused)) static struct drive *answer_of(enum jt_operation operation, int status, const char *headers,
                                                       const char *body)
{
    return answer_to("hush-hush+secret", operation, status, headers, body);
}

__attribute__((unused)) static struct drive *token_of(const char *body)
{
    struct drive *d = answer_of(JT_ACQUIRE, 200, NULL, body);

    if (drive_step(d) != JETON_STEP_DONE)
        CHECK_STR(jeton_error_message(drive_error(d)), "a token");
    return d;
}

/* The flow failed with this status, and the message says this. */
#define FAILED(flow, status, part) failed((flow), (status), (part), __FILE__, __LINE__)
__attribute__((unused)) static void failed(struct drive *d, int status, const char *part, const char *file,
                                           unsigned line)
{
    drive_check_failure(d, status, part, file, line);
    (void)check_true(drive_result(d)->answer == NULL, "there is no answer", file, line);
    drive_free(&d);
}

#endif
