/* SPDX-License-Identifier: MIT */
/* One file of providers.d: its accounts with the provider's defaults merged in, and everything that is wrong with it as
 * a file. It never asks the plugin what a setting means. */
#include "config/file.h"
#include "base/value.h"
#include "token/name.h"
#include <stdlib.h>
#include <string.h>

struct raw_list {
    struct jt_raw_setting *items;
    size_t len;
};

struct provider_reader {
    const char *dir;
    const struct jt_config_file *file;
    struct jt_provider_file *into;
    char *plugin;
    bool plugin_known;
    struct raw_list defaults; /* what is written beside `accounts` */
};

static void raw_list_done(struct raw_list *list)
{
    jt_raw_settings_free(&list->items, &list->len);
}

static void provider_reader_done(struct provider_reader *reader)
{
    free(reader->plugin);
    raw_list_done(&reader->defaults);
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

/* Takes the setting over. */
static bool raw_list_add(struct raw_list *list, struct jt_raw_setting *setting)
{
    struct jt_raw_setting *items = reallocarray(list->items, list->len + 1, sizeof *items);

    if (items == NULL)
        return false;
    list->items = items;
    items[list->len++] = *setting;
    *setting = (struct jt_raw_setting){0};
    return true;
}

#define FINDING(account, line, ...)                                                                                    \
    (jt_findings_add_for(&reader->into->findings, (account), reader->file->path, (line), __VA_ARGS__) == JETON_OK      \
         ? JETON_OK                                                                                                    \
         : jt_error_no_memory(ret_error))

/* What the reader itself can tell is wrong with a setting. One that does not fit is still kept, as faulty, so that
 * nothing says later that it is missing. */
static int provider_check_setting(struct provider_reader *reader, const char *account, const struct raw_list *list,
                                  struct jt_raw_setting *setting, bool *ret_keep, jeton_error **ret_error)
{
    const struct jeton_setting *row = jt_setting_row(jt_setting_core, setting->name);
    const struct jt_raw_setting *other = jt_raw_setting_find(list->items, list->len, setting->name);
    char why[JT_CONFIG_WHY_SIZE];

    if (other != NULL)
        return FINDING(account, setting->line, "%s gives %s a second time, after %s in line %d; keep one of them",
                       setting->key, setting->name, other->key, other->line);
    if (row != NULL && setting->source != JT_SECRET_INLINE)
        return FINDING(account, setting->line, "there is no setting \"%s\"; did you mean \"%s\"?", setting->key,
                       row->name);
    *ret_keep = true;
    if (row == NULL || jt_core_setting_fits(setting, row, why, sizeof why))
        return JETON_OK;
    setting->faulty = true;
    return FINDING(account, setting->line, "%s %s", setting->key, why);
}

static int provider_note_unreadable(struct provider_reader *reader, const char *account, const config_setting_t *from,
                                    bool fold, const struct raw_list *list, const char *why,
                                    struct jt_raw_setting *ret_setting, bool *ret_keep, jeton_error **ret_error)
{
    if (jt_raw_setting_read_faulty(from, reader->file->path, fold, ret_setting) != JETON_OK)
        return jt_error_no_memory(ret_error);
    *ret_keep = jt_raw_setting_find(list->items, list->len, ret_setting->name) == NULL;
    return FINDING(account, ret_setting->line, "%s", why);
}

static int provider_read_setting(struct provider_reader *reader, const char *account, const config_setting_t *from,
                                 struct raw_list *list, jeton_error **ret_error)
{
    JT_CLEANUP(jt_raw_setting_done) struct jt_raw_setting setting = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    bool is_core = jt_setting_row(jt_setting_core, config_setting_name(from)) != NULL;
    bool keep = false;
    int status = jt_raw_setting_read(from, reader->dir, reader->file->path, !is_core, &setting, &error);

    if (status == JETON_OK)
        status = provider_check_setting(reader, account, list, &setting, &keep, ret_error);
    else if (status == JETON_CONFIG)
        status = provider_note_unreadable(reader, account, from, !is_core, list, jeton_error_message(error), &setting,
                                          &keep, ret_error);
    else
        return jt_error_give(ret_error, &error);
    if (status == JETON_OK && keep && !raw_list_add(list, &setting))
        return jt_error_no_memory(ret_error);
    return status;
}

/* Into the account's settings or the core's, by name. */
static bool account_add(struct jt_account *account, const struct jt_raw_setting *setting, bool inherited)
{
    bool is_core = jt_setting_row(jt_setting_core, setting->name) != NULL;
    struct jt_raw_setting **items = is_core ? &account->core_settings : &account->settings;
    size_t *len = is_core ? &account->core_settings_len : &account->settings_len;
    struct jt_raw_setting *grown;

    if (inherited && jt_raw_setting_find(*items, *len, setting->name) != NULL)
        return true;
    grown = reallocarray(*items, *len + 1, sizeof *grown);
    if (grown == NULL)
        return false;
    *items = grown;
    if (jt_raw_setting_copy(setting, &grown[*len]) != JETON_OK)
        return false;
    grown[*len].inherited = inherited;
    (*len)++;
    return true;
}

static bool account_fill(const struct provider_reader *reader, const char *name, int line, const struct raw_list *own,
                         struct jt_account *account)
{
    account->refs = 1;
    account->line = line;
    account->file_mode = reader->file->mode;
    account->file_stamp = reader->file->stamp;
    account->provider = jt_strdup(reader->into->provider);
    account->account = jt_strdup(name);
    account->plugin = jt_strdup(reader->plugin);
    account->file = jt_strdup(reader->file->path);
    for (size_t i = 0; i < own->len; i++)
        if (!account_add(account, &own->items[i], false))
            return false;
    for (size_t i = 0; i < reader->defaults.len; i++)
        if (!account_add(account, &reader->defaults.items[i], true))
            return false;
    return account->provider != NULL && account->account != NULL && account->plugin != NULL && account->file != NULL;
}

static int provider_add_account(struct provider_reader *reader, const char *name, int line, const struct raw_list *own,
                                jeton_error **ret_error)
{
    JT_CLEANUP(jt_account_free) struct jt_account *account = calloc(1, sizeof *account);
    struct jt_provider_file *into = reader->into;
    int status;

    if (account == NULL || !account_fill(reader, name, line, own, account))
        return jt_error_no_memory(ret_error);
    status = jt_core_settings_read(account->core_settings, account->core_settings_len, reader->dir, &account->core,
                                   ret_error);
    if (status != JETON_OK)
        return status;
    into->accounts[into->accounts_len++] = jt_take(&account);
    return JETON_OK;
}

static int provider_check_account_name(struct provider_reader *reader, const char *name, int line, bool *ret_good,
                                       jeton_error **ret_error)
{
    JT_AUTO_STR char *full = jt_printf("%s/%s", reader->into->provider, name);
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_name parsed;

    if (full == NULL)
        return jt_error_no_memory(ret_error);
    if (jt_name_parse(full, &parsed, &error) != JETON_OK)
        return FINDING(name, line, "\"%s\" cannot be the name of an account: %s", name, jeton_error_message(error));
    *ret_good = true;
    return JETON_OK;
}

static int provider_read_account(struct provider_reader *reader, const config_setting_t *from, jeton_error **ret_error)
{
    JT_CLEANUP(raw_list_done) struct raw_list own = {NULL, 0};
    const char *name = config_setting_name(from);
    int line = (int)config_setting_source_line(from);
    bool good = false;
    int status = provider_check_account_name(reader, name, line, &good, ret_error);

    if (status != JETON_OK || !good)
        return status;
    if (!config_setting_is_group(from))
        return FINDING(name, line, "the account %s must be a group: %s = { … };", name, name);
    for (int i = 0; i < config_setting_length(from) && status == JETON_OK; i++) {
        const config_setting_t *setting = config_setting_get_elem(from, (unsigned)i);
        const char *key = config_setting_name(setting);

        if (strcmp(key, "plugin") == 0 || strcmp(key, "accounts") == 0)
            status = FINDING(name, (int)config_setting_source_line(setting),
                             "%s belongs to the whole provider; write it outside of the accounts", key);
        else
            status = provider_read_setting(reader, name, setting, &own, ret_error);
    }
    /* What the plugin would say of its settings cannot be known where the plugin is not. */
    if (status != JETON_OK || !reader->plugin_known)
        return status;
    return provider_add_account(reader, name, line, &own, ret_error);
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
        return FINDING(NULL, line, "there are no accounts; write: accounts = { NAME = { … }; };");
    if (count > JT_CONFIG_ACCOUNTS_MAX) {
        line = (int)config_setting_source_line(config_setting_get_elem(from, JT_CONFIG_ACCOUNTS_MAX));
        return FINDING(NULL, line,
                       "there are %d accounts, and a file may have %d: put those from here on into another file, "
                       "providers.d/NAME.conf with plugin = \"%s\"; tokens of many users under one client registration "
                       "need one account, and a subject each: %s/ACCOUNT/SUBJECT",
                       count, JT_CONFIG_ACCOUNTS_MAX, reader->plugin, into->provider);
    }
    into->accounts = calloc((size_t)count, sizeof *into->accounts);
    if (into->accounts == NULL)
        return jt_error_no_memory(ret_error);
    for (int i = 0; i < count && status == JETON_OK; i++)
        status = provider_read_account(reader, config_setting_get_elem(from, (unsigned)i), ret_error);
    if (into->accounts_len > 0)
        qsort(into->accounts, into->accounts_len, sizeof *into->accounts, account_compare);
    for (size_t i = 0; into->findings.len > 0 && i < into->accounts_len; i++)
        into->accounts[i]->faulty = jt_findings_concern(&into->findings, into->accounts[i]->account);
    return status;
}

static int provider_read_plugin(struct provider_reader *reader, const config_setting_t *from, jeton_error **ret_error)
{
    const char *name = from != NULL ? config_setting_get_string(from) : reader->into->provider;
    bool good = name != NULL && jt_name_is_bare(name);

    /* The accounts are still read, for what else there is to find. */
    reader->plugin_known = good;
    reader->plugin = jt_strdup(good ? name : reader->into->provider);
    if (reader->plugin == NULL)
        return jt_error_no_memory(ret_error);
    if (good)
        return JETON_OK;
    return FINDING(NULL, from != NULL ? (int)config_setting_source_line(from) : 0,
                   "plugin must be the bare name of a plugin in quotes ([a-z0-9][a-z0-9_-]*), not a path");
}

static int provider_read_top(struct provider_reader *reader, jeton_error **ret_error)
{
    const config_setting_t *root = config_root_setting(&reader->file->tree);
    const config_setting_t *plugin = config_setting_get_member(root, "plugin");
    int status = provider_read_plugin(reader, plugin, ret_error);

    for (int i = 0; i < config_setting_length(root) && status == JETON_OK; i++) {
        const config_setting_t *from = config_setting_get_elem(root, (unsigned)i);

        if (strcmp(config_setting_name(from), "plugin") != 0 && strcmp(config_setting_name(from), "accounts") != 0)
            status = provider_read_setting(reader, NULL, from, &reader->defaults, ret_error);
    }
    if (status != JETON_OK)
        return status;
    return provider_read_accounts(reader, config_setting_get_member(root, "accounts"), ret_error);
}

int jt_provider_file_read(const char *dir, const char *provider, struct jt_provider_file **ret_file,
                          jeton_error **ret_error)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *into = calloc(1, sizeof *into);
    JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};
    JT_CLEANUP(provider_reader_done) struct provider_reader reader = {.dir = dir, .file = &file, .into = into};
    int status;

    if (into == NULL || (into->provider = jt_strdup(provider)) == NULL ||
        (into->path = jt_printf("%s/providers.d/%s.conf", dir, provider)) == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_config_file_read(dir, into->path, &file, ret_error);
    if (status == JETON_OK && !file.missing)
        status = provider_read_top(&reader, ret_error);
    if (status != JETON_OK)
        return status;
    into->stamp = file.stamp;
    *ret_file = file.missing ? NULL : jt_take(&into);
    return JETON_OK;
}
