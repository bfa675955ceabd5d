/* SPDX-License-Identifier: MIT */
/* How a plugin ends a flow without a result: errors, hints, complaints. <jeton/provider.h> says what each function
 * does. */
#ifndef JT_NET_HOST_OUTCOME_H
#define JT_NET_HOST_OUTCOME_H

#include "net/flow/flow.h"

jeton_step jt_host_error_response(jeton_flow *lent, const char *error_pointer, const char *description_pointer);
jeton_step jt_host_fail(jeton_flow *lent, int32_t status, const char *error, const char *format, ...) JT_PRINTF(4, 5);
void jt_host_hint(jeton_flow *lent, const char *format, ...) JT_PRINTF(2, 3);
void jt_host_complain(jeton_flow *lent, const char *setting, const char *format, ...) JT_PRINTF(3, 4);

#endif
