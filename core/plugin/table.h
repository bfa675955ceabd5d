/* SPDX-License-Identifier: MIT */
/* A loaded plugin's table, checked and copied. */
#ifndef JT_PLUGIN_TABLE_H
#define JT_PLUGIN_TABLE_H

#include "base/base.h"
#include <jeton/provider.h>

/* A loaded plugin; lives as long as the process. The table is a copy that keeps every rule of <jeton/provider.h>. */
struct jt_plugin {
    struct jeton_provider table;          /* settings and parameters point to the two below; never NULL */
    const struct jeton_setting *settings; /* copied, `<key>_passphrase` settings added; ends with a NULL name */
    const struct jeton_setting *parameters;
    char *path;
};

/* Checks the table that a plugin returned, and copies it into plugin->table, settings and parameters. JETON_CONFIG: it
 * breaks a rule of <jeton/provider.h>, which the error names. No function of the plugin is called. */
int JT_MUST_CHECK jt_plugin_table_copy(const struct jeton_provider *given, const char *name, struct jt_plugin *plugin,
                                       jeton_error **ret_error);
void jt_plugin_table_done(struct jt_plugin *plugin);

#endif
