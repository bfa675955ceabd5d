/* SPDX-License-Identifier: MIT */
/* Preparing text for messages and logs: the secrets of a flow are replaced by their names. */
#ifndef JT_NET_FLOW_REDACT_H
#define JT_NET_FLOW_REDACT_H

#include "net/flow/state.h"

/* Appends at most max characters of the text as one line: known secrets become ‹name›, control characters become
 * spaces. shapes: for text of unknown origin, also hides what looks like a secret (members named like one, long
 * runs). */
void jt_redact_add(struct jt_buf *buf, const struct jt_flow *flow, const char *text, size_t len, size_t max,
                   bool shapes);
/* The same for a formatted text of the plugin's. */
void jt_redact_vprintf(struct jt_buf *buf, const struct jt_flow *flow, size_t max, const char *format, va_list args)
    JT_PRINTF(4, 0);

#endif
