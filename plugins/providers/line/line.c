/* SPDX-License-Identifier: MIT */
/* LINE's channel access tokens: short-lived (v2), by JWT assertion (v2.1), and stateless (v3). The host signs
 * assertions, so this plugin never sees the private key. */
#include <jeton/provider.h>
#include <string.h>
#include <time.h>

/* LINE accepts assertions that end within 30 minutes. With half of that, this machine's clock may be wrong by a quarter
 * of an hour in either direction. */
#define ASSERTION_LIFETIME_S 900
#define TOKEN_LIFETIME_S     2592000 /* the longest that LINE allows: 30 days */
/* From this expires_in on, the plugin sets the lifetime itself: LINE has sent 3138007490 seconds for long-lived tokens,
 * which the host would take for a point in time. */
#define SPAN_FROM INT64_C(2147483648)

static const char assertion_type[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

static const struct jeton_host *host;

static const struct jeton_setting settings[] = {
    {.name = "api",
     .type = JETON_STRING,
     .default_value = "v2",
     .choices = "v2 v2.1 v3",
     .help = "v2: 30 days by secret; v2.1: up to 30 days by key; v3: stateless, 15 minutes, by secret or key"},
    {.name = "client_id", .type = JETON_STRING, .flags = JETON_REQUIRED, .help = "the channel ID, digits only"},
    {.name = "client_secret",
     .type = JETON_STRING,
     .flags = JETON_SECRET,
     .help = "the channel secret: for v2, for v3 without a key, and to revoke v2.1 tokens"},
    {.name = "key_id", .type = JETON_STRING, .help = "kid of the assertion signing key, for v2.1 and v3"},
    {.name = "private_key",
     .type = JETON_KEY,
     .flags = JETON_SECRET,
     .help = "the assertion signing key (RSA 2048), for v2.1 and v3",
     .choices = "RS256"},
    {.name = "token_lifetime",
     .type = JETON_INTEGER,
     .minimum = 1,
     .maximum = TOKEN_LIFETIME_S,
     .help = "seconds that a v2.1 token lives; 2592000 (30 days) when not set"},
    {.name = NULL},
};

/* What to do about LINE's errors, by words in their texts (from LINE's API reference). The first entry that matches
 * counts. */
static const struct {
    const char *words;
    const char *advice;
} advices[] = {
    {"maximum number of access tokens",
     "the channel has its 30 tokens: revoke one of the tokens that `jeton keys` lists, or wait until one expires"},
    {"Cannot find channel key",
     "LINE has no public key under this key_id for this channel: compare key_id with the kid in the LINE Developers "
     "Console, and register the public key again if it is gone"},
    {"iss and clientId", "key_id belongs to another channel: client_id, key_id and private_key must be of one channel"},
    {"Invalid exp", "LINE found the assertion's time wrong: check the clock of this machine"},
    {"client_secret",
     "compare client_secret with the channel secret in the LINE Developers Console; reissuing it there makes the old "
     "one worthless"},
    {"client_credentials",
     "compare client_id and client_secret with the channel ID and secret in the LINE Developers Console"},
    {"client_id", "compare client_id with the channel ID in the LINE Developers Console"},
    {"not JWS", "the token was not issued by this api: it may come from another `api` setting of this account"},
};

static int is(const char *value, const char *expected)
{
    return value != NULL && strcmp(value, expected) == 0;
}

static int has_key(jeton_flow *flow)
{
    return host->has_setting(flow, "key_id") && host->has_setting(flow, "private_key");
}

/* LINE's errors have two shapes: RFC 6749's, and `message` with `details` but no code. */
static jeton_step refused(jeton_flow *flow, const struct jeton_event *event)
{
    const char *error = host->json(flow, "/error");
    const char *words = host->json(flow, error != NULL ? "/error_description" : "/message");
    const char *detail = host->json(flow, "/details/0/message");
    const char *property = host->json(flow, "/details/0/property");
    const char *request_id = host->response_header(flow, "x-line-request-id");
    const char *text = NULL;

    for (size_t i = 0; text == NULL && words != NULL && i < sizeof(advices) / sizeof(advices[0]); i++)
        if (strstr(words, advices[i].words) != NULL)
            text = advices[i].advice;
    if (text == NULL && event->http_status == 429)
        text = "LINE limits requests a second for each channel; nothing needs to be changed";
    if (text == NULL && is(error, "invalid_client"))
        text = "check that client_id, client_secret, key_id and private_key are of one channel";
    if (detail != NULL)
        text = host->print(flow, "%s%sLINE adds: %s%s%s", text != NULL ? text : "", text != NULL ? "; " : "",
                           property != NULL ? property : "", property != NULL ? ": " : "", detail);
    if (request_id != NULL)
        text = host->print(flow, "%s%sLINE's request id is %s", text != NULL ? text : "", text != NULL ? "; " : "",
                           request_id);
    if (text != NULL)
        host->hint(flow, "%s", text);
    return error != NULL ? host->error_response(flow, "/error", "/error_description")
                         : host->error_response(flow, NULL, "/message");
}

/* aud names LINE, not the server in base_url, so it stays the same with a proxy or a test server. */
static const char *assertion(jeton_flow *flow)
{
    int64_t lifetime = TOKEN_LIFETIME_S;

    host->jwt(flow, "RS256");
    host->jwt_header(flow, "kid", host->setting(flow, "key_id"));
    host->jwt_claim(flow, "iss", host->setting(flow, "client_id"));
    host->jwt_claim(flow, "sub", host->setting(flow, "client_id"));
    host->jwt_claim(flow, "aud", "https://api.line.me/");
    host->jwt_claim_integer(flow, "exp", host->now(flow) + ASSERTION_LIFETIME_S);
    if (is(host->setting(flow, "api"), "v2.1")) {
        (void)host->setting_integer(flow, "token_lifetime", &lifetime); /* absent: the default stays */
        host->jwt_claim_integer(flow, "token_exp", lifetime);
    }
    return host->jwt_sign(flow, "private_key");
}

static jeton_step issued(jeton_flow *flow)
{
    int64_t lifetime;

    host->set(flow, "key_id", host->json(flow, "/key_id"));
    if (host->json_integer(flow, "/expires_in", &lifetime) && lifetime >= SPAN_FROM)
        host->set_expires_in(flow, lifetime);
    return host->token_response(flow);
}

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    const char *api = host->setting(flow, "api");

    if (event->type == JETON_EVENT_RESPONSE) {
        if (event->http_status != 200)
            return refused(flow, event);
        return issued(flow);
    }
    host->request(flow, "POST",
                  is(api, "v2.1") ? "/oauth2/v2.1/token"
                  : is(api, "v3") ? "/oauth2/v3/token"
                                  : "/v2/oauth/accessToken");
    host->form(flow, "grant_type", "client_credentials");
    if (is(api, "v2.1") || (is(api, "v3") && has_key(flow))) {
        const char *jwt = assertion(flow);

        if (jwt == NULL)
            return JETON_STEP_FAIL;
        host->form(flow, "client_assertion_type", assertion_type);
        host->form(flow, "client_assertion", jwt);
    } else {
        host->form(flow, "client_id", host->setting(flow, "client_id"));
        host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    }
    return JETON_STEP_SEND;
}

