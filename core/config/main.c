/* SPDX-License-Identifier: MIT */
/* jeton.conf: which settings there are, their defaults, and what is wrong with those that are written. It opens nothing
 * that it names. */
#include "config/file.h"
#include "base/value.h"
#include "token/name.h"
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#ifndef JETON_PLUGINDIR
#define JETON_PLUGINDIR "/usr/lib/jeton"
#endif

static const struct jeton_setting main_top_rows[] = {
    {.name = "plugindir", .type = JETON_STRING},
    {0},
};
static const struct jeton_setting main_store_rows[] = {
    {.name = "engine", .type = JETON_STRING},
    {.name = "path", .type = JETON_STRING},
    {.name = "key", .type = JETON_STRING, .flags = JETON_SECRET},
    {0},
};
static const struct jeton_setting main_http_rows[] = {
    {.name = "connect_timeout", .type = JETON_INTEGER, .minimum = 1, .maximum = 300},
    {.name = "timeout", .type = JETON_INTEGER, .minimum = 1, .maximum = 3600},
    {.name = "ca_file", .type = JETON_STRING},
    {.name = "proxy", .type = JETON_STRING},
    {0},
};
static const struct jeton_setting main_log_rows[] = {
    {.name = "level", .type = JETON_STRING, .choices = "error warning notice info debug"},
    {.name = "to", .type = JETON_STRING, .choices = "stderr syslog journal"},
    {0},
};
static const struct main_group {
    const char *name;
    const struct jeton_setting *rows;
} main_groups[] = {{"store", main_store_rows}, {"http", main_http_rows}, {"log", main_log_rows}};

struct main_reader {
    const struct jt_config_place *place;
    const struct jt_config_file *file;
    struct jt_main_config *main;
    struct jt_findings *findings;
};

void jt_main_config_done(struct jt_main_config *main_config)
{
    size_t one = 1;

    free(main_config->store_engine);
    free(main_config->store_path);
    if (main_config->store_key != NULL)
        jt_raw_settings_free(&main_config->store_key, &one);
    free(main_config->plugindir);
    free(main_config->ca_file);
    jt_str_wipe(&main_config->proxy);
    *main_config = (struct jt_main_config){0};
}

/* Names that may stand in this place, for a suggestion. */
static int main_unknown(struct main_reader *reader, const char *where, const char *key, int line,
                        const struct jeton_setting *rows)
{
    static const char *const key_ways[] = {"key_file", "key_credential", "key_env", "key_command"};
    const char *names[16];
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; rows == main_store_rows && i < JT_LEN(key_ways); i++)
        names[count++] = key_ways[i];
    for (; rows->name != NULL && count < JT_LEN(names); rows++)
        names[count++] = rows->name;
    for (size_t i = 0; where[0] == '\0' && i < JT_LEN(main_groups); i++)
        names[count++] = main_groups[i].name;
    nearest = jt_suggest(key, names, count);
    if (nearest != NULL)
        return jt_findings_add(reader->findings, reader->file->path, line,
                               "there is no setting \"%s%s\"; did you mean \"%s\"?", where, key, nearest);
    return jt_findings_add(reader->findings, reader->file->path, line, "there is no setting \"%s%s\"", where, key);
}

static bool main_take(char **member, char *value)
{
    if (value == NULL)
        return false;
    jt_str_wipe(member);
    *member = value;
    return true;
}

static char *main_path(const struct main_reader *reader, const char *path)
{
    return path[0] == '/' ? jt_strdup(path) : jt_printf("%s/%s", reader->place->dir, path);
}

static int main_level(const char *text)
{
    static const struct {
        const char *name;
        int level;
    } levels[] = {{"error", LOG_ERR}, {"warning", LOG_WARNING}, {"notice", LOG_NOTICE}, {"info", LOG_INFO}};

    for (size_t i = 0; i < JT_LEN(levels); i++)
        if (strcmp(text, levels[i].name) == 0)
            return levels[i].level;
    return LOG_DEBUG;
}

