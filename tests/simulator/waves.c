/* SPDX-License-Identifier: MIT */
/* Owns Waves.Exchange: a password that is a signature over an expiry, and refresh tokens that
   rotate. It never accepts a signature it did not check. */
#include "clock.h"
#include "provider.h"
#include "text.h"
#include "tokens.h"
#include "waves_crypto.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND_ACCESS  "access"
#define KIND_REFRESH "refresh"
#define SCOPE        "general"

enum chain { CHAIN_W, CHAIN_T, CHAIN_S, CHAIN_ANY };

static const char *const chains[] = {"W", "T", "S", "any", NULL};

static char client_id[KNOB_STRING_MAX];
static int64_t chain_id; /* enum chain */
static int64_t exp_max_s;
static int64_t expires_in_s; /* of an access token that came by refresh */
static int64_t refresh_expires_in_s;

static const struct knob knobs[] = {
    {"expires_in", KNOB_INT, &expires_in_s, 1, INT32_MAX, NULL},
    {"refresh_expires_in", KNOB_INT, &refresh_expires_in_s, 1, INT32_MAX, NULL},
    {"exp_max", KNOB_INT, &exp_max_s, 1, INT32_MAX, NULL},
    {"chain_id", KNOB_CHOICE, &chain_id, 0, 0, chains},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static const struct knob credentials[] = {
    {"client_id", KNOB_STRING, client_id, 0, 0, NULL},
    {NULL, KNOB_INT, NULL, 0, 0, NULL},
};

static void fail(struct answer *answer, unsigned status, const char *error, const char *description)
{
    answer_members(answer, status, "error", error, "error_description", description, (char *)NULL);
}

/* header.claims.signature with real claims, so that a client may look into `exp`. */
static char *new_jwt(const char *public_key, const char *chain, int64_t lifetime_s)
{
    static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
    json_object *claims = json_object_new_object(), *scope = json_object_new_array();
    int64_t expires_at = clock_now() + lifetime_s;
    char signature[87], jti[37];
    char *jwt;

    text_random(signature, sizeof(signature) - 1, TEXT_BASE64URL);
    text_uuid(jti);
    json_object_array_add(scope, json_object_new_string(SCOPE));
    json_object_object_add(claims, "user_name", text_json(public_key));
    json_object_object_add(claims, "pk", text_json(public_key));
    json_object_object_add(claims, "scope", scope);
    json_object_object_add(claims, "lt", json_object_new_int64(lifetime_s));
    json_object_object_add(claims, "exp", json_object_new_int64(expires_at));
    json_object_object_add(claims, "exp0", json_object_new_int64(expires_at));
    json_object_object_add(claims, "nb", json_object_new_string(chain));
    json_object_object_add(claims, "cid", text_json(client_id));
    json_object_object_add(claims, "jti", json_object_new_string(jti));

    const char *text = json_object_to_json_string_ext(claims, JSON_C_TO_STRING_PLAIN);
    char *first = text_base64url_encode(header, strlen(header));
    char *second = text_base64url_encode(text, strlen(text));
    size_t size = strlen(first) + strlen(second) + sizeof(signature) + 2;

    jwt = text_alloc(size);
    snprintf(jwt, size, "%s.%s.%s", first, second, signature);
    free(first);
    free(second);
    json_object_put(claims);
    return jwt;
}

static void issue(struct answer *answer, const char *public_key, const char *chain, int64_t lifetime_s, uint64_t family)
{
    json_object *object = json_object_new_object();
    char *access = new_jwt(public_key, chain, lifetime_s);
    char *refresh = new_jwt(public_key, chain, refresh_expires_in_s);
    struct token *token = tokens_issue(provider_waves.name, KIND_ACCESS, access, client_id, SCOPE, lifetime_s);

    token->subject = text_copy(public_key);
    token->family = family;
    token = tokens_issue(provider_waves.name, KIND_REFRESH, refresh, client_id, SCOPE, refresh_expires_in_s);
    token->subject = text_copy(public_key);
    token->key_id = text_copy(chain);
    token->family = family;

    json_object_object_add(object, "access_token", json_object_new_string(access));
    json_object_object_add(object, "token_type", json_object_new_string("bearer"));
    json_object_object_add(object, "refresh_token", json_object_new_string(refresh));
    json_object_object_add(object, "scope", json_object_new_string(SCOPE));
    provider_token_answer(&provider_waves, answer, object, lifetime_s);
    free(access);
    free(refresh);
}

/* The chain whose text was signed, or NULL. */
static const char *signed_chain(const unsigned char public_key[32], const unsigned char signature[64], int64_t exp)
{
    char text[KNOB_STRING_MAX + 32];

    for (int i = CHAIN_W; i < CHAIN_ANY; i++) {
        if (chain_id != CHAIN_ANY && chain_id != i)
            continue;
        snprintf(text, sizeof(text), "%s:%s:%" PRId64, chains[i], client_id, exp);
        if (waves_verify(public_key, signature, text))
            return chains[i];
    }
    return NULL;
}

static void grant_password(const struct request *request, struct answer *answer)
{
    const char *username = fields_need(&request->form, "username");
    const char *password = fields_need(&request->form, "password");
    const char *colon = password ? strchr(password, ':') : NULL;
    unsigned char public_key[32], signature[64];
    const char *chain;
    int64_t exp, now = clock_now();

    if (!username || !password) {
        fail(answer, 400, "invalid_request", "username and password are needed");
        return;
    }
    if (!colon || colon == password || colon - password > 15 ||
        strspn(password, TEXT_DIGITS) != (size_t)(colon - password) || *password == '0' ||
        waves_base58_decode(colon + 1, signature, sizeof(signature))) {
        fail(answer, 400, "invalid_grant", "the password is not <seconds>:<signature>");
        return;
    }
    if (waves_base58_decode(username, public_key, sizeof(public_key))) {
        fail(answer, 400, "invalid_grant", "the username is not a public key");
        return;
    }
    exp = strtoll(password, NULL, 10);
    if (exp <= now || exp > now + exp_max_s) {
        fail(answer, 400, "invalid_grant", "the expiry is not within the coming week");
        return;
    }
    chain = signed_chain(public_key, signature, exp);
    if (!chain) {
        fail(answer, 400, "invalid_grant", "the signature does not verify");
        return;
    }
    issue(answer, username, chain, exp - now, tokens_new_family());
}

static void grant_refresh(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "refresh_token");
    struct token *token = tokens_find(provider_waves.name, value);

    if (!value) {
        fail(answer, 400, "invalid_request", "refresh_token is missing");
        return;
    }
    if (!token || strcmp(token->kind, KIND_REFRESH) != 0 || !token_active(token)) {
        fail(answer, 401, "invalid_grant", NULL);
        return;
    }
    token_spend(token);
    issue(answer, token->subject, token->key_id, expires_in_s, token->family);
}

