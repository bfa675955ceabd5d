/* SPDX-License-Identifier: MIT */
/* Guarded memory for keys and credentials, and the five ways to give a secret. It never keeps a secret longer than its
 * owner does. */
#ifndef JT_BASE_GUARDED_H
#define JT_BASE_GUARDED_H

#include "base/base.h"

/* Guarded (libsodium), excluded from dumps, locked as far as RLIMIT_MEMLOCK allows. */
char *jt_secret_dup(const char *data, size_t len) JT_MUST_CHECK; /* adds a NUL */
void jt_secret_free(char **secret);                              /* wipes */
#define JT_AUTO_GUARDED JT_CLEANUP(jt_secret_free)

enum jt_secret_source {
    JT_SECRET_INLINE,     /* x = "…"                                                              */
    JT_SECRET_FILE,       /* x_file = "/path": owner and mode are checked, one trailing newline is dropped */
    JT_SECRET_CREDENTIAL, /* x_credential = "name": a file below $CREDENTIALS_DIRECTORY           */
    JT_SECRET_ENV,        /* x_env = "VAR"; never when AT_SECURE                                  */
    JT_SECRET_COMMAND     /* x_command = ["/program", "argument", …]: its stdout, no shell, 10 s  */
};

struct jt_secret_spec {
    enum jt_secret_source source;
    const char *name;        /* of the setting, for messages */
    const char *text;        /* inline value, path, credential name, variable */
    const char *const *argv; /* COMMAND: ends with NULL */
};

/* Resolves it: at most JT_SETTING_MAX bytes, no NUL inside. JETON_CONFIG or JETON_NOT_PERMITTED with the path and the
 * rule that it breaks. */
int JT_MUST_CHECK jt_secret_resolve(const struct jt_secret_spec *spec, char **ret_secret, size_t *ret_len,
                                    jeton_error **ret_error);

/* A number that changes when the source does (a file's identity, size and time; a variable's value), without reading
 * the secret of a file and without running a command. */
uint64_t jt_secret_stamp(const struct jt_secret_spec *spec);

#endif
