/* SPDX-License-Identifier: MIT */
/* Turns a JSON Web Key (RFC 7517) into an OpenSSL key: RSA, EC P-256, Ed25519. A public key is refused as such. */
#include "net/keys/jwk.h"
#include "net/wire/wire.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#define JWK_NUMBER_MAX 2048u /* bytes: an RSA key of 16384 bits */
#define JWK_NUMBERS    8u

/* The key that is being built. The numbers must live until OpenSSL's parameters are made. */
struct jwk {
    struct json_object *json;
    OSSL_PARAM_BLD *build;
    BIGNUM *numbers[JWK_NUMBERS];
    size_t numbers_len;
    OSSL_PARAM *params;
    EVP_PKEY_CTX *ctx;
    EVP_PKEY *key; /* the result */
};

static void jwk_done(struct jwk *jwk)
{
    jt_json_free(&jwk->json);
    OSSL_PARAM_BLD_free(jwk->build);
    for (size_t i = 0; i < jwk->numbers_len; i++)
        BN_clear_free(jwk->numbers[i]);
    OSSL_PARAM_free(jwk->params);
    EVP_PKEY_CTX_free(jwk->ctx);
    EVP_PKEY_free(jwk->key);
}

static int jwk_bad(jeton_error **ret_error, const char *name)
{
    return jt_error_set(ret_error, JETON_CONFIG, "is a JWK whose member \"%s\" is missing or malformed", name);
}

/* Decodes a member that is base64url. */
static bool jwk_bytes(const struct jwk *jwk, const char *name, struct jt_buf *buf)
{
    struct json_object *value;
    const char *text;

    if (!json_object_object_get_ex(jwk->json, name, &value) || (text = jt_json_string(value)) == NULL)
        return false;
    return jt_text_decode_base64url(text, (size_t)json_object_get_string_len(value), buf) && buf->len > 0;
}

static bool jwk_push_number(struct jwk *jwk, const char *name, const char *param)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JWK_NUMBER_MAX);
    BIGNUM *number;

    if (!jwk_bytes(jwk, name, &buf) || jwk->numbers_len == JWK_NUMBERS)
        return false;
    /* OpenSSL puts parameters into its secure memory if the numbers are there. */
    number = BN_secure_new();
    if (number == NULL || BN_bin2bn((const unsigned char *)buf.data, (int)buf.len, number) == NULL) {
        BN_clear_free(number);
        return false;
    }
    jwk->numbers[jwk->numbers_len++] = number;
    return OSSL_PARAM_BLD_push_BN(jwk->build, param, number) == 1;
}

static int jwk_make(struct jwk *jwk, const char *type, jeton_error **ret_error)
{
    jwk->params = OSSL_PARAM_BLD_to_param(jwk->build);
    jwk->ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (jwk->params == NULL || jwk->ctx == NULL)
        return jt_error_no_memory(ret_error);
    if (EVP_PKEY_fromdata_init(jwk->ctx) == 1 &&
        EVP_PKEY_fromdata(jwk->ctx, &jwk->key, EVP_PKEY_KEYPAIR, jwk->params) == 1)
        return JETON_OK;
    ERR_clear_error();
    return jt_error_set(ret_error, JETON_CONFIG, "is a JWK whose numbers are no %s key", type);
}

