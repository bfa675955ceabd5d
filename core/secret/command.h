/* SPDX-License-Identifier: MIT */
/* Running the program that prints a secret. For this room and its tests. */
#ifndef JT_SECRET_COMMAND_H
#define JT_SECRET_COMMAND_H

#include "secret/secret.h"

/* Runs the program (an absolute path first, NULL last) without a shell, in a small environment, with nothing to read,
 * and gives what it wrote to stdout. JETON_NOT_PERMITTED where somebody else could have put the program there,
 * JETON_TRY_LATER where it took more than 10 s. */
int JT_MUST_CHECK jt_secret_run(const char *const *argv, char **ret_secret, size_t *ret_len, jeton_error **ret_error);

#endif
