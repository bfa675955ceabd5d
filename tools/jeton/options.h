/* SPDX-License-Identifier: MIT */
/* The options of jeton(1): parsing a command line, and printing help. */
#ifndef JT_OPTIONS_H
#define JT_OPTIONS_H

#include "call.h"

/* One option, as help prints it. */
struct jt_option {
    unsigned bit;
    char letter; /* 0: none */
    const char *name;
    const char *value; /* "DIR"; NULL: takes none */
    const char *help;
};
extern const struct jt_option jt_options[];
extern const size_t jt_options_len;

/* Fills in *ret_call. JETON_USAGE: the error has been reported, with the nearest known name. If help or version is set,
 * the other members may be missing. */
int JT_MUST_CHECK jt_options_parse(int argc, char **argv, const struct jt_command *commands, size_t commands_len,
                                   struct jt_call *ret_call);

/* Prints the help of one command, or (NULL) the list of all, on stdout. */
void jt_help_print(const struct jt_command *command, const struct jt_command *commands, size_t commands_len);

#endif
