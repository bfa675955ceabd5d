/* SPDX-License-Identifier: MIT */
/* What the tests of whole flows over a socket share: a plugin, its flows, and their main. */
#ifndef TEST_RUN_HELP_H
#define TEST_RUN_HELP_H

#include "net/net.h"
#include "tests/lib/probe.h"
#include "tests/lib/wire.h"
#include <stdlib.h>
#include <string.h>

static const struct jt_net *net;
static struct jt_net_pool *pool;
static const struct jeton_host *const host = &jt_host;

__attribute__((unused)) static jeton_step posts(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", "/token");
    host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    return JETON_STEP_SEND;
}

static int64_t wanted_wait_s;

__attribute__((unused)) static jeton_step polls(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE && host->json(flow, "/access_token") == NULL) {
        host->wait(flow, wanted_wait_s);
        return JETON_STEP_WAIT;
    }
    return posts(flow, event);
}

__attribute__((unused)) static struct jt_flow_spec spec_for(const char *base, jeton_operation wanted)
{
    static struct jt_plugin plugin;

    plugin = probe_plugin(wanted);
    return (struct jt_flow_spec){.plugin = &plugin,
                                 .operation = JT_ACQUIRE,
                                 .name = "probe/one",
                                 .base_url = base,
                                 .http = {.connect_timeout_s = 5, .timeout_s = 5},
                                 .deadline_ms = JT_NEVER};
}

/* Like check_main, with a pool. */
__attribute__((unused)) static int run_main(int argc, char **argv, const char *suite, const struct check_case *cases,
                                            size_t count)
{
    jeton_error *error = NULL;
    int failed;

    net = jeton_net_v1();
    if (net->pool_new(&pool, &error) != JETON_OK)
        abort();
    failed = check_main(argc, argv, suite, cases, count);
    net->pool_free(&pool);
    return failed;
}
#define RUN_MAIN(suite, cases)                                                                                         \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        return run_main(argc, argv, suite, cases, JT_LEN(cases));                                                      \
    }

#endif
