/* SPDX-License-Identifier: MIT */
/* The files of a store: where they are, who owns them, who may write them. It never opens the database file itself once
 * that is in use, since closing it would drop the locks that SQLite holds in this process. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILES_DATABASE_MIN 512         /* the smallest page of an SQLite database */
#define FILES_ROOM_LEN     (64 * 1024) /* a row or two in the log, and what else is written beside it */

int jt_store_say(struct jt_why *why, int status, const char *format, ...)
{
    va_list args;

    if (why->text == NULL || why->size == 0)
        return status;
    va_start(args, format);
    (void)vsnprintf(why->text, why->size, format, args);
    va_end(args);
    return status;
}

/* What an errno means for the caller: wait, or change something. */
static int files_fail(const char *path, int error, const char *doing, struct jt_why *why)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return jt_store_say(why, JETON_NOT_PERMITTED,
                            "%s: this user (uid %u) may not %s it: run jeton as the store's owner", path,
                            (unsigned)geteuid(), doing);
    case EROFS:
        return jt_store_say(why, JETON_NOT_PERMITTED, "%s: cannot %s it: the file system is mounted read-only", path,
                            doing);
    case ENOSPC:
    case EDQUOT:
        return jt_store_say(why, JETON_TRY_LATER, "%s: cannot %s it: the disk or the quota is full: free some space",
                            path, doing);
    case ELOOP:
        return jt_store_say(why, JETON_NOT_PERMITTED,
                            "%s is a symbolic link: replace it with the file itself, links are not followed", path);
    case ENOTDIR:
    case ENAMETOOLONG:
        return jt_store_say(why, JETON_CONFIG, "%s cannot be a store: %s: correct `store.path` in jeton.conf", path,
                            strerror(error));
    default:
        return jt_store_say(why, JETON_TRY_LATER, "%s: cannot %s it: %s", path, doing, strerror(error));
    }
}

static char *files_dir(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return jt_strdup(".");
    return slash == path ? jt_strdup("/") : strndup(path, (size_t)(slash - path));
}

int jt_store_files_locate(const char *location, char **ret_path, struct jt_why *why)
{
    const char *slash = strrchr(location, '/');
    const char *base = slash != NULL ? slash + 1 : location;
    JT_AUTO_STR char *dir = files_dir(location);
    JT_AUTO_STR char *real = NULL;

    if (dir == NULL)
        return jt_store_say(why, JETON_TRY_LATER, "%s: out of memory", location);
    if (base[0] == '\0')
        return jt_store_say(why, JETON_CONFIG, "%s is a directory: `store.path` in jeton.conf must name a file",
                            location);
    if ((real = realpath(dir, NULL)) == NULL) {
        if (errno != ENOENT)
            return files_fail(dir, errno, "enter", why);
        *ret_path = NULL;
        return JETON_OK;
    }
    char *path = jt_printf("%s/%s", strcmp(real, "/") == 0 ? "" : real, base);

    if (path == NULL)
        return jt_store_say(why, JETON_TRY_LATER, "%s: out of memory", location);
    *ret_path = path;
    return JETON_OK;
}

