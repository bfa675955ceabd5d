/* SPDX-License-Identifier: MIT */
/* Making signatures of RFC 7515. The caller builds the bytes to be signed. */
#ifndef JT_NET_KEYS_JWS_H
#define JT_NET_KEYS_JWS_H

#include "base/base.h"
#include <openssl/types.h>

/* RS256, PS256, ES256, EdDSA or HS256. */
bool jt_jws_is_known(const char *alg);
bool jt_jws_is_symmetric(const char *alg); /* HS256 */

/* Checks that the key fits one of the algorithms, which are separated by spaces. JETON_CONFIG: it fits none; the
 * message is a clause about what is needed. */
int JT_MUST_CHECK jt_jws_fits(const char *algs, const EVP_PKEY *key, jeton_error **ret_error);

/* Appends the raw signature (RFC 7518 3), R || S for ES256. JETON_CONFIG: the key does not fit alg. */
int JT_MUST_CHECK jt_jws_sign(const char *alg, EVP_PKEY *key, const void *input, size_t input_len,
                              struct jt_buf *signature, jeton_error **ret_error);
/* HS256 */
int JT_MUST_CHECK jt_jws_mac(const char *secret, size_t secret_len, const void *input, size_t input_len,
                             struct jt_buf *signature, jeton_error **ret_error);

#endif
