/* SPDX-License-Identifier: MIT */
/* A provider plugin that is built outside of jeton's tree: an RFC 6749 server with client credentials, revocation and
 * introspection. It sends nothing, keeps nothing and links nothing.
 *
 *     cc -shared -fPIC -fvisibility=hidden -Wl,-z,defs \
 *        $(pkg-config --cflags jeton-provider) -o jeton_example.so provider_example.c
 */
#include <jeton/provider.h>
#include <string.h>

static const struct jeton_host *host;

static const struct jeton_setting settings[] = {
    {.name = "client_id", .type = JETON_STRING, .flags = JETON_REQUIRED, .help = "id of the registered client"},
    {.name = "client_secret",
     .type = JETON_STRING,
     .flags = JETON_REQUIRED | JETON_SECRET,
     .help = "secret of the registered client"},
    {.name = "scope", .type = JETON_LIST, .help = "what the token may do"},
    {.name = "token_path", .type = JETON_STRING, .default_value = "/token", .help = "the token endpoint"},
    {.name = NULL},
};

/* What a call may pass: `jeton get NAME --scope read`. */
static const struct jeton_setting parameters[] = {
    {.name = "scope", .type = JETON_LIST, .help = "narrower than configured"},
    {.name = NULL},
};

static void authenticate(jeton_flow *flow)
{
    host->basic(flow, host->setting(flow, "client_id"), host->setting(flow, "client_secret"));
}

/* RFC 6749 4.4; the host reads its section 5, answers and errors, by itself. */
static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", host->setting(flow, "token_path"));
    authenticate(flow);
    host->form(flow, "grant_type", "client_credentials");
    host->form(flow, "scope", host->param(flow, "scope"));
    return JETON_STEP_SEND;
}

/* RFC 7009. */
static jeton_step revoke(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->empty_response(flow);
    host->request(flow, "POST", "/revoke");
    authenticate(flow);
    host->form(flow, "token", host->token(flow, "access_token"));
    host->form(flow, "token_type_hint", "access_token");
    return JETON_STEP_SEND;
}

/* RFC 7662. */
static jeton_step introspect(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->introspection_response(flow);
    host->request(flow, "POST", "/introspect");
    authenticate(flow);
    host->form(flow, "token", host->token(flow, "access_token"));
    return JETON_STEP_SEND;
}

/* Only what the table cannot say. */
static jeton_step check(jeton_flow *flow, const struct jeton_event *event)
{
    const char *path = host->setting(flow, "token_path");

    (void)event;
    if (path != NULL && strncmp(path, "/", 1) != 0)
        host->complain(flow, "token_path", "must begin with a slash: it is a path below base_url");
    return JETON_STEP_DONE;
}

static const struct jeton_provider provider = {
    .struct_size = sizeof(struct jeton_provider),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting_size = sizeof(struct jeton_setting),
    .name = "example",
    .version = "1.0",
    .summary = "an RFC 6749 server, as an example",
    .settings = settings,
    .parameters = parameters,
    .capabilities = JETON_CAP_UNATTENDED, /* acquire needs nobody: jeton_get may call it whenever a token is needed */
    .acquire = acquire,
    .revoke = revoke,
    .introspect = introspect,
    .check = check,
};

const struct jeton_provider *jeton_provider_v1(const struct jeton_host *lent)
{
    host = lent;
    return &provider;
}
