/* SPDX-License-Identifier: MIT */
/* Describes in JSON what can be used: a plugin's table, the installed plugins, the configured providers. */
#include "broker/broker.h"
#include <stdlib.h>
#include <string.h>

static void describe_add(json_object *object, const char *member, const char *text)
{
    if (text != NULL)
        json_object_object_add(object, member, json_object_new_string(text));
}

static void describe_object_done(json_object **object)
{
    (void)json_object_put(*object);
}
#define AUTO_OBJECT JT_CLEANUP(describe_object_done)

static json_object *describe_setting(const struct jeton_setting *setting)
{
    static const char *const types[] = {"?", "string", "integer", "boolean", "list", "key", "url"};
    json_object *object = json_object_new_object();
    bool secret = (setting->flags & JETON_SECRET) != 0 || setting->type == JETON_KEY;

    describe_add(object, "name", setting->name);
    describe_add(object, "type", setting->type < JT_LEN(types) ? types[setting->type] : types[0]);
    json_object_object_add(object, "required", json_object_new_boolean((setting->flags & JETON_REQUIRED) != 0));
    json_object_object_add(object, "secret", json_object_new_boolean(secret));
    if ((setting->flags & JETON_ONE_TIME) != 0)
        json_object_object_add(object, "one_time", json_object_new_boolean(1));
    describe_add(object, "default", setting->default_value);
    if (setting->choices != NULL) {
        JT_AUTO_STR char *copy = jt_strdup(setting->choices);
        json_object *choices = json_object_new_array();
        char *rest = copy, *choice;

        while ((choice = strsep(&rest, " ")) != NULL)
            if (*choice != '\0')
                (void)json_object_array_add(choices, json_object_new_string(choice));
        json_object_object_add(object, "choices", choices);
    }
    if (setting->minimum < setting->maximum) {
        json_object_object_add(object, "minimum", json_object_new_int64(setting->minimum));
        json_object_object_add(object, "maximum", json_object_new_int64(setting->maximum));
    }
    describe_add(object, "help", setting->help);
    return object;
}

static json_object *describe_settings(const struct jeton_setting *settings)
{
    json_object *array = json_object_new_array();

    for (; settings->name != NULL; settings++)
        (void)json_object_array_add(array, describe_setting(settings));
    return array;
}

static json_object *describe_operations(const struct jt_plugin *plugin)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < JT_OPERATIONS; i++)
        if (jt_operation_of(&plugin->table, (enum jt_operation)i) != NULL)
            (void)json_object_array_add(array, json_object_new_string(jt_operation_name((enum jt_operation)i)));
    return array;
}

static json_object *describe_capabilities(uint64_t capabilities)
{
    json_object *array = json_object_new_array();

    if ((capabilities & JETON_CAP_UNATTENDED) != 0)
        (void)json_object_array_add(array, json_object_new_string("unattended"));
    if ((capabilities & JETON_CAP_REFRESH_REPEAT) != 0)
        (void)json_object_array_add(array, json_object_new_string("refresh_repeat"));
    return array;
}

static json_object *describe_plugin(const struct jt_plugin *plugin)
{
    json_object *object = json_object_new_object();

    describe_add(object, "name", plugin->table.name);
    describe_add(object, "version", plugin->table.version);
    describe_add(object, "summary", plugin->table.summary);
    json_object_object_add(object, "operations", describe_operations(plugin));
    describe_add(object, "path", plugin->path);
    return object;
}

int jeton_describe(jeton *ctx, const char *plugin_name, jeton_answer **ret_answer, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    AUTO_OBJECT json_object *object = NULL;
    JT_AUTO_STR char *abi = NULL;
    const struct jt_plugin *plugin;
    int status;

    if (plugin_name == NULL)
        return jt_error_set(ret_error, JETON_USAGE, "no plugin is named (NULL)");
    status = jt_context_plugin(ctx, plugin_name, &plugin, ret_error);
    if (status != JETON_OK)
        return status;
    object = describe_plugin(plugin);
    abi = jt_printf("%u.%u", JETON_PROVIDER_ABI_MAJOR, plugin->table.abi_minor);
    describe_add(object, "base_url", plugin->table.base_url);
    describe_add(object, "abi", abi);
    json_object_object_add(object, "capabilities", describe_capabilities(plugin->table.capabilities));
    json_object_object_add(object, "settings", describe_settings(plugin->settings));
    json_object_object_add(object, "parameters", describe_settings(plugin->parameters));
    return jt_answer_from_object(object, ret_answer, ret_error);
}

struct describe_providers {
    jeton *ctx;
    json_object *array;
};

static int describe_visit_plugin(void *data, const char *name, const char *path)
{
    struct describe_providers *providers = data;
    JT_AUTO_ERROR jeton_error *error = NULL;
    const struct jt_plugin *plugin;
    json_object *object;

    if (jt_context_plugin(providers->ctx, name, &plugin, &error) == JETON_OK) {
        object = describe_plugin(plugin);
    } else {
        object = json_object_new_object();
        describe_add(object, "name", name);
        describe_add(object, "path", path);
        describe_add(object, "error", jeton_error_message(error));
    }
    (void)json_object_array_add(providers->array, object);
    return 0;
}

static int describe_visit_provider(void *data, const char *provider, const char *file,
                                   struct jt_account *const *accounts, size_t accounts_len, const jeton_error *error)
{
    struct describe_providers *providers = data;
    json_object *object = json_object_new_object(), *names = json_object_new_array();

    describe_add(object, "name", provider);
    describe_add(object, "file", file);
    if (accounts_len > 0)
        describe_add(object, "plugin", accounts[0]->plugin);
    for (size_t i = 0; i < accounts_len; i++)
        (void)json_object_array_add(names, json_object_new_string(accounts[i]->account));
    json_object_object_add(object, "accounts", names);
    if (error != NULL)
        describe_add(object, "error", jeton_error_message(error));
    (void)json_object_array_add(providers->array, object);
    return 0;
}

int jeton_providers(jeton *ctx, jeton_answer **ret_answer, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    AUTO_OBJECT json_object *object = json_object_new_object();
    struct describe_providers providers = {.ctx = ctx};
    int status;

    providers.array = json_object_new_array();
    json_object_object_add(object, "plugins", providers.array);
    status = jt_plugin_each(jt_config_main(ctx->config)->plugindir, describe_visit_plugin, &providers, ret_error);
    if (status != JETON_OK)
        return status;
    providers.array = json_object_new_array();
    json_object_object_add(object, "providers", providers.array);
    status = jt_config_each(ctx->config, describe_visit_provider, &providers, ret_error);
    return status == JETON_OK ? jt_answer_from_object(object, ret_answer, ret_error) : status;
}
