/* SPDX-License-Identifier: MIT */
/* Reading values that are not on the command line itself: @FILE and @-. */
#ifndef JT_INPUT_H
#define JT_INPUT_H

#include "options.h"

/* Wipes and frees the text, and sets it to NULL. Accepts NULL. */
void jt_input_free(char **text);
#define JT_AUTO_INPUT JT_CLEANUP(jt_input_free)

/* Reads "@FILE" or "@-" (stdin, at most once in a process) to its end, without one final newline: at most 64 KiB
 * without a NUL. what names the value in messages: "the parameter code". JETON_USAGE, JETON_NOT_PERMITTED: the error
 * has been reported. */
int JT_MUST_CHECK jt_input_read(const struct jt_call *call, const char *what, const char *source, char **ret_text);

/* The parameters of a call. jt_params_done wipes them. */
struct jt_params {
    struct jeton_param items[JT_CALL_PARAMS_MAX];
    char *texts[JT_CALL_PARAMS_MAX]; /* "key\0value", what the items point to */
    size_t len;
};
void jt_params_done(struct jt_params *params);
#define JT_AUTO_PARAMS JT_CLEANUP(jt_params_done)

/* Reads the parameters of the call, and blanks inline values in argv, so that they disappear from the process list. */
int JT_MUST_CHECK jt_params_load(const struct jt_call *call, struct jt_params *ret_params);

#endif
