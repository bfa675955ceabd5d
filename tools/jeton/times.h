/* SPDX-License-Identifier: MIT */
/* Wording points in time and durations for people. The caller passes the current time. */
#ifndef JT_TIMES_H
#define JT_TIMES_H

#include <stddef.h>
#include <stdint.h>

#define JT_TIMES_SIZE 64u

/* "45 s", "14 min", "3 h", "29 days", "3 years"; whole units, rounded down. */
void jt_times_span(int64_t seconds, char *ret_text, size_t text_size);
/* "in 14 min", "3 h ago", "now". */
void jt_times_relative(int64_t at, int64_t now, char *ret_text, size_t text_size);
/* "2026-01-31 14:22:10 UTC, in 14 min" */
void jt_times_full(int64_t at, int64_t now, char *ret_text, size_t text_size);

#endif
