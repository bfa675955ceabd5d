/* SPDX-License-Identifier: MIT */
/* Owns LINE's channel access tokens by secret (v2), the provider's settings and its error shapes.
   It never looks into a client assertion; line_jwt.c does. */
#include "line.h"

#include "clock.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_CLIENT_ID     "1234567890"
#define DEFAULT_CLIENT_SECRET "7be1a4d0f29c4f6bb0b0c5b8a4c7d9e3"
#define DEFAULT_KEY_ID        "536e453c-aa93-4449-8e90-add2608783c6"

/* The public half of the test key in tests/vectors/line-jwt.json. */
static const char default_public_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                         "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw/7J5SBzGuCacv6pZf5+\n"
                                         "gQGczeqH2Y/aIMr5lggJnKlZiJ3qyfojdYlycMVIVBK0acR8emcXMKMoc5nJcxc3\n"
                                         "QFF6I+8Nic3/SB6fHpNPCiHirH/zarpVpRUSDQE2E6zOs9FQ/bfkzIwGOMlyNz6g\n"
                                         "c5+u9wPzbPAFwvTfmvvEE0taF8eUazMNAqrJmZHYx2dOckQ0TYolAC38wltvXINt\n"
                                         "uvvhkU78RuzBjrlY56APGHIgWgB7QhuPscpTQ91gIhS2oPKOtwUR3WbOypTuRvmI\n"
                                         "A1hDIFfwjyDqPQO+BSR4L2p5jzAqoUwu9fWGjb0+0irWEvggLRQwvGUv8J15NORd\n"
                                         "EQIDAQAB\n"
                                         "-----END PUBLIC KEY-----\n";

struct line_settings line;

static const struct knob knobs[] = {
    {"expires_in", KNOB_INT, &line.short_lived_s, 1, INT32_MAX, NULL},
    {"stateless_expires_in", KNOB_INT, &line.stateless_s, 1, INT32_MAX, NULL},
    {"token_exp_max", KNOB_INT, &line.token_exp_max_s, 1, INT32_MAX, NULL},
    {"max_tokens", KNOB_INT, &line.max_tokens, 0, INT32_MAX, NULL},
    {"v2_1_max_tokens", KNOB_INT, &line.v2_1_max_tokens, 0, INT32_MAX, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static const struct knob credentials[] = {
    {"client_id", KNOB_STRING, line.client_id, 0, 0, NULL},
    {"client_secret", KNOB_STRING, line.client_secret, 0, 0, NULL},
    {"key_id", KNOB_STRING, line.key_id, 0, 0, NULL},
    {"public_key", KNOB_STRING, line.public_key, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

void line_fail(struct answer *answer, const char *error, const char *description)
{
    answer_members(answer, 400, "error", error, "error_description", description, (char *)NULL);
}

void line_message(struct answer *answer, unsigned status, const char *message)
{
    answer_members(answer, status, "message", message, (char *)NULL);
}

/* 40 to 200 characters of base64 with all three characters that a form must percent-encode. */
static void new_short_lived(char *out, size_t size)
{
    text_random(out, size - 2, TEXT_BASE64);
    out[0] = 'W';
    out[9] = '/';
    out[14] = '+';
    out[size - 2] = '=';
    out[size - 1] = 0;
}

static bool secret_accepted(const struct request *request, struct answer *answer)
{
    if (!text_equal(fields_get(&request->form, "client_id"), line.client_id)) {
        line_fail(answer, "invalid_client", "invalid client_id");
        return false;
    }
    if (!text_equal(fields_get(&request->form, "client_secret"), line.client_secret)) {
        line_fail(answer, "invalid_client", "invalid client_secret");
        return false;
    }
    return true;
}

static void issue_short_lived(const struct request *request, struct answer *answer)
{
    const char *grant = fields_need(&request->form, "grant_type");
    json_object *object;
    char value[174];

    if (!grant || !fields_need(&request->form, "client_id") || !fields_need(&request->form, "client_secret")) {
        line_fail(answer, "invalid_request", "some required parameters are missing");
        return;
    }
    if (strcmp(grant, "client_credentials") != 0) {
        line_fail(answer, "unsupported_grant_type", "grant_type is not client_credentials");
        return;
    }
    if (!secret_accepted(request, answer))
        return;
    /* LINE keeps the newest: the oldest one stops working without a word. */
    while (line.max_tokens &&
           tokens_count_active(provider_line.name, LINE_SHORT_LIVED, line.client_id) >= line.max_tokens)
        token_revoke(tokens_oldest(provider_line.name, LINE_SHORT_LIVED, line.client_id));

    new_short_lived(value, sizeof(value));
    tokens_issue(provider_line.name, LINE_SHORT_LIVED, value, line.client_id, NULL, line.short_lived_s);
    object = json_object_new_object();
    json_object_object_add(object, "access_token", json_object_new_string(value));
    json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
    provider_token_answer(&provider_line, answer, object, line.short_lived_s);
}

static bool is_short_lived_form(const char *token)
{
    return strspn(token, TEXT_BASE64 "=") == strlen(token);
}

/* No client authentication: whoever holds the token may revoke it. An unknown one is no error. */
static void revoke_short_lived(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "access_token");

    if (!value || !is_short_lived_form(value)) {
        line_fail(answer, "invalid_request", NULL);
        return;
    }

    struct token *token = tokens_find(provider_line.name, value);

    if (token && strcmp(token->kind, LINE_SHORT_LIVED) == 0)
        token_revoke(token);
    answer_empty(answer, 200);
}

void line_describe(struct answer *answer, const struct token *token, const char *scope)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "client_id", text_json(token->client));
    json_object_object_add(object, "expires_in", json_object_new_int64(token->expires_at - clock_now()));
    json_object_object_add(object, "scope", json_object_new_string(scope));
    answer_json(answer, 200, object);
}

static void verify_short_lived(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "access_token");
    const struct token *token = tokens_find(provider_line.name, value);

    if (value && !is_short_lived_form(value))
        line_fail(answer, "invalid_request", "access_token in invalid format");
    else if (!token || strcmp(token->kind, LINE_SHORT_LIVED) != 0 || token->revoked)
        line_fail(answer, "invalid_request", "access_token invalid");
    else if (token_expired(token))
        line_fail(answer, "invalid_request", "The access token expired");
    else
        line_describe(answer, token, "P CM");
}

