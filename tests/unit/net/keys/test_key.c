/* SPDX-License-Identifier: MIT */
/* Private keys as text: every key that is refused, and what the message says of it. */
#include "net/keys/key.h"
#include "test_keys_help.h"
#include "tests/lib/drive.h"
#include <json-c/json.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

static char *public_pem_of(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *text;
    long size;

    if (bio == NULL || PEM_write_bio_PUBKEY(bio, key) != 1)
        abort();
    size = BIO_get_mem_data(bio, &data);
    text = strndup(data, (size_t)size);
    (void)BIO_free(bio);
    return text;
}

static void key_fails(const char *text, const char *passphrase, const char *part)
{
    jeton_error *error = NULL;

    CHECK_FAILS(jt_key_check(text, strlen(text), passphrase, NULL, &error), JETON_CONFIG, part, &error);
}

static void generated_keys_that_will_not_do_are_refused(void)
{
    EVP_PKEY *small = EVP_RSA_gen(1024), *p384 = EVP_EC_gen("P-384"), *p256 = EVP_EC_gen("P-256"),
             *x = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    char *small_pem = pem_of(small, NULL, false), *p384_pem = pem_of(p384, NULL, false),
         *x_pem = pem_of(x, NULL, false);
    char *public_pem = public_pem_of(p256), *locked = pem_of(p256, "open sesame", false),
         *good = pem_of(p256, NULL, false);
    char *old_locked = pem_of(p256, "open sesame", true), *two = NULL, *beside = NULL;
    jeton_error *error = NULL;

    if (asprintf(&two, "%s%s", good, good) < 0 || asprintf(&beside, "%s%s", good, public_pem) < 0)
        abort();
    key_fails(small_pem, NULL, "is an RSA key of 1024 bits; at least 2048 are needed");
    key_fails(p384_pem, NULL, "on the curve secp384r1; P-256 is needed");
    key_fails(x_pem, NULL, "is a key of the type X25519");
    key_fails(public_pem, NULL, "is a public key");
    key_fails(locked, NULL, "is encrypted, and no passphrase is configured");
    key_fails(locked, "wrong", "the passphrase is wrong");
    key_fails(old_locked, NULL, "is encrypted, and no passphrase is configured");
    key_fails(old_locked, "wrong", "the passphrase is wrong");
    key_fails(two, NULL, "holds several private keys");
    key_fails(beside, NULL, "beside the private key");
    good[100] = good[100] == 'A' ? 'B' : 'A';
    key_fails(good, NULL, "is damaged");
    CHECK_OK(jt_key_check(locked, strlen(locked), "open sesame", NULL, &error), &error);
    free(small_pem), free(p384_pem), free(x_pem), free(public_pem), free(locked), free(good), free(old_locked),
        free(two);
    free(beside);
    EVP_PKEY_free(small);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(x);
}

static void texts_that_are_no_private_key_are_named(void)
{
    static const struct {
        const char *text, *part;
    } texts[] = {
        {"", "is empty"},
        {" \n", "is empty"},
        {"hello", "is neither PEM"},
        {"0\x82\x01", "is DER"},
        {"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "is a certificate"},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n", "ssh-keygen -p -m PKCS8"},
        {"-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----\n", "is a DSA key"},
        {"-----BEGIN NONSENSE-----\nMIIB\n-----END NONSENSE-----\n", "is no private key of a kind that is known"},
        {"-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", "is damaged"},
        {"-----BEGIN PRIVATE KEY-----", "is damaged"},
        {"-----BEGIN ", "is neither PEM"},
        {"{", "is no JSON object"},
        {"[]", "is no JSON object"},
        {"{}", "\"kty\" is missing"},
        {"{\"keys\":[]}", "is a set of keys"},
        {"{\"kty\":\"oct\",\"k\":\"AAAA\"}", "is a symmetric key"},
        {"{\"kty\":\"XYZ\",\"d\":\"AA\"}", "unknown type \"XYZ\""},
        {"{\"kty\":\"X\x7f\\u001b[2J\",\"d\":\"AA\"}", "unknown type \"\""},
        {"{\"kty\":\"EC\",\"crv\":\"P\\n256\",\"x\":\"AQ\",\"y\":\"AQ\",\"d\":\"AQ\"}", "on the curve \"\""},
        {"{\"kty\":\"OKP\",\"crv\":\"E\\u0007\",\"d\":\"AQ\"}", "on the curve \"\""},
        {"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", "is a public key"},
        {"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"A*\"}", "\"d\" is missing or malformed"},
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"d\":\"AQ\"}", "\"n\" is missing or malformed"},
        {"{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AQ\",\"y\":\"AQ\",\"d\":\"AQ\"}", "on the curve \"P-521\""},
        {"{\"kty\":\"EC\",\"d\":\"AQ\"}", "on the curve \"\""},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\",\"d\":\"AQ\"}", "\"x\" is missing or malformed"},
        {"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AQ\",\"d\":\"AQ\"}", "Ed25519 is needed"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp\","
         "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}",
         "\"x\" is missing or malformed"}, /* stray bits behind the last byte */
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"21qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
         "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}",
         "do not belong together"},
    };

    for (size_t i = 0; i < JT_LEN(texts); i++)
        key_fails(texts[i].text, NULL, texts[i].part);
}

