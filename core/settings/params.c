/* SPDX-License-Identifier: MIT */
/* Checks the parameters of one call against the plugin's table. Errors do not repeat a value, which may be a secret. */
#include "settings/settings.h"
#include <string.h>

static int params_unknown(const struct jt_plugin *plugin, const char *name, jeton_error **ret_error)
{
    static const struct jt_own_setting none[] = {{0}};
    const struct jt_suggestion nearest = jt_setting_suggest(name, plugin->parameters, none, "");

    if (plugin->parameters->name == NULL)
        return jt_error_set(ret_error, JETON_USAGE, "the plugin %s takes no parameters, so \"%.80s\" cannot be passed",
                            plugin->table.name, name);
    if (nearest.text[0] != '\0')
        return jt_error_set(ret_error, JETON_USAGE, "the plugin %s takes no parameter \"%.80s\"%s", plugin->table.name,
                            name, nearest.text);
    return jt_error_set(ret_error, JETON_USAGE,
                        "the plugin %s takes no parameter \"%.80s\"; jeton describe %s lists those that it takes",
                        plugin->table.name, name, plugin->table.name);
}

static uint32_t params_flags(const struct jeton_setting *row)
{
    if (row->type == JETON_KEY)
        return JT_FIELD_SECRET | JT_FIELD_KEY;
    /* A one-time value, such as an authorization code, is as good as a secret until it is spent. */
    return (row->flags & (JETON_SECRET | JETON_ONE_TIME)) != 0 ? JT_FIELD_SECRET : 0;
}

static int params_check_one(const struct jt_plugin *plugin, const struct jeton_param *param, struct jt_fields *fields,
                            jeton_error **ret_error)
{
    const struct jeton_setting *row;
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (param->name == NULL || param->value == NULL)
        return jt_error_set(ret_error, JETON_USAGE, "a parameter lacks its %s", param->name == NULL ? "name" : "value");
    row = jt_setting_row(plugin->parameters, param->name);
    if (row == NULL)
        return params_unknown(plugin, param->name, ret_error);
    if (jt_fields_find(fields, row->name) != NULL)
        return jt_error_set(ret_error, JETON_USAGE, "the parameter %s is given twice", row->name);
    if (jt_value_check(row, param->value, &error) != JETON_OK)
        return jt_error_set(ret_error, JETON_USAGE, "the parameter %s %s", row->name, jeton_error_message(error));
    return jt_fields_set(fields, row->name, param->value, params_flags(row), ret_error);
}

/* A parameter that is not passed is read from the setting of the same name. So its default counts only if the plugin
 * has no such setting. */
static int params_default(const struct jt_plugin *plugin, const struct jeton_setting *row, struct jt_fields *fields,
                          jeton_error **ret_error)
{
    if (row->default_value == NULL || jt_fields_find(fields, row->name) != NULL ||
        jt_setting_row(plugin->settings, row->name) != NULL)
        return JETON_OK;
    return jt_fields_set(fields, row->name, row->default_value, params_flags(row), ret_error);
}

int jt_params_check(const struct jt_plugin *plugin, const struct jeton_param *params, size_t params_len,
                    struct jt_fields *ret_params, jeton_error **ret_error)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    int status = JETON_OK;

    for (size_t i = 0; i < params_len && status == JETON_OK; i++)
        status = params_check_one(plugin, &params[i], &fields, ret_error);
    for (const struct jeton_setting *row = plugin->parameters; row->name != NULL && status == JETON_OK; row++)
        status = params_default(plugin, row, &fields, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_params = fields;
    fields = (struct jt_fields){0};
    return JETON_OK;
}

int jt_params_require(const struct jt_plugin *plugin, const struct jt_fields *params, const struct jt_fields *settings,
                      jeton_error **ret_error)
{
    for (const struct jeton_setting *row = plugin->parameters; row->name != NULL; row++) {
        const char *value = jt_fields_get(params, row->name);

        if ((row->flags & JETON_REQUIRED) == 0 || (value != NULL && value[0] != '\0') ||
            jt_fields_find(settings, row->name) != NULL)
            continue;
        return jt_error_set(ret_error, JETON_USAGE, "the plugin %s needs the parameter %s (%s): -p %s=…",
                            plugin->table.name, row->name, row->help, row->name);
    }
    return JETON_OK;
}
