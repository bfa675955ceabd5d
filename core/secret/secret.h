/* SPDX-License-Identifier: MIT */
/* The face of this room: the five ways to give a secret. */
#ifndef JT_SECRET_H
#define JT_SECRET_H

#include "base/base.h"

struct jt_secret_spec {
    enum jt_secret_source source;
    const char *name;        /* of the setting, for messages */
    const char *text;        /* inline value, path, credential name, variable */
    const char *const *argv; /* COMMAND: ends with NULL */
};

/* Fetches the secret: at most JT_SETTING_MAX bytes, without a NUL inside. JETON_CONFIG, JETON_NOT_PERMITTED: the error
 * names the path and the rule that is broken. */
int JT_MUST_CHECK jt_secret_resolve(const struct jt_secret_spec *spec, char **ret_secret, size_t *ret_len,
                                    jeton_error **ret_error);

/* A number that changes when the source changes (a file's identity, size and times; a variable's value). No file is
 * read and no command is run for it. */
uint64_t jt_secret_stamp(const struct jt_secret_spec *spec);

/* Where the secret comes from, for messages: "file /x", "credential y", "environment variable Z", "command /p", or
 * "`name` in FILE" for a secret that is written in the configuration. NULL: out of memory. */
char *jt_secret_describe(const struct jt_secret_spec *spec, const char *file) JT_MUST_CHECK;

/* Checks whether the program may be run. JETON_NOT_PERMITTED: another user could have put it there. ret_path, which may
 * be NULL, receives the path without symbolic links. */
int JT_MUST_CHECK jt_secret_check_program(const char *const *argv, char **ret_path, jeton_error **ret_error);

#endif
