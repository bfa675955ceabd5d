/* SPDX-License-Identifier: MIT */
/* Are the files that the core's own settings name there, and fit for their use? It reads owners and modes, and never
 * what is in them. */
#include "settings/check.h"
#include "config/file.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct core_checker {
    const struct jt_account *account;
    struct jt_findings *findings;
};

static int core_line(const struct jt_account *account, const char *name)
{
    const struct jt_raw_setting *setting =
        jt_raw_setting_find(account->core_settings, account->core_settings_len, name);

    return setting != NULL ? setting->line : account->line;
}

#define FINDING(name, ...)                                                                                             \
    (jt_findings_add_for(checker->findings, checker->account->account, checker->account->file,                         \
                         core_line(checker->account, (name)), __VA_ARGS__) == JETON_OK                                 \
         ? JETON_OK                                                                                                    \
         : jt_error_no_memory(ret_error))

static int core_check_file(struct core_checker *checker, const char *name, const char *path, bool secret,
                           jeton_error **ret_error)
{
    JT_AUTO_FD int fd = -1;
    struct stat st;

    if (path == NULL)
        return JETON_OK;
    fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return FINDING(name, "%s: %s cannot be opened: %m", name, path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return FINDING(name, "%s: %s is not a regular file", name, path);
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return FINDING(name, "%s: %s belongs to user %u; it must belong to root or to the user who runs this", name,
                       path, (unsigned)st.st_uid);
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return FINDING(name, "%s: %s has mode %04o, so that others than its owner can change it: chmod go-w %s", name,
                       path, (unsigned)(st.st_mode & 07777), path);
    /* A group may read it: distributions keep TLS keys readable by a group of their own. */
    if (secret && (st.st_mode & S_IRWXO) != 0)
        return FINDING(name, "%s: %s has mode %04o, so that everybody can use it: chmod o-rwx %s", name, path,
                       (unsigned)(st.st_mode & 07777), path);
    return JETON_OK;
}

int jt_config_check_core(const struct jt_account *account, struct jt_findings *findings, jeton_error **ret_error)
{
    struct core_checker checking = {account, findings};
    struct core_checker *checker = &checking;
    const struct jt_core_settings *core = &account->core;
    int status = core_check_file(checker, "ca_file", core->ca_file, false, ret_error);

    if (status == JETON_OK)
        status = core_check_file(checker, "client_certificate", core->client_certificate, false, ret_error);
    if (status == JETON_OK)
        status = core_check_file(checker, "client_key", core->client_key, true, ret_error);
    if (status == JETON_OK && core->client_key != NULL && core->client_certificate == NULL)
        status = FINDING("client_key", "client_key is the key of a client_certificate, and there is none");
    return status;
}