static void token_endpoint(const struct request *request, struct answer *answer)
{
    const char *grant = fields_need(&request->form, "grant_type");
    const char *scope = fields_need(&request->form, "scope");

    if (!grant || !scope || !fields_need(&request->form, "client_id"))
        fail(answer, 400, "invalid_request", "some required parameters are missing");
    else if (!text_equal(fields_get(&request->form, "client_id"), client_id))
        fail(answer, 401, "invalid_client", NULL);
    else if (strcmp(scope, SCOPE) != 0)
        fail(answer, 400, "invalid_scope", NULL);
    else if (strcmp(grant, "password") == 0)
        grant_password(request, answer);
    else if (strcmp(grant, "refresh_token") == 0)
        grant_refresh(request, answer);
    else
        fail(answer, 400, "unsupported_grant_type", NULL);
}

static const struct route routes[] = {
    {"POST", "/v1/oauth2/token", token_endpoint},
    {NULL, NULL, NULL},
};

static void refuse(enum refusal refusal, struct answer *answer)
{
    switch (refusal) {
    case REFUSE_PATH:
        fail(answer, 404, "not_found", NULL);
        break;
    case REFUSE_METHOD:
        fail(answer, 405, "invalid_request", "the method must be POST");
        break;
    case REFUSE_CONTENT_TYPE:
        fail(answer, 415, "invalid_request", "the body must be a form");
        break;
    case REFUSE_TOO_LARGE:
        fail(answer, 413, "invalid_request", "the body is too large");
        break;
    case REFUSE_RATE:
        fail(answer, 429, "temporarily_unavailable", "too many requests");
        break;
    }
}

static void reset(void)
{
    snprintf(client_id, sizeof(client_id), "waves.exchange");
    chain_id = CHAIN_W;
    exp_max_s = 604800;
    expires_in_s = 604800;
    refresh_expires_in_s = 2592000;
}

struct provider provider_waves = {
    .name = "waves",
    .routes = routes,
    .knobs = knobs,
    .credentials = credentials,
    .expires_in_form = EXPIRES_ABSOLUTE,
    .reset = reset,
    .refuse = refuse,
};
