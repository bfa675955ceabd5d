/* SPDX-License-Identifier: MIT */
/* What the tests of keys and signatures share: a key as PEM text. */
#ifndef TEST_KEYS_HELP_H
#define TEST_KEYS_HELP_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* PEM text of a key; PKCS#8, encrypted where there is a passphrase. */
static char *pem_of(EVP_PKEY *key, const char *passphrase, bool traditional)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int len = passphrase != NULL ? (int)strlen(passphrase) : 0;
    char *data, *text;
    long size;

    if (bio == NULL)
        abort();
    if (traditional)
        (void)PEM_write_bio_PrivateKey_traditional(bio, key, passphrase != NULL ? EVP_aes_256_cbc() : NULL,
                                                   (const unsigned char *)passphrase, len, NULL, NULL);
    else
        (void)PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase != NULL ? EVP_aes_256_cbc() : NULL, passphrase, len,
                                            NULL, NULL);
    size = BIO_get_mem_data(bio, &data);
    text = strndup(data, (size_t)size);
    (void)BIO_free(bio);
    if (text == NULL)
        abort();
    return text;
}

#endif
