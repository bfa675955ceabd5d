/* SPDX-License-Identifier: MIT */
/* Whether a value is what its row in a table of settings says. It never repeats the value of a secret. */
#ifndef JT_BASE_VALUE_H
#define JT_BASE_VALUE_H

#include "base/error.h"
#include <jeton/provider.h>

#define JT_CONFIG_WHY_SIZE 512u

/* Does the text fit the row's type, bounds and choices? If not, why holds what follows the setting's name in a message:
 * "must be a whole number from 1 to 10". */
bool jt_config_value_fits(const struct jeton_setting *row, const char *text, char *why, size_t why_size);

/* Decimal digits with an optional minus sign, and nothing else. */
bool jt_config_value_integer(const char *text, int64_t *ret_value);

/* An absolute https URL, or http to a loopback address, without user or fragment: NULL; else what it must be. */
const char *jt_config_value_url_problem(const char *url);
/* The same for a proxy: http, https or socks, any host, with or without user. */
const char *jt_config_value_proxy_problem(const char *url);

/* Is it UTF-8 without control characters? multiline also takes newlines, carriage returns and tabs. NULL, or what is
 * wrong. */
const char *jt_config_value_text_problem(const char *text, bool multiline);

/* The first match among the plugin's rows, or NULL. */
const struct jeton_setting *jt_config_value_row(const struct jeton_setting *rows, const char *name);

#endif