/* Takes the setting over where it is the store key. */
static bool main_apply(struct main_reader *reader, const char *where, struct jt_raw_setting *setting)
{
    struct jt_main_config *config = reader->main;
    const char *text = setting->text;
    int64_t number = 0;

    (void)jt_value_integer(text, &number);
    if (strcmp(setting->name, "plugindir") == 0)
        return main_take(&config->plugindir, main_path(reader, text));
    if (strcmp(setting->name, "engine") == 0)
        return main_take(&config->store_engine, jt_strdup(text));
    if (strcmp(setting->name, "path") == 0)
        return main_take(&config->store_path, main_path(reader, text));
    if (strcmp(setting->name, "ca_file") == 0)
        return main_take(&config->ca_file, main_path(reader, text));
    if (strcmp(setting->name, "proxy") == 0)
        return main_take(&config->proxy, jt_strdup(text));
    if (strcmp(setting->name, "connect_timeout") == 0)
        config->connect_timeout_s = number;
    else if (strcmp(setting->name, "timeout") == 0)
        config->timeout_s = number;
    else if (strcmp(setting->name, "level") == 0)
        config->log_level = main_level(text);
    else if (strcmp(setting->name, "to") == 0)
        config->log_to = text[0] == 'j' ? JT_LOG_JOURNAL : strcmp(text, "syslog") == 0 ? JT_LOG_SYSLOG : JT_LOG_STDERR;
    else if (strcmp(where, "store.") == 0) {
        jt_raw_setting_done(config->store_key);
        *config->store_key = *setting;
        *setting = (struct jt_raw_setting){0};
    }
    return true;
}

static int main_finding(struct main_reader *reader, const char *where, const struct jt_raw_setting *setting,
                        const char *why)
{
    return jt_findings_add(reader->findings, setting->file, setting->line, "%s%s %s", where, setting->key, why);
}

static int main_check_key(struct main_reader *reader, const char *where, const struct jt_raw_setting *setting,
                          bool *ret_good)
{
    const struct jt_raw_setting *other = reader->main->store_key;
    char why[JT_CONFIG_WHY_SIZE];

    if (other->line != 0)
        return jt_findings_add(reader->findings, setting->file, setting->line,
                               "%s%s gives the store key a second time, after %s in line %d; keep one of them", where,
                               setting->key, other->key, other->line);
    if (setting->source == JT_SECRET_INLINE && (reader->file->mode & 077u) != 0)
        return jt_findings_add(
            reader->findings, setting->file, setting->line,
            "%s%s is a secret, and others can read this file (mode %04o): chmod 600 %s, or use key_file", where,
            setting->key, reader->file->mode, setting->file);
    if (setting->source == JT_SECRET_INLINE &&
        !jt_raw_setting_fits(setting, jt_setting_row(main_store_rows, "key"), why, sizeof why))
        return main_finding(reader, where, setting, why);
    *ret_good = true;
    return JETON_OK;
}

static int main_read_setting(struct main_reader *reader, const char *where, const struct jeton_setting *rows,
                             const config_setting_t *from, jeton_error **ret_error)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting setting = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    char why[JT_CONFIG_WHY_SIZE];
    const struct jeton_setting *row;
    bool good = false;
    int status;

    if (jt_raw_setting_read(from, reader->place->dir, reader->file->path, rows == main_store_rows, &setting, &error) !=
        JETON_OK) {
        if (jeton_error_status(error) != JETON_CONFIG)
            return jt_error_give(ret_error, &error);
        status = jt_findings_add(reader->findings, reader->file->path, (int)config_setting_source_line(from), "%s%s",
                                 where, jeton_error_message(error));
        return status == JETON_OK ? status : jt_error_no_memory(ret_error);
    }
    row = jt_setting_row(rows, setting.name);
    if (row == NULL || (setting.source != JT_SECRET_INLINE && strcmp(setting.name, "key") != 0))
        status = main_unknown(reader, where, setting.key, setting.line, rows);
    else if (strcmp(setting.name, "key") == 0)
        status = main_check_key(reader, where, &setting, &good);
    else if (!jt_core_setting_fits(&setting, row, why, sizeof why))
        status = main_finding(reader, where, &setting, why);
    else if (strcmp(setting.name, "engine") == 0 && !jt_name_is_bare(setting.text))
        status = main_finding(reader, where, &setting, "must be the bare name of a store engine, like \"sqlite\"");
    else {
        good = true;
        status = JETON_OK;
    }
    if (status != JETON_OK || (good && !main_apply(reader, where, &setting)))
        return jt_error_no_memory(ret_error);
    return JETON_OK;
}

