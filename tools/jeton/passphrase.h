/* SPDX-License-Identifier: MIT */
/* The passphrase of an archive: from a file, from standard input, or from a person. It never takes one from the command
 * line or the environment. */
#ifndef JT_PASSPHRASE_H
#define JT_PASSPHRASE_H

#include "input.h"

/* --passphrase-file, or asked on the terminal, twice where it is a new one. The caller frees it with jt_input_free.
 * stdin_taken: the archive comes from there. JETON_USAGE or JETON_NOT_PERMITTED after having said why. */
int JT_MUST_CHECK jt_passphrase_read(const struct jt_call *call, bool is_new, bool stdin_taken, char **ret_passphrase);

#endif
