/* SPDX-License-Identifier: MIT */
/* Owns YooMoney: authorization that is granted at once, one-time codes, tokens that say nothing
   about their lifetime, revocation. It never shows a login page. */
#include "provider.h"
#include "text.h"
#include "tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND_CODE   "code"
#define KIND_ACCESS "access"

static char client_id[KNOB_STRING_MAX];
static char client_secret[KNOB_STRING_MAX];
static char redirect_uri[KNOB_STRING_MAX];
static int64_t expires_in_s;
static int64_t code_expires_in_s;
static int64_t require_secret;
static int64_t deny;

static const struct knob knobs[] = {
    {"expires_in", KNOB_INT, &expires_in_s, 1, INT32_MAX, NULL},
    {"code_expires_in", KNOB_INT, &code_expires_in_s, 1, INT32_MAX, NULL},
    {"require_secret", KNOB_BOOL, &require_secret, 0, 0, NULL},
    {"deny", KNOB_BOOL, &deny, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static const struct knob credentials[] = {
    {"client_id", KNOB_STRING, client_id, 0, 0, NULL},
    {"client_secret", KNOB_STRING, client_secret, 0, 0, NULL},
    {"redirect_uri", KNOB_STRING, redirect_uri, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

/* YooMoney's token errors are one word without a description. */
static void fail(struct answer *answer, unsigned status, const char *error)
{
    answer_oauth_error(answer, status, error, NULL);
}

static char *issue_code(const char *uri, const char *scope)
{
    char code[65];

    text_random(code, sizeof(code) - 1, TEXT_HEX_UPPER);
    tokens_issue(provider_yoomoney.name, KIND_CODE, code, client_id, scope, code_expires_in_s)->redirect_uri =
        text_copy(uri);
    return text_copy(code);
}

/* The registered address, to which clients may append query parameters of their own. It goes into
   a header, so nothing but printable ASCII passes. */
static bool redirect_accepted(const char *uri)
{
    size_t len = strlen(redirect_uri);

    for (const char *c = uri; *c; c++)
        if (*c < 0x21 || *c > 0x7e)
            return false;
    if (strncmp(uri, redirect_uri, len) != 0)
        return false;
    return uri[len] == 0 || uri[len] == (strchr(redirect_uri, '?') ? '&' : '?');
}

static void redirect(struct answer *answer, const char *uri, const char *result, const char *value,
                     const char *description)
{
    size_t size = strlen(uri) + strlen(value) + 200;
    char *location = text_alloc(size);

    snprintf(location, size, "%s%c%s=%s%s%s", uri, strchr(uri, '?') ? '&' : '?', result, value,
             description ? "&error_description=" : "", description ? description : "");
    answer_header(answer, "Location", location);
    answer_empty(answer, 302);
    free(location);
}

/* Scopes that YooMoney does not grant together. */
static bool scope_accepted(const char *scope)
{
    if (strstr(scope, "payment-p2p") && strstr(scope, "payment.to-account"))
        return false;
    return !(strstr(scope, "payment-shop") && strstr(scope, "payment.to-pattern"));
}

static void authorize_fields(const struct fields *fields, struct answer *answer)
{
    const char *uri = fields_need(fields, "redirect_uri");
    const char *scope = fields_need(fields, "scope");

    if (!uri || !redirect_accepted(uri)) {
        fail(answer, 400, "invalid_request");
        return;
    }
    if (!text_equal(fields_get(fields, "client_id"), client_id)) {
        redirect(answer, uri, "error", "unauthorized_client", NULL);
    } else if (!text_equal(fields_get(fields, "response_type"), "code")) {
        redirect(answer, uri, "error", "invalid_request", "response_type");
    } else if (!scope || !scope_accepted(scope)) {
        redirect(answer, uri, "error", "invalid_scope", NULL);
    } else if (deny) {
        redirect(answer, uri, "error", "access_denied", "the%20user%20refused");
    } else {
        char *code = issue_code(uri, scope);

        redirect(answer, uri, "code", code, NULL);
        free(code);
    }
}

static void authorize_get(const struct request *request, struct answer *answer)
{
    authorize_fields(&request->query, answer);
}

static void authorize_post(const struct request *request, struct answer *answer)
{
    authorize_fields(&request->form, answer);
}

static void issue(struct token *code, struct answer *answer)
{
    json_object *object = json_object_new_object();
    char value[81] = "410012345678901.";

    text_random(value + 16, 64, TEXT_HEX_UPPER);
    token_spend(code);
    tokens_issue(provider_yoomoney.name, KIND_ACCESS, value, client_id, code->scope, expires_in_s);
    json_object_object_add(object, "access_token", json_object_new_string(value));
    provider_token_answer(&provider_yoomoney, answer, object, expires_in_s);
}

/* The SDK sends an empty client_secret where there is none; empty counts as absent. */
static bool client_accepted(const struct request *request)
{
    const char *secret = fields_need(&request->form, "client_secret");

    if (!text_equal(fields_get(&request->form, "client_id"), client_id))
        return false;
    return secret ? strcmp(secret, client_secret) == 0 : !require_secret;
}

static void exchange(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "code");
    const char *uri = fields_need(&request->form, "redirect_uri");
    struct token *code = tokens_find(provider_yoomoney.name, value);

    if (!value || !uri || !fields_need(&request->form, "client_id") ||
        !text_equal(fields_get(&request->form, "grant_type"), "authorization_code"))
        fail(answer, 400, "invalid_request");
    else if (!client_accepted(request))
        fail(answer, 400, "unauthorized_client");
    else if (!code || strcmp(code->kind, KIND_CODE) != 0 || !token_active(code) || !text_equal(code->redirect_uri, uri))
        fail(answer, 400, "invalid_grant");
    else
        issue(code, answer);
}

static void revoke(const struct request *request, struct answer *answer)
{
    const char *authorization = fields_get(&request->headers, "authorization");
    struct token *token;

    if (!authorization || strncmp(authorization, "Bearer ", 7) != 0 || !authorization[7]) {
        answer_empty(answer, 400);
        return;
    }
    token = tokens_find(provider_yoomoney.name, authorization + 7);
    if (!token || strcmp(token->kind, KIND_ACCESS) != 0 || !token_active(token)) {
        answer_empty(answer, 401);
        return;
    }
    token_revoke(token);
    answer_empty(answer, 200);
}

static char *new_code(json_object *spec, const char **ret_problem)
{
    json_object *uri = json_object_object_get(spec, "redirect_uri");
    json_object *scope = json_object_object_get(spec, "scope");

    if ((uri && !json_object_is_type(uri, json_type_string)) ||
        (scope && !json_object_is_type(scope, json_type_string))) {
        *ret_problem = "redirect_uri and scope must be strings";
        return NULL;
    }
    return issue_code(uri ? json_object_get_string(uri) : redirect_uri,
                      scope ? json_object_get_string(scope) : "account-info");
}

static const struct route routes[] = {
    {"GET", "/oauth/authorize", authorize_get},
    {"POST", "/oauth/authorize", authorize_post},
    {"POST", "/oauth/token", exchange},
    {"POST", "/api/revoke", revoke},
    {NULL, NULL, NULL},
};

static void refuse(enum refusal refusal, struct answer *answer)
{
    switch (refusal) {
    case REFUSE_PATH:
        answer_empty(answer, 404);
        break;
    case REFUSE_METHOD:
        answer_empty(answer, 405);
        break;
    case REFUSE_CONTENT_TYPE:
        fail(answer, 400, "invalid_request");
        break;
    case REFUSE_TOO_LARGE:
        answer_empty(answer, 413);
        break;
    case REFUSE_RATE:
        answer_empty(answer, 429);
        break;
    }
}

static void reset(void)
{
    snprintf(client_id, sizeof(client_id), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01");
    snprintf(client_secret, sizeof(client_secret), "NH2FGEYIS57DXVO4CJ4APTQVWWH78JZ140EIMJ5YOLTG0TQV0OIM9WBN1DGRZ3LP");
    snprintf(redirect_uri, sizeof(redirect_uri), "https://client.example.com/cb?x=1");
    expires_in_s = 3 * 365 * 86400;
    code_expires_in_s = 60;
    require_secret = 0;
    deny = 0;
}

struct provider provider_yoomoney = {
    .name = "yoomoney",
    .routes = routes,
    .knobs = knobs,
    .credentials = credentials,
    .expires_in_form = EXPIRES_OMIT,
    .reset = reset,
    .refuse = refuse,
    .new_code = new_code,
};
