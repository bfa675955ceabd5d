/* SPDX-License-Identifier: MIT */
/* YooMoney: exchanges an authorization code, from the caller or from a person's browser, for a token that lasts for
 * years, and revokes such tokens. */
#include <jeton/provider.h>
#include <string.h>

/* YooMoney's answer has no lifetime; its documentation gives one. Months and years are rounded down. */
#define THREE_YEARS_S  (INT64_C(3) * 365 * 86400)
#define SIX_MONTHS_S   (INT64_C(181) * 86400)
#define LONGER_LIFE_AT INT64_C(1517950800) /* 2018-02-07 00:00 in Moscow */

static const struct jeton_host *host;

static const struct jeton_setting settings[] = {
    {.name = "client_id",
     .type = JETON_STRING,
     .flags = JETON_REQUIRED,
     .help = "the client_id of the registered application"},
    {.name = "client_secret",
     .type = JETON_STRING,
     .flags = JETON_SECRET,
     .help = "only if the application was registered with one"},
    {.name = "redirect_uri",
     .type = JETON_URL,
     .flags = JETON_REQUIRED,
     .help = "the registered redirect URI, character for character"},
    {.name = "scope", .type = JETON_LIST, .help = "the rights to ask a person for; needed by jeton login"},
    {.name = "instance_name",
     .type = JETON_STRING,
     .help = "tells several authorizations of one user in one application apart"},
    {.name = "redirect_state",
     .type = JETON_BOOLEAN,
     .default_value = "false",
     .help = "true: append a random state to redirect_uri and insist on getting it back"},
    {.name = NULL},
};

static const struct jeton_setting parameters[] = {
    {.name = "code",
     .type = JETON_STRING,
     .flags = JETON_SECRET | JETON_ONE_TIME,
     .help = "the authorization code; without it a person is sent to YooMoney's page"},
    {.name = "scope", .type = JETON_LIST, .help = "the rights to ask for this time"},
    {.name = NULL},
};

/* What the admin or the person must do about an error. The first four come back through the browser, the last three
 * from the exchange. A name means the same in both. */
static const struct {
    const char *error;
    const char *advice;
} advices[] = {
    {"access_denied", "the person declined; `jeton login` asks again"},
    {"invalid_scope", "look at `scope`: a right is misspelt, or two of them exclude each other"},
    {"invalid_request", "check client_id, and that redirect_uri is the registered one character for character"},
    {"unauthorized_client", "check client_id and client_secret; YooMoney may also have blocked the application"},
    {"invalid_grant", "the code was used before, is too old or belongs to another application: get a new one with "
                      "`jeton login`"},
};

static int is(const char *value, const char *expected)
{
    return value != NULL && strcmp(value, expected) == 0;
}

static const char *advice_for(const char *error)
{
    for (size_t i = 0; error != NULL && i < sizeof(advices) / sizeof(advices[0]); i++)
        if (strcmp(error, advices[i].error) == 0)
            return advices[i].advice;
    return "start again with `jeton login`: the code may be spent";
}

/* YooMoney ignores `state`, but allows query parameters in redirect_uri, so the state is put there. The exchange must
 * repeat the same redirect_uri (RFC 6749 4.1.3), so it is kept. */
static const char *redirect_uri(jeton_flow *flow)
{
    const char *uri = host->redirect_uri(flow);
    const char *state;

    if (uri == NULL || !is(host->setting(flow, "redirect_state"), "true"))
        return uri;
    state = host->random_token(flow, 24);
    host->keep(flow, "state", state);
    return host->print(flow, "%s%cstate=%s", uri, strchr(uri, '?') != NULL ? '&' : '?', state);
}

static jeton_step browse(jeton_flow *flow)
{
    const char *scope = host->param(flow, "scope");
    const char *uri = redirect_uri(flow);

    if (scope == NULL || *scope == '\0') {
        host->hint(flow, "set scope in the account, for example [\"account-info\", \"operation-history\"]");
        return host->fail(flow, JETON_CONFIG, NULL, "YooMoney asks a person for rights, and no scope names any");
    }
    host->keep(flow, "redirect_uri", uri);
    host->request(flow, "GET", "/oauth/authorize");
    host->query(flow, "client_id", host->setting(flow, "client_id"));
    host->query(flow, "response_type", "code");
    host->query(flow, "redirect_uri", uri);
    host->query(flow, "scope", scope);
    host->query(flow, "instance_name", host->setting(flow, "instance_name"));
    return JETON_STEP_BROWSE;
}

static jeton_step exchange(jeton_flow *flow, const char *code, const char *uri)
{
    host->request(flow, "POST", "/oauth/token");
    host->header(flow, "Accept", "application/json");
    host->form(flow, "code", code);
    host->form(flow, "client_id", host->setting(flow, "client_id"));
    host->form(flow, "grant_type", "authorization_code");
    host->form(flow, "redirect_uri", uri);
    host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    host->once(flow);
    return JETON_STEP_SEND;
}

