/* SPDX-License-Identifier: MIT */
/* Writing to stdout, buffered, and to stderr, in whole lines. */
#ifndef JT_OUTPUT_H
#define JT_OUTPUT_H

#include "base/base.h"

enum jt_colour { JT_PLAIN, JT_RED, JT_GREEN, JT_YELLOW, JT_BOLD };

/* Makes sure that descriptors 0 to 2 are open, so that no other file gets one of these numbers. */
void jt_output_guard(void);

/* Writes to stdout as it is, for tokens and JSON. The bytes stay in a buffer until that is full, or until
 * jt_output_finish. */
void jt_output_write(const void *data, size_t len);
void jt_output_puts(const char *text);
/* Writes one line for people to stdout. Control characters become '?'; the newline is added. */
void jt_output_line(const char *format, ...) JT_PRINTF(1, 2);
/* The same without the newline, filled up with spaces to `width` columns (0: not at all), in colour on a terminal. */
void jt_output_cell(const char *text, size_t width, enum jt_colour colour);
/* The width of the text in columns: its number of UTF-8 characters. */
size_t jt_output_width(const char *text);
/* Writes what is left and wipes the buffer. JETON_TRY_LATER: something could not be written, which has been reported on
 * stderr. */
int JT_MUST_CHECK jt_output_finish(void);
/* Writes what is in the buffer; for output that may be very long, between two parts. False: it cannot be written, so
 * the caller can stop; jt_output_finish will report that. */
bool JT_MUST_CHECK jt_output_part(void);

/* Writes "jeton: " and one line to stderr, in one write(2). Control characters, newlines included, are replaced. */
void jt_output_message(const char *format, ...) JT_PRINTF(1, 2);
void jt_output_error(const char *format, ...) JT_PRINTF(1, 2); /* the prefix is red on a terminal */
/* Reports lack of memory and exits with JETON_TRY_LATER. */
_Noreturn void jt_output_no_memory(void);

/* Replaces control characters by '?' in place, those of C1 and bidirectional overrides included. */
void jt_output_tame(char *text);

#endif
