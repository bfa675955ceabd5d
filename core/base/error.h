/* SPDX-License-Identifier: MIT */
/* Errors as objects: what happened, for which name, what the provider said, what to do. */
#ifndef JT_BASE_ERROR_H
#define JT_BASE_ERROR_H

#include "base/cleanup.h"
#include "base/errno.h"
#include <stdarg.h>

#define JT_AUTO_ERROR JT_CLEANUP(jeton_error_free)

/* A function that makes an error returns the error's status, so that callers write `return jt_error_set(…)`. ret_error
 * may be NULL everywhere. Without memory, a constant object is given out. */
int jt_error_set(jeton_error **ret_error, int status, const char *format, ...) JT_PRINTF(3, 4);
int jt_error_vset(jeton_error **ret_error, int status, const char *format, va_list args) JT_PRINTF(3, 0);
int jt_error_no_memory(jeton_error **ret_error); /* JETON_TRY_LATER */

/* For a failed system call. The status is jt_errno_status's. The message is the sentence, the system's words and, where
 * known, what to do: "tokens.db cannot be opened: Too many open files (raise the limit of this process: ulimit -n)". */
int jt_error_errno(jeton_error **ret_error, int error, const char *format, ...) JT_PRINTF(3, 4);
int jt_error_verrno(jeton_error **ret_error, int error, const char *format, va_list args) JT_PRINTF(3, 0);

/* Each replaces one part of an error. They do nothing if error or *error is NULL. */
void jt_error_set_name(jeton_error **error, const char *token_name);
void jt_error_set_hint(jeton_error **error, const char *format, ...) JT_PRINTF(2, 3);
void jt_error_set_provider(jeton_error **error, const char *code, const char *description, int http_status,
                           int64_t retry_after_s);
void jt_error_set_retry_after(jeton_error **error, int64_t retry_after_s);
/* Puts "where: " before the message. */
void jt_error_prefix(jeton_error **error, const char *format, ...) JT_PRINTF(2, 3);
/* Appends the text to the message. */
void jt_error_suffix(jeton_error **error, const char *format, ...) JT_PRINTF(2, 3);
jeton_error *jt_error_copy(const jeton_error *error);
/* Hands the error to *ret_error, or frees it when ret_error is NULL. Returns the status. */
int jt_error_give(jeton_error **ret_error, jeton_error **error);

#endif
