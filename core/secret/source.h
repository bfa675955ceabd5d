/* SPDX-License-Identifier: MIT */
/* What source.c and command.c share. It is no interface for anybody else. */
#ifndef JT_SECRET_SOURCE_H
#define JT_SECRET_SOURCE_H

#include "base/guarded.h"

/* Takes the bytes that a source gave, less one trailing newline, into guarded memory; `what` begins the message. */
int JT_MUST_CHECK jt_secret_accept(const char *what, const char *data, size_t len, char **ret_secret, size_t *ret_len,
                                   jeton_error **ret_error);

/* Runs the program (an absolute path first, NULL last) without a shell, in a small environment, with nothing to read,
 * and gives what it wrote to stdout. JETON_NOT_PERMITTED where somebody else could have put the program there,
 * JETON_TRY_LATER where it took more than 10 s. */
int JT_MUST_CHECK jt_secret_run(const char *const *argv, char **ret_secret, size_t *ret_len, jeton_error **ret_error);

/* May the program be run? jt_secret_run asks this first; ret_path, which may be NULL, receives the path without links.
 */
int JT_MUST_CHECK jt_secret_check_program(const char *const *argv, char **ret_path, jeton_error **ret_error);

#endif
