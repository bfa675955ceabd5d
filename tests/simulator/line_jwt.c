/* SPDX-License-Identifier: MIT */
/* Owns LINE's tokens that come by client assertion: v2.1 with its limit and key ids, and the
   stateless v3. It never accepts an assertion whose signature it did not check. */
#include "line.h"

#include "clock.h"
#include "jws.h"
#include "text.h"

#include <string.h>

#define ASSERTION_TYPE  "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define AUDIENCE        "https://api.line.me/"
#define EXP_AHEAD_MAX_S 1800
#define V2_1_SCOPE      "profile chat_message.write"

bool line_is_jws(const char *token)
{
    return strspn(token, TEXT_BASE64URL ".") == strlen(token) && strchr(token, '.');
}

void line_new_jws(char *out, size_t size)
{
    static const char header[] = "eyJhbGciOiJIUzI1NiJ9.";

    text_random(out, size - 1, TEXT_BASE64URL);
    memcpy(out, header, sizeof(header) - 1);
    out[size - 45] = '.';
}

static bool claims_accepted(struct jws *jws, struct answer *answer)
{
    int64_t exp = json_seconds(jws->payload, "exp");
    int64_t now = clock_now();

    if (!text_equal(json_text(jws->payload, "iss"), line.client_id)) {
        line_fail(answer, "invalid_client", "iss and clientId of key do not match");
        return false;
    }
    if (!text_equal(json_text(jws->payload, "sub"), line.client_id)) {
        line_fail(answer, "invalid_client", "Invalid sub");
        return false;
    }
    if (!text_equal(json_text(jws->payload, "aud"), AUDIENCE)) {
        line_fail(answer, "invalid_client", "Invalid aud");
        return false;
    }
    if (exp <= now || exp > now + EXP_AHEAD_MAX_S) {
        line_fail(answer, "invalid_client", "Invalid exp");
        return false;
    }
    return true;
}

/* Fills in the answer where it returns false. */
static bool assertion_accepted(const struct fields *fields, struct answer *answer, struct jws *ret_jws)
{
    const char *assertion = fields_need(fields, "client_assertion");
    struct jws jws;

    if (!assertion || !text_equal(fields_get(fields, "client_assertion_type"), ASSERTION_TYPE)) {
        line_fail(answer, "invalid_request", "some required parameters are missing");
        return false;
    }
    if (jws_parse(assertion, &jws)) {
        line_fail(answer, "invalid_client", "Invalid client_assertion");
        return false;
    }
    if (!text_equal(json_text(jws.header, "alg"), "RS256")) {
        line_fail(answer, "invalid_client", "Invalid alg");
    } else if (!text_equal(json_text(jws.header, "kid"), line.key_id)) {
        line_message(answer, 404, "Cannot find channel key that satisfies the conditions");
    } else if (!jws_verify_rs256(&jws, line.public_key)) {
        line_fail(answer, "invalid_client", "Invalid signature");
    } else if (claims_accepted(&jws, answer)) {
        *ret_jws = jws;
        return true;
    }
    jws_done(&jws);
    return false;
}

static bool grant_accepted(const struct request *request, struct answer *answer)
{
    const char *grant = fields_need(&request->form, "grant_type");

    if (!grant)
        line_fail(answer, "invalid_request", "some required parameters are missing");
    else if (strcmp(grant, "client_credentials") != 0)
        line_fail(answer, "unsupported_grant_type", "grant_type is not client_credentials");
    else
        return true;
    return false;
}

static void issue_v2_1(int64_t lifetime_s, struct answer *answer)
{
    json_object *object;
    char value[180], key_id[23];

    if (line.v2_1_max_tokens &&
        tokens_count_active(provider_line.name, LINE_V2_1, line.client_id) >= line.v2_1_max_tokens) {
        line_message(answer, 400, "The maximum number of access tokens has already been issued");
        return;
    }
    line_new_jws(value, sizeof(value));
    text_random(key_id, sizeof(key_id) - 1, TEXT_BASE64URL);
    tokens_issue(provider_line.name, LINE_V2_1, value, line.client_id, NULL, lifetime_s)->key_id = text_copy(key_id);

    object = json_object_new_object();
    json_object_object_add(object, "access_token", json_object_new_string(value));
    json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
    json_object_object_add(object, "key_id", json_object_new_string(key_id));
    provider_token_answer(&provider_line, answer, object, lifetime_s);
}

