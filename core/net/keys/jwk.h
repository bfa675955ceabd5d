/* SPDX-License-Identifier: MIT */
/* Private keys in JSON. */
#ifndef JT_NET_KEYS_JWK_H
#define JT_NET_KEYS_JWK_H

#include "base/base.h"
#include <openssl/types.h>

/* RFC 7517 and 7518 6, RFC 8037. The text is known to start with "{". JETON_CONFIG with a clause of what it is. */
int JT_MUST_CHECK jt_jwk_parse(const char *text, size_t len, EVP_PKEY **ret_key, jeton_error **ret_error);

#endif
