/* SPDX-License-Identifier: MIT */
/* Makes JSON Web Tokens: header and claims in the order given, signed with a key that the plugin does not see. The
 * finished token is redacted like a secret. */
#include "net/host/host_jwt.h"
#include "net/keys/keys.h"
#include <string.h>

static bool jwt_put(struct jt_flow *flow, struct json_object *object, const char *name, struct json_object *value)
{
    if (value == NULL || json_object_object_add(object, name, value) != 0) {
        jt_json_free(&value);
        jt_state_no_memory(flow);
        return false;
    }
    return true;
}

void jt_host_jwt(jeton_flow *lent, const char *alg)
{
    struct jt_flow *flow = jt_state_of(lent);

    jt_json_free(&flow->jwt_head);
    jt_json_free(&flow->jwt_claims);
    flow->jwt_alg = NULL;
    if (!jt_jws_is_known(alg)) {
        jt_fault_contract(flow, "it wants a JWT signed with \"%s\"; RS256, PS256, ES256, EdDSA and HS256 can be had",
                          alg != NULL ? alg : "NULL");
        return;
    }
    flow->jwt_head = json_object_new_object();
    flow->jwt_claims = json_object_new_object();
    if (flow->jwt_head == NULL || flow->jwt_claims == NULL) {
        jt_state_no_memory(flow);
        return;
    }
    if (jwt_put(flow, flow->jwt_head, "alg", json_object_new_string(alg)) &&
        jwt_put(flow, flow->jwt_head, "typ", json_object_new_string("JWT")))
        flow->jwt_alg = jt_json_string(json_object_object_get(flow->jwt_head, "alg"));
}

static bool jwt_is_begun(struct jt_flow *flow, const char *setter, const char *name)
{
    if (flow->sticky != NULL)
        return false;
    if (flow->jwt_alg != NULL && name != NULL)
        return true;
    jt_fault_contract(flow, "it calls %s %s", setter, name == NULL ? "without a name" : "before jwt");
    return false;
}

void jt_host_jwt_header(jeton_flow *lent, const char *name, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (value == NULL || !jwt_is_begun(flow, "jwt_header", name))
        return;
    if (strcmp(name, "alg") == 0)
        jt_fault_contract(flow, "it sets the header \"alg\" of a JWT, which jwt has set");
    else if (!jt_utf8_is_valid(value, strlen(value)))
        jt_fault_stick(flow, JETON_CONFIG, "the value for the JWT header \"%s\" is not UTF-8", name);
    else
        (void)jwt_put(flow, flow->jwt_head, name, json_object_new_string(value));
}

/* RFC 7519 4.1.3: one audience is a string, several are an array. No other claim may come twice. */
static void jwt_add_claim(struct jt_flow *flow, const char *name, struct json_object *value)
{
    struct json_object *present, *array;

    if (value != NULL && json_object_object_get_ex(flow->jwt_claims, name, &present)) {
        if (strcmp(name, "aud") != 0) {
            jt_json_free(&value);
            jt_fault_contract(flow, "it sets the claim \"%s\" of a JWT twice", name);
            return;
        }
        if (json_object_is_type(present, json_type_array)) {
            if (json_object_array_add(present, value) != 0)
                jt_state_no_memory(flow);
            return;
        }
        array = json_object_new_array();
        if (array == NULL || json_object_array_add(array, json_object_get(present)) != 0 ||
            json_object_array_add(array, value) != 0) {
            (void)json_object_put(array);
            jt_state_no_memory(flow);
            return;
        }
        value = array;
    }
    (void)jwt_put(flow, flow->jwt_claims, name, value);
}

void jt_host_jwt_claim(jeton_flow *lent, const char *name, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (value == NULL || !jwt_is_begun(flow, "jwt_claim", name))
        return;
    if (!jt_utf8_is_valid(value, strlen(value)))
        jt_fault_stick(flow, JETON_CONFIG, "the value for the JWT claim \"%s\" is not UTF-8", name);
    else
        jwt_add_claim(flow, name, json_object_new_string(value));
}

