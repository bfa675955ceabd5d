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

/* Fetches the secret: at most JT_SETTING_MAX bytes, no NUL inside. JETON_CONFIG or JETON_NOT_PERMITTED with the path
 * and the rule that it breaks. */
int JT_MUST_CHECK jt_secret_resolve(const struct jt_secret_spec *spec, char **ret_secret, size_t *ret_len,
                                    jeton_error **ret_error);

/* A number that changes when the source does (a file's identity, size and time; a variable's value), without reading
 * the secret of a file and without running a command. */
uint64_t jt_secret_stamp(const struct jt_secret_spec *spec);

/* Where the secret comes from, for messages: "file /x", "credential y", "environment variable Z", "command /p", or
 * "`name` in FILE" for one that stands in the configuration. NULL: out of memory. */
char *jt_secret_describe(const struct jt_secret_spec *spec, const char *file) JT_MUST_CHECK;

/* May the program be run? JETON_NOT_PERMITTED where somebody else could have put it there. ret_path, which may be NULL,
 * receives the path without links. */
int JT_MUST_CHECK jt_secret_check_program(const char *const *argv, char **ret_path, jeton_error **ret_error);

#endif
