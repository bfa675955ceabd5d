/* SPDX-License-Identifier: MIT */
/* Configuration: jeton.conf and providers.d, read with libconfig into plain structures. It never opens a plugin (that
 * is settings/check.c's, which holds settings against a plugin's table) and never prints. */
#ifndef JT_CONFIG_H
#define JT_CONFIG_H

#include "base/base.h"
#include "base/fields.h"
#include "secret/secret.h"

/* One setting as written: name as in the plugin's table, x_file and its like already folded into `source`. */
struct jt_raw_setting {
    char *name; /* "client_secret" */
    char *key;  /* as written: "client_secret_file" */
    enum jt_secret_source source;
    enum { JT_RAW_STRING, JT_RAW_INTEGER, JT_RAW_BOOLEAN, JT_RAW_LIST, JT_RAW_OTHER } type; /* as written */
    char *text;  /* scalars as text; lists joined with single spaces */
    char **argv; /* COMMAND, or a list's items; ends with NULL; else NULL */
    char *file;
    int line;
    bool inherited; /* written beside `accounts` */
    bool faulty;    /* its finding was made already: it says that it was given, and nothing else */
};

/* The core's own settings, in any provider or account. Seconds; -1: not set. */
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
    unsigned file_mode;  /* permissions of the file when it was read */
    uint64_t file_stamp; /* of its identity, size and times */
    bool faulty;         /* the file has findings about it: to be listed and checked, never used */
};

/* Resolves a setting as a secret; an error begins with the setting's file, line and key. */
int JT_MUST_CHECK jt_raw_setting_resolve(const struct jt_raw_setting *setting, char **ret_secret, size_t *ret_len,
                                         jeton_error **ret_error);

struct jt_account *jt_account_ref(struct jt_account *account);
void jt_account_free(struct jt_account **account);
/* Changes whenever something changes that could turn a refusal into success: the settings, the sources of secrets. Any
 * change of the account's file counts, so that the number says nothing about the secrets in it. */
uint64_t jt_account_digest(const struct jt_account *account);

/* jeton.conf, with defaults filled in. */
struct jt_main_config {
    char *store_engine; /* "sqlite" */
    char *store_path;
    struct jt_raw_setting *store_key; /* key, key_file, …; never NULL */
    char *plugindir;
    int64_t connect_timeout_s;
    int64_t timeout_s;
    char *ca_file; /* NULL: the system's */
    char *proxy;   /* NULL: none */
    int log_level; /* as in syslog(3) */
    enum jt_log_to log_to;
};

struct jt_config; /* a directory; thread-safe */
struct jt_findings;

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

/* Findings of a check, with file and line, gathered instead of stopping at the first. */
struct jt_finding {
    char *file;
    int line; /* 0: the whole file */
    char *message;
    char *account; /* NULL: the whole file */
};
struct jt_findings {
    struct jt_finding *items;
    size_t len, size;
};
void jt_findings_done(struct jt_findings *findings);
int jt_findings_add(struct jt_findings *findings, const char *file, int line, const char *format, ...) JT_PRINTF(4, 5);
/* The error as a finding in file. Where its message begins with the file, and perhaps a line, it loses that: the line
 * is the finding's. */
int jt_findings_add_error(struct jt_findings *findings, const char *file, int line, const jeton_error *error);
/* Everything that is wrong with one provider's file as a file (settings/check.h tells the rest). JETON_OK with
 * findings.
 */
int JT_MUST_CHECK jt_config_findings(struct jt_config *config, const char *provider, struct jt_findings *findings,
                                     jeton_error **ret_error);
#define JT_AUTO_FINDINGS JT_CLEANUP(jt_findings_done)

#endif
