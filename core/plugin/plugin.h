/* SPDX-License-Identifier: MIT */
/* The face of this room: loading plugins and jeton's own modules. */
#ifndef JT_PLUGIN_H
#define JT_PLUGIN_H

#include "plugin/module.h"
#include "plugin/object.h"
#include "plugin/operations.h"
#include "plugin/table.h"

/* Loads <dir>/jeton_<name>.so once; later calls return the same. Refusals are JETON_CONFIG or JETON_NOT_PERMITTED and
 * name the rule and the path. */
int JT_MUST_CHECK jt_plugin_load(const char *dir, const char *name, const struct jeton_host *host,
                                 const struct jt_plugin **ret_plugin, jeton_error **ret_error);

/* The names of the plugins in a directory (jeton_<name>.so, but neither jeton's own modules nor store engines), sorted;
 * visit returns non-zero to stop. */
int JT_MUST_CHECK jt_plugin_each(const char *dir, int (*visit)(void *data, const char *name, const char *path),
                                 void *data, jeton_error **ret_error);

#endif
