/* SPDX-License-Identifier: MIT */
/* Values that were kept off the command line: @FILE and @-. It never prints what it read. */
#ifndef JT_INPUT_H
#define JT_INPUT_H

#include "options.h"

/* Wipes, frees, leaves NULL; takes NULL. */
void jt_input_free(char **text);
#define JT_AUTO_INPUT JT_CLEANUP(jt_input_free)

/* Reads "@FILE" or "@-" (stdin, once a process) to its end, less one newline at the end: at most 64 KiB, no NUL. what:
 * for the message, "the parameter code". JETON_USAGE or JETON_NOT_PERMITTED after having said why. */
int JT_MUST_CHECK jt_input_read(const struct jt_call *call, const char *what, const char *source, char **ret_text);

/* The parameters of a call; wipe with jt_params_done. */
struct jt_params {
    struct jeton_param items[JT_CALL_PARAMS_MAX];
    char *texts[JT_CALL_PARAMS_MAX]; /* "key\0value", what the items point to */
    size_t len;
};
void jt_params_done(struct jt_params *params);
#define JT_AUTO_PARAMS JT_CLEANUP(jt_params_done)

/* Reads those of the call, and blanks inline values on the command line, so that the process list loses them. */
int JT_MUST_CHECK jt_params_load(const struct jt_call *call, struct jt_params *ret_params);

#endif
