/* SPDX-License-Identifier: MIT */
/* Checking an account as a whole against its plugin. */
#ifndef JT_SETTINGS_CHECK_H
#define JT_SETTINGS_CHECK_H

#include "settings/settings.h"

/* As jt_settings_check. ret_values, unless NULL, receives the values as from jt_settings_resolve, also if there are
 * findings. */
int JT_MUST_CHECK jt_check_account(const struct jt_account *account, const struct jt_plugin *plugin,
                                   const struct jt_net *net, struct jt_findings *findings, struct jt_fields *ret_values,
                                   jeton_error **ret_error);

#endif
