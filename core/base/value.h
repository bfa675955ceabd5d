/* SPDX-License-Identifier: MIT */
/* Whether a value is what its row in a table of settings says. */
#ifndef JT_BASE_VALUE_H
#define JT_BASE_VALUE_H

#include "base/error.h"
#include <jeton/provider.h>

/* Does the text fit the row's type, bounds and choices? Else JETON_CONFIG with what follows the setting's name in a
 * message: "must be a whole number from 1 to 10". */
int JT_MUST_CHECK jt_value_check(const struct jeton_setting *row, const char *text, jeton_error **ret_error);

/* Decimal digits with an optional minus sign, and nothing else. */
bool jt_value_integer(const char *text, int64_t *ret_value);

/* An absolute https URL, or http to a loopback address, without user or fragment: NULL; else what it must be. */
const char *jt_value_url_problem(const char *url);
/* The same for a proxy: http, https or socks, any host, with or without user. */
const char *jt_value_proxy_problem(const char *url);

/* Is it UTF-8 without control characters? multiline also takes newlines, carriage returns and tabs. NULL, or what is
 * wrong. */
const char *jt_value_text_problem(const char *text, bool multiline);

#endif
