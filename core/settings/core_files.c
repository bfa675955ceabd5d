/* SPDX-License-Identifier: MIT */
/* Checks owner, mode and kind of the files that jeton's own settings name. libcurl reads them when a request is
 * sent. */
#include "settings/core_files.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int core_find(const struct jt_account *account, const char *name, struct jt_findings *findings,
                     const char *message, jeton_error **ret_error)
{
    const struct jt_raw_setting *setting =
        jt_raw_setting_find(account->core_settings, account->core_settings_len, name);

    return jt_findings_add(findings, account->account, account->file, setting != NULL ? setting->line : account->line,
                           ret_error, "%s%s", name, message);
}

static int core_judge(const char *path, mode_t forbidden, jeton_error **ret_error)
{
    JT_AUTO_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return jt_error_errno(ret_error, errno, "%s cannot be opened", path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return jt_error_set(ret_error, JETON_CONFIG, "%s is not a regular file", path);
    return jt_trust_judge(path, &st, forbidden, ret_error);
}

static int core_check_file(const struct jt_account *account, const char *name, const char *path, mode_t forbidden,
                           struct jt_findings *findings, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    JT_AUTO_STR char *message = NULL;

    if (path == NULL || core_judge(path, forbidden, &error) == JETON_OK)
        return JETON_OK;
    message = jt_printf(": %s", jeton_error_message(error));
    if (message == NULL)
        return jt_error_no_memory(ret_error);
    return core_find(account, name, findings, message, ret_error);
}

int jt_core_files_check(const struct jt_account *account, struct jt_findings *findings, jeton_error **ret_error)
{
    const struct jt_core_settings *core = &account->core;
    int status = core_check_file(account, "ca_file", core->ca_file, JT_TRUST_FORBID_WRITE, findings, ret_error);

    if (status == JETON_OK)
        status = core_check_file(account, "client_certificate", core->client_certificate, JT_TRUST_FORBID_WRITE,
                                 findings, ret_error);
    /* A group may read the key: distributions keep TLS keys readable for a special group. */
    if (status == JETON_OK)
        status = core_check_file(account, "client_key", core->client_key, JT_TRUST_FORBID_READ_BUT_GROUP, findings,
                                 ret_error);
    if (status == JETON_OK && core->client_key != NULL && core->client_certificate == NULL)
        status = core_find(account, "client_key", findings, " is the key of a client_certificate, and there is none",
                           ret_error);
    return status;
}
