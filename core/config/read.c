/* SPDX-License-Identifier: MIT */
/* Reads one setting from libconfig's tree: its name, the way its secret is given, its value as text, its file and
 * line. */
#include "config/read.h"
#include <stdlib.h>
#include <string.h>

int jt_reading_find(const struct jt_reading *reading, int line, jeton_error **ret_error, const char *format, ...)
{
    va_list args;
    int status;

    va_start(args, format);
    status = jt_findings_vadd(reading->findings, reading->account, reading->file->path, line, ret_error, format, args);
    va_end(args);
    return status;
}

int jt_reading_find_in(const struct jt_reading *reading, const struct jt_raw_setting *setting, const char *what,
                       jeton_error **ret_error)
{
    return jt_reading_find(reading, setting->line, ret_error, "%s%s %s", reading->prefix, setting->key, what);
}

static void read_free_items(char ***items)
{
    for (char **at = *items; *at != NULL; at++)
        jt_str_wipe(at);
    free(*items);
    *items = NULL;
}

/* Reads a list's items. False: out of memory; or, if setting->type is OTHER, some of them are not strings. */
static bool read_list(const config_setting_t *from, struct jt_raw_setting *setting)
{
    JT_AUTO_BUF struct jt_buf joined = JT_BUF_INIT(JT_RESPONSE_MAX);
    int len = config_setting_length(from);

    setting->type = JT_RAW_LIST;
    setting->argv = calloc((size_t)len + 1, sizeof(*setting->argv));
    if (setting->argv == NULL)
        return false;
    for (int i = 0; i < len; i++) {
        const config_setting_t *item = config_setting_get_elem(from, (unsigned)i);

        if (config_setting_type(item) != CONFIG_TYPE_STRING) {
            read_free_items(&setting->argv);
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

static bool read_value(const config_setting_t *from, struct jt_raw_setting *setting)
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
        return read_list(from, setting);
    default:
        setting->type = JT_RAW_OTHER;
        setting->text = jt_strdup(config_setting_is_group(from) ? "a group" : "a number with a fraction");
        break;
    }
    return setting->text != NULL;
}

static bool read_make_absolute(struct jt_raw_setting *setting, const char *dir)
{
    char *absolute = setting->text[0] == '/' ? jt_strdup(setting->text) : jt_printf("%s/%s", dir, setting->text);

    if (absolute == NULL)
        return false;
    free(setting->text);
    setting->text = absolute;
    return true;
}

/* Checks that the value fits the way: a list for x_command, a string for the others. */
static int read_check_way(const struct jt_reading *reading, const struct jt_secret_way *way,
                          struct jt_raw_setting *setting, jeton_error **ret_error)
{
    setting->faulty = true;
    if (way->source == JT_SECRET_COMMAND && setting->type != JT_RAW_LIST)
        return jt_reading_find_in(reading, setting,
                                  "must be a list of strings, the program and its arguments: "
                                  "[\"/usr/bin/pass\", \"show\", …]",
                                  ret_error);
    if (way->source != JT_SECRET_COMMAND && (setting->type != JT_RAW_STRING || setting->text[0] == '\0'))
        return jt_reading_find(reading, setting->line, ret_error, "%s%s must be a string in quotes: %s",
                               reading->prefix, setting->key, way->what);
    setting->faulty = false;
    if (way->source == JT_SECRET_FILE && !read_make_absolute(setting, reading->dir))
        return jt_error_no_memory(ret_error);
    return JETON_OK;
}

int jt_reading_setting(const struct jt_reading *reading, const config_setting_t *from, bool with_ways,
                       struct jt_raw_setting *ret_setting, jeton_error **ret_error)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting setting = {.source = JT_SECRET_INLINE};
    const char *key = config_setting_name(from);
    const struct jt_secret_way *way = with_ways ? jt_secret_way_of(key) : NULL;
    int status;

    if (way != NULL)
        setting.source = way->source;
    setting.name = strndup(key, strlen(key) - (way != NULL ? strlen(way->ending) : 0));
    setting.key = jt_strdup(key);
    setting.file = jt_strdup(reading->file->path);
    setting.line = (int)config_setting_source_line(from);
    setting.file_mode = reading->file->mode;
    if (setting.name == NULL || setting.key == NULL || setting.file == NULL || !read_value(from, &setting))
        return jt_error_no_memory(ret_error);
    status = way != NULL ? read_check_way(reading, way, &setting, ret_error) : JETON_OK;
    if (status != JETON_OK)
        return status;
    *ret_setting = setting;
    setting = (struct jt_raw_setting){0};
    return JETON_OK;
}

int jt_reading_keep(const struct jt_reading *reading, struct jt_raw_setting *setting, struct jt_raw_setting **settings,
                    size_t *len, jeton_error **ret_error)
{
    const struct jt_raw_setting *other = jt_raw_setting_find(*settings, *len, setting->name);

    if (other != NULL && setting->faulty)
        return JETON_OK;
    if (other != NULL)
        return jt_reading_find(reading, setting->line, ret_error,
                               "%s%s gives %s a second time, after %s in line %d; keep one of them", reading->prefix,
                               setting->key, setting->name, other->key, other->line);
    return jt_raw_settings_add(settings, len, setting) ? JETON_OK : jt_error_no_memory(ret_error);
}
