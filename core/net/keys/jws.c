/* SPDX-License-Identifier: MIT */
/* The signature algorithms of RFC 7518 and 8037 that plugins can use, made with OpenSSL. */
#include "net/keys/jws.h"
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#define JWS_SIGNATURE_MAX 2048u /* RSA of 16384 bits */

static const struct jws_alg {
    const char *name;
    const char *key_type; /* NULL: a secret string */
    const char *needs;
} jws_algs[] = {
    {"RS256", "RSA", "an RSA key"},         {"PS256", "RSA", "an RSA key"}, {"ES256", "EC", "an EC key on P-256"},
    {"EdDSA", "ED25519", "an Ed25519 key"}, {"HS256", NULL, "a secret"},
};

static const struct jws_alg *jws_find(const char *alg)
{
    for (size_t i = 0; alg != NULL && i < JT_LEN(jws_algs); i++)
        if (strcmp(jws_algs[i].name, alg) == 0)
            return &jws_algs[i];
    return NULL;
}

bool jt_jws_is_known(const char *alg)
{
    return jws_find(alg) != NULL;
}

bool jt_jws_is_symmetric(const char *alg)
{
    const struct jws_alg *found = jws_find(alg);

    return found != NULL && found->key_type == NULL;
}

/* Names only the first of several algorithms: a key that fits none of them is a mistake, and one hint is enough. */
static int jws_refuse_key(const char *alg, jeton_error **ret_error)
{
    const struct jws_alg *found = jws_find(alg);

    return jt_error_set(ret_error, JETON_CONFIG, "is not a key for %s%s%s", alg,
                        found != NULL ? ", which needs " : ", which is not known here",
                        found != NULL ? found->needs : "");
}

int jt_jws_fits(const char *algs, const EVP_PKEY *key, jeton_error **ret_error)
{
    char first[16] = "";
    size_t len;

    for (; *algs != '\0'; algs += len + strspn(algs + len, " ")) {
        char alg[16];
        const struct jws_alg *found;

        len = strcspn(algs, " ");
        (void)snprintf(alg, sizeof(alg), "%.*s", (int)(len < sizeof(alg) ? len : sizeof(alg)), algs);
        found = jws_find(alg);
        if (found != NULL && found->key_type != NULL && EVP_PKEY_is_a(key, found->key_type))
            return JETON_OK;
        if (*first == '\0')
            memcpy(first, alg, sizeof(first));
    }
    return jws_refuse_key(first, ret_error);
}

static void jws_ctx_free(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
    *ctx = NULL;
}

/* RFC 7518 3.4: two numbers of 32 bytes. OpenSSL returns a DER sequence instead. */
static bool jws_add_raw_ecdsa(struct jt_buf *signature, const unsigned char *der, size_t der_len)
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)der_len);
    unsigned char raw[64];
    bool good = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, 32) == 32 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + 32, 32) == 32;

    ECDSA_SIG_free(pair);
    if (good)
        jt_buf_add(signature, raw, sizeof(raw));
    return good && !signature->failed;
}

int jt_jws_sign(const char *alg, EVP_PKEY *key, const void *input, size_t input_len, struct jt_buf *signature,
                jeton_error **ret_error)
{
    JT_CLEANUP(jws_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const struct jws_alg *found = jws_find(alg);
    unsigned char bytes[JWS_SIGNATURE_MAX];
    size_t len = sizeof(bytes);
    EVP_PKEY_CTX *key_ctx;
    bool good;

    if (found == NULL || found->key_type == NULL)
        return jt_error_set(ret_error, JETON_INTERNAL, "the algorithm %s does not sign with a private key", alg);
    if (!EVP_PKEY_is_a(key, found->key_type))
        return jws_refuse_key(alg, ret_error);
    if (ctx == NULL)
        return jt_error_no_memory(ret_error);
    good = EVP_DigestSignInit(ctx, &key_ctx, strcmp(alg, "EdDSA") == 0 ? NULL : EVP_sha256(), NULL, key) == 1;
    if (good && strcmp(alg, "PS256") == 0)
        good = EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    good = good && EVP_DigestSign(ctx, bytes, &len, input, input_len) == 1;
    if (good && strcmp(alg, "ES256") == 0)
        good = jws_add_raw_ecdsa(signature, bytes, len);
    else if (good)
        jt_buf_add(signature, bytes, len);
    ERR_clear_error();
    if (good && !signature->failed)
        return JETON_OK;
    return jt_error_set(ret_error, JETON_CONFIG, "cannot sign with %s: the key is damaged or too long", alg);
}

int jt_jws_mac(const char *secret, size_t secret_len, const void *input, size_t input_len, struct jt_buf *signature,
               jeton_error **ret_error)
{
    unsigned char mac[SHA256_DIGEST_LENGTH];
    unsigned len = 0;

    if (secret_len == 0 || HMAC(EVP_sha256(), secret, (int)secret_len, input, input_len, mac, &len) == NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "cannot sign with HS256: the secret is empty");
    jt_buf_add(signature, mac, len);
    return signature->failed ? jt_error_no_memory(ret_error) : JETON_OK;
}
