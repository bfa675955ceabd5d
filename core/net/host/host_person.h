/* SPDX-License-Identifier: MIT */
/* For steps other than a request: questions, browser pages, waits; and values that are kept from one step to the next.
 * <jeton/provider.h> says what each function does. */
#ifndef JT_NET_HOST_PERSON_H
#define JT_NET_HOST_PERSON_H

#include "net/flow/flow.h"

void jt_host_ask(jeton_flow *lent, const char *name, const char *prompt, uint32_t flags);
void jt_host_display(jeton_flow *lent, const char *url, const char *url_complete, const char *user_code);
const char *jt_host_redirect_uri(jeton_flow *lent);
void jt_host_wait(jeton_flow *lent, int64_t seconds);
void jt_host_deadline(jeton_flow *lent, int64_t seconds);
void jt_host_stage(jeton_flow *lent, uint32_t stage);
void jt_host_keep(jeton_flow *lent, const char *name, const char *value);
const char *jt_host_kept(jeton_flow *lent, const char *name);

#endif
