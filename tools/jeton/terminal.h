/* SPDX-License-Identifier: MIT */
/* Questions to the person at stdin. It never echoes a secret and never leaves a terminal that does not echo. */
#ifndef JT_TERMINAL_H
#define JT_TERMINAL_H

#include "base/base.h"

/* Writes the prompt to stderr and reads one line of stdin, without its newline. secret: not echoed. 0, or -1: end of
 * file, an error, or a line longer than answer_size - 1, said on stderr. Signals that end the process still do, after
 * the terminal was put right. */
int JT_MUST_CHECK jt_terminal_ask(const char *prompt, bool secret, char *answer, size_t answer_size);

#endif
