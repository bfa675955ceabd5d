/* SPDX-License-Identifier: MIT */
/* The engine under test: found, loaded, and its table looked over. */
#ifndef STORES_ENGINE_H
#define STORES_ENGINE_H

#include <jeton/store.h>
#include <stdbool.h>

/* The file's path: `engine` itself where it has a slash, else jeton_store_<engine>.so in $JETON_PLUGINDIR or in the
 * plugin directory of this build. The text lives as long as the program. */
const char *engine_path(const char *engine);

/* Loads the file. False: it cannot be loaded, which was said to stderr. */
bool engine_load(const char *path, struct jeton_store_engine *ret_table);

/* NULL, or why the library would refuse what was loaded: the table cannot be used then. */
const char *engine_refused(void);
const char *engine_file(void);

#endif
