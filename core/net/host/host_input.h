/* SPDX-License-Identifier: MIT */
/* The inputs of a plugin: settings, parameters, the stored token, answers, the time, random bytes, and memory to work
 * in. <jeton/provider.h> says what each function does. */
#ifndef JT_NET_HOST_INPUT_H
#define JT_NET_HOST_INPUT_H

#include "net/flow/flow.h"

const char *jt_host_setting(jeton_flow *lent, const char *name);
int jt_host_setting_integer(jeton_flow *lent, const char *name, int64_t *ret);
int jt_host_has_setting(jeton_flow *lent, const char *name);
const char *jt_host_param(jeton_flow *lent, const char *name);
const char *jt_host_token(jeton_flow *lent, const char *field);
const char *jt_host_subject(jeton_flow *lent);
const char *jt_host_reply(jeton_flow *lent, const char *name);
int64_t jt_host_now(jeton_flow *lent);
int jt_host_random(jeton_flow *lent, void *out, size_t len);
const char *jt_host_print(jeton_flow *lent, const char *format, ...) JT_PRINTF(2, 3);
void *jt_host_scratch(jeton_flow *lent, size_t len);
const char *jt_host_random_token(jeton_flow *lent, size_t bytes);
const char *jt_host_sha256_base64url(jeton_flow *lent, const char *text);

#endif
