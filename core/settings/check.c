/* SPDX-License-Identifier: MIT */
/* Checks an account as a whole: its settings against its plugin's table, its keys, its base_url, and then asks the
 * plugin. */
#include "settings/check.h"
#include "settings/core_files.h"
#include "settings/fill.h"
#include <string.h>

struct check {
    const struct jt_account *account;
    const struct jt_plugin *plugin;
    const struct jt_net *net;
    struct jt_filling filling;
};

static int check_key(const struct check *check, const struct jeton_setting *row, jeton_error **ret_error)
{
    const struct jt_fields *values = &check->filling.values;
    const struct jt_field *key = jt_fields_find(values, row->name);
    JT_AUTO_STR char *name = jt_printf("%s_passphrase", row->name);
    JT_AUTO_ERROR jeton_error *error = NULL;
    const struct jt_account *account = check->account;

    if (name == NULL)
        return jt_error_no_memory(ret_error);
    /* If a configured passphrase could not be fetched, that is a finding already; checking the key without it would add
     * another. */
    if (key == NULL || (jt_fields_get(values, name) == NULL &&
                        jt_raw_setting_find(account->settings, account->settings_len, name) != NULL))
        return JETON_OK;
    if (check->net->check_key(key->value, key->len, jt_fields_get(values, name), row->choices, &error) == JETON_OK)
        return JETON_OK;
    return jt_fill_find_error(&check->filling, key->line != 0 ? key->line : account->line, row->name, &error,
                              ret_error);
}

struct complaint {
    const struct jt_filling *filling;
    int status;
    jeton_error *error;
};

static void check_take_complaint(void *data, const char *setting, const char *sentence)
{
    struct complaint *complaint = data;
    const struct jt_filling *filling = complaint->filling;
    const struct jt_field *field = setting != NULL ? jt_fields_find(&filling->values, setting) : NULL;

    if (complaint->status == JETON_OK)
        complaint->status =
            jt_fill_find(filling, field != NULL && field->line != 0 ? field->line : filling->line, &complaint->error,
                         "%s%s%s", setting != NULL ? setting : "", setting != NULL ? ": " : "", sentence);
}

/* Called only if the settings fit the table: the plugin may rely on that. */
static int check_ask_plugin(const struct check *check, const char *base_url, jeton_error **ret_error)
{
    struct complaint complaint = {&check->filling, JETON_OK, NULL};
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (check->plugin->table.check == NULL)
        return JETON_OK;
    if (check->net->check_settings(check->plugin, &check->filling.values, base_url, check_take_complaint, &complaint,
                                   &error) != JETON_OK) {
        jeton_error_free(&complaint.error);
        if (jeton_error_status(error) == JETON_TRY_LATER)
            return jt_error_give(ret_error, &error);
        return jt_fill_find(&check->filling, check->account->line, ret_error, "%s", jeton_error_message(error));
    }
    return complaint.status == JETON_OK ? JETON_OK : jt_error_give(ret_error, &complaint.error);
}

static int check_values(struct check *check, jeton_error **ret_error)
{
    int status = jt_fill_values(&check->filling, ret_error);

    for (const struct jeton_setting *row = check->plugin->settings; row->name != NULL && status == JETON_OK; row++)
        if (row->type == JETON_KEY)
            status = check_key(check, row, ret_error);
    return status;
}

static int check_all(struct check *check, jeton_error **ret_error)
{
    const struct jt_account *account = check->account;
    const char *base_url = account->core.base_url != NULL ? account->core.base_url : check->plugin->table.base_url;
    const struct jt_findings *findings = check->filling.findings;
    const size_t before = findings->len;
    int status = check_values(check, ret_error);

    if (status == JETON_OK && base_url == NULL)
        status = jt_fill_find(&check->filling, account->line, ret_error,
                              "%s lacks the setting base_url, since the plugin %s has no address of its own",
                              check->filling.owner, check->filling.plugin);
    if (status == JETON_OK)
        status = jt_core_files_check(account, check->filling.findings, ret_error);
    if (status == JETON_OK && findings->len == before && !account->faulty)
        status = check_ask_plugin(check, base_url, ret_error);
    return status;
}

int jt_check_account(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                     struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error)
{
    JT_AUTO_STR char *owner = jt_printf("the account %s", account->account);
    struct check check = {.account = account,
                          .plugin = plugin,
                          .net = net,
                          .filling = {.settings = account->settings,
                                      .len = account->settings_len,
                                      .rows = plugin->settings,
                                      .prefix = "",
                                      .owner = owner,
                                      .plugin = plugin->table.name,
                                      .account = account->account,
                                      .file = account->file,
                                      .line = account->line,
                                      .beside = jt_core_settings_table,
                                      .group = "",
                                      .findings = findings}};
    int status = owner != NULL ? check_all(&check, ret_error) : jt_error_no_memory(ret_error);

    if (status != JETON_OK || ret_values == NULL)
        jt_fields_done(&check.filling.values);
    else
        *ret_values = check.filling.values;
    return status;
}
