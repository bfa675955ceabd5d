/* SPDX-License-Identifier: MIT */
/* Settings as they were written: what kind of literal, which way of giving a secret, where. It never asks what a
 * setting means. */
#include "config/file.h"
#include "base/value.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void raw_free_argv(char ***argv)
{
    for (char **at = *argv; at != NULL && *at != NULL; at++)
        jt_str_wipe(at);
    free(*argv);
    *argv = NULL;
}

void jt_raw_setting_done(struct jt_raw_setting *setting)
{
    free(setting->name);
    free(setting->key);
    jt_str_wipe(&setting->text);
    raw_free_argv(&setting->argv);
    free(setting->file);
    *setting = (struct jt_raw_setting){0};
}

void jt_raw_settings_free(struct jt_raw_setting **settings, size_t *len)
{
    for (size_t i = 0; i < *len; i++)
        jt_raw_setting_done(&(*settings)[i]);
    free(*settings);
    *settings = NULL;
    *len = 0;
}

const struct jt_raw_setting *jt_raw_setting_find(const struct jt_raw_setting *settings, size_t len, const char *name)
{
    for (size_t i = 0; i < len; i++)
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    return NULL;
}

/* A list's items; false: no memory, or (setting->type OTHER) not all of them are strings. */
static bool raw_read_list(const config_setting_t *from, struct jt_raw_setting *setting)
{
    JT_CLEANUP(jt_buf_done) struct jt_buf joined = JT_BUF_INIT(JT_RESPONSE_MAX);
    int len = config_setting_length(from);

    setting->type = JT_RAW_LIST;
    setting->argv = calloc((size_t)len + 1, sizeof *setting->argv);
    if (setting->argv == NULL)
        return false;
    for (int i = 0; i < len; i++) {
        const config_setting_t *item = config_setting_get_elem(from, (unsigned)i);

        if (config_setting_type(item) != CONFIG_TYPE_STRING) {
            raw_free_argv(&setting->argv);
            setting->type = JT_RAW_OTHER;
            setting->text = jt_strdup("a list with something else than strings in it");
            return setting->text != NULL;
        }
        setting->argv[i] = jt_strdup(config_setting_get_string(item));
        if (setting->argv[i] == NULL)
            return false;
        jt_buf_printf(&joined, "%s%s", i == 0 ? "" : " ", setting->argv[i]);
    }
    setting->text = jt_buf_take(&joined);
    return setting->text != NULL;
}

static bool raw_read_value(const config_setting_t *from, struct jt_raw_setting *setting)
{
    switch (config_setting_type(from)) {
    case CONFIG_TYPE_STRING:
        setting->type = JT_RAW_STRING;
        setting->text = jt_strdup(config_setting_get_string(from));
        break;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        setting->type = JT_RAW_INTEGER;
        setting->text = jt_printf("%lld", config_setting_get_int64(from));
        break;
    case CONFIG_TYPE_BOOL:
        setting->type = JT_RAW_BOOLEAN;
        setting->text = jt_strdup(config_setting_get_bool(from) ? "true" : "false");
        break;
    case CONFIG_TYPE_ARRAY:
    case CONFIG_TYPE_LIST:
        return raw_read_list(from, setting);
    default:
        setting->type = JT_RAW_OTHER;
        setting->text = jt_strdup(config_setting_is_group(from) ? "a group" : "a number with a fraction");
        break;
    }
    return setting->text != NULL;
}

/* What a way of giving a secret needs beside its ending. */
static int raw_check_way(struct jt_raw_setting *setting, const char *dir, jeton_error **ret_error)
{
    char *absolute;

    if (setting->source == JT_SECRET_INLINE)
        return JETON_OK;
    if (setting->source == JT_SECRET_COMMAND && setting->type != JT_RAW_LIST)
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "%s must be a list of strings, the program and its arguments: [\"/usr/bin/pass\", \"show\", …]",
            setting->key);
    if (setting->source != JT_SECRET_COMMAND && (setting->type != JT_RAW_STRING || setting->text[0] == '\0'))
        return jt_error_set(ret_error, JETON_CONFIG, "%s must be a string in quotes: %s", setting->key,
                            setting->source == JT_SECRET_FILE         ? "the path of the file"
                            : setting->source == JT_SECRET_CREDENTIAL ? "the name of the credential"
                                                                      : "the name of the variable");
    if (setting->source != JT_SECRET_FILE || setting->text[0] == '/')
        return JETON_OK;
    absolute = jt_printf("%s/%s", dir, setting->text);
    if (absolute == NULL)
        return jt_error_no_memory(ret_error);
    free(setting->text);
    setting->text = absolute;
    return JETON_OK;
}

