/* SPDX-License-Identifier: MIT */
/* Voucherify's client tokens: the requests for its three OAuth paths, and the meaning of its answers. */
#include <jeton/provider.h>
#include <string.h>

#define CLOCK_TOLERANCE_S 120

static const struct jeton_host *host;

static const struct jeton_setting settings[] = {
    {.name = "app_id",
     .type = JETON_STRING,
     .flags = JETON_REQUIRED,
     .help = "id of the project's API key, sent as X-App-Id"},
    {.name = "app_token",
     .type = JETON_STRING,
     .flags = JETON_REQUIRED | JETON_SECRET,
     .help = "secret of the project's API key, sent as X-App-Token"},
    {.name = "scope",
     .type = JETON_LIST,
     .default_value = "api",
     .help = "what the token may do, a list or separated by spaces; \"api\" is all that the API key may do"},
    {.name = NULL},
};

static const struct jeton_setting parameters[] = {
    {.name = "scope", .type = JETON_LIST, .help = "for this token only: narrower than the account's"},
    {.name = NULL},
};

/* Voucherify sends `details` and a `request_id` beside the message. They go into the hint, where a person that calls
 * Voucherify's support finds them. */
static void advise(jeton_flow *flow, const char *advice)
{
    const char *details = host->json(flow, "/details");
    const char *request_id = host->json(flow, "/request_id");
    const char *text = advice;

    if (details != NULL)
        text =
            host->print(flow, "%s%sVoucherify adds: %s", text != NULL ? text : "", text != NULL ? "; " : "", details);
    if (request_id != NULL)
        text = host->print(flow, "%s%sVoucherify's request id, for its support, is %s", text != NULL ? text : "",
                           text != NULL ? "; " : "", request_id);
    if (text != NULL)
        host->hint(flow, "%s", text);
}

static int is(const char *value, const char *expected)
{
    return value != NULL && strcmp(value, expected) == 0;
}

static jeton_step refused(jeton_flow *flow, const struct jeton_event *event)
{
    const char *key = host->json(flow, "/key");
    const char *advice = NULL;

    if (event->http_status == 401)
        advice = "check app_id and app_token, that this API key was not deleted or blocked, and that base_url is the "
                 "project's cluster";
    else if (event->http_status == 403)
        advice = "the API key may not do this: look at its permissions in the project settings";
    else if (event->http_status == 429)
        advice = "the project has used up its requests for this minute; nothing needs to be changed";
    else if (event->http_status == 404)
        advice = "check base_url: there is no token service behind it";
    else if (is(key, "invalid_scope"))
        advice = "look at `scope`: the names must be ones that Voucherify knows, separated by spaces";
    advise(flow, advice);
    return host->error_response(flow, "/key", host->json(flow, "/message") != NULL ? "/message" : "/error/message");
}

static void post(jeton_flow *flow, const char *path)
{
    host->request(flow, "POST", path);
    host->header(flow, "X-App-Id", host->setting(flow, "app_id"));
    host->header(flow, "X-App-Token", host->setting(flow, "app_token"));
}

/* expires_in counts from the time of sending, whatever the clocks say, so it is preferred to expires_at. The two
 * together show whether this machine's clock is right. */