/* The time when a stateless token ends, as text for a person: it cannot be revoked. */
static const char *end_of_token(jeton_flow *flow)
{
    const char *digits = host->token(flow, "expires_at");
    char text[40];
    time_t at = 0;
    struct tm utc;

    for (; digits != NULL && *digits >= '0' && *digits <= '9' && at < INT64_C(100000000000); digits++)
        at = at * 10 + (*digits - '0');
    if (at <= 0 || *digits != '\0' || gmtime_r(&at, &utc) == NULL ||
        strftime(text, sizeof(text), "at %Y-%m-%d %H:%M:%S UTC", &utc) == 0)
        return "15 minutes after it was issued";
    return host->print(flow, "%s", text);
}

static jeton_step revoke(jeton_flow *flow, const struct jeton_event *event)
{
    const char *api = host->setting(flow, "api");
    size_t len = 0;

    if (event->type == JETON_EVENT_RESPONSE) {
        host->body(flow, &len);
        /* LINE's answer is empty: a page with 200 comes from another server. */
        if (event->http_status != 200 || (len != 0 && host->json_count(flow, "") != 0))
            return refused(flow, event);
        return JETON_STEP_DONE;
    }
    if (is(api, "v3")) {
        host->hint(flow, "use api = \"v2.1\" where tokens must be revocable");
        return host->fail(flow, JETON_NOT_SUPPORTED, NULL,
                          "a stateless token of LINE (api v3) cannot be revoked; it ends by itself %s",
                          end_of_token(flow));
    }
    if (is(api, "v2.1") && !host->has_setting(flow, "client_secret")) {
        host->hint(flow, "add client_secret_file to the account: the channel secret in the LINE Developers Console");
        return host->fail(flow, JETON_CONFIG, NULL,
                          "LINE revokes v2.1 tokens only with the channel secret, and client_secret is not set");
    }
    host->request(flow, "POST", is(api, "v2.1") ? "/oauth2/v2.1/revoke" : "/v2/oauth/revoke");
    if (is(api, "v2.1")) {
        host->form(flow, "client_id", host->setting(flow, "client_id"));
        host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    }
    host->form(flow, "access_token", host->token(flow, "access_token"));
    return JETON_STEP_SEND;
}

/* LINE answers 400 for a token that is expired, revoked, malformed or of another kind. That is the answer to the
 * question, "not active". Every other refusal says nothing about the token. */
