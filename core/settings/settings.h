/* SPDX-License-Identifier: MIT */
/* The face of this room: settings as they were written, held against a plugin's table, and the values that come of it.
 */
#ifndef JT_SETTINGS_H
#define JT_SETTINGS_H

#include "config/config.h"
#include "net/net.h"
#include "plugin/plugin.h"

/* Holds what jeton.conf says in a group ("store.") for a plugin against the plugin's rows. Every finding: unknown (with
 * the nearest known name), missing, mistyped, out of range, not one of the choices, secrets that cannot be had or that
 * others can read. With *ret_values come the values of the others: defaults filled in, secrets fetched, paths absolute
 * (relative ones below config_dir, relative defaults below state_dir). JETON_OK with findings. */
int JT_MUST_CHECK jt_settings_fill(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows,
                                   const char *prefix, const char *config_dir, const char *state_dir,
                                   struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error);

/* The same for an account; also keys that do not open (net->check_key), files of jeton's own settings that are not fit
 * for their use, and what the plugin's own `check` complains of (net->check_settings). */
int JT_MUST_CHECK jt_settings_check(const struct jt_account *account, const struct jt_plugin *plugin,
                                    const struct jt_net *net, struct jt_findings *findings, jeton_error **ret_error);
/* The values that a flow reads. The first finding is the error (JETON_CONFIG, "file:line: …"). */
int JT_MUST_CHECK jt_settings_resolve(const struct jt_account *account, const struct jt_plugin *plugin,
                                      const struct jt_net *net, struct jt_fields *ret_values, jeton_error **ret_error);

/* The values of accounts, kept from one flow to the next: checked once, secrets in guarded memory once. Thread-safe. */
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
/* The account's values as they are now: resolved anew when its file or the source of a secret has changed, or when a
 * secret comes from a command, whose changes cannot be seen. */
int JT_MUST_CHECK jt_resolved_get(struct jt_resolutions *resolutions, struct jt_account *account,
                                  const struct jt_plugin *plugin, const struct jt_net *net,
                                  struct jt_resolved **ret_resolved, jeton_error **ret_error);
void jt_resolved_free(struct jt_resolved **resolved);
#define JT_AUTO_RESOLVED JT_CLEANUP(jt_resolved_free)

/* Checks the parameters of a call against the plugin's table, core parameters (scope, audience, resource) included only
 * where the plugin declares them. JETON_USAGE with the nearest known name. Which of them are needed depends on the
 * operation, and is jt_params_require's question. */
int JT_MUST_CHECK jt_params_check(const struct jt_plugin *plugin, const struct jeton_param *params, size_t params_len,
                                  struct jt_fields *ret_params, jeton_error **ret_error);
/* For acquire: is every required parameter there, passed or as a setting? JETON_USAGE that names the one that is not.
 */
int JT_MUST_CHECK jt_params_require(const struct jt_plugin *plugin, const struct jt_fields *params,
                                    const struct jt_fields *settings, jeton_error **ret_error);

/* What is done in jeton_config.so. */
struct jt_settings_functions {
    int (*fill)(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows, const char *prefix,
                const char *config_dir, const char *state_dir, struct jt_findings *findings,
                struct jt_fields *ret_values, jeton_error **ret_error);
    int (*check)(const struct jt_account *account, const struct jt_plugin *plugin, const struct jt_net *net,
                 struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error);
};

#endif
