/* SPDX-License-Identifier: MIT */
/* Finds an account in a provider's file, or says why it is not there. */
#include "config/provider.h"
#include <stdlib.h>
#include <string.h>

static int lookup_compare(const void *name, const void *account)
{
    return strcmp(name, (*(struct jt_account *const *)account)->account);
}

static int lookup_unknown(const struct jt_provider_file *file, const char *account, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf sentence = JT_BUF_INIT(JT_RESPONSE_MAX);
    const char **names = calloc(file->accounts_len + 1, sizeof(*names));

    if (names == NULL)
        return jt_error_no_memory(ret_error);
    for (size_t i = 0; i < file->accounts_len; i++)
        names[i] = file->accounts[i]->account;
    jt_buf_printf(&sentence, "there is no account \"%s\" in %s", account, file->path);
    jt_suggest_list(&sentence, account, names, file->accounts_len);
    free(names);
    return jt_error_set(ret_error, JETON_USAGE, "%s", jt_buf_str(&sentence));
}

int jt_provider_file_account(const struct jt_provider_file *file, const char *account, struct jt_account **ret_account,
                             jeton_error **ret_error)
{
    struct jt_account **found = NULL;

    if (jt_findings_concern(&file->findings, account))
        return jt_findings_error(&file->findings, account, ret_error);
    if (file->accounts_len > 0)
        found = bsearch(account, file->accounts, file->accounts_len, sizeof(*file->accounts), lookup_compare);
    if (found == NULL)
        return lookup_unknown(file, account, ret_error);
    *ret_account = jt_account_ref(*found);
    return JETON_OK;
}
