/* SPDX-License-Identifier: MIT */
/* The core's own settings, which any provider or account may have. It turns texts into values and never opens what they
 * name. */
#include "config/file.h"
#include "base/value.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void jt_core_settings_done(struct jt_core_settings *core)
{
    free(core->base_url);
    free(core->ca_file);
    jt_str_wipe(&core->proxy);
    free(core->client_certificate);
    free(core->client_key);
    *core = (struct jt_core_settings){.min_ttl_s = -1, .renew_before_s = -1, .timeout_s = -1};
}

bool jt_core_setting_fits(const struct jt_raw_setting *setting, const struct jeton_setting *row, char *why,
                          size_t why_size)
{
    const char *problem = NULL;

    if (!jt_raw_setting_fits(setting, row, why, why_size))
        return false;
    if (setting->source != JT_SECRET_INLINE)
        problem = "is no secret and must be given as it is";
    else if (row->type == JETON_STRING && setting->text[0] == '\0')
        problem = "is empty; leave it out instead";
    else if (strcmp(row->name, "base_url") == 0 && strchr(setting->text, '?') != NULL)
        problem = "must be a URL without a query: paths are added behind it";
    else if (strcmp(row->name, "proxy") == 0)
        problem = jt_value_proxy_problem(setting->text);
    if (problem != NULL)
        (void)snprintf(why, why_size, "%s", problem);
    return problem == NULL;
}

static const char *core_text(const struct jt_raw_setting *settings, size_t len, const char *name)
{
    const struct jt_raw_setting *setting = jt_raw_setting_find(settings, len, name);

    return setting != NULL && !setting->faulty ? setting->text : NULL;
}

static bool core_copy_path(const char *path, const char *dir, char **ret_path)
{
    if (path == NULL)
        return true;
    *ret_path = path[0] == '/' ? jt_strdup(path) : jt_printf("%s/%s", dir, path);
    return *ret_path != NULL;
}

static bool core_copy_text(const char *text, char **ret_text)
{
    *ret_text = jt_strdup(text);
    return text == NULL || *ret_text != NULL;
}

static int64_t core_seconds(const char *text)
{
    int64_t seconds = -1;

    return text != NULL && jt_value_integer(text, &seconds) ? seconds : -1;
}

int jt_core_settings_read(const struct jt_raw_setting *settings, size_t len, const char *dir,
                          struct jt_core_settings *ret_core, jeton_error **ret_error)
{
    JT_CLEANUP(jt_core_settings_done)
    struct jt_core_settings core = {.min_ttl_s = -1, .renew_before_s = -1, .timeout_s = -1};

    core.min_ttl_s = core_seconds(core_text(settings, len, "min_ttl"));
    core.renew_before_s = core_seconds(core_text(settings, len, "renew_before"));
    core.timeout_s = core_seconds(core_text(settings, len, "timeout"));
    if (!core_copy_text(core_text(settings, len, "base_url"), &core.base_url) ||
        !core_copy_text(core_text(settings, len, "proxy"), &core.proxy) ||
        !core_copy_path(core_text(settings, len, "ca_file"), dir, &core.ca_file) ||
        !core_copy_path(core_text(settings, len, "client_certificate"), dir, &core.client_certificate) ||
        !core_copy_path(core_text(settings, len, "client_key"), dir, &core.client_key))
        return jt_error_no_memory(ret_error);
    *ret_core = core;
    core = (struct jt_core_settings){0};
    return JETON_OK;
}
