/* SPDX-License-Identifier: MIT */
/* Owns Voucherify's OAuth API: client credentials in headers, introspection, revocation.
   It never speaks RFC 6749 errors; Voucherify has its own error object. */
#include "clock.h"
#include "provider.h"
#include "text.h"
#include "tokens.h"

#include <stdio.h>
#include <string.h>

#define KIND "access"

static const char default_app_id[] = "8a824b12-0530-4ef4-9479-d9e9b9930176";
static const char default_app_token[] = "9e322bac-8297-49f7-94c8-07946724bcbc";
static const char default_client_id[] = "a1Bcdefg2HI3Jkl4m5nOP";

static char app_id[KNOB_STRING_MAX];
static char app_token[KNOB_STRING_MAX];
static char client_id[KNOB_STRING_MAX]; /* what answers call the client; not the app id */
static int64_t expires_in_s;
static int64_t max_tokens;     /* of the project, 0: unlimited */
static int64_t scope_required; /* the OpenAPI file says so, older texts do not */

static const struct knob knobs[] = {
    {"expires_in", KNOB_INT, &expires_in_s, 1, INT32_MAX, NULL},
    {"max_tokens", KNOB_INT, &max_tokens, 0, INT32_MAX, NULL},
    {"scope_required", KNOB_BOOL, &scope_required, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static const struct knob credentials[] = {
    {"app_id", KNOB_STRING, app_id, 0, 0, NULL},
    {"app_token", KNOB_STRING, app_token, 0, 0, NULL},
    {"client_id", KNOB_STRING, client_id, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static void fail(struct answer *answer, int code, const char *key, const char *message, const char *details)
{
    json_object *object = json_object_new_object();
    char request_id[21] = "v-";

    text_random(request_id + 2, 18, TEXT_HEX);
    json_object_object_add(object, "code", json_object_new_int(code));
    if (key)
        json_object_object_add(object, "key", json_object_new_string(key));
    json_object_object_add(object, "message", text_json(message));
    if (details)
        json_object_object_add(object, "details", json_object_new_string(details));
    /* The documented 400 and 429 bodies come without one. */
    if (code != 400 && code != 429)
        json_object_object_add(object, "request_id", json_object_new_string(request_id));
    answer_json(answer, (unsigned)code, object);
}

static bool authenticated(const struct request *request, struct answer *answer)
{
    if (text_equal(fields_get(&request->headers, "x-app-id"), app_id) &&
        text_equal(fields_get(&request->headers, "x-app-token"), app_token))
        return true;
    fail(answer, 401, "unauthorized", "Unauthorized",
         "Make sure you provided correct application id and application token");
    return false;
}

static json_object *describe(const struct token *token)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "access_token", text_json(token->value));
    json_object_object_add(object, "client_id", text_json(token->client));
    json_object_object_add(object, "expires_at", json_object_new_int64(token->expires_at));
    json_object_object_add(object, "scope", text_json(token->scope));
    json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
    return object;
}

/* Scopes are words of letters, digits, '.', '_' and '-' with a space between them; the comma is
   the mistake that the documentation shows. */
static bool scope_is_valid(const char *scope)
{
    return strspn(scope, TEXT_ALNUM "._-:/ ") == strlen(scope);
}

static void issue(const struct request *request, struct answer *answer)
{
    const char *scope = fields_need(&request->form, "scope");
    char value[52];

    if (!authenticated(request, answer))
        return;
    if (!text_equal(fields_get(&request->form, "grant_type"), "client_credentials")) {
        fail(answer, 400, "invalid_grant_type", "Invalid grant_type", NULL);
        return;
    }
    if (!scope && !scope_required)
        scope = "api";
    if (!scope) {
        fail(answer, 400, "missing_parameters", "Missing parameters", NULL);
        return;
    }
    if (!scope_is_valid(scope)) {
        char message[512];

        snprintf(message, sizeof(message), "Invalid scope: %s", scope);
        fail(answer, 400, "invalid_scope", message, NULL);
        return;
    }
    if (max_tokens && tokens_count_active(provider_voucherify.name, KIND, client_id) >= max_tokens) {
        fail(answer, 400, "tokens_limit_exceeded", "Maximum number of tokens has been reached", NULL);
        return;
    }
    text_random(value, sizeof(value) - 1, TEXT_ALNUM);
    provider_token_answer(&provider_voucherify, answer,
                          describe(tokens_issue(provider_voucherify.name, KIND, value, client_id, scope, expires_in_s)),
                          expires_in_s);
}

static void introspect(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "access_token");

    if (!authenticated(request, answer))
        return;
    if (!value) {
        fail(answer, 400, "missing_parameters", "Missing parameters", NULL);
        return;
    }

    const struct token *token = tokens_find(provider_voucherify.name, value);
    bool active = token && token_active(token);
    json_object *object = active ? describe(token) : json_object_new_object();

    if (active)
        json_object_object_add(object, "expires_in", json_object_new_int64(token->expires_at - clock_now()));
    json_object_object_add(object, "active", json_object_new_boolean(active));
    answer_json(answer, 200, object);
}

static void revoke(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "access_token");

    if (!authenticated(request, answer))
        return;
    if (!value) {
        fail(answer, 400, "missing_parameters", "Missing parameters", NULL);
        return;
    }

    struct token *token = tokens_find(provider_voucherify.name, value);

    if (!token || !token_active(token)) {
        answer_empty(answer, 404);
        return;
    }
    token_revoke(token);
    answer_empty(answer, 204);
}

static const struct route routes[] = {
    {"POST", "/v1/oauth/token", issue},
    {"POST", "/v1/oauth/introspect", introspect},
    {"POST", "/v1/oauth/token/revoke", revoke},
    {NULL, NULL, NULL},
};

static void refuse(enum refusal refusal, struct answer *answer)
{
    switch (refusal) {
    case REFUSE_PATH:
        fail(answer, 404, "not_found", "Resource not found", NULL);
        break;
    case REFUSE_METHOD:
        fail(answer, 405, "method_not_allowed", "Method not allowed", NULL);
        break;
    case REFUSE_CONTENT_TYPE:
        fail(answer, 415, "unsupported_media_type", "Unsupported content type", NULL);
        break;
    case REFUSE_TOO_LARGE:
        fail(answer, 413, "payload_too_large", "Payload too large", NULL);
        break;
    case REFUSE_RATE:
        fail(answer, 429, NULL, "Too many requests hit the API too quickly.", NULL);
        break;
    }
}

static void reset(void)
{
    snprintf(app_id, sizeof(app_id), "%s", default_app_id);
    snprintf(app_token, sizeof(app_token), "%s", default_app_token);
    snprintf(client_id, sizeof(client_id), "%s", default_client_id);
    expires_in_s = 900;
    max_tokens = 1000;
    scope_required = 1;
}

struct provider provider_voucherify = {
    .name = "voucherify",
    .routes = routes,
    .knobs = knobs,
    .credentials = credentials,
    .reset = reset,
    .refuse = refuse,
};
