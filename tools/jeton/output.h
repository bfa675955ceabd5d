/* SPDX-License-Identifier: MIT */
/* What jeton(1) writes: stdout in whole pieces, stderr in whole lines. It never decides what is worth saying. */
#ifndef JT_OUTPUT_H
#define JT_OUTPUT_H

#include "base/base.h"

enum jt_colour { JT_PLAIN, JT_RED, JT_GREEN, JT_YELLOW, JT_BOLD };

/* Makes sure that descriptors 0 to 2 are taken, so that no file of ours is ever mistaken for stdout. */
void jt_output_guard(void);

/* To stdout, as it is: for tokens and JSON. Kept in a buffer until it is full or finished. */
void jt_output_write(const void *data, size_t len);
void jt_output_puts(const char *text);
/* To stdout, one line for people: control characters of whatever was printed become '?', the newline is added. */
void jt_output_line(const char *format, ...) JT_PRINTF(1, 2);
/* The same without the newline, filled up with spaces to `width` columns (0: not at all), in colour on a terminal. */
void jt_output_cell(const char *text, size_t width, enum jt_colour colour);
/* Columns that the text takes: UTF-8 characters, counted. */
size_t jt_output_width(const char *text);
/* Writes what is left and wipes the buffer. JETON_TRY_LATER, after having said so on stderr, when anything could not be
 * written. */
int JT_MUST_CHECK jt_output_finish(void);
/* Sends what was printed on its way, between two parts of what may be very long. False: nobody reads it any more;
 * jt_output_finish will tell. */
bool JT_MUST_CHECK jt_output_part(void);

/* One line to stderr, "jeton: " before it, in one write(2); newlines and control characters in it become harmless. */
void jt_output_message(const char *format, ...) JT_PRINTF(1, 2);
void jt_output_error(const char *format, ...) JT_PRINTF(1, 2); /* the prefix is red on a terminal */
/* Ends the process with JETON_TRY_LATER. */
_Noreturn void jt_output_no_memory(void);

/* Replaces control characters, C1 ones and bidirectional overrides included, by '?', in place. */
void jt_output_tame(char *text);

#endif
