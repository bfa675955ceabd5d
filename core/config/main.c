/* SPDX-License-Identifier: MIT */
/* jeton.conf: the table of its settings with their defaults, and checking what is written. Settings of the store's
 * engine are kept unchecked, since only the engine's table says which there are. */
#include "config/main.h"
#include "config/read.h"
#include "token/token.h"
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#ifndef JETON_PLUGINDIR
#define JETON_PLUGINDIR "/usr/lib/jeton"
#endif

static const char *engine_problem(const char *text)
{
    return jt_name_is_bare(text) ? NULL : "must be the bare name of a store engine, like \"sqlite\"";
}

#define MAIN(member) offsetof(struct jt_main_config, member)

const struct jt_own_setting jt_main_settings_table[] = {
    {.group = "",
     .row = {.name = "plugindir", .type = JETON_PATH, .default_value = JETON_PLUGINDIR},
     .offset = MAIN(plugindir)},
    {.group = "", .row = {.name = "store"}},
    {.group = "store",
     .row = {.name = "engine", .type = JETON_STRING, .default_value = "sqlite"},
     .offset = MAIN(store_engine),
     .problem = engine_problem},
    {.group = "store", .row = {.name = "key", .type = JETON_STRING, .flags = JETON_SECRET}, .offset = MAIN(store_key)},
    {.group = "", .row = {.name = "http"}},
    {.group = "http",
     .row = {.name = "connect_timeout", .type = JETON_INTEGER, .minimum = 1, .maximum = 300, .default_value = "10"},
     .offset = MAIN(connect_timeout_s)},
    {.group = "http",
     .row = {.name = "timeout", .type = JETON_INTEGER, .minimum = 1, .maximum = 3600, .default_value = "30"},
     .offset = MAIN(timeout_s)},
    {.group = "http", .row = {.name = "ca_file", .type = JETON_PATH}, .offset = MAIN(ca_file)},
    {.group = "http",
     .row = {.name = "proxy", .type = JETON_STRING},
     .offset = MAIN(proxy),
     .problem = jt_value_proxy_problem},
    {.group = "", .row = {.name = "log"}},
    {.group = "log",
     .row = {.name = "level",
             .type = JETON_STRING,
             .choices = "error warning notice info debug",
             .default_value = "warning"},
     .offset = MAIN(log_level),
     .first_choice = LOG_ERR},
    {.group = "log",
     .row = {.name = "to", .type = JETON_STRING, .choices = "stderr syslog journal", .default_value = "stderr"},
     .offset = MAIN(log_to),
     .first_choice = JT_LOG_STDERR},
    {0},
};

/* In this group, settings that are not jeton's own are the store engine's. */
#define ENGINE_GROUP "store"

struct main_reader {
    struct jt_reading reading;
    struct jt_main_config *main;
};

void jt_main_config_done(struct jt_main_config *main_config)
{
    size_t one = 1;

    jt_own_settings_done(jt_main_settings_table, main_config);
    if (main_config->store_key != NULL)
        jt_raw_settings_free(&main_config->store_key, &one);
    jt_raw_settings_free(&main_config->store_settings, &main_config->store_settings_len);
    free(main_config->state_dir);
    free(main_config->store_path);
    *main_config = (struct jt_main_config){0};
}

static int main_find_unknown(const struct main_reader *reader, const char *group, const struct jt_raw_setting *setting,
                             jeton_error **ret_error)
{
    return jt_reading_find(&reader->reading, setting->line, ret_error, "there is no setting \"%s%s\"%s",
                           reader->reading.prefix, setting->key,
                           jt_setting_suggest(setting->key, NULL, jt_main_settings_table, group).text);
}

/* Takes over the setting. */
static int main_read_key(struct main_reader *reader, const struct jt_own_setting *own, struct jt_raw_setting *setting,
                         jeton_error **ret_error)
{
    struct jt_raw_setting *key = reader->main->store_key;
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (key->line != 0)
        return jt_reading_find(&reader->reading, setting->line, ret_error,
                               "%s%s gives the store key a second time, after %s in line %d; keep one of them",
                               reader->reading.prefix, setting->key, key->key, key->line);
    if (setting->source == JT_SECRET_INLINE && (setting->file_mode & 077u) != 0)
        return jt_reading_find(&reader->reading, setting->line, ret_error,
                               "%s%s is a secret, and others can read this file (mode %04o): chmod 600 %s, or use "
                               "key_file",
                               reader->reading.prefix, setting->key, setting->file_mode, setting->file);
    if (setting->source == JT_SECRET_INLINE && jt_raw_setting_check(setting, &own->row, &error) != JETON_OK)
        return jt_reading_find_in(&reader->reading, setting, jeton_error_message(error), ret_error);
    jt_raw_setting_done(key);
    *key = *setting;
    *setting = (struct jt_raw_setting){0};
    return JETON_OK;
}