/* The rule for the directory and for each file; said with the command that mends it. */
static int files_judge(const char *path, const struct stat *info, struct jt_why *why)
{
    const char *mode = S_ISDIR(info->st_mode) ? "700" : "600";

    if (S_ISLNK(info->st_mode))
        return files_fail(path, ELOOP, "open", why);
    if (!S_ISDIR(info->st_mode) && !S_ISREG(info->st_mode))
        return jt_store_say(why, JETON_CONFIG, "%s is not a file: correct `store.path` in jeton.conf", path);
    if (info->st_uid != 0 && info->st_uid != geteuid())
        return jt_store_say(
            why, JETON_NOT_PERMITTED,
            "%s belongs to uid %u, who is neither root nor the user of this process (uid %u): run `chown %u "
            "%s` if that is what you want",
            path, (unsigned)info->st_uid, (unsigned)geteuid(), (unsigned)geteuid(), path);
    if (S_ISDIR(info->st_mode) && (info->st_mode & S_ISVTX) != 0 && (info->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return jt_store_say(why, JETON_NOT_PERMITTED,
                            "%s is a directory that everybody shares: name a file in a directory of its own as "
                            "`store.path` in jeton.conf",
                            path);
    if ((info->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return jt_store_say(why, JETON_NOT_PERMITTED, "%s can be written by others (mode %04o): run `chmod %s %s`",
                            path, (unsigned)(info->st_mode & 07777), mode, path);
    return JETON_OK;
}

int jt_store_files_check(const char *path, bool *ret_there, struct jt_why *why)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    JT_AUTO_STR char *dir = files_dir(path);
    bool there = false;
    struct stat info;
    int status;

    if (dir == NULL)
        return jt_store_say(why, JETON_TRY_LATER, "%s: out of memory", path);
    if (stat(dir, &info) != 0) {
        if (errno != ENOENT)
            return files_fail(dir, errno, "read", why);
        *ret_there = false;
        return JETON_OK;
    }
    if ((status = files_judge(dir, &info, why)) != JETON_OK)
        return status;
    for (size_t i = 0; i < JT_LEN(suffixes); i++) {
        char file[PATH_MAX];

        if ((size_t)snprintf(file, sizeof(file), "%s%s", path, suffixes[i]) >= sizeof(file))
            return files_fail(path, ENAMETOOLONG, "open", why);
        if (lstat(file, &info) != 0) {
            if (errno != ENOENT)
                return files_fail(file, errno, "read", why);
            continue;
        }
        if (S_ISDIR(info.st_mode))
            return jt_store_say(why, JETON_CONFIG, "%s is a directory: `store.path` in jeton.conf must name a file",
                                file);
        if ((status = files_judge(file, &info, why)) != JETON_OK)
            return status;
        if (i > 0)
            continue;
        /* SQLite would take so short a file for an empty one and write over it. */
        if (info.st_size > 0 && info.st_size < FILES_DATABASE_MIN)
            return jt_store_say(
                why, JETON_CONFIG,
                "%s is not a jeton store (no SQLite database): correct `store.path` in jeton.conf, or move "
                "the file away and run `jeton init`",
                path);
        there = info.st_size > 0;
    }
    *ret_there = there;
    return JETON_OK;
}

int jt_store_files_make(const char *path, struct jt_why *why)
{
    JT_AUTO_STR char *dir = files_dir(path);
    JT_AUTO_FD int dir_fd = -1;
    JT_AUTO_FD int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST ? JETON_OK : files_fail(path, errno, "create", why);
    /* SQLite syncs what is in the file; that there is a file stands in the directory. */
    if (dir == NULL || (dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || fsync(dir_fd) != 0)
        return files_fail(path, errno, "create", why);
    return JETON_OK;
}

int jt_store_files_open(const char *path, const char *suffix, int flags, int *ret_fd, struct jt_why *why)
{
    JT_AUTO_STR char *file = jt_printf("%s%s", path, suffix);
    JT_AUTO_FD int fd = -1;
    struct stat info;
    int status;

    if (file == NULL)
        return jt_store_say(why, JETON_TRY_LATER, "%s: out of memory", path);
    fd = open(file, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0 || fstat(fd, &info) != 0) {
        int error = errno;

        status = files_fail(file, error,
                            (flags & O_ACCMODE) == O_RDONLY ? "read"
                            : access(file, F_OK) == 0       ? "write"
                                                            : "create",
                            why);
        errno = error;
        return status;
    }
    if ((status = files_judge(file, &info, why)) != JETON_OK) {
        errno = EPERM;
        return status;
    }
    *ret_fd = fd;
    fd = -1;
    return JETON_OK;
}

static bool files_name(const char *path, const char *suffix, char ret_file[PATH_MAX])
{
    const size_t path_len = strlen(path), suffix_size = strlen(suffix) + 1;

    if (path_len + suffix_size > PATH_MAX)
        return false;
    memcpy(ret_file, path, path_len);
    memcpy(ret_file + path_len, suffix, suffix_size);
    return true;
}

/* A quota that is used up is not seen here; the put will say so. */
int jt_store_files_glance(const char *path, struct jt_why *why)
{
    static const char *const suffixes[] = {"", "-wal"};
    struct statvfs disk;
    char file[PATH_MAX];

    for (size_t i = 0; i < JT_LEN(suffixes); i++)
        if (files_name(path, suffixes[i], file) && faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) != 0 && errno != ENOENT)
            return files_fail(file, errno, "write", why);
    if (statvfs(path, &disk) == 0 && disk.f_blocks > 0 &&
        (geteuid() == 0 ? disk.f_bfree : disk.f_bavail) * disk.f_frsize < FILES_ROOM_LEN)
        return files_fail(path, ENOSPC, "write", why);
    return JETON_OK;
}

bool jt_store_files_stat(const char *path, const char *suffix, struct stat *ret_info)
{
    char file[PATH_MAX];

    return files_name(path, suffix, file) && lstat(file, ret_info) == 0;
}

int64_t jt_store_files_len(const char *path, const char *suffix)
{
    struct stat info;

    return jt_store_files_stat(path, suffix, &info) ? info.st_size : 0;
}
