/* SPDX-License-Identifier: MIT */
/* Holds an account against its plugin's table and makes the values that a flow reads. It never asks the network, and
 * what it finds never repeats a secret. */
#include "settings/check.h"
#include "config/file.h"
#include "base/value.h"
#include "secret/secret.h"
#include <stdlib.h>
#include <string.h>

struct check {
    const struct jt_account *account;
    const struct jt_plugin *plugin;
    const struct jt_net *net;
    bool run_commands;
    bool incomplete; /* a value is missing for a reason that is no finding */
    struct jt_findings *findings;
    struct jt_fields values;
};

static void check_done(struct check *check)
{
    jt_fields_done(&check->values);
}

#define FINDING(line, ...)                                                                                             \
    (jt_findings_add_for(check->findings, check->account->account, check->account->file, (line), __VA_ARGS__) ==       \
             JETON_OK                                                                                                  \
         ? JETON_OK                                                                                                    \
         : jt_error_no_memory(ret_error))

/* What is wrong with a value becomes a finding; anything else (no memory) ends the check. */
static int check_note_error(struct check *check, int line, const char *key, jeton_error **error,
                            jeton_error **ret_error)
{
    int status = jeton_error_status(*error);
    const char *message = jeton_error_message(*error);

    if (status != JETON_CONFIG && status != JETON_NOT_PERMITTED && status != JETON_TRY_LATER)
        return jt_error_give(ret_error, error);
    return key != NULL ? FINDING(line, "%s: %s", key, message) : FINDING(line, "%s", message);
}

/* Names that may be written in this place; how many of them are to be freed. */
struct check_names {
    const char **items;
    size_t len;
    char **owned;
    size_t owned_len;
};

static void check_names_done(struct check_names *names)
{
    for (size_t i = 0; i < names->owned_len; i++)
        free(names->owned[i]);
    free(names->owned);
    free(names->items);
}

/* A secret can be given in five ways, and a name that is one letter short of one of them means that one. */
static bool check_names_fill(struct check_names *names, const struct jeton_setting *settings)
{
    static const char *const ways[] = {"file", "credential", "env", "command"};
    size_t rows = 0, core_rows = 0;

    while (settings[rows].name != NULL)
        rows++;
    while (jt_setting_core[core_rows].name != NULL)
        core_rows++;
    names->items = calloc(rows * (1 + JT_LEN(ways)) + core_rows + 2, sizeof *names->items);
    names->owned = calloc(rows * JT_LEN(ways) + 1, sizeof *names->owned);
    if (names->items == NULL || names->owned == NULL)
        return false;
    for (const struct jeton_setting *row = settings; row->name != NULL; row++) {
        names->items[names->len++] = row->name;
        for (size_t i = 0; (row->flags & JETON_SECRET) != 0 && i < JT_LEN(ways); i++) {
            char *name = jt_printf("%s_%s", row->name, ways[i]);

            if (name == NULL)
                return false;
            names->owned[names->owned_len++] = name;
            names->items[names->len++] = name;
        }
    }
    for (const struct jeton_setting *row = jt_setting_core; row->name != NULL; row++)
        names->items[names->len++] = row->name;
    names->items[names->len++] = "plugin";
    names->items[names->len++] = "accounts";
    return true;
}

static int check_unknown(struct check *check, const struct jt_raw_setting *setting, jeton_error **ret_error)
{
    JT_CLEANUP(check_names_done) struct check_names names = {NULL, 0, NULL, 0};
    const char *nearest;

    if (!check_names_fill(&names, check->plugin->settings))
        return jt_error_no_memory(ret_error);
    nearest = jt_suggest(setting->key, names.items, names.len);
    if (nearest != NULL)
        return FINDING(setting->line, "there is no setting \"%s\" in the plugin %s; did you mean \"%s\"?", setting->key,
                       check->plugin->table.name, nearest);
    return FINDING(setting->line,
                   "there is no setting \"%s\" in the plugin %s; jeton describe %s lists those there are", setting->key,
                   check->plugin->table.name, check->plugin->table.name);
}