static int main_read_setting(struct main_reader *reader, const char *group, const config_setting_t *from,
                             jeton_error **ret_error)
{
    const bool of_engine = strcmp(group, ENGINE_GROUP) == 0;
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting setting = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    const struct jt_own_setting *own;
    int status = jt_reading_setting(&reader->reading, from, of_engine, &setting, ret_error);

    if (status != JETON_OK)
        return status;
    own = jt_own_setting_find(jt_main_settings_table, group, setting.name);
    if (own == NULL && of_engine)
        return jt_reading_keep(&reader->reading, &setting, &reader->main->store_settings,
                               &reader->main->store_settings_len, ret_error);
    if (setting.faulty)
        return JETON_OK;
    if (own == NULL || (setting.source != JT_SECRET_INLINE && (own->row.flags & JETON_SECRET) == 0))
        return main_find_unknown(reader, group, &setting, ret_error);
    if ((own->row.flags & JETON_SECRET) != 0)
        return main_read_key(reader, own, &setting, ret_error);
    if (jt_raw_setting_check_own(&setting, own, &error) != JETON_OK)
        return jt_reading_find_in(&reader->reading, &setting, jeton_error_message(error), ret_error);
    return jt_own_setting_apply(own, setting.text, reader->reading.dir, reader->main) ? JETON_OK
                                                                                      : jt_error_no_memory(ret_error);
}

static int main_read_group(struct main_reader *reader, const config_setting_t *from, jeton_error **ret_error)
{
    const char *name = config_setting_name(from);
    JT_AUTO_STR char *prefix = jt_printf("%s.", name);
    int status = JETON_OK;

    if (prefix == NULL)
        return jt_error_no_memory(ret_error);
    if (!config_setting_is_group(from))
        return jt_reading_find(&reader->reading, (int)config_setting_source_line(from), ret_error,
                               "%s must be a group: %s = { … };", name, name);
    reader->reading.prefix = prefix;
    for (int i = 0; i < config_setting_length(from) && status == JETON_OK; i++)
        status = main_read_setting(reader, name, config_setting_get_elem(from, (unsigned)i), ret_error);
    reader->reading.prefix = "";
    return status;
}

static int main_read_top(struct main_reader *reader, jeton_error **ret_error)
{
    const config_setting_t *root = config_root_setting(&reader->reading.file->tree);
    int status = JETON_OK;

    for (int i = 0; i < config_setting_length(root) && status == JETON_OK; i++) {
        const config_setting_t *from = config_setting_get_elem(root, (unsigned)i);
        const struct jt_own_setting *own = jt_own_setting_find(jt_main_settings_table, "", config_setting_name(from));

        status = own != NULL && own->row.type == 0 ? main_read_group(reader, from, ret_error)
                                                   : main_read_setting(reader, "", from, ret_error);
    }
    return status;
}

static int main_set_defaults(const struct jt_config_place *place, struct jt_main_config *config,
                             jeton_error **ret_error)
{
    config->state_dir = jt_strdup(place->state_dir);
    config->store_key = calloc(1, sizeof(*config->store_key));
    if (config->store_key != NULL)
        *config->store_key = (struct jt_raw_setting){.source = JT_SECRET_FILE,
                                                     .type = JT_RAW_STRING,
                                                     .name = jt_strdup("key"),
                                                     .key = jt_strdup("key_file"),
                                                     .text = jt_printf("%s/store.key", place->dir)};
    if (!jt_own_settings_default(jt_main_settings_table, place->dir, config) || config->state_dir == NULL ||
        config->store_key == NULL || config->store_key->name == NULL || config->store_key->key == NULL ||
        config->store_key->text == NULL)
        return jt_error_no_memory(ret_error);
    return JETON_OK;
}

/* A file that cannot be read or parsed becomes one finding, and the defaults are used. */
static int main_find_unreadable(struct jt_findings *findings, const char *path, jeton_error **error,
                                jeton_error **ret_error)
{
    if (findings == NULL || jeton_error_status(*error) != JETON_CONFIG)
        return jt_error_give(ret_error, error);
    return jt_findings_add_error(findings, NULL, path, 0, *error, ret_error);
}

/* For core/store, until it reads store_settings. */
static int main_set_store_path(const struct jt_config_place *place, struct jt_main_config *config,
                               jeton_error **ret_error)
{
    const struct jt_raw_setting *path = jt_raw_setting_find(config->store_settings, config->store_settings_len, "path");

    if (path == NULL)
        config->store_path = jt_printf("%s/tokens.db", place->state_dir);
    else
        config->store_path = path->text[0] == '/' ? jt_strdup(path->text) : jt_printf("%s/%s", place->dir, path->text);
    return config->store_path != NULL ? JETON_OK : jt_error_no_memory(ret_error);
}

int jt_main_config_read(const struct jt_config_place *place, struct jt_findings *findings,
                        struct jt_main_config *ret_main, jeton_error **ret_error)
{
    JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
    JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};
    JT_AUTO_FINDINGS struct jt_findings own = {0};
    struct main_reader reader = {{place->dir, &file, "", NULL, findings != NULL ? findings : &own}, &config};
    JT_AUTO_STR char *path = jt_printf("%s/jeton.conf", place->dir);
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status;

    if (path == NULL)
        return jt_error_no_memory(ret_error);
    status = main_set_defaults(place, &config, ret_error);
    if (status != JETON_OK)
        return status;
    if (jt_config_file_read(place->dir, path, &file, &error) != JETON_OK)
        status = main_find_unreadable(findings, path, &error, ret_error);
    else if (!file.missing)
        status = main_read_top(&reader, ret_error);
    if (status == JETON_OK)
        status = jt_findings_error(&own, NULL, ret_error);
    if (status == JETON_OK)
        status = main_set_store_path(place, &config, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_main = config;
    config = (struct jt_main_config){0};
    return JETON_OK;
}
