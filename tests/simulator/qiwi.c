/* SPDX-License-Identifier: MIT */
/* Owns QIWI Wallet's two steps: a wallet token for a one-time code, the code for an OAuth token.
   It never refreshes, revokes or introspects; QIWI has none of these. */
#include "provider.h"
#include "text.h"
#include "tokens.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define KIND_CODE   "code"
#define KIND_ACCESS "access"

static char wallet_token[KNOB_STRING_MAX];
static char client_id[KNOB_STRING_MAX];
static char client_secret[KNOB_STRING_MAX];
static int64_t expires_in_s;
static int64_t code_expires_in_s;
static int64_t forbidden; /* the wallet token lacks the permission */

static const struct knob knobs[] = {
    {"expires_in", KNOB_INT, &expires_in_s, 1, INT32_MAX, NULL},
    {"code_expires_in", KNOB_INT, &code_expires_in_s, 1, INT32_MAX, NULL},
    {"forbidden", KNOB_BOOL, &forbidden, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static const struct knob credentials[] = {
    {"wallet_token", KNOB_STRING, wallet_token, 0, 0, NULL},
    {"client_id", KNOB_STRING, client_id, 0, 0, NULL},
    {"client_secret", KNOB_STRING, client_secret, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static void fail(struct answer *answer, unsigned status, const char *code, const char *message)
{
    answer_members(answer, status, "message", message, "code", code, (char *)NULL);
}

/* 401 and 423 come with a JSON type and nothing in it. */
static void fail_empty(struct answer *answer, unsigned status)
{
    answer_bytes(answer, status, "application/json", "", 0);
}

/* The long form of QIWI's errors, which the SDK reads before the short one. */
static void fail_forbidden(struct answer *answer)
{
    char when[40], trace[17];
    time_t now = time(NULL);
    struct tm broken;

    gmtime_r(&now, &broken);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S.000+00:00", &broken);
    text_random(trace, sizeof(trace) - 1, TEXT_HEX);
    answer_members(answer, 403, "serviceName", "oauth", "errorCode", "auth.forbidden", "description", "Access denied",
                   "userMessage", "Access denied", "dateTime", when, "traceId", trace, (char *)NULL);
}

static void authorize(const struct request *request, struct answer *answer)
{
    const char *token = fields_need(&request->form, "token");
    char code[33];

    if (!text_equal(fields_get(&request->form, "response_type"), "code")) {
        fail(answer, 400, "invalid_request", "Invalid response_type");
    } else if (!token || !fields_need(&request->form, "client_software")) {
        fail(answer, 400, "invalid_request", "Missing parameters");
    } else if (!text_equal(fields_get(&request->form, "client_id"), client_id)) {
        fail(answer, 400, "invalid_client", "Invalid client_id");
    } else if (strcmp(token, wallet_token) != 0) {
        fail_empty(answer, 401);
    } else if (forbidden) {
        fail_forbidden(answer);
    } else {
        text_random(code, sizeof(code) - 1, TEXT_HEX);
        tokens_issue(provider_qiwi.name, KIND_CODE, code, client_id, NULL, code_expires_in_s);
        answer_header(answer, "Cache-Control", "no-store");
        answer_members(answer, 200, "code", code, (char *)NULL);
    }
}

static void issue(struct token *code, struct answer *answer)
{
    json_object *object = json_object_new_object();
    char value[33], refresh[33];

    token_spend(code);
    text_random(value, sizeof(value) - 1, TEXT_HEX);
    text_random(refresh, sizeof(refresh) - 1, TEXT_HEX);
    tokens_issue(provider_qiwi.name, KIND_ACCESS, value, client_id, NULL, expires_in_s);
    json_object_object_add(object, "access_token", json_object_new_string(value));
    json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
    /* Sent by QIWI and good for nothing. */
    json_object_object_add(object, "refresh_token", json_object_new_string(refresh));
    provider_token_answer(&provider_qiwi, answer, object, expires_in_s);
}

static void exchange(const struct request *request, struct answer *answer)
{
    struct token *code = tokens_find(provider_qiwi.name, fields_need(&request->form, "code"));

    if (!text_equal(fields_get(&request->form, "grant_type"), "authorization_code"))
        fail(answer, 400, "unsupported_grant_type", "Invalid grant_type");
    else if (!text_equal(fields_get(&request->form, "client_id"), client_id) ||
             !text_equal(fields_get(&request->form, "client_secret"), client_secret))
        fail(answer, 400, "invalid_client", "Invalid client");
    else if (!code || strcmp(code->kind, KIND_CODE) != 0 || !token_active(code))
        fail(answer, 400, "invalid_grant", "Invalid code");
    else
        issue(code, answer);
}

static char *new_code(json_object *spec, const char **ret_problem)
{
    char code[33];

    (void)spec;
    (void)ret_problem;
    text_random(code, sizeof(code) - 1, TEXT_HEX);
    tokens_issue(provider_qiwi.name, KIND_CODE, code, client_id, NULL, code_expires_in_s);
    return text_copy(code);
}

static const struct route routes[] = {
    {"POST", "/oauth/authorize", authorize},
    {"POST", "/oauth/token", exchange},
    {NULL, NULL, NULL},
};

static void refuse(enum refusal refusal, struct answer *answer)
{
    switch (refusal) {
    case REFUSE_PATH:
        fail(answer, 404, "not_found", "Not found");
        break;
    case REFUSE_METHOD:
        fail(answer, 405, "method_not_allowed", "Method not allowed");
        break;
    case REFUSE_CONTENT_TYPE:
        fail(answer, 415, "unsupported_media_type", "Unsupported content type");
        break;
    case REFUSE_TOO_LARGE:
        fail(answer, 413, "payload_too_large", "Payload too large");
        break;
    case REFUSE_RATE:
        fail_empty(answer, 423);
        break;
    }
}

static void reset(void)
{
    snprintf(wallet_token, sizeof(wallet_token), "U1QtOTkwMTAyLWNud3FpdWhmbzg3M");
    snprintf(client_id, sizeof(client_id), "api_wallet_private");
    snprintf(client_secret, sizeof(client_secret), "hTFPyt");
    expires_in_s = 316224000;
    code_expires_in_s = 300;
    forbidden = 0;
}

struct provider provider_qiwi = {
    .name = "qiwi",
    .routes = routes,
    .knobs = knobs,
    .credentials = credentials,
    .expires_in_form = EXPIRES_STRING,
    .reset = reset,
    .refuse = refuse,
    .new_code = new_code,
};
