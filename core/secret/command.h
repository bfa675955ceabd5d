/* SPDX-License-Identifier: MIT */
/* Running the program that prints a secret. */
#ifndef JT_SECRET_COMMAND_H
#define JT_SECRET_COMMAND_H

#include "secret/secret.h"

/* Runs the program without a shell, with a small environment and an empty stdin, and returns what it wrote to stdout.
 * argv begins with an absolute path and ends with NULL. JETON_NOT_PERMITTED: another user could have put the program
 * there. JETON_TRY_LATER: it took more than 10 s. */
int JT_MUST_CHECK jt_secret_run(const char *const *argv, char **ret_secret, size_t *ret_len, jeton_error **ret_error);

#endif
