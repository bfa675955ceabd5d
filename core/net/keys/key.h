/* SPDX-License-Identifier: MIT */
/* Private keys out of text: PEM or JWK, as OpenSSL objects. No message repeats a key. */
#ifndef JT_NET_KEYS_KEY_H
#define JT_NET_KEYS_KEY_H

#include "base/base.h"
#include <openssl/types.h>

#define JT_RSA_BITS_MIN 2048 /* RFC 7518 3.3 */

void jt_key_free(EVP_PKEY **key);
#define JT_AUTO_KEY JT_CLEANUP(jt_key_free)

/* A private key that can sign: RSA of 2048 bits and more, EC P-256, Ed25519; PEM (PKCS#8, PKCS#1, SEC1, encrypted where
 * a passphrase is given) or one JWK (RFC 7517). JETON_CONFIG with a clause of what it is instead ("is a public key").
 */
int JT_MUST_CHECK jt_key_parse(const char *text, size_t len, const char *passphrase, EVP_PKEY **ret_key,
                               jeton_error **ret_error);
/* The same, and the parts of the key fit each other, and it is one for any of these algorithms, separated by spaces
 * (NULL: whatever it is for); slower. What struct jt_net offers. */
int JT_MUST_CHECK jt_key_check(const char *text, size_t len, const char *passphrase, const char *algs,
                               jeton_error **ret_error);

#endif
