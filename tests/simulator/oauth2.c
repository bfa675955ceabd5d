/* SPDX-License-Identifier: MIT */
/* Owns the generic RFC 6749 server: its token, revocation and introspection endpoints.
   It never deviates from the RFCs; providers that do are files of their own. */
#include "oauth2.h"

#include "clock.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct oauth2_settings oauth2;

static const char *const client_auths[] = {"any", "basic", "post", "none", NULL};

static const struct knob knobs[] = {
    {"expires_in", KNOB_INT, &oauth2.expires_in_s, 1, INT32_MAX, NULL},
    {"refresh_expires_in", KNOB_INT, &oauth2.refresh_expires_in_s, 0, INT32_MAX, NULL},
    {"refresh_grace", KNOB_INT, &oauth2.refresh_grace_s, 0, INT32_MAX, NULL},
    {"rotate", KNOB_BOOL, &oauth2.rotate, 0, 0, NULL},
    {"max_tokens", KNOB_INT, &oauth2.max_tokens, 0, INT32_MAX, NULL},
    {"scopes", KNOB_STRING, oauth2.scopes, 0, 0, NULL},
    {"client_auth", KNOB_CHOICE, &oauth2.client_auth, 0, 0, client_auths},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static const struct knob credentials[] = {
    {"client_id", KNOB_STRING, oauth2.client_id, 0, 0, NULL},
    {"client_secret", KNOB_STRING, oauth2.client_secret, 0, 0, NULL},
    {"username", KNOB_STRING, oauth2.username, 0, 0, NULL},
    {"password", KNOB_STRING, oauth2.password, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static bool has_word(const char *words, const char *word, size_t len)
{
    while (*words) {
        size_t here = strcspn(words, " ");

        if (here == len && strncmp(words, word, len) == 0)
            return true;
        words += here + (words[here] == ' ');
    }
    return false;
}

bool oauth2_scope_within(const char *asked, const char *granted)
{
    while (*asked) {
        size_t len = strcspn(asked, " ");

        if (len && !has_word(granted ? granted : "", asked, len))
            return false;
        asked += len + (asked[len] == ' ');
    }
    return true;
}

struct token *oauth2_new_access(const char *scope, const char *subject, uint64_t family)
{
    char value[44];
    struct token *token;

    text_random(value, sizeof(value) - 1, TEXT_BASE64URL);
    token = tokens_issue(provider_oauth2.name, OAUTH2_ACCESS, value, oauth2.client_id, scope, oauth2.expires_in_s);
    token->subject = text_copy(subject);
    token->family = family;
    return token;
}

struct token *oauth2_new_refresh(const char *scope, const char *subject, uint64_t family)
{
    char value[44];
    struct token *token;

    text_random(value, sizeof(value) - 1, TEXT_BASE64URL);
    token =
        tokens_issue(provider_oauth2.name, OAUTH2_REFRESH, value, oauth2.client_id, scope, oauth2.refresh_expires_in_s);
    token->subject = text_copy(subject);
    token->family = family;
    return token;
}

void oauth2_answer(struct answer *answer, const struct token *access, const struct token *refresh)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "access_token", text_json(access->value));
    json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
    if (refresh)
        json_object_object_add(object, "refresh_token", text_json(refresh->value));
    if (access->scope)
        json_object_object_add(object, "scope", text_json(access->scope));
    answer_header(answer, "Pragma", "no-cache");
    provider_token_answer(&provider_oauth2, answer, object, access->expires_at - clock_now());
}

static bool may_issue(const struct request *request, struct answer *answer)
{
    const char *scope = fields_need(&request->form, "scope");

    if (scope && *oauth2.scopes && !oauth2_scope_within(scope, oauth2.scopes)) {
        answer_oauth_error(answer, 400, "invalid_scope", "a scope this server does not have");
        return false;
    }
    if (oauth2.max_tokens &&
        tokens_count_active(provider_oauth2.name, OAUTH2_ACCESS, oauth2.client_id) >= oauth2.max_tokens) {
        answer_oauth_error(answer, 400, "invalid_request", "too many tokens");
        return false;
    }
    return true;
}

static void grant_password(const struct request *request, struct answer *answer)
{
    const char *username = fields_need(&request->form, "username");
    const char *password = fields_need(&request->form, "password");
    const char *scope = fields_need(&request->form, "scope");
    uint64_t family;

    if (!username || !password) {
        answer_oauth_error(answer, 400, "invalid_request", "username and password are needed");
        return;
    }
    if (strcmp(username, oauth2.username) != 0 || strcmp(password, oauth2.password) != 0) {
        answer_oauth_error(answer, 400, "invalid_grant", "wrong username or password");
        return;
    }
    family = tokens_new_family();
    oauth2_answer(answer, oauth2_new_access(scope, username, family), oauth2_new_refresh(scope, username, family));
}

static void token_endpoint(const struct request *request, struct answer *answer)
{
    const char *grant = fields_need(&request->form, "grant_type");

    if (!oauth2_client_accepted(request, answer))
        return;
    if (!grant)
        answer_oauth_error(answer, 400, "invalid_request", "grant_type is missing");
    else if (strcmp(grant, "refresh_token") == 0)
        oauth2_refresh(request, answer);
    else if (strcmp(grant, "client_credentials") == 0 && oauth2.client_auth == OAUTH2_AUTH_NONE)
        answer_oauth_error(answer, 400, "unauthorized_client", "a public client has no credentials");
    else if (strcmp(grant, "client_credentials") == 0 && may_issue(request, answer))
        oauth2_answer(answer, oauth2_new_access(fields_need(&request->form, "scope"), NULL, 0), NULL);
    else if (strcmp(grant, "password") == 0 && may_issue(request, answer))
        grant_password(request, answer);
    else if (!answer->status)
        answer_oauth_error(answer, 400, "unsupported_grant_type", grant);
}

/* RFC 7009: an unknown token is a success, and a refresh token takes its family with it. */
static void revocation_endpoint(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "token");
    struct token *token = tokens_find(provider_oauth2.name, value);

    if (!oauth2_client_accepted(request, answer))
        return;
    if (!value) {
        answer_oauth_error(answer, 400, "invalid_request", "token is missing");
        return;
    }
    if (token && strcmp(token->client, oauth2.client_id) == 0) {
        if (strcmp(token->kind, OAUTH2_REFRESH) == 0)
            tokens_revoke_family(provider_oauth2.name, token->family);
        token_revoke(token);
    }
    answer_empty(answer, 200);
}

