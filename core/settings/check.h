/* SPDX-License-Identifier: MIT */
/* Holds an account's settings against its plugin's table and turns them into the values a flow reads. It never asks the
 * network. */
#ifndef JT_SETTINGS_CHECK_H
#define JT_SETTINGS_CHECK_H

#include "config/config.h"
#include "net/net.h"
#include "plugin/plugin.h"

/* Every finding: unknown (with the nearest known name), missing, mistyped, out of range, not one of the choices,
 * secrets that cannot be resolved or that others can read, keys that do not parse (net->check_key), what the plugin's
 * own `check` complains of (net->check_settings). With *ret_settings (may be NULL) come the values for a flow: defaults
 * filled in, secrets resolved. resolve_commands: also run x_command secrets. */
int JT_MUST_CHECK jt_config_check_account(const struct jt_account *account, const struct jt_plugin *plugin,
                                          const struct jt_net *net, bool resolve_commands, struct jt_findings *findings,
                                          struct jt_fields *ret_settings, jeton_error **ret_error);

/* The files that the core's own settings name; part of the above. */
int JT_MUST_CHECK jt_config_check_core(const struct jt_account *account, struct jt_findings *findings,
                                       jeton_error **ret_error);

/* The same for a flow: the first finding is the error (JETON_CONFIG, "file:line: …"). */
int JT_MUST_CHECK jt_config_resolve(const struct jt_account *account, const struct jt_plugin *plugin,
                                    const struct jt_net *net, struct jt_fields *ret_settings, jeton_error **ret_error);

/* Checks the parameters of a call against the plugin's table, core parameters (scope, audience, resource) included only
 * where the plugin declares them. JETON_USAGE with the nearest known name. Which of them are needed depends on the
 * operation, and is jt_config_require_params' question. */
int JT_MUST_CHECK jt_config_check_params(const struct jt_plugin *plugin, const struct jeton_param *params,
                                         size_t params_len, struct jt_fields *ret_params, jeton_error **ret_error);

/* For acquire: is every required parameter there, passed or as a setting? JETON_USAGE that names the one that is not.
 */
int JT_MUST_CHECK jt_config_require_params(const struct jt_plugin *plugin, const struct jt_fields *params,
                                           const struct jt_fields *settings, jeton_error **ret_error);

#endif
