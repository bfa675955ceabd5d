/* SPDX-License-Identifier: MIT */
/* JSON Web Tokens for plugins. <jeton/provider.h> says what each function does. */
#ifndef JT_NET_HOST_JWT_H
#define JT_NET_HOST_JWT_H

#include "net/flow/flow.h"

void jt_host_jwt(jeton_flow *lent, const char *alg);
void jt_host_jwt_header(jeton_flow *lent, const char *name, const char *value);
void jt_host_jwt_claim(jeton_flow *lent, const char *name, const char *value);
void jt_host_jwt_claim_integer(jeton_flow *lent, const char *name, int64_t value);
const char *jt_host_jwt_sign(jeton_flow *lent, const char *key_setting);

#endif