static jeton_step issued(jeton_flow *flow)
{
    int64_t lifetime = 0, expires_at = 0, here = 0, ahead = 0;

    if (host->json_integer(flow, "/expires_in", &lifetime) && host->json_integer(flow, "/expires_at", &expires_at) &&
        !__builtin_add_overflow(host->now(flow), lifetime, &here) &&
        !__builtin_sub_overflow(expires_at, here, &ahead) && (ahead > CLOCK_TOLERANCE_S || ahead < -CLOCK_TOLERANCE_S))
        host->note(flow, "Voucherify's clock and this machine's differ by %lld seconds: check the time of this machine",
                   (long long)(ahead < 0 ? -ahead : ahead));
    return host->token_response(flow);
}

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    const char *scope;

    if (event->type == JETON_EVENT_RESPONSE)
        return event->http_status == 200 ? issued(flow) : refused(flow, event);
    scope = host->param(flow, "scope");
    if (scope != NULL && strchr(scope, ',') != NULL) {
        host->hint(flow, "separate scopes with spaces: \"vouchers campaigns\"");
        return host->fail(flow, JETON_USAGE, NULL,
                          "the scope has a comma in it, which Voucherify answers with 400 invalid_scope: not sent");
    }
    if (is(scope, "")) {
        host->hint(flow, "leave scope out for \"api\", all that the API key may do");
        return host->fail(flow, JETON_USAGE, NULL, "the scope is empty, and Voucherify requires one: not sent");
    }
    post(flow, "/v1/oauth/token");
    host->header(flow, "Accept", "application/json");
    host->form(flow, "grant_type", "client_credentials");
    host->form(flow, "scope", scope);
    return JETON_STEP_SEND;
}

static jeton_step introspect(jeton_flow *flow, const struct jeton_event *event)
{
    const char *active;
    int64_t expires_at;

    if (event->type != JETON_EVENT_RESPONSE) {
        post(flow, "/v1/oauth/introspect");
        host->header(flow, "Accept", "application/json");
        host->form(flow, "access_token", host->token(flow, "access_token"));
        return JETON_STEP_SEND;
    }
    active = host->json(flow, "/active");
    if (event->http_status != 200 || (!is(active, "true") && !is(active, "false")))
        return refused(flow, event);
    host->set_boolean(flow, "active", is(active, "true"));
    if (host->json_integer(flow, "/expires_at", &expires_at))
        host->set_integer(flow, "exp", expires_at);
    host->extra(flow, ""); /* without the token, which the answer repeats */
    return JETON_STEP_DONE;
}

static jeton_step revoke(jeton_flow *flow, const struct jeton_event *event)
{
    size_t len = 0;

    if (event->type != JETON_EVENT_RESPONSE) {
        post(flow, "/v1/oauth/token/revoke");
        host->form(flow, "access_token", host->token(flow, "access_token"));
        return JETON_STEP_SEND;
    }
    host->body(flow, &len);
    /* Voucherify's answer is empty: a page with 200 or 404 comes from another server on the way. */
    if (len == 0 && event->http_status / 100 == 2)
        return JETON_STEP_DONE;
    if (len == 0 && event->http_status == 404) {
        host->note(flow, "Voucherify does not know this token or it was inactive already: there was nothing to revoke");
        return JETON_STEP_DONE;
    }
    return refused(flow, event);
}

static jeton_step check(jeton_flow *flow, const struct jeton_event *event)
{
    const char *scope = host->setting(flow, "scope");

    (void)event;
    if (scope != NULL && strchr(scope, ',') != NULL)
        host->complain(flow, "scope",
                       "a comma does not separate scopes: Voucherify answers 400 invalid_scope; use spaces or a list, "
                       "scope = [\"vouchers\", \"campaigns\"]");
    if (is(scope, ""))
        host->complain(flow, "scope", "it is empty; leave it out for \"api\", all that the API key may do");
    return JETON_STEP_DONE;
}

static const struct jeton_provider provider = {
    .struct_size = sizeof(struct jeton_provider),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting_size = sizeof(struct jeton_setting),
    .name = "voucherify",
    .version = "1.0",
    .summary = "Voucherify client tokens (client credentials, 15 minutes)",
    .base_url = "https://api.voucherify.io",
    .settings = settings,
    .parameters = parameters,
    .capabilities = JETON_CAP_UNATTENDED,
    .acquire = acquire,
    .introspect = introspect,
    .revoke = revoke,
    .check = check,
};

const struct jeton_provider *jeton_provider_v1(const struct jeton_host *lent)
{
    host = lent;
    return &provider;
}
