/* SPDX-License-Identifier: MIT */
/* Turning settings as they were written into values, by a plugin's table. */
#ifndef JT_SETTINGS_FILL_H
#define JT_SETTINGS_FILL_H

#include "settings/settings.h"

/* The state of that while it is going on. */
struct jt_filling {
    const struct jt_raw_setting *settings;
    size_t len;
    const struct jeton_setting *rows;

    const char *prefix;  /* of names in messages: "store.", or "" */
    const char *owner;   /* "the account bot" */
    const char *plugin;  /* the table's plugin, for messages; may be NULL */
    const char *account; /* the account that findings are about; NULL: the whole file */
    const char *file;    /* where a missing setting should be written */
    int line;
    /* Jeton's own settings in the same place: a misspelt name may have meant one of them. */
    const struct jt_own_setting *beside;
    const char *group;

    const char *config_dir; /* for relative paths; NULL: no row is a path */
    const char *state_dir;

    struct jt_findings *findings;
    struct jt_fields values;
};

int JT_MUST_CHECK jt_fill_values(struct jt_filling *filling, jeton_error **ret_error);
int JT_MUST_CHECK jt_fill_find(const struct jt_filling *filling, int line, jeton_error **ret_error, const char *format,
                               ...) JT_PRINTF(4, 5);
/* Turns an error about a value into a finding. Any other error ends the check. */
int JT_MUST_CHECK jt_fill_find_error(const struct jt_filling *filling, int line, const char *key, jeton_error **error,
                                     jeton_error **ret_error);

/* As jt_settings_fill. */
int JT_MUST_CHECK jt_fill(const struct jt_raw_setting *settings, size_t len, const struct jeton_setting *rows,
                          const char *prefix, const char *config_dir, const char *state_dir,
                          struct jt_findings *findings, struct jt_fields *ret_values, jeton_error **ret_error);

#endif
