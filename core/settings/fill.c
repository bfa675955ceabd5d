/* SPDX-License-Identifier: MIT */
/* Checks settings one by one against the rows of a table, and keeps the values of those that fit. Findings do not
 * repeat a secret. */
#include "settings/fill.h"
#include <string.h>

int jt_fill_find(const struct jt_filling *filling, int line, jeton_error **ret_error, const char *format, ...)
{
    va_list args;
    int status;

    va_start(args, format);
    status = jt_findings_vadd(filling->findings, filling->account, filling->file, line, ret_error, format, args);
    va_end(args);
    return status;
}

int jt_fill_find_error(const struct jt_filling *filling, int line, const char *key, jeton_error **error,
                       jeton_error **ret_error)
{
    int status = jeton_error_status(*error);

    if (status != JETON_CONFIG && status != JETON_NOT_PERMITTED && status != JETON_TRY_LATER)
        return jt_error_give(ret_error, error);
    return jt_fill_find(filling, line, ret_error, "%s%s: %s", filling->prefix, key, jeton_error_message(*error));
}

static int fill_find_unknown(const struct jt_filling *filling, const struct jt_raw_setting *setting,
                             jeton_error **ret_error)
{
    const struct jt_suggestion nearest =
        jt_setting_suggest(setting->key, filling->rows, filling->beside, filling->group);

    if (filling->plugin == NULL)
        return jt_fill_find(filling, setting->line, ret_error, "there is no setting \"%s%s\"%s", filling->prefix,
                            setting->key, nearest.text);
    if (nearest.text[0] != '\0')
        return jt_fill_find(filling, setting->line, ret_error, "there is no setting \"%s\" in the plugin %s%s",
                            setting->key, filling->plugin, nearest.text);
    return jt_fill_find(filling, setting->line, ret_error,
                        "there is no setting \"%s\" in the plugin %s; jeton describe %s lists those there are",
                        setting->key, filling->plugin, filling->plugin);
}

/* Whether the setting is the passphrase of one of the table's keys. */
static bool fill_is_passphrase(const struct jeton_setting *rows, const char *name)
{
    const char *end = strrchr(name, '_');

    if (end == NULL || strcmp(end, "_passphrase") != 0)
        return false;
    for (; rows->name != NULL; rows++)
        if (rows->type == JETON_KEY && strlen(rows->name) == (size_t)(end - name) &&
            strncmp(rows->name, name, strlen(rows->name)) == 0)
            return true;
    return false;
}

static uint32_t fill_flags(const struct jeton_setting *rows, const struct jeton_setting *row)
{
    /* A plugin gets neither a key nor its passphrase. */
    if (row->type == JETON_KEY || fill_is_passphrase(rows, row->name))
        return JT_FIELD_SECRET | JT_FIELD_KEY;
    return (row->flags & (JETON_SECRET | JETON_ONE_TIME)) != 0 ? JT_FIELD_SECRET : 0;
}

/* Checks the value and adds it. setting: where it was written; NULL: it is the row's default. */
static int fill_keep(struct jt_filling *filling, const struct jeton_setting *row, const struct jt_raw_setting *setting,
                     const char *value, jeton_error **ret_error)
{
    const char *dir = setting != NULL ? filling->config_dir : filling->state_dir;
    JT_AUTO_STR char *absolute = NULL;

    if (row->type == JETON_PATH && value[0] != '/' && dir != NULL) {
        value = absolute = jt_printf("%s/%s", dir, value);
        if (absolute == NULL)
            return jt_error_no_memory(ret_error);
    }
    return jt_fields_set_at(&filling->values, row->name, value, fill_flags(filling->rows, row),
                            setting != NULL ? setting->file : NULL, setting != NULL ? setting->line : 0, ret_error);
}

/* Fetches a secret that is not written in the file itself. */
static int fill_fetch(struct jt_filling *filling, const struct jeton_setting *row, const struct jt_raw_setting *setting,
                      jeton_error **ret_error)
{
    const struct jt_secret_spec spec = jt_raw_setting_spec(setting);
    JT_AUTO_GUARDED char *secret = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    size_t len = 0;

    if (jt_secret_resolve(&spec, &secret, &len, &error) != JETON_OK)
        return jt_fill_find_error(filling, setting->line, setting->key, &error, ret_error);
    if (jt_value_check(row, secret, &error) != JETON_OK)
        return jt_fill_find(filling, setting->line, ret_error, "what %s%s gives %s", filling->prefix, setting->key,
                            jeton_error_message(error));
    return fill_keep(filling, row, setting, secret, ret_error);
}

