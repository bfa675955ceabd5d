/* SPDX-License-Identifier: MIT */
/* The operations of a plugin, and their names for people. */
#ifndef JT_PLUGIN_OPERATIONS_H
#define JT_PLUGIN_OPERATIONS_H

#include "base/base.h"
#include <jeton/provider.h>

enum jt_operation { JT_ACQUIRE, JT_REFRESH, JT_REVOKE, JT_INTROSPECT, JT_LIST_KEYS, JT_OPERATIONS };

/* The name of the command that runs it: "acquire", "keys". */
const char *jt_operation_name(enum jt_operation operation);
/* The plugin's function for the operation; NULL: the plugin lacks it. */
jeton_operation jt_operation_of(const struct jeton_provider *table, enum jt_operation operation);
/* JETON_NOT_SUPPORTED: the plugin lacks the operation; the error lists those that it has. */
int JT_MUST_CHECK jt_operation_check(const struct jeton_provider *table, enum jt_operation operation,
                                     jeton_error **ret_error);

#endif
