/* SPDX-License-Identifier: MIT */
/* The face of this room: loading plugins and jeton's own modules. */
#ifndef JT_PLUGIN_H
#define JT_PLUGIN_H

#include "plugin/module.h"
#include "plugin/object.h"
#include "plugin/operations.h"
#include "plugin/table.h"

/* Loads <dir>/jeton_<name>.so at the first call; later calls return the same plugin. JETON_CONFIG, JETON_NOT_PERMITTED:
 * it is refused; the error names the rule and the path. */
int JT_MUST_CHECK jt_plugin_load(const char *dir, const char *name, const struct jeton_host *host,
                                 const struct jt_plugin **ret_plugin, jeton_error **ret_error);

/* Calls visit for each provider plugin (jeton_<name>.so) in a directory, in order of name. Jeton's own modules and
 * store engines are left out. visit returns non-zero to stop. */
int JT_MUST_CHECK jt_plugin_each(const char *dir, int (*visit)(void *data, const char *name, const char *path),
                                 void *data, jeton_error **ret_error);

#endif
