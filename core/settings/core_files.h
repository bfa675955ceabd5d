/* SPDX-License-Identifier: MIT */
/* The files that jeton's own settings of an account name. */
#ifndef JT_SETTINGS_CORE_FILES_H
#define JT_SETTINGS_CORE_FILES_H

#include "config/config.h"

/* Are they there, and fit for their use? */
int JT_MUST_CHECK jt_core_files_check(const struct jt_account *account, struct jt_findings *findings,
                                      jeton_error **ret_error);

#endif
