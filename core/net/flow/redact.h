/* SPDX-License-Identifier: MIT */
/* Text for messages and logs, with the secrets of a flow replaced by their names. */
#ifndef JT_NET_FLOW_REDACT_H
#define JT_NET_FLOW_REDACT_H

#include "net/flow/state.h"

/* Appends at most max characters of text in one line: known secrets as ‹name›, control characters as spaces. shapes:
 * also hides what looks like a secret (members named like one, long runs), for text of unknown making. */
void jt_redact_add(struct jt_buf *buf, const struct jt_flow *flow, const char *text, size_t len, size_t max,
                   bool shapes);
/* The same for words of the plugin's. */
void jt_redact_vprintf(struct jt_buf *buf, const struct jt_flow *flow, size_t max, const char *format, va_list args)
    JT_PRINTF(4, 0);

#endif