static uint32_t check_field_flags(const struct jt_plugin *plugin, const struct jeton_setting *row)
{
    const char *end = strrchr(row->name, '_');
    uint32_t flags = (row->flags & (JETON_SECRET | JETON_ONE_TIME)) != 0 ? JT_FIELD_SECRET : 0;

    if (row->type == JETON_KEY)
        return JT_FIELD_SECRET | JT_FIELD_KEY;
    /* The passphrase of a key is as little the plugin's as the key is. */
    if (end != NULL && strcmp(end, "_passphrase") == 0)
        for (const struct jeton_setting *key = plugin->settings; key->name != NULL; key++)
            if (key->type == JETON_KEY && strlen(key->name) == (size_t)(end - row->name) &&
                strncmp(key->name, row->name, strlen(key->name)) == 0)
                return JT_FIELD_SECRET | JT_FIELD_KEY;
    return flags;
}

static int check_keep(struct check *check, const struct jeton_setting *row, const struct jt_raw_setting *setting,
                      const char *value, jeton_error **ret_error)
{
    uint32_t flags = check_field_flags(check->plugin, row);

    if (setting == NULL)
        return jt_fields_set(&check->values, row->name, value, flags, ret_error);
    return jt_fields_set_at(&check->values, row->name, value, flags, setting->file, setting->line, ret_error);
}

/* A secret that is not written in the file itself. */
static int check_resolve(struct check *check, const struct jeton_setting *row, const struct jt_raw_setting *setting,
                         jeton_error **ret_error)
{
    struct jt_secret_spec spec = {setting->source, setting->name, setting->text,
                                  setting->source == JT_SECRET_COMMAND ? (const char *const *)setting->argv : NULL};
    JT_AUTO_GUARDED char *secret = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    size_t len = 0;

    if (setting->source == JT_SECRET_COMMAND && !check->run_commands) {
        check->incomplete = true;
        if (jt_secret_check_program(spec.argv, NULL, &error) == JETON_OK)
            return JETON_OK;
        return check_note_error(check, setting->line, setting->key, &error, ret_error);
    }
    if (jt_secret_resolve(&spec, &secret, &len, &error) != JETON_OK)
        return check_note_error(check, setting->line, setting->key, &error, ret_error);
    if (jt_value_check(row, secret, &error) != JETON_OK)
        return FINDING(setting->line, "what %s gives %s", setting->key, jeton_error_message(error));
    return check_keep(check, row, setting, secret, ret_error);
}

static int check_setting(struct check *check, const struct jt_raw_setting *setting, jeton_error **ret_error)
{
    const struct jeton_setting *row = jt_setting_row(check->plugin->settings, setting->name);
    bool secret = row != NULL && (row->flags & JETON_SECRET) != 0;
    char why[JT_CONFIG_WHY_SIZE];

    if (setting->faulty)
        return JETON_OK;
    if (row == NULL)
        return check_unknown(check, setting, ret_error);
    if (setting->source != JT_SECRET_INLINE && !secret)
        return FINDING(setting->line, "%s is no secret, so there is no %s; write: %s = …", setting->name, setting->key,
                       setting->name);
    if (setting->source != JT_SECRET_INLINE)
        return check_resolve(check, row, setting, ret_error);
    if (!jt_raw_setting_fits(setting, row, why, sizeof why))
        return FINDING(setting->line, "%s %s", setting->key, why);
    if (setting->text[0] == '\0' && (secret || (row->flags & JETON_REQUIRED) != 0))
        return FINDING(setting->line, "%s is empty", setting->key);
    if (secret && (check->account->file_mode & 077u) != 0)
        return FINDING(setting->line,
                       "%s is a secret, and others can read this file (mode %04o): chmod 600 %s, or use %s_file",
                       setting->key, check->account->file_mode, check->account->file, setting->key);
    return check_keep(check, row, setting, setting->text, ret_error);
}

/* Defaults for what is not written, and a finding for what has none and is needed. */
static int check_complete(struct check *check, const struct jeton_setting *row, jeton_error **ret_error)
{
    const struct jt_account *account = check->account;

    if (jt_raw_setting_find(account->settings, account->settings_len, row->name) != NULL)
        return JETON_OK;
    if (row->default_value != NULL)
        return check_keep(check, row, NULL, row->default_value, ret_error);
    if ((row->flags & JETON_REQUIRED) == 0)
        return JETON_OK;
    return FINDING(account->line, "the account %s lacks the setting %s%s (%s)", account->account, row->name,
                   (row->flags & JETON_SECRET) != 0 ? ", best given as a file" : "", row->help);
}

