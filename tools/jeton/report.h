/* SPDX-License-Identifier: MIT */
/* How jeton(1) tells what went wrong: sentences on stderr, an object on stdout with --json. */
#ifndef JT_REPORT_H
#define JT_REPORT_H

#include "call.h"

/* Tells of a failure of the library and frees the error. name: what was asked for, or NULL. Returns the status. */
int jt_report_error(const struct jt_call *call, const char *name, int status, jeton_error **error);
/* Tells of a failure of the command itself; hint may be NULL. Returns the status. */
int jt_report_failure(const struct jt_call *call, const char *name, int status, const char *hint, const char *format,
                      ...) JT_PRINTF(5, 6);
/* Tells that an answer of the library is not the JSON that <jeton/jeton.h> promises. Returns JETON_INTERNAL. */
int jt_report_bad_answer(const struct jt_call *call);

/* A sentence that may help and that -q leaves out. */
void jt_report_note(const struct jt_call *call, const char *format, ...) JT_PRINTF(2, 3);

#endif