/* RFC 7662: whatever is wrong with a token, the answer is the same. */
static void introspection_endpoint(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "token");
    const struct token *token = tokens_find(provider_oauth2.name, value);

    if (!oauth2_client_accepted(request, answer))
        return;
    if (!value) {
        answer_oauth_error(answer, 400, "invalid_request", "token is missing");
        return;
    }

    json_object *object = json_object_new_object();
    bool active = token && token_active(token) && strcmp(token->client, oauth2.client_id) == 0;

    json_object_object_add(object, "active", json_object_new_boolean(active));
    if (active) {
        json_object_object_add(object, "client_id", text_json(token->client));
        if (token->scope)
            json_object_object_add(object, "scope", text_json(token->scope));
        if (token->subject) {
            json_object_object_add(object, "username", text_json(token->subject));
            json_object_object_add(object, "sub", text_json(token->subject));
        }
        if (strcmp(token->kind, OAUTH2_ACCESS) == 0)
            json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
        if (token->expires_at)
            json_object_object_add(object, "exp", json_object_new_int64(token->expires_at));
        json_object_object_add(object, "iat", json_object_new_int64(token->issued_at));
    }
    answer_json(answer, 200, object);
}

static const struct route routes[] = {
    {"POST", "/token", token_endpoint},
    {"POST", "/revoke", revocation_endpoint},
    {"POST", "/introspect", introspection_endpoint},
    {NULL, NULL, NULL},
};

static void refuse(enum refusal refusal, struct answer *answer)
{
    switch (refusal) {
    case REFUSE_PATH:
        answer_members(answer, 404, "error", "not_found", (char *)NULL);
        break;
    case REFUSE_METHOD:
        answer_header(answer, "Allow", "POST");
        answer_oauth_error(answer, 405, "invalid_request", "the method must be POST");
        break;
    case REFUSE_CONTENT_TYPE:
        answer_oauth_error(answer, 400, "invalid_request",
                           "the content type must be application/x-www-form-urlencoded");
        break;
    case REFUSE_TOO_LARGE:
        answer_oauth_error(answer, 413, "invalid_request", "the body is too large");
        break;
    case REFUSE_RATE:
        answer_header(answer, "Retry-After", "1");
        answer_oauth_error(answer, 429, "temporarily_unavailable", "too many requests");
        break;
    }
}

static void reset(void)
{
    oauth2 = (struct oauth2_settings){
        .client_id = "jeton-client",
        .client_secret = "jeton-secret",
        .username = "alice",
        .password = "wonderland",
        .expires_in_s = 3600,
        .refresh_expires_in_s = 2592000,
        .rotate = 1,
    };
}

struct provider provider_oauth2 = {
    .name = "oauth2",
    .routes = routes,
    .knobs = knobs,
    .credentials = credentials,
    .reset = reset,
    .refuse = refuse,
};
