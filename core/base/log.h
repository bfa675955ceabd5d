/* SPDX-License-Identifier: MIT */
/* The log: one line a message, to stderr, syslog, the journal or a function. Secrets that the log was told of are
 * replaced by their names in every line. */
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
/* Takes NULL for the log. */
void jt_log_write(struct jt_log *log, int level, const char *format, ...) JT_PRINTF(3, 4);

/* From now on, until jt_log_forget, `value` (and its percent-encoded form) is written as ‹name›. Values shorter than 4
 * bytes are not replaced. The log keeps a guarded copy. The calls are counted: a value that was given twice must be
 * forgotten twice. */
void jt_log_secret(struct jt_log *log, const char *name, const char *value);
void jt_log_forget(struct jt_log *log, const char *value);
/* The text with every secret replaced, for the caller to free. NULL: out of memory. */
char *jt_log_redact(struct jt_log *log, const char *text) JT_MUST_CHECK;

#endif