int jt_raw_setting_read(const config_setting_t *from, const char *dir, const char *path, bool fold,
                        struct jt_raw_setting *ret_setting, jeton_error **ret_error)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting setting = {0};
    const char *key = config_setting_name(from);
    size_t name_len = strlen(key);
    int status;

    if (fold)
        setting.source = jt_secret_source_of(key, &name_len);
    setting.name = strndup(key, name_len);
    setting.key = jt_strdup(key);
    setting.file = jt_strdup(path);
    setting.line = (int)config_setting_source_line(from);
    if (setting.name == NULL || setting.key == NULL || setting.file == NULL || !raw_read_value(from, &setting))
        return jt_error_no_memory(ret_error);
    status = raw_check_way(&setting, dir, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_setting = setting;
    setting = (struct jt_raw_setting){0};
    return JETON_OK;
}

int jt_raw_setting_read_faulty(const config_setting_t *from, const char *path, bool fold,
                               struct jt_raw_setting *ret_setting)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting setting = {.type = JT_RAW_OTHER, .faulty = true};
    const char *key = config_setting_name(from);
    size_t name_len = strlen(key);

    if (fold)
        (void)jt_secret_source_of(key, &name_len);
    setting.name = strndup(key, name_len);
    setting.key = jt_strdup(key);
    setting.text = jt_strdup("");
    setting.file = jt_strdup(path);
    setting.line = (int)config_setting_source_line(from);
    if (setting.name == NULL || setting.key == NULL || setting.text == NULL || setting.file == NULL)
        return JETON_TRY_LATER;
    *ret_setting = setting;
    setting = (struct jt_raw_setting){0};
    return JETON_OK;
}

static bool raw_copy_argv(char *const *from, char ***ret_argv)
{
    size_t len = 0;
    char **argv;

    while (from[len] != NULL)
        len++;
    argv = calloc(len + 1, sizeof *argv);
    if (argv == NULL)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((argv[i] = jt_strdup(from[i])) == NULL) {
            raw_free_argv(&argv);
            return false;
        }
    *ret_argv = argv;
    return true;
}

int jt_raw_setting_copy(const struct jt_raw_setting *from, struct jt_raw_setting *ret_setting)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting copy = *from;

    copy.argv = NULL;
    copy.name = jt_strdup(from->name);
    copy.key = jt_strdup(from->key);
    copy.text = jt_strdup(from->text);
    copy.file = jt_strdup(from->file);
    if (copy.name == NULL || copy.key == NULL || copy.text == NULL || (from->file != NULL && copy.file == NULL) ||
        (from->argv != NULL && !raw_copy_argv(from->argv, &copy.argv)))
        return JETON_TRY_LATER;
    *ret_setting = copy;
    copy = (struct jt_raw_setting){0};
    return JETON_OK;
}

/* What must be written for a type, where the literal is of another kind. */
static const char *raw_kind_problem(const struct jt_raw_setting *setting, uint32_t type)
{
    switch (type) {
    case JETON_INTEGER:
        return setting->type == JT_RAW_INTEGER ? NULL : "must be a whole number, without quotes";
    case JETON_BOOLEAN:
        return setting->type == JT_RAW_BOOLEAN ? NULL : "must be true or false, without quotes";
    case JETON_LIST:
        return setting->type == JT_RAW_STRING || setting->type == JT_RAW_LIST
                   ? NULL
                   : "must be a string or a list of strings, each in quotes: [\"a\", \"b\"]";
    default:
        if (setting->type == JT_RAW_INTEGER)
            return "must be put in quotes: it is a text, even where it is made of digits (leading zeros would be lost)";
        return setting->type == JT_RAW_STRING ? NULL : "must be a string in quotes";
    }
}

bool jt_raw_setting_fits(const struct jt_raw_setting *setting, const struct jeton_setting *row, char *why,
                         size_t why_size)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    const char *problem = raw_kind_problem(setting, row->type);

    if (problem == NULL && jt_value_check(row, setting->text, &error) == JETON_OK)
        return true;
    (void)snprintf(why, why_size, "%s", problem != NULL ? problem : jeton_error_message(error));
    return false;
}

int jt_raw_setting_resolve(const struct jt_raw_setting *setting, char **ret_secret, size_t *ret_len,
                           jeton_error **ret_error)
{
    struct jt_secret_spec spec = {setting->source, setting->name, setting->text,
                                  setting->source == JT_SECRET_COMMAND ? (const char *const *)setting->argv : NULL};
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (jt_secret_resolve(&spec, ret_secret, ret_len, &error) == JETON_OK)
        return JETON_OK;
    if (setting->file != NULL)
        jt_error_prefix(&error, "%s:%d: %s", setting->file, setting->line, setting->key);
    else
        jt_error_prefix(&error, "%s", setting->key);
    return jt_error_give(ret_error, &error);
}
