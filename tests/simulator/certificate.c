/* SPDX-License-Identifier: MIT */
/* Owns the server's key and certificate, made fresh at each start.
   It never writes the key anywhere. */
#include "certificate.h"

#include "text.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALID_S (2L * 86400)

static int add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    int added;

    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    added = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added ? 0 : -1;
}

/* It is its own authority, so that clients can be given the same file as their CA file. */
static int fill(X509 *certificate, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    unsigned char serial[8];

    text_random_bytes(serial, sizeof(serial));
    serial[0] &= 0x7f;

    BIGNUM *number = BN_bin2bn(serial, sizeof(serial), NULL);
    int failed = !number || !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));

    BN_free(number);
    if (failed || !X509_set_version(certificate, X509_VERSION_3) ||
        !X509_gmtime_adj(X509_getm_notBefore(certificate), -86400) ||
        !X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_S) ||
        !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"jeton simulator", -1, -1, 0) ||
        !X509_set_issuer_name(certificate, name) || !X509_set_pubkey(certificate, key))
        return -1;
    if (add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") ||
        add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") ||
        add_extension(certificate, NID_ext_key_usage, "serverAuth") ||
        add_extension(certificate, NID_subject_key_identifier, "hash") ||
        add_extension(certificate, NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost"))
        return -1;
    return X509_sign(certificate, key, EVP_sha256()) ? 0 : -1;
}

static char *bio_text(BIO *bio)
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(bio, &bytes);

    return len > 0 ? text_copy_n(bytes, (size_t)len) : NULL;
}

int certificate_make(char **ret_key_pem, char **ret_certificate_pem)
{
    /* P-256: made in a millisecond, where an RSA key takes a hundred. */
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    BIO *key_bio = BIO_new(BIO_s_mem());
    BIO *certificate_bio = BIO_new(BIO_s_mem());
    int failed = -1;

    if (key && certificate && key_bio && certificate_bio && fill(certificate, key) == 0 &&
        PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) &&
        PEM_write_bio_X509(certificate_bio, certificate)) {
        *ret_key_pem = bio_text(key_bio);
        *ret_certificate_pem = bio_text(certificate_bio);
        failed = *ret_key_pem && *ret_certificate_pem ? 0 : -1;
    }
    BIO_free(key_bio);
    BIO_free(certificate_bio);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return failed;
}

int certificate_write(const char *path, const char *certificate_pem)
{
    size_t size = strlen(path) + 8;
    char *temporary = text_alloc(size);
    FILE *file;
    int failed = -1;

    snprintf(temporary, size, "%s.new", path);
    file = fopen(temporary, "we");
    if (file) {
        failed = fputs(certificate_pem, file) < 0;
        failed |= fclose(file) != 0;
        failed = failed || rename(temporary, path) ? -1 : 0;
    }
    free(temporary);
    return failed;
}