static int main_read_group(struct main_reader *reader, const struct main_group *group, const config_setting_t *from,
                           jeton_error **ret_error)
{
    JT_AUTO_STR char *where = jt_printf("%s.", group->name);
    int status = JETON_OK;

    if (where == NULL)
        return jt_error_no_memory(ret_error);
    if (!config_setting_is_group(from)) {
        status = jt_findings_add(reader->findings, reader->file->path, (int)config_setting_source_line(from),
                                 "%s must be a group: %s = { … };", group->name, group->name);
        return status == JETON_OK ? status : jt_error_no_memory(ret_error);
    }
    for (int i = 0; i < config_setting_length(from) && status == JETON_OK; i++)
        status = main_read_setting(reader, where, group->rows, config_setting_get_elem(from, (unsigned)i), ret_error);
    return status;
}

static int main_read_top(struct main_reader *reader, jeton_error **ret_error)
{
    const config_setting_t *root = config_root_setting(&reader->file->tree);
    int status = JETON_OK;

    for (int i = 0; i < config_setting_length(root) && status == JETON_OK; i++) {
        const config_setting_t *from = config_setting_get_elem(root, (unsigned)i);
        const struct main_group *group = NULL;

        for (size_t j = 0; j < JT_LEN(main_groups); j++)
            if (strcmp(main_groups[j].name, config_setting_name(from)) == 0)
                group = &main_groups[j];
        status = group != NULL ? main_read_group(reader, group, from, ret_error)
                               : main_read_setting(reader, "", main_top_rows, from, ret_error);
    }
    return status;
}

static int main_set_defaults(const struct jt_config_place *place, struct jt_main_config *config,
                             jeton_error **ret_error)
{
    *config = (struct jt_main_config){.connect_timeout_s = 10,
                                      .timeout_s = 30,
                                      .log_level = LOG_WARNING,
                                      .log_to = JT_LOG_STDERR,
                                      .store_engine = jt_strdup("sqlite"),
                                      .store_path = jt_strdup(place->store_path),
                                      .plugindir = jt_strdup(JETON_PLUGINDIR),
                                      .store_key = calloc(1, sizeof *config->store_key)};
    if (config->store_key != NULL)
        *config->store_key = (struct jt_raw_setting){.source = JT_SECRET_FILE,
                                                     .type = JT_RAW_STRING,
                                                     .name = jt_strdup("key"),
                                                     .key = jt_strdup("key_file"),
                                                     .text = jt_printf("%s/store.key", place->dir)};
    if (config->store_engine == NULL || config->store_path == NULL || config->plugindir == NULL ||
        config->store_key == NULL || config->store_key->name == NULL || config->store_key->key == NULL ||
        config->store_key->text == NULL)
        return jt_error_no_memory(ret_error);
    return JETON_OK;
}

/* A file that is no configuration at all has one finding; the defaults stand. */
static int main_note_unreadable(struct jt_findings *findings, const char *path, jeton_error **error,
                                jeton_error **ret_error)
{
    if (findings == NULL || jeton_error_status(*error) != JETON_CONFIG)
        return jt_error_give(ret_error, error);
    return jt_findings_add_error(findings, path, 0, *error) == JETON_OK ? JETON_OK : jt_error_no_memory(ret_error);
}

int jt_main_config_read(const struct jt_config_place *place, struct jt_findings *findings,
                        struct jt_main_config *ret_main, jeton_error **ret_error)
{
    JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
    JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};
    JT_AUTO_FINDINGS struct jt_findings own = {0};
    struct main_reader reader = {place, &file, &config, findings != NULL ? findings : &own};
    JT_AUTO_STR char *path = jt_printf("%s/jeton.conf", place->dir);
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status;

    if (path == NULL)
        return jt_error_no_memory(ret_error);
    status = main_set_defaults(place, &config, ret_error);
    if (status != JETON_OK)
        return status;
    if (jt_config_file_read(place->dir, path, &file, &error) != JETON_OK)
        status = main_note_unreadable(findings, path, &error, ret_error);
    else if (!file.missing)
        status = main_read_top(&reader, ret_error);
    if (status == JETON_OK)
        status = jt_findings_error(&own, NULL, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_main = config;
    config = (struct jt_main_config){0};
    return JETON_OK;
}
