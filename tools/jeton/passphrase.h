/* SPDX-License-Identifier: MIT */
/* The passphrase of an archive: from a file, from standard input, or from a person. Not from the command line or the
 * environment, where other users could see it. */
#ifndef JT_PASSPHRASE_H
#define JT_PASSPHRASE_H

#include "input.h"

/* Reads the passphrase from --passphrase-file, or asks for it at the terminal, twice if it is a new one. The caller
 * frees it with jt_input_free. stdin_taken: the archive comes from stdin. JETON_USAGE, JETON_NOT_PERMITTED: the error
 * has been reported. */
int JT_MUST_CHECK jt_passphrase_read(const struct jt_call *call, bool is_new, bool stdin_taken, char **ret_passphrase);

#endif
