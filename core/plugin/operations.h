/* SPDX-License-Identifier: MIT */
/* The operations of a plugin, and what people call them. */
#ifndef JT_PLUGIN_OPERATIONS_H
#define JT_PLUGIN_OPERATIONS_H

#include "base/base.h"
#include <jeton/provider.h>

enum jt_operation { JT_ACQUIRE, JT_REFRESH, JT_REVOKE, JT_INTROSPECT, JT_LIST_KEYS, JT_OPERATIONS };

/* As the command is called that runs it. */
const char *jt_operation_name(enum jt_operation operation);
/* The plugin's function; NULL: it does not have the operation. */
jeton_operation jt_operation_of(const struct jeton_provider *table, enum jt_operation operation);
/* JETON_NOT_SUPPORTED, with what it has, where the plugin lacks the operation. */
int JT_MUST_CHECK jt_operation_check(const struct jeton_provider *table, enum jt_operation operation,
                                     jeton_error **ret_error);

#endif
