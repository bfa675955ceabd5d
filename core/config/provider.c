/* SPDX-License-Identifier: MIT */
/* Reads one file of providers.d into accounts, with the provider's defaults merged in, and finds everything that is
 * wrong with it. Settings of the plugin are not checked here: that takes the plugin's table (settings/). */
#include "config/provider.h"
#include "config/read.h"
#include "config/scan.h"
#include "token/token.h"
#include <stdlib.h>
#include <string.h>

struct provider_reader {
    struct jt_reading reading;
    struct jt_provider_file *into;
    char *plugin;
    bool plugin_known;
    struct jt_raw_setting *defaults; /* what is written beside `accounts` */
    size_t defaults_len;
};

static void provider_reader_done(struct provider_reader *reader)
{
    free(reader->plugin);
    jt_raw_settings_free(&reader->defaults, &reader->defaults_len);
}

void jt_provider_file_free(struct jt_provider_file **file)
{
    if (*file == NULL)
        return;
    for (size_t i = 0; i < (*file)->accounts_len; i++)
        jt_account_free(&(*file)->accounts[i]);
    free((*file)->accounts);
    jt_findings_done(&(*file)->findings);
    free((*file)->provider);
    free((*file)->path);
    free(*file);
    *file = NULL;
}

static const struct jt_own_setting *provider_own(const char *name)
{
    return jt_own_setting_find(jt_core_settings_table, "", name);
}

/* Checks one of jeton's own settings. One that does not fit is kept and marked as faulty, so that it is not reported as
 * missing later. */
static int provider_check_own(const struct provider_reader *reader, const struct jt_own_setting *own,
                              struct jt_raw_setting *setting, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (jt_raw_setting_check_own(setting, own, &error) == JETON_OK)
        return JETON_OK;
    setting->faulty = true;
    return jt_reading_find_in(&reader->reading, setting, jeton_error_message(error), ret_error);
}

static int provider_read_setting(const struct provider_reader *reader, const config_setting_t *from,
                                 struct jt_raw_setting **settings, size_t *len, jeton_error **ret_error)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting setting = {0};
    const struct jt_own_setting *own = provider_own(config_setting_name(from));
    int status = jt_reading_setting(&reader->reading, from, own == NULL, &setting, ret_error);

    if (status == JETON_OK && own == NULL && !setting.faulty && (own = provider_own(setting.name)) != NULL)
        return jt_reading_find(&reader->reading, setting.line, ret_error,
                               "there is no setting \"%s\"; did you mean \"%s\"?", setting.key, setting.name);
    if (status == JETON_OK && own != NULL && !setting.faulty)
        status = provider_check_own(reader, own, &setting, ret_error);
    if (status != JETON_OK)
        return status;
    return jt_reading_keep(&reader->reading, &setting, settings, len, ret_error);
}

/* Adds the setting to the account's core_settings or settings, by its name. Takes over the setting. */
static bool account_add(struct jt_account *account, struct jt_raw_setting *setting)
{
    return provider_own(setting->name) != NULL
               ? jt_raw_settings_add(&account->core_settings, &account->core_settings_len, setting)
               : jt_raw_settings_add(&account->settings, &account->settings_len, setting);
}

static bool account_inherit(struct jt_account *account, const struct jt_raw_setting *setting)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting copy = {0};

    if (jt_raw_setting_find(account->settings, account->settings_len, setting->name) != NULL ||
        jt_raw_setting_find(account->core_settings, account->core_settings_len, setting->name) != NULL)
        return true;
    return jt_raw_setting_copy(setting, &copy) == JETON_OK && account_add(account, &copy);
}

