/* SPDX-License-Identifier: MIT */
/* Passes calls on to jeton_config.so. */
#include "settings/settings.h"

int jt_settings_fill(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows,
                     const char *prefix, const char *config_dir, const char *state_dir, struct jt_findings *findings,
                     struct jt_fields *ret_values, jeton_error **ret_error)
{
    const struct jt_config_module *module;
    int status = jt_config_module(&module, ret_error);

    return status == JETON_OK ? module->settings->fill(settings, len, rows, prefix, config_dir, state_dir, findings,
                                                       ret_values, ret_error)
                              : status;
}

/* ret_values may be NULL. */
static int settings_check(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                          struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error)
{
    const struct jt_config_module *module;
    int status = jt_config_module(&module, ret_error);

    return status == JETON_OK ? module->settings->check(account, plugin, net, findings, ret_values, ret_error) : status;
}

int jt_settings_check(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                      struct jt_findings *findings, jeton_error **ret_error)
{
    return settings_check(account, plugin, net, findings, NULL, ret_error);
}

int jt_settings_resolve(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                        struct jt_fields *ret_values, jeton_error **ret_error)
{
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    JT_AUTO_FIELDS struct jt_fields values = {0};
    int status = settings_check(account, plugin, net, &findings, &values, ret_error);

    if (status == JETON_OK)
        status = jt_findings_error(&findings, NULL, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_values = values;
    values = (struct jt_fields){0};
    return JETON_OK;
}
