/* SPDX-License-Identifier: MIT */
/* Settings that are jeton's own, whatever the plugin: those that every provider and account may have, and the endings
 * of a name ("_file") that say where a secret is. No plugin may declare a setting with such a name. */
#ifndef JT_BASE_SETTING_H
#define JT_BASE_SETTING_H

#include "base/suggest.h"
#include <jeton/provider.h>

enum jt_secret_source {
    JT_SECRET_INLINE,     /* x = "…"                                                              */
    JT_SECRET_FILE,       /* x_file = "/path": owner and mode are checked, one trailing newline is dropped */
    JT_SECRET_CREDENTIAL, /* x_credential = "name": a file below $CREDENTIALS_DIRECTORY           */
    JT_SECRET_ENV,        /* x_env = "VAR"; never when AT_SECURE                                  */
    JT_SECRET_COMMAND     /* x_command = ["/program", "argument", …]: its stdout, no shell, 10 s  */
};

/* A way to give a secret x other than x itself. */
struct jt_secret_way {
    const char *ending; /* "_file" */
    enum jt_secret_source source;
    const char *what; /* what such a setting holds: "the path of the file" */
};
#define JT_SECRET_WAYS 4u
extern const struct jt_secret_way jt_secret_ways[JT_SECRET_WAYS];

/* The way whose ending the name has. NULL: the name has no such ending. */
const struct jt_secret_way *jt_secret_way_of(const char *name);

/* The first row of that name, or NULL. rows may be NULL. */
const struct jeton_setting *jt_setting_row(const struct jeton_setting *rows, const char *name);

/* A setting of jeton's own, and where its value goes. */
struct jt_own_setting {
    const char *group; /* group of jeton.conf; "": outside of all groups, or in a provider's file */
    /* Like a row of a plugin's table. Type 0: only the name is set; the code that reads the file handles the value. */
    struct jeton_setting row;
    /* Where the value goes in the struct of all values: an int64_t for an integer, an int for one of several choices, a
     * char * for anything else. */
    size_t offset;
    int first_choice; /* the number of the first choice, from which the others are counted */
    /* A check beyond the row's: returns what is wrong with the value, or NULL. May itself be NULL. */
    const char *(*problem)(const char *text);
};
/* The table's entry of that group and name, or NULL. The table ends with a name of NULL. */
const struct jt_own_setting *jt_own_setting_find(const struct jt_own_setting *table, const char *group,
                                                 const char *name);

/* Stores a checked value into `values`. A relative path is taken as below dir. False: out of memory. */
bool JT_MUST_CHECK jt_own_setting_apply(const struct jt_own_setting *own, const char *text, const char *dir,
                                        void *values);
/* Stores the default of every entry. */
bool JT_MUST_CHECK jt_own_settings_default(const struct jt_own_setting *table, const char *dir, void *values);
/* Wipes and frees the values that are texts. */
void jt_own_settings_done(const struct jt_own_setting *table, void *values);

/* `; did you mean "client_secret_file"?`, or "": suggests the known name that is nearest to an unknown one. Known are a
 * plugin's settings (rows, may be NULL), the table's settings in the group, and for secrets also the names with an
 * ending. */
struct jt_suggestion jt_setting_suggest(const char *wrong, const struct jeton_setting *rows,
                                        const struct jt_own_setting *table, const char *group);

/* The settings that every provider and account may have. Times are in seconds; -1: not set. */
struct jt_core_settings {
    char *base_url;
    char *ca_file;
    char *proxy;
    char *client_certificate;
    char *client_key;
    int64_t min_ttl_s;
    int64_t renew_before_s;
    int64_t timeout_s;
};
#define JT_CORE_SETTINGS_INIT ((struct jt_core_settings){.min_ttl_s = -1, .renew_before_s = -1, .timeout_s = -1})
extern const struct jt_own_setting jt_core_settings_table[];

#endif