/* Takes a value that is written in the file. */
static int fill_take(struct jt_filling *filling, const struct jeton_setting *row, const struct jt_raw_setting *setting,
                     jeton_error **ret_error)
{
    const bool secret = (row->flags & JETON_SECRET) != 0;
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (jt_raw_setting_check(setting, row, &error) != JETON_OK)
        return jt_fill_find(filling, setting->line, ret_error, "%s%s %s", filling->prefix, setting->key,
                            jeton_error_message(error));
    if (setting->text[0] == '\0' && row->type == JETON_PATH)
        return jt_fill_find(filling, setting->line, ret_error, "%s%s is empty; leave it out instead", filling->prefix,
                            setting->key);
    if (setting->text[0] == '\0' && (secret || (row->flags & JETON_REQUIRED) != 0))
        return jt_fill_find(filling, setting->line, ret_error, "%s%s is empty", filling->prefix, setting->key);
    if (secret && (setting->file_mode & 077u) != 0)
        return jt_fill_find(filling, setting->line, ret_error,
                            "%s%s is a secret, and others can read this file (mode %04o): chmod 600 %s, or use %s_file",
                            filling->prefix, setting->key, setting->file_mode, setting->file, setting->key);
    return fill_keep(filling, row, setting, setting->text, ret_error);
}

static int fill_setting(struct jt_filling *filling, const struct jt_raw_setting *setting, jeton_error **ret_error)
{
    const struct jeton_setting *row = jt_setting_row(filling->rows, setting->name);

    if (setting->faulty)
        return JETON_OK;
    if (row == NULL)
        return fill_find_unknown(filling, setting, ret_error);
    if (setting->source == JT_SECRET_INLINE)
        return fill_take(filling, row, setting, ret_error);
    if ((row->flags & JETON_SECRET) == 0)
        return jt_fill_find(filling, setting->line, ret_error, "%s%s is no secret, so there is no %s%s; write: %s = …",
                            filling->prefix, setting->name, filling->prefix, setting->key, setting->name);
    return fill_fetch(filling, row, setting, ret_error);
}

/* For a setting that is not written: takes the default, or adds a finding if there is none and the setting is
 * required. */
static int fill_missing(struct jt_filling *filling, const struct jeton_setting *row, jeton_error **ret_error)
{
    if (jt_raw_setting_find(filling->settings, filling->len, row->name) != NULL)
        return JETON_OK;
    if (row->default_value != NULL)
        return fill_keep(filling, row, NULL, row->default_value, ret_error);
    if ((row->flags & JETON_REQUIRED) == 0)
        return JETON_OK;
    return jt_fill_find(filling, filling->line, ret_error, "%s lacks the setting %s%s%s (%s)", filling->owner,
                        filling->prefix, row->name, (row->flags & JETON_SECRET) != 0 ? ", best given as a file" : "",
                        row->help);
}

int jt_fill_values(struct jt_filling *filling, jeton_error **ret_error)
{
    int status = JETON_OK;

    for (size_t i = 0; i < filling->len && status == JETON_OK; i++)
        status = fill_setting(filling, &filling->settings[i], ret_error);
    for (const struct jeton_setting *row = filling->rows; row->name != NULL && status == JETON_OK; row++)
        status = fill_missing(filling, row, ret_error);
    return status;
}

/* The group "store" for the prefix "store.". */
static char *fill_group(const char *prefix)
{
    return strndup(prefix, strcspn(prefix, "."));
}

int jt_fill(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows, const char *prefix,
            const char *config_dir, const char *state_dir, struct jt_findings *findings, struct jt_fields *ret_values,
            jeton_error **ret_error)
{
    JT_AUTO_STR char *group = fill_group(prefix);
    JT_AUTO_STR char *file = jt_printf("%s/jeton.conf", config_dir);
    struct jt_filling filling = {.settings = settings,
                                 .len = len,
                                 .rows = rows,
                                 .prefix = prefix,
                                 .owner = "the configuration",
                                 .file = file,
                                 .beside = jt_main_settings_table,
                                 .group = group,
                                 .config_dir = config_dir,
                                 .state_dir = state_dir,
                                 .findings = findings};
    int status;

    if (group == NULL || file == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_fill_values(&filling, ret_error);
    if (status != JETON_OK) {
        jt_fields_done(&filling.values);
        return status;
    }
    *ret_values = filling.values;
    return JETON_OK;
}
