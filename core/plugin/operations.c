/* SPDX-License-Identifier: MIT */
/* The operations of a plugin by number. This file is linked into both libjeton and jeton_net.so. */
#include "plugin/operations.h"

const char *jt_operation_name(enum jt_operation operation)
{
    static const char *const names[JT_OPERATIONS] = {"acquire", "refresh", "revoke", "introspect", "keys"};

    return names[operation];
}

jeton_operation jt_operation_of(const struct jeton_provider *table, enum jt_operation operation)
{
    const jeton_operation operations[JT_OPERATIONS] = {table->acquire, table->refresh, table->revoke, table->introspect,
                                                       table->list_keys};

    return operations[operation];
}

int jt_operation_check(const struct jeton_provider *table, enum jt_operation operation, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf has = JT_BUF_INIT(JT_SETTING_MAX);

    if (jt_operation_of(table, operation) != NULL)
        return JETON_OK;
    for (unsigned i = 0; i < JT_OPERATIONS; i++)
        if (jt_operation_of(table, (enum jt_operation)i) != NULL)
            jt_buf_printf(&has, "%s%s", has.len > 0 ? ", " : "", jt_operation_name((enum jt_operation)i));
    (void)jt_error_set(ret_error, JETON_NOT_SUPPORTED, "the provider plugin %s does not have the operation \"%s\"",
                       table->name, jt_operation_name(operation));
    jt_error_set_hint(ret_error, "it has: %s", jt_buf_str(&has));
    return JETON_NOT_SUPPORTED;
}