static bool account_fill(const struct provider_reader *reader, struct jt_raw_setting *own, size_t own_len,
                         struct jt_account *account)
{
    account->refs = 1;
    account->core = JT_CORE_SETTINGS_INIT;
    account->file_stamp = reader->reading.file->stamp;
    account->provider = jt_strdup(reader->into->provider);
    account->account = jt_strdup(reader->reading.account);
    account->plugin = jt_strdup(reader->plugin);
    account->file = jt_strdup(reader->reading.file->path);
    for (size_t i = 0; i < own_len; i++)
        if (!account_add(account, &own[i]))
            return false;
    for (size_t i = 0; i < reader->defaults_len; i++)
        if (!account_inherit(account, &reader->defaults[i]))
            return false;
    for (size_t i = 0; i < account->core_settings_len; i++) {
        const struct jt_raw_setting *setting = &account->core_settings[i];

        if (!setting->faulty &&
            !jt_own_setting_apply(provider_own(setting->name), setting->text, reader->reading.dir, &account->core))
            return false;
    }
    return account->provider != NULL && account->account != NULL && account->plugin != NULL && account->file != NULL;
}

static int provider_add_account(struct provider_reader *reader, int line, struct jt_raw_setting *own, size_t own_len,
                                jeton_error **ret_error)
{
    JT_CLEANUP(jt_account_free) struct jt_account *account = calloc(1, sizeof(*account));
    struct jt_provider_file *into = reader->into;

    if (account == NULL || !account_fill(reader, own, own_len, account))
        return jt_error_no_memory(ret_error);
    account->line = line;
    into->accounts[into->accounts_len++] = jt_take(&account);
    return JETON_OK;
}

static int provider_check_account_name(const struct provider_reader *reader, const char *name, int line, bool *ret_good,
                                       jeton_error **ret_error)
{
    JT_AUTO_STR char *full = jt_printf("%s/%s", reader->into->provider, name);
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_name parsed;

    if (full == NULL)
        return jt_error_no_memory(ret_error);
    if (jt_name_parse(full, &parsed, &error) != JETON_OK)
        return jt_reading_find(&reader->reading, line, ret_error, "\"%s\" cannot be the name of an account: %s", name,
                               jeton_error_message(error));
    *ret_good = true;
    return JETON_OK;
}

/* A list of settings that is freed at the end of the function that reads it. */
struct settings {
    struct jt_raw_setting *items;
    size_t len;
};

static void settings_done(struct settings *settings)
{
    jt_raw_settings_free(&settings->items, &settings->len);
}

static int provider_read_group(struct provider_reader *reader, const config_setting_t *from, jeton_error **ret_error)
{
    JT_CLEANUP(settings_done) struct settings own = {NULL, 0};
    int line = (int)config_setting_source_line(from);
    int status = JETON_OK;

    if (!config_setting_is_group(from))
        return jt_reading_find(&reader->reading, line, ret_error, "the account %s must be a group: %s = { … };",
                               reader->reading.account, reader->reading.account);
    for (int i = 0; i < config_setting_length(from) && status == JETON_OK; i++) {
        const config_setting_t *setting = config_setting_get_elem(from, (unsigned)i);
        const struct jt_own_setting *known = provider_own(config_setting_name(setting));

        if (known != NULL && known->row.type == 0)
            status =
                jt_reading_find(&reader->reading, (int)config_setting_source_line(setting), ret_error,
                                "%s belongs to the whole provider; write it outside of the accounts", known->row.name);
        else
            status = provider_read_setting(reader, setting, &own.items, &own.len, ret_error);
    }
    /* If the plugin is not known, the settings were read only to find what is wrong with them. */
    if (status != JETON_OK || !reader->plugin_known)
        return status;
    return provider_add_account(reader, line, own.items, own.len, ret_error);
}

static int provider_read_account(struct provider_reader *reader, const config_setting_t *from, jeton_error **ret_error)
{
    const char *name = config_setting_name(from);
    bool good = false;
    int status;

    reader->reading.account = name;
    status = provider_check_account_name(reader, name, (int)config_setting_source_line(from), &good, ret_error);
    if (status == JETON_OK && good)
        status = provider_read_group(reader, from, ret_error);
    reader->reading.account = NULL;
    return status;
}

static int account_compare(const void *a, const void *b)
{
    return strcmp((*(struct jt_account *const *)a)->account, (*(struct jt_account *const *)b)->account);
}

