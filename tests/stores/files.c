/* SPDX-License-Identifier: MIT */
/* Files that nobody else may tamper with: they and their directories belong to root or to the user of this process, and
 * nobody else can write to them. No link is followed at the end of a path. */
#include "files.h"
#include "host.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int status_of(jeton_store_call *call, const char *path, const struct stat *st, mode_t type)
{
    const struct jeton_store_host *host = &call->host->table;

    if (S_ISLNK(st->st_mode))
        return host->fail(call, JETON_NOT_PERMITTED, "%s is a symbolic link, and links are not followed here", path);
    if ((st->st_mode & S_IFMT) != type)
        return host->fail(call, JETON_CONFIG, "%s is not a %s", path, type == S_IFDIR ? "directory" : "regular file");
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return host->fail(call, JETON_NOT_PERMITTED, "%s belongs to user %u", path, (unsigned)st->st_uid);
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return host->fail(call, JETON_NOT_PERMITTED, "%s has mode %04o: others can write to it: chmod go-w %s", path,
                          (unsigned)(st->st_mode & 07777), path);
    return JETON_OK;
}

static int check_path(jeton_store_call *call, const char *path, mode_t type, int *ret_there)
{
    struct stat st;
    int status;

    if (lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *ret_there = 0;
        return JETON_OK;
    }
    if (lstat(path, &st) != 0)
        return call->host->table.fail_errno(call, errno, "%s cannot be examined", path);
    status = status_of(call, path, &st, type);
    if (status == JETON_OK)
        *ret_there = 1;
    return status;
}

int files_check_directory(jeton_store_call *call, const char *path, int *ret_there)
{
    return check_path(call, path, S_IFDIR, ret_there);
}

static int check_parent(jeton_store_call *call, const char *path)
{
    char copy[4096];
    int there;

    if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
        return call->host->table.fail_errno(call, ENAMETOOLONG, "%s cannot be opened", path);
    return check_path(call, dirname(copy), S_IFDIR, &there);
}

int files_check_file(jeton_store_call *call, const char *path, int *ret_there)
{
    int status = check_parent(call, path);

    return status == JETON_OK ? check_path(call, path, S_IFREG, ret_there) : status;
}

int files_open(jeton_store_call *call, const char *path, int flags, int *ret_fd)
{
    struct stat st;
    int status = check_parent(call, path);
    int fd;

    if (status != JETON_OK)
        return status;
    fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0 && errno == ELOOP)
        return call->host->table.fail(call, JETON_NOT_PERMITTED, "%s is a symbolic link, and links are not followed",
                                      path);
    if (fd < 0 || fstat(fd, &st) != 0) {
        status = call->host->table.fail_errno(call, errno, "%s cannot be opened", path);
        if (fd >= 0)
            (void)close(fd);
        return status;
    }
    status = status_of(call, path, &st, S_IFREG);
    if (status == JETON_OK)
        *ret_fd = fd;
    else
        (void)close(fd);
    return status;
}
