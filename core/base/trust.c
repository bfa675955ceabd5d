/* SPDX-License-Identifier: MIT */
/* The rule for who may own, write and read a file, and opening a file under that rule. */
#include "base/trust.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int trust_not_owned(const char *path, const struct stat *st, jeton_error **ret_error)
{
    if (geteuid() == 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "%s belongs to user %u; it must belong to root: chown root %s", path, (unsigned)st->st_uid,
                            path);
    return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                        "%s belongs to user %u; it must belong to root or to the user of this process: chown %u %s",
                        path, (unsigned)st->st_uid, (unsigned)geteuid(), path);
}

int jt_trust_judge(const char *path, const struct stat *st, mode_t forbidden, jeton_error **ret_error)
{
    const mode_t excess = st->st_mode & forbidden;
    char mends[] = "go-w";

    if (st->st_uid != 0 && st->st_uid != geteuid())
        return trust_not_owned(path, st, ret_error);
    if (excess == 0)
        return JETON_OK;
    if (forbidden != JT_TRUST_FORBID_WRITE)
        (void)snprintf(mends, sizeof(mends), "%03o", 0666 & ~(unsigned)forbidden);
    return jt_error_set(ret_error, JETON_NOT_PERMITTED, "%s has mode %04o, so that %s can %s it: chmod %s %s", path,
                        (unsigned)(st->st_mode & 07777), (excess & S_IRWXO) != 0 ? "everybody" : "its group",
                        (excess & JT_TRUST_FORBID_WRITE) != 0 ? "change" : "read", mends, path);
}

static int trust_judge_kept(const char *path, const struct stat *st, mode_t kind, jeton_error **ret_error)
{
    if (S_ISLNK(st->st_mode))
        return jt_error_errno(ret_error, ELOOP, "%s cannot be used", path);
    if ((st->st_mode & S_IFMT) != kind)
        return jt_error_set(ret_error, JETON_CONFIG, "%s is not a %s", path,
                            kind == S_IFDIR ? "directory" : "regular file");
    if (kind == S_IFDIR && (st->st_mode & S_ISVTX) != 0 && (st->st_mode & JT_TRUST_FORBID_WRITE) != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "%s is a directory that everybody shares: name a place in a directory of its own", path);
    return jt_trust_judge(path, st, JT_TRUST_FORBID_WRITE, ret_error);
}

static int trust_check(const char *path, mode_t kind, bool *ret_there, jeton_error **ret_error)
{
    struct stat st;
    int status;

    if (lstat(path, &st) != 0) {
        if (errno != ENOENT)
            return jt_error_errno(ret_error, errno, "%s cannot be examined", path);
        *ret_there = false;
        return JETON_OK;
    }
    status = trust_judge_kept(path, &st, kind, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_there = true;
    return JETON_OK;
}

int jt_trust_check_directory(const char *path, bool *ret_there, jeton_error **ret_error)
{
    return trust_check(path, S_IFDIR, ret_there, ret_error);
}

int jt_trust_check_file(const char *path, bool *ret_there, jeton_error **ret_error)
{
    return trust_check(path, S_IFREG, ret_there, ret_error);
}

int jt_trust_open_file(const char *path, int flags, int *ret_fd, jeton_error **ret_error)
{
    /* O_NONBLOCK: opening a FIFO would otherwise wait for its other end. */
    JT_AUTO_FD int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    struct stat st;
    int status;

    if (fd < 0)
        return jt_error_errno(ret_error, errno, "%s cannot be opened", path);
    if (fstat(fd, &st) != 0)
        return jt_error_errno(ret_error, errno, "%s cannot be examined", path);
    status = trust_judge_kept(path, &st, S_IFREG, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_fd = fd;
    fd = -1;
    return JETON_OK;
}