void line_issue_by_jwt(const struct request *request, struct answer *answer)
{
    struct jws jws;
    int64_t token_exp;

    if (!grant_accepted(request, answer) || !assertion_accepted(&request->form, answer, &jws))
        return;
    token_exp = json_seconds(jws.payload, "token_exp");
    jws_done(&jws);
    if (token_exp <= 0 || token_exp > line.token_exp_max_s)
        line_fail(answer, "invalid_client", "Invalid token_exp");
    else
        issue_v2_1(token_exp, answer);
}

static void issue_stateless(struct answer *answer)
{
    json_object *object = json_object_new_object();
    char value[200];

    line_new_jws(value, sizeof(value));
    tokens_issue(provider_line.name, LINE_STATELESS, value, line.client_id, NULL, line.stateless_s);
    json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
    json_object_object_add(object, "access_token", json_object_new_string(value));
    provider_token_answer(&provider_line, answer, object, line.stateless_s);
}

void line_issue_stateless(const struct request *request, struct answer *answer)
{
    const char *secret = fields_need(&request->form, "client_secret");
    struct jws jws;

    if (!grant_accepted(request, answer))
        return;
    if (fields_need(&request->form, "client_assertion")) {
        if (!assertion_accepted(&request->form, answer, &jws))
            return;
        jws_done(&jws);
    } else if (!text_equal(secret, line.client_secret) ||
               !text_equal(fields_get(&request->form, "client_id"), line.client_id)) {
        line_fail(answer, "invalid_request", "Invalid 'client_credentials'.");
        return;
    }
    issue_stateless(answer);
}

static void add_key_id(struct token *token, void *context)
{
    json_object_array_add(context, text_json(token->key_id));
}

void line_list_key_ids(const struct request *request, struct answer *answer)
{
    json_object *object, *kids;
    struct jws jws;

    if (!assertion_accepted(&request->query, answer, &jws))
        return;
    jws_done(&jws);
    object = json_object_new_object();
    kids = json_object_new_array();
    tokens_each_active(provider_line.name, LINE_V2_1, line.client_id, add_key_id, kids);
    json_object_object_add(object, "kids", kids);
    answer_json(answer, 200, object);
}

void line_revoke_by_jwt(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "access_token");

    if (!value || !fields_need(&request->form, "client_id") || !fields_need(&request->form, "client_secret")) {
        line_fail(answer, "invalid_request", "some required parameters are missing");
        return;
    }
    if (!text_equal(fields_get(&request->form, "client_id"), line.client_id)) {
        line_fail(answer, "invalid_client", "invalid client_id");
        return;
    }
    if (!text_equal(fields_get(&request->form, "client_secret"), line.client_secret)) {
        line_fail(answer, "invalid_client", "invalid client_secret");
        return;
    }
    if (!line_is_jws(value)) {
        line_fail(answer, "invalid_request", "The access token not JWS");
        return;
    }

    struct token *token = tokens_find(provider_line.name, value);

    /* Stateless tokens cannot be revoked, and unknown ones are no error. */
    if (token && strcmp(token->kind, LINE_V2_1) == 0)
        token_revoke(token);
    answer_empty(answer, 200);
}

void line_verify_jws(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->query, "access_token");
    const struct token *token = tokens_find(provider_line.name, value);

    if (value && !line_is_jws(value))
        line_fail(answer, "invalid_request", "The access token not JWS");
    else if (!token || token->revoked || strcmp(token->kind, LINE_SHORT_LIVED) == 0)
        line_fail(answer, "invalid_request", "access_token invalid");
    else if (token_expired(token))
        line_fail(answer, "invalid_request", "The access token expired");
    else
        line_describe(answer, token, V2_1_SCOPE);
}