static jeton_step returned(jeton_flow *flow)
{
    const char *state = host->kept(flow, "state");
    const char *error = host->reply(flow, "error");
    const char *words = host->reply(flow, "error_description");
    const char *code = host->reply(flow, "code");

    if (state != NULL && !is(host->reply(flow, "state"), state)) {
        host->hint(flow, "start again with `jeton login`, and open no other page for it");
        return host->fail(flow, JETON_REFUSED, NULL,
                          "the browser came back with another state than it was sent away with; its code was not used");
    }
    if (error != NULL) {
        host->hint(flow, "%s", advice_for(error));
        return host->fail(flow, JETON_REFUSED, error, "%s",
                          words != NULL ? words : "YooMoney's page sent the browser back with this error");
    }
    if (code == NULL || *code == '\0') {
        host->hint(flow, "start again with `jeton login`, and hand over the whole address that the browser arrived at");
        return host->fail(flow, JETON_BAD_ANSWER, NULL, "the browser came back with neither a code nor an error");
    }
    return exchange(flow, code, host->kept(flow, "redirect_uri"));
}

static jeton_step issued(jeton_flow *flow, const struct jeton_event *event)
{
    const char *error = host->json(flow, "/error");

    if (event->http_status != 200 || host->json(flow, "/access_token") == NULL || error != NULL)
        host->hint(flow, "%s", advice_for(error));
    if (event->http_status != 200)
        return host->error_response(flow, "/error", "/error_description");
    /* YooMoney's answer has only the token today. If it sends more some day, that is preferred to the values here. */
    if (host->json(flow, "/token_type") == NULL)
        host->set(flow, "token_type", "Bearer");
    if (host->json(flow, "/expires_in") == NULL)
        host->set_expires_in(flow, host->now(flow) < LONGER_LIFE_AT ? SIX_MONTHS_S : THREE_YEARS_S);
    /* RFC 6749 5.1: without a scope in the answer, the requested one was granted. It is unknown if the caller brought
     * the code. */
    if (host->json(flow, "/scope") == NULL && host->kept(flow, "redirect_uri") != NULL)
        host->set(flow, "scope", host->param(flow, "scope"));
    return host->token_response(flow);
}

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    const char *code;

    if (event->type == JETON_EVENT_RESPONSE)
        return issued(flow, event);
    if (event->type == JETON_EVENT_REDIRECT)
        return returned(flow);
    code = host->param(flow, "code");
    if (code == NULL)
        return browse(flow);
    if (*code == '\0')
        return host->fail(flow, JETON_USAGE, NULL, "the parameter code is empty");
    return exchange(flow, code, host->setting(flow, "redirect_uri"));
}

static jeton_step revoke(jeton_flow *flow, const struct jeton_event *event)
{
    size_t len = 0;

    if (event->type != JETON_EVENT_RESPONSE) {
        host->request(flow, "POST", "/api/revoke");
        host->header(flow, "Accept", "application/json");
        host->header(flow, "Content-Type", "application/x-www-form-urlencoded");
        host->bearer(flow, host->token(flow, "access_token"));
        return JETON_STEP_SEND;
    }
    host->body(flow, &len);
    if (event->http_status == 200 && len == 0)
        return JETON_STEP_DONE;
    if (event->http_status == 401) {
        host->note(flow, "YooMoney does not know this token or it was revoked before: nothing was left to revoke");
        return JETON_STEP_DONE;
    }
    if (event->http_status == 400)
        host->hint(flow, "YooMoney could not read the Authorization header: the stored token may be damaged, or a "
                         "proxy on the way removed the header");
    return host->error_response(flow, "/error", "/error_description");
}

static jeton_step check(jeton_flow *flow, const struct jeton_event *event)
{
    static const char *const exclusive[][2] = {
        {"payment-p2p", "payment.to-account"},
        {"payment-shop", "payment.to-pattern"},
    };
    const char *scope = host->setting(flow, "scope");
    const char *uri = host->setting(flow, "redirect_uri");

    (void)event;
    for (size_t i = 0; scope != NULL && i < sizeof(exclusive) / sizeof(exclusive[0]); i++)
        if (strstr(scope, exclusive[i][0]) != NULL && strstr(scope, exclusive[i][1]) != NULL)
            host->complain(flow, "scope", "YooMoney does not take %s and %s together: ask for one of them",
                           exclusive[i][0], exclusive[i][1]);
    if (uri != NULL && strchr(uri, '#') != NULL)
        host->complain(flow, "redirect_uri", "may not have a part behind #: the code would never arrive");
    return JETON_STEP_DONE;
}

static const struct jeton_provider provider = {
    .struct_size = sizeof(struct jeton_provider),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting_size = sizeof(struct jeton_setting),
    .name = "yoomoney",
    .version = "1.0",
    .summary = "YooMoney wallets: a person's consent, a token for three years",
    .base_url = "https://yoomoney.ru",
    .settings = settings,
    .parameters = parameters,
    .acquire = acquire,
    .revoke = revoke,
    .check = check,
};

const struct jeton_provider *jeton_provider_v1(const struct jeton_host *lent)
{
    host = lent;
    return &provider;
}
