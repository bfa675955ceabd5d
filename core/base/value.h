/* SPDX-License-Identifier: MIT */
/* Checking a value against its row in a table of settings. */
#ifndef JT_BASE_VALUE_H
#define JT_BASE_VALUE_H

#include "base/error.h"
#include <jeton/provider.h>

/* Checks the text against the row's type, bounds and choices. JETON_CONFIG: it does not fit; the message is to follow
 * the setting's name: "must be a whole number from 1 to 10". */
int JT_MUST_CHECK jt_value_check(const struct jeton_setting *row, const char *text, jeton_error **ret_error);

/* Parses decimal digits with an optional minus sign, and nothing else. */
bool jt_value_integer(const char *text, int64_t *ret_value);

/* NULL for an absolute https URL, or http to a loopback address, without user or fragment; else what the URL must
 * be. */
const char *jt_value_url_problem(const char *url);
/* The same for a proxy's URL: http, https or socks, any host, with or without user. */
const char *jt_value_proxy_problem(const char *url);

/* NULL for UTF-8 without control characters, else what is wrong. multiline also allows newlines, carriage returns and
 * tabs. */
const char *jt_value_text_problem(const char *text, bool multiline);

#endif
