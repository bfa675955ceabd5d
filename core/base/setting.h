/* SPDX-License-Identifier: MIT */
/* Names of settings that mean the same whatever the plugin: the core's own settings, and the ways to give a secret. */
#ifndef JT_BASE_SETTING_H
#define JT_BASE_SETTING_H

#include "base/cleanup.h"
#include <jeton/provider.h>

/* The core's own settings, which any provider or account may have. Ends with a NULL name. */
extern const struct jeton_setting jt_setting_core[];

/* What is put behind a secret setting's name to give it in another way than as text: client_secret_file, … */
#define JT_SETTING_ENDINGS 4u
extern const char *const jt_setting_endings[JT_SETTING_ENDINGS];
/* Which of them the key ends with, and how long the name before it is; -1: none, and the name is all of the key. */
int jt_setting_ending(const char *key, size_t *ret_name_len);

/* Why no plugin may call a setting of its own so, in words that follow the name; NULL: it may. */
const char *jt_setting_taken(const char *name);

/* The first row of that name, or NULL. rows may be NULL. */
const struct jeton_setting *jt_setting_row(const struct jeton_setting *rows, const char *name);

#endif