static int check_key(struct check *check, const struct jeton_setting *row, jeton_error **ret_error)
{
    const struct jt_field *key = jt_fields_find(&check->values, row->name);
    JT_AUTO_STR char *name = jt_printf("%s_passphrase", row->name);
    JT_AUTO_ERROR jeton_error *error = NULL;
    const struct jt_account *account = check->account;

    if (name == NULL)
        return jt_error_no_memory(ret_error);
    /* A passphrase that is configured but could not be had would only make a second finding of the same thing. */
    if (key == NULL || (jt_fields_get(&check->values, name) == NULL &&
                        jt_raw_setting_find(account->settings, account->settings_len, name) != NULL))
        return JETON_OK;
    if (check->net->check_key(key->value, key->len, jt_fields_get(&check->values, name), row->choices, &error) ==
        JETON_OK)
        return JETON_OK;
    return check_note_error(check, key->line != 0 ? key->line : account->line, row->name, &error, ret_error);
}

struct complaint {
    struct check *check;
    int status;
};

static void check_take_complaint(void *data, const char *setting, const char *sentence)
{
    struct complaint *complaint = data;
    struct check *check = complaint->check;
    const struct jt_field *field = setting != NULL ? jt_fields_find(&check->values, setting) : NULL;
    int line = field != NULL && field->line != 0 ? field->line : check->account->line;
    int status = setting != NULL ? jt_findings_add_for(check->findings, check->account->account, check->account->file,
                                                       line, "%s: %s", setting, sentence)
                                 : jt_findings_add_for(check->findings, check->account->account, check->account->file,
                                                       line, "%s", sentence);

    if (status != JETON_OK)
        complaint->status = status;
}

/* Only once the table is satisfied: the plugin may rely on it. */
static int check_ask_plugin(struct check *check, const char *base_url, jeton_error **ret_error)
{
    struct complaint complaint = {check, JETON_OK};
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (check->plugin->table.check == NULL)
        return JETON_OK;
    if (check->net->check_settings(check->plugin, &check->values, base_url, check_take_complaint, &complaint, &error) !=
        JETON_OK) {
        if (jeton_error_status(error) == JETON_TRY_LATER)
            return jt_error_give(ret_error, &error);
        return FINDING(check->account->line, "%s", jeton_error_message(error));
    }
    return complaint.status == JETON_OK ? JETON_OK : jt_error_no_memory(ret_error);
}

static int check_table(struct check *check, jeton_error **ret_error)
{
    const struct jt_account *account = check->account;
    int status = JETON_OK;

    for (size_t i = 0; i < account->settings_len && status == JETON_OK; i++)
        status = check_setting(check, &account->settings[i], ret_error);
    for (const struct jeton_setting *row = check->plugin->settings; row->name != NULL && status == JETON_OK; row++)
        status = check_complete(check, row, ret_error);
    for (const struct jeton_setting *row = check->plugin->settings; row->name != NULL && status == JETON_OK; row++)
        if (row->type == JETON_KEY)
            status = check_key(check, row, ret_error);
    return status;
}

int jt_config_check_account(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                            bool resolve_commands, struct jt_findings *findings, struct jt_fields *ret_settings,
                            jeton_error **ret_error)
{
    JT_CLEANUP(check_done)
    struct check checking = {.account = account,
                             .plugin = plugin,
                             .net = net,
                             .run_commands = resolve_commands,
                             .findings = findings,
                             .incomplete = account->faulty};
    struct check *check = &checking;
    const char *base_url = account->core.base_url != NULL ? account->core.base_url : plugin->table.base_url;
    size_t before = findings->len;
    int status = check_table(check, ret_error);

    if (status == JETON_OK && base_url == NULL)
        status = FINDING(account->line,
                         "the account %s lacks the setting base_url, since the plugin %s has no address of its own",
                         account->account, plugin->table.name);
    if (status == JETON_OK)
        status = jt_config_check_core(account, findings, ret_error);
    if (status == JETON_OK && findings->len == before && !check->incomplete)
        status = check_ask_plugin(check, base_url, ret_error);
    if (status != JETON_OK)
        return status;
    if (ret_settings != NULL) {
        *ret_settings = check->values;
        check->values = (struct jt_fields){0};
    }
    return JETON_OK;
}

int jt_config_resolve(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                      struct jt_fields *ret_settings, jeton_error **ret_error)
{
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    JT_AUTO_FIELDS struct jt_fields settings = {0};
    int status = jt_config_check_account(account, plugin, net, true, &findings, &settings, ret_error);

    if (status == JETON_OK)
        status = jt_findings_error(&findings, NULL, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_settings = settings;
    settings = (struct jt_fields){0};
    return JETON_OK;
}
