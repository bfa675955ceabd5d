/* SPDX-License-Identifier: MIT */
/* From settings as they were written to values, by a plugin's table. */
#ifndef JT_SETTINGS_FILL_H
#define JT_SETTINGS_FILL_H

#include "settings/settings.h"

/* Settings on their way to being values. */
struct jt_filling {
    const struct jt_raw_setting *settings;
    size_t len;
    const struct jeton_setting *rows;

    const char *prefix;  /* of names in messages: "store.", or "" */
    const char *owner;   /* "the account bot" */
    const char *plugin;  /* whose table it is, where messages say so; else NULL */
    const char *account; /* whom findings concern; NULL: the whole file */
    const char *file;    /* where a setting that is missing should stand */
    int line;
    /* Jeton's own settings that may stand beside them, since one of those may have been meant. */
    const struct jt_own_setting *beside;
    const char *group;

    const char *config_dir; /* of paths; NULL: no row is one */
    const char *state_dir;

    struct jt_findings *findings;
    struct jt_fields values;
};

int JT_MUST_CHECK jt_fill_values(struct jt_filling *filling, jeton_error **ret_error);
int JT_MUST_CHECK jt_fill_find(const struct jt_filling *filling, int line, jeton_error **ret_error, const char *format,
                               ...) JT_PRINTF(4, 5);
/* What is wrong with a value becomes a finding; any other error ends the check. */
int JT_MUST_CHECK jt_fill_find_error(const struct jt_filling *filling, int line, const char *key, jeton_error **error,
                                     jeton_error **ret_error);

/* As jt_settings_fill. */
int JT_MUST_CHECK jt_fill(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows,
                          const char *prefix, const char *config_dir, const char *state_dir,
                          struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error);

#endif
