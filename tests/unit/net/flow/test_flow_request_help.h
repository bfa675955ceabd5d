/* SPDX-License-Identifier: MIT */
/* What the tests of requests share: a plugin that sends what a case prepares, and takes the answer for a token's. */
#ifndef TEST_FLOW_REQUEST_HELP_H
#define TEST_FLOW_REQUEST_HELP_H

#include "tests/lib/probe.h"

static const struct jeton_host *const host = &jt_host;
static void (*prepare)(jeton_flow *flow);

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type != JETON_EVENT_START)
        return host->token_response(flow);
    prepare(flow);
    return JETON_STEP_SEND;
}

/* Before its start; drive_free. */
static struct drive *preparing(void (*wanted)(jeton_flow *))
{
    prepare = wanted;
    return probe_new(acquire);
}

/* The flow is about to send the request. */
static struct drive *prepared(void (*wanted)(jeton_flow *))
{
    struct drive *d = preparing(wanted);

    if (drive_start(d, JT_ACQUIRE) != JETON_STEP_SEND)
        CHECK_STR(jeton_error_message(drive_error(d)), "a request");
    return d;
}

#define REFUSED(wanted, status, part) refused((wanted), (status), (part), __FILE__, __LINE__)
static void refused(void (*wanted)(jeton_flow *), int status, const char *part, const char *file, unsigned line)
{
    struct drive *d = preparing(wanted);

    (void)drive_start(d, JT_ACQUIRE);
    drive_check_failure(d, status, part, file, line);
    drive_free(&d);
}

#endif
