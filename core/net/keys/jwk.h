/* SPDX-License-Identifier: MIT */
/* Parsing a private key in JSON. */
#ifndef JT_NET_KEYS_JWK_H
#define JT_NET_KEYS_JWK_H

#include "base/base.h"
#include <openssl/types.h>

/* RFC 7517, RFC 7518 6 and RFC 8037. The text must start with "{". JETON_CONFIG: it is no private key; the message is a
 * clause about what it is. */
int JT_MUST_CHECK jt_jwk_parse(const char *text, size_t len, EVP_PKEY **ret_key, jeton_error **ret_error);

#endif
