/* SPDX-License-Identifier: MIT */
/* What plugin.c and table.c share. It is no interface for anybody else. */
#ifndef JT_PLUGIN_TABLE_H
#define JT_PLUGIN_TABLE_H

#include "plugin/plugin.h"

/* Copies the table that a plugin returned into plugin->table, settings and parameters, if it keeps every rule of
 * <jeton/provider.h>; JETON_CONFIG with the rule that it breaks. Calls nothing of the plugin. */
int JT_MUST_CHECK jt_plugin_table_copy(const struct jeton_provider *given, const char *name, struct jt_plugin *plugin,
                                       jeton_error **ret_error);
void jt_plugin_table_done(struct jt_plugin *plugin);

#endif
