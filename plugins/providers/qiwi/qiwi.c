/* SPDX-License-Identifier: MIT */
/* QIWI Wallet: turns a personal API token into an OAuth token, in two requests with an authorization code in
 * between. */
#include <jeton/provider.h>

/* 3660 days, as QIWI answers; used if an answer has no expires_in. */
#define LIFETIME_S 316224000

enum { AUTHORIZING = 1, EXCHANGING };

static const struct jeton_host *host;

/* Client id and secret are published in QIWI's own SDK. They name the program, not the wallet, so they are no
 * secrets. */
static const struct jeton_setting settings[] = {
    {.name = "wallet_token",
     .type = JETON_STRING,
     .flags = JETON_REQUIRED | JETON_SECRET,
     .help = "the personal API token issued on qiwi.com, valid for 180 days"},
    {.name = "client_id",
     .type = JETON_STRING,
     .default_value = "api_wallet_private",
     .help = "the client that QIWI's SDK names itself"},
    {.name = "client_secret",
     .type = JETON_STRING,
     .flags = JETON_SECRET,
     .default_value = "hTFPyt",
     .help = "that client's secret, which is the same for everybody"},
    {.name = "client_software",
     .type = JETON_STRING,
     .default_value = "api",
     .help = "the kind of program, as QIWI's SDK names itself"},
    {.name = NULL},
};

static void post(jeton_flow *flow, const char *path, uint32_t stage)
{
    host->stage(flow, stage);
    host->request(flow, "POST", path);
    host->header(flow, "Accept", "application/json");
}

/* Errors in the order in which QIWI's SDK reads them: the status 401 alone, then the long form with a `description`,
 * then the short form with a `code`. */
static jeton_step refused(jeton_flow *flow, const struct jeton_event *event)
{
    const char *trace = host->json(flow, "/traceId");

    if (event->http_status == 401) {
        host->hint(flow, "check wallet_token: it ends 180 days after it was issued on qiwi.com, and at once when a new "
                         "one is issued for the same wallet");
        return host->error_response(flow, NULL, NULL);
    }
    /* Not error_response: it would log `code`, which may be the authorization code. */
    if (event->http_status / 100 == 2)
        return host->fail(flow, JETON_BAD_ANSWER, NULL,
                          "QIWI answered with HTTP status %d; only 200 is success here, so what came was not used",
                          (int)event->http_status);
    if (event->http_status == 403)
        host->hint(flow, "wallet_token lacks a permission: issue one on qiwi.com with the rights that are needed%s%s",
                   trace != NULL ? "; QIWI's trace id is " : "", trace != NULL ? trace : "");
    else if (event->http_status == 423)
        host->hint(flow, "QIWI says 423 where others say 429: too many requests, nothing needs to be changed");
    else if (trace != NULL)
        host->hint(flow, "QIWI's trace id, for its support, is %s", trace);
    if (host->json(flow, "/description") != NULL)
        return host->error_response(flow, "/errorCode", "/description");
    if (host->json(flow, "/code") != NULL)
        return host->error_response(flow, "/code", "/message");
    return host->error_response(flow, NULL, NULL);
}

static jeton_step authorize(jeton_flow *flow)
{
    post(flow, "/oauth/authorize", AUTHORIZING);
    host->form(flow, "response_type", "code");
    host->form(flow, "token", host->setting(flow, "wallet_token"));
    host->form(flow, "client_id", host->setting(flow, "client_id"));
    host->form(flow, "client_software", host->setting(flow, "client_software"));
    return JETON_STEP_SEND;
}

static jeton_step exchange(jeton_flow *flow)
{
    const char *code = host->json(flow, "/code");

    if (code == NULL || *code == '\0') {
        host->hint(flow, "QIWI has stopped issuing OAuth tokens; the answer may be its way of saying so");
        return host->fail(flow, JETON_BAD_ANSWER, NULL, "QIWI's answer to /oauth/authorize has no code in it");
    }
    post(flow, "/oauth/token", EXCHANGING);
    host->form(flow, "grant_type", "authorization_code");
    host->form(flow, "client_id", host->setting(flow, "client_id"));
    host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    host->form(flow, "code", code);
    host->once(flow);
    return JETON_STEP_SEND;
}

/* Not token_response: it would keep the refresh token. QIWI always sends one but has no refresh grant, so the token
 * would look as if it could be refreshed. */
static jeton_step issued(jeton_flow *flow)
{
    const char *token = host->json(flow, "/access_token");
    const char *type = host->json(flow, "/token_type");
    const char *lifetime = host->json(flow, "/expires_in");
    const char *error = host->json(flow, "/error");
    int64_t seconds = LIFETIME_S;

    if (token == NULL || *token == '\0' || (error != NULL && *error != '\0'))
        return host->token_response(flow); /* which says what is wrong with it */
    if (lifetime != NULL && (!host->json_integer(flow, "/expires_in", &seconds) || seconds <= 0))
        return host->fail(flow, JETON_BAD_ANSWER, NULL, "QIWI's expires_in is \"%s\", which is no number of seconds",
                          lifetime);
    host->set(flow, "access_token", token);
    host->set(flow, "token_type", type != NULL ? type : "Bearer");
    host->set_expires_in(flow, seconds);
    host->extra(flow, "");
    return JETON_STEP_DONE;
}

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type != JETON_EVENT_RESPONSE)
        return authorize(flow);
    if (event->http_status != 200)
        return refused(flow, event);
    return event->stage == AUTHORIZING ? exchange(flow) : issued(flow);
}

static const struct jeton_provider provider = {
    .struct_size = sizeof(struct jeton_provider),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting_size = sizeof(struct jeton_setting),
    .name = "qiwi",
    .version = "1.0",
    .summary = "QIWI Wallet: an OAuth token for ten years from a personal API token",
    .base_url = "https://qiwi.com",
    .settings = settings,
    .capabilities = JETON_CAP_UNATTENDED,
    .acquire = acquire,
};

const struct jeton_provider *jeton_provider_v1(const struct jeton_host *lent)
{
    host = lent;
    return &provider;
}
