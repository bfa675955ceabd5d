/* SPDX-License-Identifier: MIT */
/* The face of this room: loading plugins and jeton's own modules. */
#ifndef JT_PLUGIN_H
#define JT_PLUGIN_H

#include "base/base.h"
#include "plugin/operations.h"
#include <jeton/provider.h>

/* A loaded plugin; lives as long as the process. The table is a copy that keeps every rule of <jeton/provider.h>. */
struct jt_plugin {
    struct jeton_provider table;          /* settings and parameters point to the two below; never NULL */
    const struct jeton_setting *settings; /* copied, `<key>_passphrase` settings added; ends with a NULL name */
    const struct jeton_setting *parameters;
    char *path;
};

/* Loads <dir>/jeton_<name>.so once; later calls return the same. Refusals are JETON_CONFIG or JETON_NOT_PERMITTED and
 * name the rule and the path. */
int JT_MUST_CHECK jt_plugin_load(const char *dir, const char *name, const struct jeton_host *host,
                                 const struct jt_plugin **ret_plugin, jeton_error **ret_error);

/* The names of the plugins in a directory (jeton_<name>.so, but neither jeton's own modules nor store engines), sorted;
 * visit returns non-zero to stop. */
int JT_MUST_CHECK jt_plugin_each(const char *dir, int (*visit)(void *data, const char *name, const char *path),
                                 void *data, jeton_error **ret_error);

/* Loads another shared object under the same rules; returns the address of its entry symbol. */
int JT_MUST_CHECK jt_plugin_open_symbol(const char *dir, const char *file, const char *symbol, void **ret_address,
                                        jeton_error **ret_error);

#endif