static int jwk_parse_rsa(struct jwk *jwk, jeton_error **ret_error)
{
    static const struct {
        const char *name, *param;
    } parts[] = {
        {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    /* RFC 7518 6.3.2: the primes may be left out, but only all together. */
    size_t count = json_object_object_get_ex(jwk->json, "p", NULL) ? JT_LEN(parts) : 3;

    if (json_object_object_get_ex(jwk->json, "oth", NULL))
        return jt_error_set(ret_error, JETON_CONFIG, "is an RSA key of more than two primes, which is not supported");
    for (size_t i = 0; i < count; i++)
        if (!jwk_push_number(jwk, parts[i].name, parts[i].param))
            return jwk_bad(ret_error, parts[i].name);
    return jwk_make(jwk, "RSA", ret_error);
}

/* The text for a message, if it is fit for one. */
static const char *jwk_shown(const char *text)
{
    return text != NULL && jt_text_is_visible(text, false) ? text : "";
}

static int jwk_parse_ec(struct jwk *jwk, const char *curve, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf point = JT_BUF_INIT(JWK_NUMBER_MAX);

    if (curve == NULL || strcmp(curve, "P-256") != 0)
        return jt_error_set(ret_error, JETON_CONFIG, "is an EC key on the curve \"%.20s\"; P-256 is needed",
                            jwk_shown(curve));
    jt_buf_add(&point, "\x04", 1);
    if (!jwk_bytes(jwk, "x", &point) || point.len != 33)
        return jwk_bad(ret_error, "x");
    if (!jwk_bytes(jwk, "y", &point) || point.len != 65)
        return jwk_bad(ret_error, "y");
    if (OSSL_PARAM_BLD_push_utf8_string(jwk->build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(jwk->build, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.len) != 1)
        return jt_error_no_memory(ret_error);
    if (!jwk_push_number(jwk, "d", OSSL_PKEY_PARAM_PRIV_KEY))
        return jwk_bad(ret_error, "d");
    return jwk_make(jwk, "EC", ret_error);
}

/* RFC 8037 2 */
static int jwk_parse_okp(struct jwk *jwk, const char *curve, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf secret = JT_BUF_INIT(JWK_NUMBER_MAX), public = JT_BUF_INIT(JWK_NUMBER_MAX);
    unsigned char derived[32];
    size_t derived_len = sizeof(derived);

    if (curve == NULL || strcmp(curve, "Ed25519") != 0)
        return jt_error_set(ret_error, JETON_CONFIG, "is a key on the curve \"%.20s\"; Ed25519 is needed",
                            jwk_shown(curve));
    if (!jwk_bytes(jwk, "d", &secret) || secret.len != 32)
        return jwk_bad(ret_error, "d");
    if (!jwk_bytes(jwk, "x", &public) || public.len != 32)
        return jwk_bad(ret_error, "x");
    jwk->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)secret.data, secret.len);
    if (jwk->key == NULL)
        return jwk_bad(ret_error, "d");
    if (EVP_PKEY_get_raw_public_key(jwk->key, derived, &derived_len) != 1 || memcmp(derived, public.data, 32) != 0)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "is damaged: its private and its public part do not belong together");
    return JETON_OK;
}

int jt_jwk_parse(const char *text, size_t len, EVP_PKEY **ret_key, jeton_error **ret_error)
{
    JT_CLEANUP(jwk_done) struct jwk jwk = {0};
    struct json_object *value = NULL;
    const char *type, *curve = NULL;
    char why[JT_JSON_WHY];
    int status;

    /* The parser's reason is not used: it may quote a part of the key. */
    if (jt_json_parse(text, len, &jwk.json, why, sizeof(why)) != JETON_OK ||
        !json_object_is_type(jwk.json, json_type_object))
        return jt_error_set(ret_error, JETON_CONFIG, "looks like a JWK, but is no JSON object");
    if (json_object_object_get_ex(jwk.json, "keys", NULL))
        return jt_error_set(ret_error, JETON_CONFIG, "is a set of keys; one JWK is needed");
    if (!json_object_object_get_ex(jwk.json, "kty", &value) || (type = jt_json_string(value)) == NULL)
        return jwk_bad(ret_error, "kty");
    if (json_object_object_get_ex(jwk.json, "crv", &value))
        curve = jt_json_string(value);
    if (strcmp(type, "oct") == 0)
        return jt_error_set(ret_error, JETON_CONFIG, "is a symmetric key; RSA, EC P-256 or Ed25519 is needed");
    if (strcmp(type, "RSA") != 0 && strcmp(type, "EC") != 0 && strcmp(type, "OKP") != 0)
        return jt_error_set(ret_error, JETON_CONFIG, "is a JWK of the unknown type \"%.20s\"", jwk_shown(type));
    if (!json_object_object_get_ex(jwk.json, "d", NULL))
        return jt_error_set(ret_error, JETON_CONFIG,
                            "is a public key; the private key that belongs to it is needed (a JWK with \"d\")");
    jwk.build = OSSL_PARAM_BLD_new();
    if (jwk.build == NULL)
        return jt_error_no_memory(ret_error);
    if (strcmp(type, "RSA") == 0)
        status = jwk_parse_rsa(&jwk, ret_error);
    else if (strcmp(type, "EC") == 0)
        status = jwk_parse_ec(&jwk, curve, ret_error);
    else
        status = jwk_parse_okp(&jwk, curve, ret_error);
    if (status == JETON_OK)
        *ret_key = jt_take(&jwk.key);
    return status;
}
