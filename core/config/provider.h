/* SPDX-License-Identifier: MIT */
/* One file of providers.d. */
#ifndef JT_CONFIG_PROVIDER_H
#define JT_CONFIG_PROVIDER_H

#include "config/config.h"

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
/* The account, or the error: something is wrong with the account or the file, or there is no such account. */
int JT_MUST_CHECK jt_provider_file_account(const struct jt_provider_file *file, const char *account,
                                           struct jt_account **ret_account, jeton_error **ret_error);

#endif
