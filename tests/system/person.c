/* SPDX-License-Identifier: MIT */
/* A plugin that needs a person: it asks, sends to a page, or shows a code and waits. It talks to no server, and its
 * token says what it was told. */
#include <jeton/provider.h>
#include <string.h>

static const struct jeton_host *host;

static const struct jeton_setting settings[] = {
    {.name = "way",
     .type = JETON_STRING,
     .default_value = "ask",
     .choices = "ask browse show",
     .help = "what it needs"},
    {.name = "redirect_uri", .type = JETON_URL, .help = "where the browser comes back to"},
    {.name = NULL},
};

static const struct jeton_setting parameters[] = {
    {.name = "code", .type = JETON_STRING, .flags = JETON_SECRET, .help = "instead of a person"},
    {.name = NULL},
};

static jeton_step done(jeton_flow *flow, const char *how, const char *what)
{
    host->set(flow, "access_token", host->print(flow, "%s-%s", how, what));
    host->set_expires_in(flow, 900);
    return JETON_STEP_DONE;
}

static jeton_step start(jeton_flow *flow, const char *way)
{
    const char *state = host->random_token(flow, 16);

    if (strcmp(way, "ask") == 0) {
        host->ask(flow, "user", "User", 0);
        host->ask(flow, "otp", "One-time code", JETON_SECRET);
        return JETON_STEP_ASK;
    }
    if (strcmp(way, "show") == 0) {
        host->display(flow, "https://id.example/device", "https://id.example/device?user_code=WDJB-MJHT", "WDJB-MJHT");
        host->wait(flow, 1);
        return JETON_STEP_WAIT;
    }
    host->keep(flow, "state", state);
    host->request(flow, "GET", "/authorize");
    host->query(flow, "state", state);
    host->query(flow, "redirect_uri", host->redirect_uri(flow));
    return JETON_STEP_BROWSE;
}

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    const char *state = host->kept(flow, "state");

    switch (event->type) {
    case JETON_EVENT_START:
        return host->param(flow, "code") != NULL ? done(flow, "param", host->param(flow, "code"))
                                                 : start(flow, host->setting(flow, "way"));
    case JETON_EVENT_ANSWER:
        return done(flow, host->reply(flow, "user"), host->reply(flow, "otp"));
    case JETON_EVENT_TIMER:
        return done(flow, "shown", "WDJB-MJHT");
    default:
        if (host->reply(flow, "state") == NULL || state == NULL || strcmp(host->reply(flow, "state"), state) != 0)
            return host->fail(flow, JETON_REFUSED, NULL, "the browser came back with another state");
        return done(flow, "browsed", host->reply(flow, "code"));
    }
}

static const struct jeton_provider provider = {
    .struct_size = sizeof(struct jeton_provider),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting_size = sizeof(struct jeton_setting),
    .name = "person",
    .version = "1.0",
    .summary = "needs a person",
    .base_url = "https://id.example",
    .settings = settings,
    .parameters = parameters,
    .acquire = acquire,
};

const struct jeton_provider *jeton_provider_v1(const struct jeton_host *lent)
{
    host = lent;
    return &provider;
}