static void halves_that_do_not_fit_are_found(void)
{
    char *jwk = strdup(drive_vector_text("line-jwt.v2_1", "/private_jwk")), *n;
    struct json_object *other = json_tokener_parse(jwk);
    jeton_error *error = NULL;

    CHECK_OK(jt_key_check(jwk, strlen(jwk), NULL, NULL, &error), &error);
    n = strstr(jwk, "w_7J5SBz"); /* the modulus's first bytes */
    CHECK_TRUE(n != NULL);
    if (n != NULL)
        n[2] = '8';
    key_fails(jwk, NULL, "do not belong together");
    /* Without the primes, the exponent is what signs. */
    json_object_object_del(other, "p");
    CHECK_OK(
        jt_key_check(json_object_to_json_string(other), strlen(json_object_to_json_string(other)), NULL, NULL, &error),
        &error);
    json_object_object_add(other, "d", json_object_new_string("Swu-WVj0"));
    key_fails(json_object_to_json_string(other), NULL, "do not belong together");
    (void)json_object_put(other);
    free(jwk);
}

/* So that the mistake is found when the configuration is checked, not when a token is needed. */
static void a_key_of_another_kind_is_found_without_signing(void)
{
    static const struct {
        const char *algs, *part; /* NULL: it fits */
    } wanted[] = {
        {NULL, NULL},
        {"RS256", NULL},
        {"PS256", NULL},
        {"ES256 RS256", NULL},
        {"ES256", "is not a key for ES256, which needs an EC key on P-256"},
        {"EdDSA  ES256", "is not a key for EdDSA, which needs an Ed25519 key"},
        {"HS256", "is not a key for HS256"},
        {"RS384", "is not a key for RS384, which is not known here"},
        {"an algorithm with a long name", "is not a key for an,"},
        {"RS256RS256RS256RS256", "is not a key for RS256RS256RS256,"},
    };
    const char *pem = drive_vector_text("line-jwt.v2_1", "/private_key_pem");

    for (size_t i = 0; i < JT_LEN(wanted); i++) {
        jeton_error *error = NULL;

        if (wanted[i].part == NULL)
            CHECK_OK(jt_key_check(pem, strlen(pem), NULL, wanted[i].algs, &error), &error);
        else
            CHECK_FAILS(jt_key_check(pem, strlen(pem), NULL, wanted[i].algs, &error), JETON_CONFIG, wanted[i].part,
                        &error);
    }
}

static const struct check_case cases[] = {
    {"generated keys that will not do are refused", generated_keys_that_will_not_do_are_refused},
    {"texts that are no private key are named", texts_that_are_no_private_key_are_named},
    {"halves that do not fit are found", halves_that_do_not_fit_are_found},
    {"a key of another kind is found without signing", a_key_of_another_kind_is_found_without_signing},
};

CHECK_MAIN("key", cases)