static int provider_read_accounts(struct provider_reader *reader, const config_setting_t *from, jeton_error **ret_error)
{
    struct jt_provider_file *into = reader->into;
    int line = from != NULL ? (int)config_setting_source_line(from) : 0;
    int count = from != NULL && config_setting_is_group(from) ? config_setting_length(from) : 0;
    int status = JETON_OK;

    if (count == 0)
        return jt_reading_find(&reader->reading, line, ret_error,
                               "there are no accounts; write: accounts = { NAME = { … }; };");
    if (count > JT_CONFIG_ACCOUNTS_MAX) {
        line = (int)config_setting_source_line(config_setting_get_elem(from, JT_CONFIG_ACCOUNTS_MAX));
        return jt_reading_find(
            &reader->reading, line, ret_error,
            "there are %d accounts, and a file may have %d: put those from here on into another file, "
            "providers.d/NAME.conf with plugin = \"%s\"; tokens of many users under one client registration need one "
            "account, and a subject each: %s/ACCOUNT/SUBJECT",
            count, JT_CONFIG_ACCOUNTS_MAX, reader->plugin, into->provider);
    }
    into->accounts = calloc((size_t)count, sizeof(*into->accounts));
    if (into->accounts == NULL)
        return jt_error_no_memory(ret_error);
    for (int i = 0; i < count && status == JETON_OK; i++)
        status = provider_read_account(reader, config_setting_get_elem(from, (unsigned)i), ret_error);
    if (into->accounts_len > 0)
        qsort(into->accounts, into->accounts_len, sizeof(*into->accounts), account_compare);
    for (size_t i = 0; into->findings.len > 0 && i < into->accounts_len; i++)
        into->accounts[i]->faulty = jt_findings_concern(&into->findings, into->accounts[i]->account);
    return status;
}

static int provider_read_plugin(struct provider_reader *reader, const config_setting_t *from, jeton_error **ret_error)
{
    const char *name = from != NULL ? config_setting_get_string(from) : reader->into->provider;
    bool good = name != NULL && jt_name_is_bare(name);

    /* The accounts are still read, to find what else is wrong. */
    reader->plugin_known = good;
    reader->plugin = jt_strdup(good ? name : reader->into->provider);
    if (reader->plugin == NULL)
        return jt_error_no_memory(ret_error);
    if (good)
        return JETON_OK;
    return jt_reading_find(&reader->reading, from != NULL ? (int)config_setting_source_line(from) : 0, ret_error,
                           "plugin must be the bare name of a plugin in quotes ([a-z0-9][a-z0-9_-]*), not a path");
}

static int provider_read_top(struct provider_reader *reader, jeton_error **ret_error)
{
    const config_setting_t *root = config_root_setting(&reader->reading.file->tree);
    int status = provider_read_plugin(reader, config_setting_get_member(root, "plugin"), ret_error);

    for (int i = 0; i < config_setting_length(root) && status == JETON_OK; i++) {
        const config_setting_t *from = config_setting_get_elem(root, (unsigned)i);
        const struct jt_own_setting *own = provider_own(config_setting_name(from));

        if (own == NULL || own->row.type != 0)
            status = provider_read_setting(reader, from, &reader->defaults, &reader->defaults_len, ret_error);
    }
    if (status != JETON_OK)
        return status;
    return provider_read_accounts(reader, config_setting_get_member(root, "accounts"), ret_error);
}

int jt_provider_file_read(const char *dir, const char *provider, struct jt_provider_file **ret_file,
                          jeton_error **ret_error)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *into = calloc(1, sizeof(*into));
    JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};
    JT_CLEANUP(provider_reader_done) struct provider_reader reader = {.into = into};
    int status;

    if (into == NULL || (into->provider = jt_strdup(provider)) == NULL ||
        (into->path = jt_printf("%s/providers.d/%s.conf", dir, provider)) == NULL)
        return jt_error_no_memory(ret_error);
    reader.reading = (struct jt_reading){dir, &file, "", NULL, &into->findings};
    status = jt_config_file_read(dir, into->path, &file, ret_error);
    if (status == JETON_OK && !file.missing)
        status = provider_read_top(&reader, ret_error);
    if (status != JETON_OK)
        return status;
    into->stamp = file.stamp;
    *ret_file = file.missing ? NULL : jt_take(&into);
    return JETON_OK;
}
