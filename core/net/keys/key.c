/* SPDX-License-Identifier: MIT */
/* Parses PEM keys. A refusal says what the text is instead of a private key. The passphrase comes from the
 * configuration; OpenSSL is kept from asking for one at the terminal. */
#include "net/keys/key.h"
#include "net/keys/jwk.h"
#include "net/keys/jws.h"
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define KEY_LABEL_MAX     64u
#define KEY_SIGNATURE_MAX 2048u /* RSA of 16384 bits */

void jt_key_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
    *key = NULL;
}

static void key_bio_free(BIO **bio)
{
    (void)BIO_free(*bio);
    *bio = NULL;
}

/* The kinds of PEM block, with the words for those that are no private key. */
static const struct {
    const char *label;
    const char *what;
} key_labels[] = {
    {"PRIVATE KEY", NULL},
    {"ENCRYPTED PRIVATE KEY", NULL},
    {"RSA PRIVATE KEY", NULL},
    {"EC PRIVATE KEY", NULL},
    {"PUBLIC KEY", "is a public key; the private key that belongs to it is needed"},
    {"RSA PUBLIC KEY", "is a public key; the private key that belongs to it is needed"},
    {"CERTIFICATE", "is a certificate; the private key that belongs to it is needed"},
    {"TRUSTED CERTIFICATE", "is a certificate; the private key that belongs to it is needed"},
    {"CERTIFICATE REQUEST", "is a certificate request; the private key that belongs to it is needed"},
    {"OPENSSH PRIVATE KEY", "is in OpenSSH's own format; convert a copy with: ssh-keygen -p -m PKCS8 -f COPY"},
    {"DSA PRIVATE KEY", "is a DSA key, with which no token is signed; RSA, EC P-256 or Ed25519 is needed"},
    {"PGP PRIVATE KEY BLOCK", "is a PGP key; RSA, EC P-256 or Ed25519 in PEM or JWK is needed"},
};

/* Copies the label of the next PEM block at or behind *at, and moves *at behind its first line. */
static bool key_next_label(const char **at, const char *end, char label[KEY_LABEL_MAX])
{
    static const char begin[] = "-----BEGIN ";
    const char *start = memmem(*at, (size_t)(end - *at), begin, sizeof(begin) - 1);
    const char *stop;
    size_t len;

    if (start == NULL)
        return false;
    start += sizeof(begin) - 1;
    stop = memmem(start, (size_t)(end - start), "-----", 5);
    len = stop != NULL ? (size_t)(stop - start) : 0;
    if (len == 0 || len >= KEY_LABEL_MAX)
        return false;
    memcpy(label, start, len);
    label[len] = '\0';
    *at = stop;
    return true;
}

/* Checks the labels of all blocks, before any block is decoded. Returns what is wrong, or NULL. */
static const char *key_problem(const char *text, size_t len, bool *ret_encrypted)
{
    const char *at = text, *end = text + len;
    char label[KEY_LABEL_MAX];
    unsigned keys = 0, others = 0;
    const char *what = NULL;

    *ret_encrypted = false;
    while (key_next_label(&at, end, label)) {
        size_t i = 0;

        if (strcmp(label, "EC PARAMETERS") == 0) /* openssl ecparam -genkey puts them before the key */
            continue;
        while (i < JT_LEN(key_labels) && strcmp(key_labels[i].label, label) != 0)
            i++;
        if (i < JT_LEN(key_labels) && key_labels[i].what == NULL) {
            keys++;
            *ret_encrypted = strncmp(label, "ENCRYPTED", 9) == 0;
        } else {
            others++;
            if (what == NULL)
                what = i < JT_LEN(key_labels) ? key_labels[i].what : "is no private key of a kind that is known";
        }
    }
    if (keys > 1)
        return "holds several private keys; one is needed";
    if (keys == 1 && others > 0)
        return "holds a certificate or another key beside the private key; only the private key belongs there";
    if (keys == 0 && others == 0)
        return len > 0 && (unsigned char)text[0] == 0x30
                   ? "is DER, the binary form; PEM is needed: openssl pkey -inform DER"
                   : "is neither PEM (\"-----BEGIN PRIVATE KEY-----\") nor a JWK";
    if (memmem(text, len, "Proc-Type: 4,ENCRYPTED", 22) != NULL)
        *ret_encrypted = true;
    return keys == 1 ? NULL : what;
}

static int key_passphrase(char *buf, int size, int writing, void *data)
{
    const char *passphrase = data;
    size_t len = passphrase != NULL ? strlen(passphrase) : 0;

    (void)writing;
    if (passphrase == NULL || size < 0 || len > (size_t)size)
        return -1;
    memcpy(buf, passphrase, len);
    return (int)len;
}

