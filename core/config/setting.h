/* SPDX-License-Identifier: MIT */
/* A setting as it was written: name, way of giving a secret, kind of literal, file and line. Its meaning comes from the
 * table of settings that it is checked against. */
#ifndef JT_CONFIG_SETTING_H
#define JT_CONFIG_SETTING_H

#include "base/base.h"
#include "secret/secret.h"

struct jt_raw_setting {
    char *name; /* "client_secret": without the ending that says where the secret is */
    char *key;  /* as written: "client_secret_file" */
    enum jt_secret_source source;
    enum { JT_RAW_STRING, JT_RAW_INTEGER, JT_RAW_BOOLEAN, JT_RAW_LIST, JT_RAW_OTHER } type;
    char *text;  /* scalars as text; lists joined with single spaces */
    char **argv; /* COMMAND, or a list's items; ends with NULL; else NULL */
    char *file;  /* NULL: a default */
    int line;
    unsigned file_mode; /* permissions of the file when it was read */
    bool faulty;        /* already reported as wrong; kept only to show that it was given */
};

const struct jt_raw_setting *jt_raw_setting_find(const struct jt_raw_setting *settings, size_t len, const char *name);

/* Checks the kind of literal, then the value, against the row. JETON_CONFIG: it does not fit; the message is to follow
 * the setting's name. */
int JT_MUST_CHECK jt_raw_setting_check(const struct jt_raw_setting *setting, const struct jeton_setting *row,
                                       jeton_error **ret_error);

/* The same for one of jeton's own settings, with the check that its table has beyond the row. */
int JT_MUST_CHECK jt_raw_setting_check_own(const struct jt_raw_setting *setting, const struct jt_own_setting *own,
                                           jeton_error **ret_error);

/* The setting as a secret's source. It points into the setting. */
struct jt_secret_spec jt_raw_setting_spec(const struct jt_raw_setting *setting);
/* Fetches the secret; an error begins with the setting's file, line and key. */
int JT_MUST_CHECK jt_raw_setting_resolve(const struct jt_raw_setting *setting, char **ret_secret, size_t *ret_len,
                                         jeton_error **ret_error);

/* For settings that own their strings. */
void jt_raw_setting_done(struct jt_raw_setting *setting);
int JT_MUST_CHECK jt_raw_setting_copy(const struct jt_raw_setting *from, struct jt_raw_setting *ret_setting);
void jt_raw_settings_free(struct jt_raw_setting **settings, size_t *len);
/* Moves the setting to the end of the list. False: out of memory. */
bool JT_MUST_CHECK jt_raw_settings_add(struct jt_raw_setting **settings, size_t *len, struct jt_raw_setting *setting);

#endif
