/* SPDX-License-Identifier: MIT */
/* What libconfig would misread without a word. */
#ifndef JT_CONFIG_SCAN_H
#define JT_CONFIG_SCAN_H

#include "base/base.h"

/* libconfig compares the name of each account with those of all others: a thousand take it 10 ms, ten thousand a
 * second. */
#define JT_CONFIG_ACCOUNTS_MAX 1000

/* JETON_CONFIG with path and line where the text holds such a thing. What passes may still be a syntax error. */
int JT_MUST_CHECK jt_config_scan(const char *path, const char *text, size_t len, jeton_error **ret_error);

#endif
