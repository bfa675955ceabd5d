/* SPDX-License-Identifier: MIT */
/* Finding what libconfig would silently misread. */
#ifndef JT_CONFIG_SCAN_H
#define JT_CONFIG_SCAN_H

#include "base/base.h"

/* A limit for a provider's file. libconfig compares the name of each account with all others: a thousand accounts take
 * 10 ms, ten thousand a second. */
#define JT_CONFIG_ACCOUNTS_MAX 1000

/* JETON_CONFIG, with path and line: the text has something that libconfig would misread. A text that passes may still
 * have syntax errors. */
int JT_MUST_CHECK jt_config_scan(const char *path, const char *text, size_t len, jeton_error **ret_error);

#endif
