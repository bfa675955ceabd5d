/* SPDX-License-Identifier: MIT */
/* The face of this room: jeton.conf and providers.d, read into plain structures, each setting with its file and line.
 */
#ifndef JT_CONFIG_H
#define JT_CONFIG_H

#include "base/base.h"
#include "config/findings.h"
#include "config/setting.h"
#include "plugin/plugin.h"

/* One account, defaults of its provider merged in. Refcounted, immutable. */
struct jt_account {
    unsigned refs;  /* jt_account_ref, jt_account_free only */
    char *provider; /* the file's name without .conf */
    char *account;
    char *plugin;
    char *file;
    int line;
    struct jt_core_settings core;
    struct jt_raw_setting *settings; /* everything else, for the plugin */
    size_t settings_len;
    struct jt_raw_setting *core_settings; /* what `core` was made of, for its files and lines */
    size_t core_settings_len;
    uint64_t file_stamp; /* of its identity, size and times */
    bool faulty;         /* the file has findings about it: to be listed and checked, never used */
};

struct jt_account *jt_account_ref(struct jt_account *account);
void jt_account_free(struct jt_account **account);
/* Changes whenever something changes that could turn a refusal into success: the settings, the sources of secrets. Any
 * change of the account's file counts, so that the number says nothing about the secrets in it. */
uint64_t jt_account_digest(const struct jt_account *account);

/* jeton.conf, with defaults filled in. */
struct jt_main_config {
    char *plugindir;
    char *state_dir;                       /* where relative defaults of the store's engine are */
    char *store_engine;                    /* "sqlite" */
    char *store_path;                      /* for core/store, until it reads store_settings */
    struct jt_raw_setting *store_key;      /* key, key_file, …; never NULL */
    struct jt_raw_setting *store_settings; /* the engine's own: its table says which there are */
    size_t store_settings_len;
    int64_t connect_timeout_s;
    int64_t timeout_s;
    char *ca_file; /* NULL: the system's */
    char *proxy;   /* NULL: none */
    int log_level; /* as in syslog(3) */
    int log_to;    /* enum jt_log_to */
};
struct jt_config; /* a directory; thread-safe */

/* Chooses the directory (argument, $JETON_CONFIG, the user's, /etc/jeton) and reads jeton.conf, which may be missing;
 * the directory named explicitly may not. */
int JT_MUST_CHECK jt_config_open(const char *dir, struct jt_config **ret_config, jeton_error **ret_error);
/* The same to make it: the directory may be missing also where it was named. */
int JT_MUST_CHECK jt_config_open_to_init(const char *dir, struct jt_config **ret_config, jeton_error **ret_error);
/* The same to look for all that is wrong: what jeton.conf has wrong is added to findings, and the rest of it stands. */
int JT_MUST_CHECK jt_config_open_to_check(const char *dir, struct jt_findings *findings, struct jt_config **ret_config,
                                          jeton_error **ret_error);
void jt_config_free(struct jt_config **config);
const char *jt_config_dir(const struct jt_config *config);
const struct jt_main_config *jt_config_main(const struct jt_config *config);

/* The account, from its provider's file, which is read again when it has changed since. JETON_USAGE with the known
 * names and the nearest when there is no such provider or account; JETON_CONFIG when that file has an error: other
 * providers are not looked at. */
int JT_MUST_CHECK jt_config_account(struct jt_config *config, const char *provider, const char *account,
                                    struct jt_account **ret_account, jeton_error **ret_error);

/* Calls visit for every provider file in order of name, with its accounts, the faulty ones included, and with the error
 * that it has. visit returns non-zero to stop. */
int JT_MUST_CHECK jt_config_each(struct jt_config *config,
                                 int (*visit)(void *data, const char *provider, const char *file,
                                              struct jt_account *const *accounts, size_t accounts_len,
                                              const jeton_error *error),
                                 void *data, jeton_error **ret_error);

/* Everything that is wrong with one provider's file as a file (jt_settings_check tells the rest). JETON_OK with
 * findings. */
int JT_MUST_CHECK jt_config_findings(struct jt_config *config, const char *provider, struct jt_findings *findings,
                                     jeton_error **ret_error);

/* The module that reads configuration, jeton_config.so, is opened by the functions above when they are first called. It
 * has this room and the next above it, settings/. */
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

/* Within the module. */
extern const struct jt_config_functions jt_config_functions;
extern const struct jt_own_setting jt_main_settings_table[]; /* the settings of jeton.conf */
__attribute__((visibility("default"))) const struct jt_config_module *jeton_config_v1(void);

#endif
