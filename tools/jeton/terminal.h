/* SPDX-License-Identifier: MIT */
/* Asking the person at the terminal. */
#ifndef JT_TERMINAL_H
#define JT_TERMINAL_H

#include "base/base.h"

/* Writes the prompt to stderr and reads one line from stdin, without its newline. secret: the answer is not echoed.
 * Returns 0, or -1 for end of file, an error, or a line longer than answer_size - 1, which is reported on stderr. A
 * signal that ends the process does so after the terminal's echo is restored. */
int JT_MUST_CHECK jt_terminal_ask(const char *prompt, bool secret, char *answer, size_t answer_size);

#endif
