/* SPDX-License-Identifier: MIT */
/* The face of this room: settings as they were written are checked against a plugin's table and become values. */
#ifndef JT_SETTINGS_H
#define JT_SETTINGS_H

#include "config/config.h"
#include "net/net.h"
#include "plugin/plugin.h"

/* Checks the settings in one group of jeton.conf (prefix "store.") against the rows of a plugin, and adds every
 * finding: unknown names (with the nearest known one), missing settings, wrong types, values out of range or not among
 * the choices, and secrets that cannot be fetched or that others can read. *ret_values receives the values of the other
 * settings: defaults filled in, secrets fetched, paths absolute (relative ones below config_dir, relative defaults
 * below state_dir). Returns JETON_OK also with findings. */
int JT_MUST_CHECK jt_settings_fill(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows,
                                   const char *prefix, const char *config_dir, const char *state_dir,
                                   struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error);

/* The same for an account. Findings are also: keys that cannot be parsed (net->check_key), files of jeton's own
 * settings that are not fit for their use, and complaints of the plugin's `check` function (net->check_settings). */
int JT_MUST_CHECK jt_settings_check(const struct jt_account *account, const struct jt_plugin *plugin,
                                    const struct jt_net *net, struct jt_findings *findings, jeton_error **ret_error);
/* The values that a flow reads. JETON_CONFIG: there are findings; the first is the error ("file:line: …"). */
int JT_MUST_CHECK jt_settings_resolve(const struct jt_account *account, const struct jt_plugin *plugin,
                                      const struct jt_net *net, struct jt_fields *ret_values, jeton_error **ret_error);

/* The values of accounts, kept from one flow to the next, so that they are checked and put into guarded memory only
 * once. Thread-safe. */
struct jt_resolutions;
struct jt_resolved {
    struct jt_fields settings;
    /* Private. */
    unsigned refs;
    struct jt_account *account;
    uint64_t digest;
};
int JT_MUST_CHECK jt_resolutions_new(struct jt_resolutions **ret_resolutions, jeton_error **ret_error);
void jt_resolutions_free(struct jt_resolutions **resolutions);
/* The account's current values. They are resolved anew when the account's file or the source of a secret has changed,
 * and always when a secret comes from a command, whose changes cannot be noticed. */
int JT_MUST_CHECK jt_resolved_get(struct jt_resolutions *resolutions, struct jt_account *account,
                                  const struct jt_plugin *plugin, const struct jt_net *net,
                                  struct jt_resolved **ret_resolved, jeton_error **ret_error);
void jt_resolved_free(struct jt_resolved **resolved);
#define JT_AUTO_RESOLVED JT_CLEANUP(jt_resolved_free)

/* Checks the parameters of a call against the plugin's table. The core parameters (scope, audience, resource) are
 * allowed only if the plugin declares them. JETON_USAGE: a parameter is unknown (the error suggests the nearest name)
 * or its value does not fit. Whether a required one is missing depends on the operation: see jt_params_require. */
int JT_MUST_CHECK jt_params_check(const struct jt_plugin *plugin, const struct jeton_param *params, size_t params_len,
                                  struct jt_fields *ret_params, jeton_error **ret_error);
/* For acquire: checks that every required parameter was passed or is a setting. JETON_USAGE names the missing one. */
int JT_MUST_CHECK jt_params_require(const struct jt_plugin *plugin, const struct jt_fields *params,
                                    const struct jt_fields *settings, jeton_error **ret_error);

/* The functions that jeton_config.so offers. */
struct jt_settings_functions {
    int (*fill)(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows, const char *prefix,
                const char *config_dir, const char *state_dir, struct jt_findings *findings,
                struct jt_fields *ret_values, jeton_error **ret_error);
    int (*check)(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                 struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error);
};

#endif
