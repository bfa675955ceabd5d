/* SPDX-License-Identifier: MIT */
/* Reporting errors: sentences on stderr, and with --json also an object on stdout. */
#ifndef JT_REPORT_H
#define JT_REPORT_H

#include "call.h"

/* Reports an error of the library and frees it. name: the name that was asked for, or NULL. Returns the status. */
int jt_report_error(const struct jt_call *call, const char *name, int status, jeton_error **error);
/* Reports an error of the command itself. hint may be NULL. Returns the status. */
int jt_report_failure(const struct jt_call *call, const char *name, int status, const char *hint, const char *format,
                      ...) JT_PRINTF(5, 6);
/* Reports that an answer of the library is not the JSON that <jeton/jeton.h> promises. Returns JETON_INTERNAL. */
int jt_report_bad_answer(const struct jt_call *call);

/* Prints a note on stderr, unless -q was given. */
void jt_report_note(const struct jt_call *call, const char *format, ...) JT_PRINTF(2, 3);

#endif