static jeton_step verified(jeton_flow *flow, const struct jeton_event *event)
{
    const char *words = host->json(flow, "/error_description");
    int64_t lifetime = 0, end = 0;

    if (event->http_status == 400 && is(host->json(flow, "/error"), "invalid_request")) {
        host->set_boolean(flow, "active", 0);
        if (words != NULL)
            host->note(flow, "LINE says: %s", words);
        return JETON_STEP_DONE;
    }
    if (event->http_status != 200 || !host->json_integer(flow, "/expires_in", &lifetime))
        return refused(flow, event);
    host->set_boolean(flow, "active", lifetime > 0);
    if (!__builtin_add_overflow(host->now(flow), lifetime, &end))
        host->set_integer(flow, "exp", end);
    host->extra(flow, "");
    return JETON_STEP_DONE;
}

static jeton_step introspect(jeton_flow *flow, const struct jeton_event *event)
{
    const char *token = host->token(flow, "access_token");

    if (event->type == JETON_EVENT_RESPONSE)
        return verified(flow, event);
    if (is(host->setting(flow, "api"), "v2")) {
        host->request(flow, "POST", "/v2/oauth/verify");
        host->form(flow, "access_token", token);
    } else {
        host->request(flow, "GET", "/oauth2/v2.1/verify");
        host->query(flow, "access_token", token);
    }
    return JETON_STEP_SEND;
}

/* LINE sends `kids`; its older SDKs expect `key_ids`. */
static jeton_step listed(jeton_flow *flow, const struct jeton_event *event)
{
    const char *list = host->json_count(flow, "/kids") >= 0 ? "/kids" : "/key_ids";
    int count = host->json_count(flow, list);

    if (event->http_status != 200 || count < 0)
        return refused(flow, event);
    for (int i = 0; i < count; i++) {
        const char *kid = host->json(flow, host->print(flow, "%s/%d", list, i));

        if (kid == NULL)
            return host->fail(flow, JETON_BAD_ANSWER, NULL,
                              "LINE's list of key ids has something at position %d that is not text", i + 1);
        host->add(flow, "keys", kid);
    }
    return JETON_STEP_DONE;
}

static jeton_step list_keys(jeton_flow *flow, const struct jeton_event *event)
{
    const char *api = host->setting(flow, "api");
    const char *jwt;

    if (event->type == JETON_EVENT_RESPONSE)
        return listed(flow, event);
    if (!is(api, "v2.1"))
        return host->fail(flow, JETON_NOT_SUPPORTED, NULL,
                          "LINE lists the key ids of v2.1 tokens only, and this account has api = \"%s\"", api);
    jwt = assertion(flow);
    if (jwt == NULL)
        return JETON_STEP_FAIL;
    host->request(flow, "GET", "/oauth2/v2.1/tokens/kid");
    host->query(flow, "client_assertion_type", assertion_type);
    host->query(flow, "client_assertion", jwt);
    return JETON_STEP_SEND;
}

static void check_key(jeton_flow *flow, const char *api)
{
    if (!host->has_setting(flow, "key_id"))
        host->complain(flow, "key_id", "api = \"%s\" needs it: the kid of the assertion signing key", api);
    if (!host->has_setting(flow, "private_key"))
        host->complain(flow, "private_key", "api = \"%s\" needs it: the assertion signing key; use private_key_file",
                       api);
}

static jeton_step check(jeton_flow *flow, const struct jeton_event *event)
{
    const char *api = host->setting(flow, "api");
    const char *id = host->setting(flow, "client_id");

    (void)event;
    if (id != NULL && (*id == '\0' || strspn(id, "0123456789") != strlen(id)))
        host->complain(flow, "client_id", "must be the channel ID, which is digits only");
    if (is(api, "v2.1"))
        check_key(flow, api);
    else if (is(api, "v3") && (host->has_setting(flow, "key_id") || host->has_setting(flow, "private_key")))
        check_key(flow, api);
    else if (!host->has_setting(flow, "client_secret"))
        host->complain(flow, "client_secret", "api = \"%s\" needs it: the channel secret%s", api,
                       is(api, "v3") ? ", unless key_id and private_key are set" : "");
    if (!is(api, "v2.1") && host->has_setting(flow, "token_lifetime"))
        host->complain(flow, "token_lifetime",
                       "works with api = \"v2.1\" only: with %s LINE decides how long a token lives", api);
    return JETON_STEP_DONE;
}

static const struct jeton_provider provider = {
    .struct_size = sizeof(struct jeton_provider),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting_size = sizeof(struct jeton_setting),
    .name = "line",
    .version = "1.0",
    .summary = "LINE channel access tokens: short-lived, by JWT assertion, stateless",
    .base_url = "https://api.line.me",
    .settings = settings,
    .capabilities = JETON_CAP_UNATTENDED,
    .acquire = acquire,
    .revoke = revoke,
    .introspect = introspect,
    .list_keys = list_keys,
    .check = check,
};

const struct jeton_provider *jeton_provider_v1(const struct jeton_host *lent)
{
    host = lent;
    return &provider;
}
