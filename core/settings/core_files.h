/* SPDX-License-Identifier: MIT */
/* Checking the files that an account names in jeton's own settings. */
#ifndef JT_SETTINGS_CORE_FILES_H
#define JT_SETTINGS_CORE_FILES_H

#include "config/config.h"

/* Adds a finding for each file that is missing or not fit for its use. */
int JT_MUST_CHECK jt_core_files_check(const struct jt_account *account, struct jt_findings *findings,
                                      jeton_error **ret_error);

#endif