/* Checks that the key has a kind and size that tokens are signed with. */
static int key_judge(EVP_PKEY *key, jeton_error **ret_error)
{
    char group[32] = "";

    if (EVP_PKEY_is_a(key, "RSA")) {
        if (EVP_PKEY_get_bits(key) < JT_RSA_BITS_MIN)
            return jt_error_set(ret_error, JETON_CONFIG,
                                "is an RSA key of %d bits; at least %d are needed (RFC 7518 3.3)",
                                EVP_PKEY_get_bits(key), JT_RSA_BITS_MIN);
        return JETON_OK;
    }
    if (EVP_PKEY_is_a(key, "ED25519"))
        return JETON_OK;
    if (!EVP_PKEY_is_a(key, "EC"))
        return jt_error_set(ret_error, JETON_CONFIG, "is a key of the type %s; RSA, EC P-256 or Ed25519 is needed",
                            EVP_PKEY_get0_type_name(key) != NULL ? EVP_PKEY_get0_type_name(key) : "unknown");
    (void)EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), NULL);
    if (strcmp(group, "prime256v1") != 0)
        return jt_error_set(ret_error, JETON_CONFIG, "is an EC key on the curve %s; P-256 is needed", group);
    return JETON_OK;
}

static int key_parse_pem(const char *text, size_t len, const char *passphrase, EVP_PKEY **ret_key,
                         jeton_error **ret_error)
{
    JT_CLEANUP(key_bio_free) BIO *bio = NULL;
    bool encrypted;
    const char *wrong = key_problem(text, len, &encrypted);

    if (wrong != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s", wrong);
    if (encrypted && passphrase == NULL)
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "is encrypted, and no passphrase is configured; give it in the setting of the same name with _passphrase");
    bio = BIO_new_mem_buf(text, (int)len);
    if (bio == NULL)
        return jt_error_no_memory(ret_error);
    *ret_key = PEM_read_bio_PrivateKey(bio, NULL, key_passphrase, (void *)(uintptr_t)passphrase);
    ERR_clear_error();
    if (*ret_key != NULL)
        return JETON_OK;
    return jt_error_set(ret_error, JETON_CONFIG, "%s",
                        encrypted ? "cannot be decrypted: the passphrase is wrong, or the file is damaged"
                                  : "is damaged: it looks like PEM, but cannot be decoded");
}

int jt_key_parse(const char *text, size_t len, const char *passphrase, EVP_PKEY **ret_key, jeton_error **ret_error)
{
    JT_AUTO_KEY EVP_PKEY *key = NULL;
    size_t blank = 0;
    int status;

    if (len > JT_SETTING_MAX)
        return jt_error_set(ret_error, JETON_CONFIG, "is longer than %u bytes", JT_SETTING_MAX);
    while (blank < len && strchr(" \t\r\n", text[blank]) != NULL && text[blank] != '\0')
        blank++;
    if (blank == len)
        return jt_error_set(ret_error, JETON_CONFIG, "is empty");
    if (text[blank] == '{' || text[blank] == '[')
        status = jt_jwk_parse(text + blank, len - blank, &key, ret_error);
    else
        status = key_parse_pem(text, len, passphrase, &key, ret_error);
    if (status == JETON_OK)
        status = key_judge(key, ret_error);
    if (status == JETON_OK)
        *ret_key = jt_take(&key);
    return status;
}

/* Whether the public part verifies what the private part signs. This is done before every flow, so
 * EVP_PKEY_pairwise_check is too slow: it tests the primes of an RSA key anew, which takes 40 ms. */
static bool key_fits_itself(EVP_PKEY *key)
{
    static const unsigned char probe[] = "jeton";
    const EVP_MD *digest = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
    unsigned char signature[KEY_SIGNATURE_MAX];
    EVP_MD_CTX *signer = EVP_MD_CTX_new(), *verifier = EVP_MD_CTX_new();
    size_t len = sizeof(signature);
    bool fits = signer != NULL && verifier != NULL && EVP_DigestSignInit(signer, NULL, digest, NULL, key) == 1 &&
                EVP_DigestSign(signer, signature, &len, probe, sizeof(probe)) == 1 &&
                EVP_DigestVerifyInit(verifier, NULL, digest, NULL, key) == 1 &&
                EVP_DigestVerify(verifier, signature, len, probe, sizeof(probe)) == 1;

    EVP_MD_CTX_free(signer);
    EVP_MD_CTX_free(verifier);
    ERR_clear_error();
    return fits;
}

int jt_key_check(const char *text, size_t len, const char *passphrase, const char *algs, jeton_error **ret_error)
{
    JT_AUTO_KEY EVP_PKEY *key = NULL;
    int status = jt_key_parse(text, len, passphrase, &key, ret_error);

    if (status != JETON_OK)
        return status;
    /* If the halves of a key do not fit each other, nobody can verify what it signs. */
    if (key_fits_itself(key))
        return algs != NULL ? jt_jws_fits(algs, key, ret_error) : JETON_OK;
    return jt_error_set(ret_error, JETON_CONFIG, "is damaged: its private and its public part do not belong together");
}
