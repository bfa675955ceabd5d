/* SPDX-License-Identifier: MIT */
/* What jeton itself knows of settings, whatever the plugin: those that every provider and account may have, and the
 * endings of a name that say where a secret is. No plugin can have a setting of such a name. */
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
    const char *what; /* is written there: "the path of the file" */
};
#define JT_SECRET_WAYS 4u
extern const struct jt_secret_way jt_secret_ways[JT_SECRET_WAYS];

/* The way whose ending the name has; NULL: it has none. */
const struct jt_secret_way *jt_secret_way_of(const char *name);

/* The first row of that name, or NULL. rows may be NULL. */
const struct jeton_setting *jt_setting_row(const struct jeton_setting *rows, const char *name);

/* A setting of jeton's own, and where its value goes. */
struct jt_own_setting {
    const char *group; /* of jeton.conf; "": in none, or in a provider's file */
    /* As a plugin's. Type 0: it has a name only, whoever reads the file knows what it is. */
    struct jeton_setting row;
    /* Of its value in the struct that holds them: an int64_t for an integer, an int for one of several choices, a char
     * * for anything else. */
    size_t offset;
    int first_choice; /* the number of the first choice, from which the others are counted */
    /* What else is wrong with a value that the row takes; NULL: nothing. */
    const char *(*problem)(const char *text);
};
/* The table's entry, whose last one has a name of NULL; NULL: there is none. */
const struct jt_own_setting *jt_own_setting_find(const struct jt_own_setting *table, const char *group,
                                                 const char *name);

/* Puts a value that fits into its place in `values`; a relative path is below dir. False: out of memory. */
bool JT_MUST_CHECK jt_own_setting_apply(const struct jt_own_setting *own, const char *text, const char *dir,
                                        void *values);
/* The same for each default of the table. */
bool JT_MUST_CHECK jt_own_settings_default(const struct jt_own_setting *table, const char *dir, void *values);
/* Wipes and frees the values that are texts. */
void jt_own_settings_done(const struct jt_own_setting *table, void *values);

/* `; did you mean "client_secret_file"?`, or "": the nearest to a name that is unknown, of a plugin's settings (NULL:
 * none), of the table's in a group, and of the ways to give those that are secrets. */
struct jt_suggestion jt_setting_suggest(const char *wrong, const struct jeton_setting *rows,
                                        const struct jt_own_setting *table, const char *group);

/* Those of every provider and account. Seconds; -1: not set. */
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
