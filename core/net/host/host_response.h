/* SPDX-License-Identifier: MIT */
/* What a plugin may read of a response: values by JSON pointer, headers, the body. <jeton/provider.h> says what each
 * function does. */
#ifndef JT_NET_HOST_RESPONSE_H
#define JT_NET_HOST_RESPONSE_H

#include "net/flow/flow.h"

const char *jt_host_json(jeton_flow *lent, const char *pointer);
int jt_host_json_integer(jeton_flow *lent, const char *pointer, int64_t *ret);
int jt_host_json_count(jeton_flow *lent, const char *pointer);
const char *jt_host_json_name(jeton_flow *lent, const char *pointer, uint32_t index);
const char *jt_host_response_header(jeton_flow *lent, const char *name);
const char *jt_host_body(jeton_flow *lent, size_t *ret_len);

#endif
