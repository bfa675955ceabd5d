/* SPDX-License-Identifier: MIT */
/* Guarded memory for keys and credentials: excluded from core dumps, and locked as far as RLIMIT_MEMLOCK allows. */
#ifndef JT_BASE_GUARDED_H
#define JT_BASE_GUARDED_H

#include "base/error.h"

char *jt_guarded_dup(const char *data, size_t len) JT_MUST_CHECK; /* adds a NUL */
void jt_guarded_free(char **secret);                              /* wipes */
#define JT_AUTO_GUARDED JT_CLEANUP(jt_guarded_free)

/* Copies a secret into guarded memory, without one trailing newline. JETON_CONFIG: it is empty, longer than
 * JT_SETTING_MAX, or contains a NUL. `what` says where the secret was read, and begins the message. */
int JT_MUST_CHECK jt_guarded_accept(const char *what, const char *data, size_t len, char **ret_secret, size_t *ret_len,
                                    jeton_error **ret_error);

#endif
