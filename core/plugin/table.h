/* SPDX-License-Identifier: MIT */
/* Checking and copying the table that a plugin returned. For this room and its tests. */
#ifndef JT_PLUGIN_TABLE_H
#define JT_PLUGIN_TABLE_H

#include "plugin/plugin.h"

/* Copies the table that a plugin returned into plugin->table, settings and parameters, if it keeps every rule of
 * <jeton/provider.h>; JETON_CONFIG with the rule that it breaks. No function of the plugin is called. */
int JT_MUST_CHECK jt_plugin_table_copy(const struct jeton_provider *given, const char *name, struct jt_plugin *plugin,
                                       jeton_error **ret_error);
void jt_plugin_table_done(struct jt_plugin *plugin);

#endif
