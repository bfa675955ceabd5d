/* SPDX-License-Identifier: MIT */
/* What the files of the configuration reader share among themselves: one file as a tree, raw settings, the core's
 * tables. It is no interface for anybody else. */
#ifndef JT_CONFIG_FILE_H
#define JT_CONFIG_FILE_H

#include "config/config.h"
#include <jeton/provider.h>
#include <libconfig.h>
#include <sys/stat.h>

/* dir.c: which directory, and where the store is unless jeton.conf says otherwise. */
struct jt_config_place {
    char *dir;        /* absolute */
    char *store_path; /* the default */
    bool must_exist;
};
void jt_config_place_done(struct jt_config_place *place);
int JT_MUST_CHECK jt_config_place_choose(const char *argument, struct jt_config_place *ret_place,
                                         jeton_error **ret_error);

/* file.c: a file that only root or the invoking user can have written, as libconfig's tree. */
struct jt_config_file {
    char *path;
    config_t tree;
    bool parsed;
    bool missing; /* it does not exist: no error, and nothing else is set */
    unsigned mode;
    uint64_t stamp;
};
void jt_config_file_done(struct jt_config_file *file); /* wipes what the tree held */
/* dir is the configuration directory, which a link may not lead out of. file is zeroed, stays where it is (the tree
 * points to itself) and is done with also after an error. */
int JT_MUST_CHECK jt_config_file_read(const char *dir, const char *path, struct jt_config_file *file,
                                      jeton_error **ret_error);
int JT_MUST_CHECK jt_config_file_check_dir(const char *path, bool must_exist, jeton_error **ret_error);
/* Identity, size and times in one number; 0: there is no such file. */
uint64_t jt_config_file_stamp(const char *path);

/* scan.c: what libconfig would misread without a word. */
int JT_MUST_CHECK jt_config_scan(const char *path, const char *text, size_t len, jeton_error **ret_error);

/* raw.c: settings as written. */
int JT_MUST_CHECK jt_raw_setting_read(const config_setting_t *from, const char *dir, const char *path, bool fold,
                                      struct jt_raw_setting *ret_setting, jeton_error **ret_error);
int JT_MUST_CHECK jt_raw_setting_copy(const struct jt_raw_setting *from, struct jt_raw_setting *ret_setting);
/* In place of a setting that could not be read: that it was given, and where. */
int JT_MUST_CHECK jt_raw_setting_read_faulty(const config_setting_t *from, const char *path, bool fold,
                                             struct jt_raw_setting *ret_setting);
void jt_raw_setting_done(struct jt_raw_setting *setting);
void jt_raw_settings_free(struct jt_raw_setting **settings, size_t *len);
const struct jt_raw_setting *jt_raw_setting_find(const struct jt_raw_setting *settings, size_t len, const char *name);
#define JT_CONFIG_WHY_SIZE 512u
/* Is it what the row says: the kind of literal, then the value? If not, why follows the setting's name. */
bool jt_raw_setting_fits(const struct jt_raw_setting *setting, const struct jeton_setting *row, char *why,
                         size_t why_size);

/* core.c: the core's own settings. */
/* As jt_raw_setting_fits, with what the core asks beyond its rows. For jeton.conf's settings too. */
bool jt_core_setting_fits(const struct jt_raw_setting *setting, const struct jeton_setting *row, char *why,
                          size_t why_size);
void jt_core_settings_done(struct jt_core_settings *core);
int JT_MUST_CHECK jt_core_settings_read(const struct jt_raw_setting *settings, size_t len, const char *dir,
                                        struct jt_core_settings *ret_core, jeton_error **ret_error);

/* main.c: jeton.conf. findings NULL: what is wrong with it is the error; else it is added there, and what is right
 * stands. */
void jt_main_config_done(struct jt_main_config *main_config);
int JT_MUST_CHECK jt_main_config_read(const struct jt_config_place *place, struct jt_findings *findings,
                                      struct jt_main_config *ret_main, jeton_error **ret_error);

/* provider.c: one file of providers.d. */
/* libconfig compares the name of each account with those of all others: reading a thousand takes it 10 ms, ten thousand
 * a second. */
#define JT_CONFIG_ACCOUNTS_MAX 1000
struct jt_provider_file {
    char *provider;
    char *path;
    uint64_t stamp;
    struct jt_account **accounts; /* in order of name */
    size_t accounts_len;
    struct jt_findings findings;
};
void jt_provider_file_free(struct jt_provider_file **file);
/* *ret_file NULL: there is no such file. */
int JT_MUST_CHECK jt_provider_file_read(const char *dir, const char *provider, struct jt_provider_file **ret_file,
                                        jeton_error **ret_error);
/* The account, or the error that says what is wrong with it, with the file, or that there is no such account. */
int JT_MUST_CHECK jt_provider_file_account(const struct jt_provider_file *file, const char *account,
                                           struct jt_account **ret_account, jeton_error **ret_error);

/* findings.c */
int JT_MUST_CHECK jt_findings_add_for(struct jt_findings *findings, const char *account, const char *file, int line,
                                      const char *format, ...) JT_PRINTF(5, 6);
/* Is there one about this account, or about the whole file? */
bool jt_findings_concern(const struct jt_findings *findings, const char *account);
/* The findings that concern the account (those of the whole file do; account NULL: all) as one JETON_CONFIG error: the
 * first is the message, the next few are the hint. JETON_OK: there are none. */
int JT_MUST_CHECK jt_findings_error(const struct jt_findings *findings, const char *account, jeton_error **ret_error);
/* "a, b, c and 4 more": for messages that name what there is. */
void jt_findings_list_names(struct jt_buf *buf, const char *const *names, size_t count);

#endif
