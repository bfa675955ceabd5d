/* SPDX-License-Identifier: MIT */
/* Functions for administration: making the store, and checking the configuration. */
#include "broker/broker.h"
#include "settings/settings.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *admin_config_dir(const struct jeton_options *options)
{
    return options != NULL && options->struct_size >= offsetof(struct jeton_options, config_dir) + sizeof(char *)
               ? options->config_dir
               : NULL;
}

static void admin_config_done(struct jt_config **config)
{
    jt_config_free(config);
}
#define AUTO_CONFIG JT_CLEANUP(admin_config_done)

static void admin_object_done(json_object **object)
{
    (void)json_object_put(*object);
}
#define AUTO_OBJECT JT_CLEANUP(admin_object_done)

int jeton_init(const struct jeton_options *options, char **ret_what, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    AUTO_CONFIG struct jt_config *config = NULL;
    JT_AUTO_STORE_SETUP struct jt_store_setup setup = {0};
    JT_AUTO_STR char *what = NULL;
    int status;

    if (sodium_init() < 0)
        return jt_error_set(ret_error, JETON_TRY_LATER, "libsodium cannot start: the system gives no random numbers");
    status = jt_config_open_to_init(admin_config_dir(options), &config, ret_error);
    if (status == JETON_OK)
        status = jt_store_setup_init(&setup, config, NULL, ret_error);
    if (status == JETON_OK)
        status = jt_store_init(&setup.options, &what, ret_error);
    if (status == JETON_OK && ret_what != NULL)
        *ret_what = jt_take(&what);
    return status;
}

int jeton_rekey(const struct jeton_options *options, const char *new_key_file, char **ret_what, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    AUTO_CONFIG struct jt_config *config = NULL;
    JT_AUTO_STORE_SETUP struct jt_store_setup setup = {0};
    JT_AUTO_STR char *what = NULL;
    int status;

    if (sodium_init() < 0)
        return jt_error_set(ret_error, JETON_TRY_LATER, "libsodium cannot start: the system gives no random numbers");
    status = jt_config_open(admin_config_dir(options), &config, ret_error);
    if (status == JETON_OK)
        status = jt_store_setup_init(&setup, config, NULL, ret_error);
    if (status == JETON_OK)
        status = jt_store_rekey(&setup.options, new_key_file, &what, ret_error);
    if (status == JETON_OK && ret_what != NULL)
        *ret_what = jt_take(&what);
    return status;
}

static void admin_add(json_object *object, const char *member, const char *text)
{
    if (text != NULL)
        json_object_object_add(object, member, json_object_new_string(text));
}

struct admin_check {
    struct jt_config *config;
    const struct jt_main_config *main_config;
    const struct jt_net *net;
    jeton_error *net_error;
    struct jt_findings findings;
    int64_t providers, accounts;
};

static void admin_find(struct admin_check *check, const char *file, int line, const jeton_error *error)
{
    (void)(jt_findings_add_error(&check->findings, NULL, file, line, error, NULL) == JETON_OK);
}

/* Adds an error about jeton.conf as a finding. The message names the file, if there is one. */
static void admin_find_in_main(struct admin_check *check, const jeton_error *error)
{
    static const char name[] = "/jeton.conf";
    const char *message = jeton_error_message(error), *at = strstr(message, name);
    JT_AUTO_STR char *file = at != NULL ? strndup(message, (size_t)(at - message) + strlen(name)) : NULL;

    admin_find(check, file != NULL ? file : name + 1, 0, error);
}

static void admin_check_account(struct admin_check *check, const struct jt_account *account)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    const struct jt_plugin *plugin;

    check->accounts++;
    if (check->net == NULL) {
        admin_find(check, account->file, account->line, check->net_error);
        return;
    }
    if (jt_plugin_load(check->main_config->plugindir, account->plugin, check->net->host, &plugin, &error) != JETON_OK ||
        jt_settings_check(account, plugin, check->net, &check->findings, &error) != JETON_OK)
        admin_find(check, account->file, account->line, error);
}

static int admin_check_provider(void *data, const char *provider, const char *file, struct jt_account *const *accounts,
                                size_t accounts_len, const jeton_error *error)
{
    struct admin_check *check = data;

    JT_AUTO_ERROR jeton_error *ignored = NULL;
    size_t before = check->findings.len;

    check->providers++;
    /* The error contains the first findings only, so all are fetched. An error that is no finding, such as a syntax
     * error, is added as it is. */
    if (error != NULL && jt_name_is_bare(provider))
        (void)(jt_config_findings(check->config, provider, &check->findings, &ignored) == JETON_OK);
    if (error != NULL && check->findings.len == before)
        admin_find(check, file, 0, error);
    for (size_t i = 0; i < accounts_len; i++)
        admin_check_account(check, accounts[i]);
    return 0;
}

/* Whether an earlier finding has the same place and sentence: accounts that inherit a setting repeat its findings. */
static bool admin_is_repeated(const struct jt_findings *findings, size_t index)
{
    const struct jt_finding *finding = &findings->items[index];

    for (size_t i = 0; i < index; i++)
        if (findings->items[i].line == finding->line && strcmp(findings->items[i].file, finding->file) == 0 &&
            strcmp(findings->items[i].message, finding->message) == 0)
            return true;
    return false;
}

static int admin_check_answer(const struct admin_check *check, jeton_answer **ret_answer, jeton_error **ret_error)
{
    AUTO_OBJECT json_object *object = json_object_new_object();
    json_object *findings = json_object_new_array();

    if (object == NULL || findings == NULL) {
        (void)json_object_put(findings);
        return jt_error_no_memory(ret_error);
    }
    for (size_t i = 0; i < check->findings.len; i++) {
        json_object *finding;

        if (admin_is_repeated(&check->findings, i))
            continue;
        finding = json_object_new_object();
        admin_add(finding, "file", check->findings.items[i].file);
        if (check->findings.items[i].line > 0)
            json_object_object_add(finding, "line", json_object_new_int(check->findings.items[i].line));
        admin_add(finding, "message", check->findings.items[i].message);
        (void)json_object_array_add(findings, finding);
    }
    json_object_object_add(object, "findings", findings);
    json_object_object_add(object, "providers", json_object_new_int64(check->providers));
    json_object_object_add(object, "accounts", json_object_new_int64(check->accounts));
    return jt_answer_from_object(object, ret_answer, ret_error);
}

int jeton_check(const struct jeton_options *options, jeton_answer **ret_answer, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    AUTO_CONFIG struct jt_config *config = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct admin_check check = {0};
    int status;

    if (sodium_init() < 0)
        return jt_error_set(ret_error, JETON_TRY_LATER, "libsodium cannot start: the system gives no random numbers");
    status = jt_config_open_to_check(admin_config_dir(options), &check.findings, &config, &error);
    if (status == JETON_CONFIG) { /* there is no such directory */
        admin_find_in_main(&check, error);
    } else if (status == JETON_OK) {
        check.config = config;
        check.main_config = jt_config_main(config);
        if (jt_store_setup_check(config, &check.findings, &error) != JETON_OK) {
            admin_find_in_main(&check, error);
            jeton_error_free(&error);
        }
        (void)(jt_context_load_net(check.main_config->plugindir, &check.net, &check.net_error) == JETON_OK);
        status = jt_config_each(config, admin_check_provider, &check, &error);
    }
    if (status == JETON_OK || status == JETON_CONFIG)
        status = admin_check_answer(&check, ret_answer, ret_error);
    else
        status = jt_error_give(ret_error, &error);
    jt_findings_done(&check.findings);
    jeton_error_free(&check.net_error);
    return status;
}