static const struct route routes[] = {
    {"POST", "/v2/oauth/accessToken", issue_short_lived},
    {"POST", "/v2/oauth/revoke", revoke_short_lived},
    {"POST", "/v2/oauth/verify", verify_short_lived},
    {"POST", "/oauth2/v2.1/token", line_issue_by_jwt},
    {"GET", "/oauth2/v2.1/tokens/kid", line_list_key_ids},
    {"POST", "/oauth2/v2.1/revoke", line_revoke_by_jwt},
    {"GET", "/oauth2/v2.1/verify", line_verify_jws},
    {"POST", "/oauth2/v3/token", line_issue_stateless},
    {NULL, NULL, NULL},
};

static void refuse(enum refusal refusal, struct answer *answer)
{
    switch (refusal) {
    case REFUSE_PATH:
        line_message(answer, 404, "Not found");
        break;
    case REFUSE_METHOD:
        line_message(answer, 405, "Method not allowed");
        break;
    case REFUSE_CONTENT_TYPE:
        line_message(answer, 415, "Unsupported media type");
        break;
    case REFUSE_TOO_LARGE:
        line_message(answer, 413, "Payload too large");
        break;
    case REFUSE_RATE:
        line_message(answer, 429, "The API rate limit has been exceeded. Try again later.");
        break;
    }
}

static void decorate(struct answer *answer)
{
    char id[37];

    text_uuid(id);
    answer_header(answer, "x-line-request-id", id);
}

static void reset(void)
{
    line = (struct line_settings){
        .client_id = DEFAULT_CLIENT_ID,
        .client_secret = DEFAULT_CLIENT_SECRET,
        .key_id = DEFAULT_KEY_ID,
        .short_lived_s = 2592000,
        .stateless_s = 900,
        .token_exp_max_s = 2592000,
        .max_tokens = 30,
        .v2_1_max_tokens = 30,
    };
    memcpy(line.public_key, default_public_key, sizeof(default_public_key));
}

struct provider provider_line = {
    .name = "line",
    .routes = routes,
    .knobs = knobs,
    .credentials = credentials,
    .reset = reset,
    .refuse = refuse,
    .decorate = decorate,
};
