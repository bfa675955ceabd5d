/* SPDX-License-Identifier: MIT */
/* The log: one line for each message, to stderr, syslog, the journal or a function. In every line, secrets that were
 * registered by jt_log_secret are replaced by their names. */
#ifndef JT_BASE_LOG_H
#define JT_BASE_LOG_H

#include "base/error.h"
#include <syslog.h>

struct jt_log;

enum jt_log_to { JT_LOG_STDERR, JT_LOG_SYSLOG, JT_LOG_JOURNAL };

int JT_MUST_CHECK jt_log_new(int level, enum jt_log_to to, void (*sink)(void *, int, const char *), void *sink_data,
                             struct jt_log **ret_log, jeton_error **ret_error);
void jt_log_free(struct jt_log **log);
bool jt_log_wants(const struct jt_log *log, int level);
/* log may be NULL. */
void jt_log_write(struct jt_log *log, int level, const char *format, ...) JT_PRINTF(3, 4);

/* Until jt_log_forget, the log writes ‹name› in place of `value` and its percent-encoded form. Values shorter than 4
 * bytes are not replaced. The log keeps a copy in guarded memory. The calls are counted: a value that was registered
 * twice must be forgotten twice. */
void jt_log_secret(struct jt_log *log, const char *name, const char *value);
void jt_log_forget(struct jt_log *log, const char *value);
/* A copy of the text with every secret replaced; the caller frees it. NULL: out of memory. */
char *jt_log_redact(struct jt_log *log, const char *text) JT_MUST_CHECK;

#endif
