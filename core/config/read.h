/* SPDX-License-Identifier: MIT */
/* Reading settings from libconfig's tree, as they were written. */
#ifndef JT_CONFIG_READ_H
#define JT_CONFIG_READ_H

#include "config/file.h"
#include "config/findings.h"
#include "config/setting.h"

/* What is being read, and the findings to which problems are added. */
struct jt_reading {
    const char *dir; /* relative paths are taken as below it */
    const struct jt_config_file *file;
    const char *prefix;  /* of names in messages: "store.", or "" */
    const char *account; /* the account whose settings are read; NULL: those of the whole file */
    struct jt_findings *findings;
};

/* with_ways: x_file and its like are ways to give x. A setting that cannot be read becomes a finding and is marked as
 * faulty. */
int JT_MUST_CHECK jt_reading_setting(const struct jt_reading *reading, const config_setting_t *from, bool with_ways,
                                     struct jt_raw_setting *ret_setting, jeton_error **ret_error);
/* Moves the setting to the end of the list; a second one of the same name becomes a finding instead. */
int JT_MUST_CHECK jt_reading_keep(const struct jt_reading *reading, struct jt_raw_setting *setting,
                                  struct jt_raw_setting **settings, size_t *len, jeton_error **ret_error);
/* Adds a finding about what is read. */
int JT_MUST_CHECK jt_reading_find(const struct jt_reading *reading, int line, jeton_error **ret_error,
                                  const char *format, ...) JT_PRINTF(4, 5);
/* Adds a finding about a setting: the setting's name, a space, and `what`. */
int JT_MUST_CHECK jt_reading_find_in(const struct jt_reading *reading, const struct jt_raw_setting *setting,
                                     const char *what, jeton_error **ret_error);

#endif