void jt_host_jwt_claim_integer(jeton_flow *lent, const char *name, int64_t value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (jwt_is_begun(flow, "jwt_claim_integer", name))
        jwt_add_claim(flow, name, json_object_new_int64(value));
}

static int jwt_sign_with(struct jt_flow *flow, const struct jt_field *secret, const struct jt_buf *input,
                         struct jt_buf *signature, jeton_error **ret_error)
{
    JT_AUTO_STR char *passphrase_name = jt_printf("%s_passphrase", secret->name);
    JT_AUTO_KEY EVP_PKEY *key = NULL;
    const struct jt_field *passphrase;
    int status;

    if (jt_jws_is_symmetric(flow->jwt_alg))
        return jt_jws_mac(secret->value, secret->len, input->data, input->len, signature, ret_error);
    if (passphrase_name == NULL)
        return jt_error_no_memory(ret_error);
    passphrase = jt_state_find(flow->spec.settings, passphrase_name);
    status = jt_key_parse(secret->value, secret->len, passphrase != NULL ? passphrase->value : NULL, &key, ret_error);
    if (status != JETON_OK)
        return status;
    return jt_jws_sign(flow->jwt_alg, key, input->data, input->len, signature, ret_error);
}

static void jwt_add_part(struct jt_buf *buf, struct json_object *object)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_TOKEN_MAX);

    jt_json_add(&text, object);
    buf->failed = buf->failed || text.failed;
    jt_text_add_base64url(buf, text.data, text.len);
}

/* The finished text is remembered, so that it is redacted: a reader of a log could use it until it expires. */
static const char *jwt_finish(struct jt_flow *flow, struct jt_buf *jwt, const struct jt_buf *signature)
{
    const char *copy;

    jt_buf_add(jwt, ".", 1);
    jt_text_add_base64url(jwt, signature->data, signature->len);
    if (jwt->failed) {
        jt_fault_contract(flow, "it makes a JWT of over %u bytes", JT_TOKEN_MAX);
        return NULL;
    }
    copy = jt_scratch_copy(&flow->scratch, jt_buf_str(jwt), jwt->len);
    if (copy == NULL || jt_fields_set(&flow->signed_texts, "assertion", jt_buf_str(jwt), 0, NULL) != JETON_OK) {
        jt_state_no_memory(flow);
        return NULL;
    }
    return copy;
}

const char *jt_host_jwt_sign(jeton_flow *lent, const char *key_setting)
{
    JT_AUTO_BUF struct jt_buf jwt = JT_BUF_INIT(JT_TOKEN_MAX), signature = JT_BUF_INIT(JT_TOKEN_MAX);
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_flow *flow = jt_state_of(lent);
    const struct jt_field *secret;
    int status;

    if (!jwt_is_begun(flow, "jwt_sign", key_setting))
        return NULL;
    secret = jt_state_find(flow->spec.settings, key_setting);
    if (secret == NULL) {
        jt_fault_stick(flow, JETON_CONFIG, "the setting %s is missing, and a JWT must be signed with it", key_setting);
        return NULL;
    }
    jwt_add_part(&jwt, flow->jwt_head);
    jt_buf_add(&jwt, ".", 1);
    jwt_add_part(&jwt, flow->jwt_claims);
    status = jwt_sign_with(flow, secret, &jwt, &signature, &error);
    if (status != JETON_OK) {
        /* The error is a clause about the key; the setting's name goes in front. */
        jt_fault_stick(flow, status, "the setting %s %s", key_setting, jeton_error_message(error));
        return NULL;
    }
    jt_json_free(&flow->jwt_head);
    jt_json_free(&flow->jwt_claims);
    flow->jwt_alg = NULL;
    return jwt_finish(flow, &jwt, &signature);
}
