/* SPDX-License-Identifier: MIT */
/* Settings as they were written: their memory, checking the kind of literal against a type, and resolving one as a
 * secret. */
#include "config/setting.h"
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

bool jt_raw_settings_add(struct jt_raw_setting **settings, size_t *len, struct jt_raw_setting *setting)
{
    struct jt_raw_setting *grown = reallocarray(*settings, *len + 1, sizeof(*grown));

    if (grown == NULL)
        return false;
    *settings = grown;
    grown[(*len)++] = *setting;
    *setting = (struct jt_raw_setting){0};
    return true;
}

const struct jt_raw_setting *jt_raw_setting_find(const struct jt_raw_setting *settings, size_t len, const char *name)
{
    for (size_t i = 0; i < len; i++)
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    return NULL;
}

static bool raw_copy_argv(char *const *from, char ***ret_argv)
{
    size_t len = 0;
    char **argv;

    while (from[len] != NULL)
        len++;
    argv = calloc(len + 1, sizeof(*argv));
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

/* If the literal is of the wrong kind for the type: what must be written instead. Else NULL. */
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

int jt_raw_setting_check(const struct jt_raw_setting *setting, const struct jeton_setting *row, jeton_error **ret_error)
{
    const char *problem = raw_kind_problem(setting, row->type);

    if (problem != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s", problem);
    return jt_value_check(row, setting->text, ret_error);
}

int jt_raw_setting_check_own(const struct jt_raw_setting *setting, const struct jt_own_setting *own,
                             jeton_error **ret_error)
{
    const char *problem = NULL;
    int status = jt_raw_setting_check(setting, &own->row, ret_error);

    if (status != JETON_OK)
        return status;
    if (setting->text[0] == '\0')
        problem = "is empty; leave it out instead";
    else if (own->problem != NULL)
        problem = own->problem(setting->text);
    return problem == NULL ? JETON_OK : jt_error_set(ret_error, JETON_CONFIG, "%s", problem);
}

struct jt_secret_spec jt_raw_setting_spec(const struct jt_raw_setting *setting)
{
    return (struct jt_secret_spec){.source = setting->source,
                                   .name = setting->name,
                                   .text = setting->text,
                                   /* only a command's list belongs to a secret */
                                   .argv = setting->source == JT_SECRET_COMMAND ? (const char *const *)setting->argv
                                                                                : NULL};
}

int jt_raw_setting_resolve(const struct jt_raw_setting *setting, char **ret_secret, size_t *ret_len,
                           jeton_error **ret_error)
{
    const struct jt_secret_spec spec = jt_raw_setting_spec(setting);
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (jt_secret_resolve(&spec, ret_secret, ret_len, &error) == JETON_OK)
        return JETON_OK;
    if (setting->file != NULL)
        jt_error_prefix(&error, "%s:%d: %s", setting->file, setting->line, setting->key);
    else
        jt_error_prefix(&error, "%s", setting->key);
    return jt_error_give(ret_error, &error);
}
