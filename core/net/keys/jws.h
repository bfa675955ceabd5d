/* SPDX-License-Identifier: MIT */
/* Signatures of RFC 7515 over bytes that somebody else put together. */
#ifndef JT_NET_KEYS_JWS_H
#define JT_NET_KEYS_JWS_H

#include "base/base.h"
#include <openssl/types.h>

/* RS256, PS256, ES256, EdDSA or HS256. */
bool jt_jws_is_known(const char *alg);
bool jt_jws_is_symmetric(const char *alg); /* HS256 */

/* Is it a key for one of these algorithms, separated by spaces? JETON_CONFIG with a clause of what is needed. */
int JT_MUST_CHECK jt_jws_fits(const char *algs, const EVP_PKEY *key, jeton_error **ret_error);

/* Appends the raw signature (RFC 7518 3): R || S for ES256. JETON_CONFIG when the key is not one for alg. */
int JT_MUST_CHECK jt_jws_sign(const char *alg, EVP_PKEY *key, const void *input, size_t input_len,
                              struct jt_buf *signature, jeton_error **ret_error);
/* HS256 */
int JT_MUST_CHECK jt_jws_mac(const char *secret, size_t secret_len, const void *input, size_t input_len,
                             struct jt_buf *signature, jeton_error **ret_error);

#endif
