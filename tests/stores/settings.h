/* SPDX-License-Identifier: MIT */
/* The settings that the engine is opened with: KEY=VALUE from the command line, with a place of its own for each test.
 */
#ifndef STORES_SETTINGS_H
#define STORES_SETTINGS_H

#include <jeton/setting.h>
#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_MAX 64u

/* Takes the pairs of the command line, which live as long as the program, and what the engine declares. False: a pair
 * or its value is wrong; *ret_why says how. */
bool settings_given(const struct jeton_setting *declared, char **pairs, size_t count, const char **ret_why);

/* A new place: from here on {dir} is another new directory and {number} another number. */
void settings_fresh(void);
/* The directory of this place, with mode 0700; NULL: no setting has {dir} in its value. */
const char *settings_dir(void);
/* The file that the store is: the value of the first JETON_PATH below {dir}. NULL: there is none. */
const char *settings_file(void);

/* The value in this place: as given, else its default, else NULL. The caller frees. Aborts for a name that the engine
 * did not declare. */
char *settings_value(const char *name);
bool settings_declared(const char *name);

#endif
