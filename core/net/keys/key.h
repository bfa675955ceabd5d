/* SPDX-License-Identifier: MIT */
/* Parsing private keys, PEM or JWK, into OpenSSL objects. No message repeats a key. */
#ifndef JT_NET_KEYS_KEY_H
#define JT_NET_KEYS_KEY_H

#include "base/base.h"
#include <openssl/types.h>

#define JT_RSA_BITS_MIN 2048 /* RFC 7518 3.3 */

void jt_key_free(EVP_PKEY **key);
#define JT_AUTO_KEY JT_CLEANUP(jt_key_free)

/* Parses a private key that can sign: RSA of at least 2048 bits, EC P-256, or Ed25519. The text is PEM (PKCS#8, PKCS#1,
 * SEC1, encrypted if there is a passphrase) or one JWK (RFC 7517). JETON_CONFIG: it is no such key; the message is a
 * clause about what it is ("is a public key"). */
int JT_MUST_CHECK jt_key_parse(const char *text, size_t len, const char *passphrase, EVP_PKEY **ret_key,
                               jeton_error **ret_error);
/* The same, slower, without returning the key: also checks that the halves of the key fit each other, and that the key
 * fits one of the algorithms (separated by spaces; NULL: any). struct jt_net offers this function. */
int JT_MUST_CHECK jt_key_check(const char *text, size_t len, const char *passphrase, const char *algs,
                               jeton_error **ret_error);

#endif
