/* SPDX-License-Identifier: MIT */
/* Owns taking a compact JWS apart and checking its RS256 signature.
   It never decides what its claims are worth. */
#include "jws.h"

#include "text.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

static json_object *parse_segment(const char *segment, size_t len)
{
    struct json_tokener *tokener = json_tokener_new_ex(16);
    unsigned char *bytes = text_alloc(len + 4);
    long decoded = text_base64url_decode(segment, len, bytes);
    json_object *object = NULL;

    if (tokener && decoded > 0) {
        object = json_tokener_parse_ex(tokener, (const char *)bytes, (int)decoded);
        if (json_tokener_get_error(tokener) != json_tokener_success || !json_object_is_type(object, json_type_object)) {
            json_object_put(object);
            object = NULL;
        }
    }
    json_tokener_free(tokener);
    free(bytes);
    return object;
}

int jws_parse(const char *text, struct jws *ret_jws)
{
    const char *first = strchr(text, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    struct jws jws = {.signed_text = text};
    long decoded;

    if (!second || strchr(second + 1, '.'))
        return -1;
    jws.signed_len = (size_t)(second - text);
    jws.header = parse_segment(text, (size_t)(first - text));
    jws.payload = parse_segment(first + 1, (size_t)(second - first - 1));
    jws.signature = text_alloc(strlen(second) + 4);
    decoded = text_base64url_decode(second + 1, strlen(second + 1), jws.signature);
    if (!jws.header || !jws.payload || decoded < 0) {
        jws_done(&jws);
        return -1;
    }
    jws.signature_len = (size_t)decoded;
    *ret_jws = jws;
    return 0;
}

void jws_done(struct jws *jws)
{
    json_object_put(jws->header);
    json_object_put(jws->payload);
    free(jws->signature);
    memset(jws, 0, sizeof(*jws));
}

/* Reading a PEM costs OpenSSL 3 ten times what a verification does, so the last key is kept. */
static EVP_PKEY *read_key(const char *pem)
{
    static EVP_PKEY *last_key;
    static char *last_pem;

    if (!text_equal(pem, last_pem)) {
        BIO *bio = BIO_new_mem_buf(pem, -1);

        EVP_PKEY_free(last_key);
        free(last_pem);
        last_key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
        last_pem = text_copy(pem);
        BIO_free(bio);
    }
    return last_key;
}

bool jws_verify_rs256(const struct jws *jws, const char *public_key_pem)
{
    EVP_PKEY *key = read_key(public_key_pem);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool valid = key && context && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
                 EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(context, jws->signature, jws->signature_len, (const unsigned char *)jws->signed_text,
                                  jws->signed_len) == 1;

    EVP_MD_CTX_free(context);
    return valid;
}

const char *json_text(json_object *object, const char *name)
{
    json_object *value = NULL;

    if (!json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

int64_t json_seconds(json_object *object, const char *name)
{
    json_object *value = NULL;

    if (!json_object_object_get_ex(object, name, &value))
        return -1;
    if (json_object_is_type(value, json_type_int))
        return json_object_get_int64(value);
    if (json_object_is_type(value, json_type_string)) {
        const char *text = json_object_get_string(value);
        size_t len = strlen(text);

        if (len && len < 16 && strspn(text, TEXT_DIGITS) == len)
            return strtoll(text, NULL, 10);
    }
    return -1;
}
