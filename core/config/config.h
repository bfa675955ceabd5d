/* SPDX-License-Identifier: MIT */
/* The face of this room: jeton.conf and providers.d, read into plain structs. Each setting remembers its file and
 * line. */
#ifndef JT_CONFIG_H
#define JT_CONFIG_H

#include "base/base.h"
#include "config/findings.h"
#include "config/setting.h"
#include "plugin/plugin.h"

/* One account, with the defaults of its provider merged in. Reference-counted, immutable. */
struct jt_account {
    unsigned refs;  /* used by jt_account_ref and jt_account_free only */
    char *provider; /* the file's name without .conf */
    char *account;
    char *plugin;
    char *file;
    int line;
    struct jt_core_settings core;
    struct jt_raw_setting *settings; /* all but jeton's own settings, for the plugin */
    size_t settings_len;
    struct jt_raw_setting *core_settings; /* jeton's own as they were written, for file and line */
    size_t core_settings_len;
    uint64_t file_stamp; /* jt_file_stamp of the provider's file */
    bool faulty;         /* something is wrong with it: it can be listed and checked, but not used */
};

struct jt_account *jt_account_ref(struct jt_account *account);
void jt_account_free(struct jt_account **account);
/* A number that changes whenever something changes that could turn a refusal into success: the account's file, or the
 * source of one of its secrets. The file's stamp is a part of it, so that nobody can use the number to test guesses of
 * a secret in the file. */
uint64_t jt_account_digest(const struct jt_account *account);

/* The settings of jeton.conf, with defaults filled in. */
struct jt_main_config {
    char *plugindir;
    char *state_dir;                       /* relative defaults of the store engine's settings are below it */
    char *store_engine;                    /* "sqlite" */
    char *store_path;                      /* for core/store, until it reads store_settings */
    struct jt_raw_setting *store_key;      /* key, key_file, …; never NULL */
    struct jt_raw_setting *store_settings; /* the engine's own settings, unchecked */
    size_t store_settings_len;
    int64_t connect_timeout_s;
    int64_t timeout_s;
    char *ca_file; /* NULL: the system's */
    char *proxy;   /* NULL: none */
    int log_level; /* as in syslog(3) */
    int log_to;    /* enum jt_log_to */
};
struct jt_config; /* a directory; thread-safe */

/* Chooses the directory (argument, $JETON_CONFIG, the user's, /etc/jeton) and reads jeton.conf. jeton.conf may be
 * missing; a directory that was named explicitly must exist. */
int JT_MUST_CHECK jt_config_open(const char *dir, struct jt_config **ret_config, jeton_error **ret_error);
/* The same for `jeton init`: the directory may be missing even if it was named. */
int JT_MUST_CHECK jt_config_open_to_init(const char *dir, struct jt_config **ret_config, jeton_error **ret_error);
/* The same for `jeton check`: what is wrong in jeton.conf is added to findings, and the rest of the file is used. */
int JT_MUST_CHECK jt_config_open_to_check(const char *dir, struct jt_findings *findings, struct jt_config **ret_config,
                                          jeton_error **ret_error);
void jt_config_free(struct jt_config **config);
const char *jt_config_dir(const struct jt_config *config);
const struct jt_main_config *jt_config_main(const struct jt_config *config);

/* The account, from its provider's file; a file that has changed is read again. JETON_USAGE: there is no such provider
 * or account; the error lists the known names and suggests the nearest. JETON_CONFIG: the file has an error. Files of
 * other providers do not matter. */
int JT_MUST_CHECK jt_config_account(struct jt_config *config, const char *provider, const char *account,
                                    struct jt_account **ret_account, jeton_error **ret_error);

/* Calls visit for every provider file in order of name, with the file's error, if any, and its accounts, faulty ones
 * included. visit returns non-zero to stop. */
int JT_MUST_CHECK jt_config_each(struct jt_config *config,
                                 int (*visit)(void *data, const char *provider, const char *file,
                                              struct jt_account *const *accounts, size_t accounts_len,
                                              const jeton_error *error),
                                 void *data, jeton_error **ret_error);

/* Adds everything that is wrong with one provider's file, short of what only the plugin's table can tell
 * (jt_settings_check). Returns JETON_OK also with findings. */
int JT_MUST_CHECK jt_config_findings(struct jt_config *config, const char *provider, struct jt_findings *findings,
                                     jeton_error **ret_error);

/* The functions above open the module jeton_config.so when they are first called. The module contains this room and
 * settings/. */
#define JT_CONFIG_SYMBOL "jeton_config_v1"

struct jt_config_functions {
    int (*open)(const char *dir, bool may_be_missing, struct jt_findings *findings, struct jt_config **ret_config,
                jeton_error **ret_error);
    void (*free)(struct jt_config **config);
    const char *(*dir)(const struct jt_config *config);
    const struct jt_main_config *(*main)(const struct jt_config *config);
    int (*account)(struct jt_config *config, const char *provider, const char *account, struct jt_account **ret_account,
                   jeton_error **ret_error);
    int (*each)(struct jt_config *config,
                int (*visit)(void *data, const char *provider, const char *file, struct jt_account *const *accounts,
                             size_t accounts_len, const jeton_error *error),
                void *data, jeton_error **ret_error);
    int (*findings)(struct jt_config *config, const char *provider, struct jt_findings *findings,
                    jeton_error **ret_error);
};
struct jt_settings_functions; /* settings/settings.h */
struct jt_config_module {
    struct jt_module_head head;
    const struct jt_config_functions *config;
    const struct jt_settings_functions *settings;
};
int JT_MUST_CHECK jt_config_module(const struct jt_config_module **ret_module, jeton_error **ret_error);

/* Only inside the module. */
extern const struct jt_config_functions jt_config_functions;
extern const struct jt_own_setting jt_main_settings_table[]; /* the settings of jeton.conf */
__attribute__((visibility("default"))) const struct jt_config_module *jeton_config_v1(void);

#endif
