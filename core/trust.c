/* SPDX-License-Identifier: MIT */
/* Whether code that is about to be loaded or run could have been put there by somebody else. It opens files and reads
 * their owners and modes, never their contents. */
#include "plugin.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a place is, which decides how strict the rule is. */
enum trust_place { TRUST_ANCESTOR, TRUST_DIRECTORY, TRUST_FILE };

static const char *trust_word(enum trust_place place)
{
    return place == TRUST_FILE ? "the file" : "the directory";
}

static int trust_check(const char *path, const struct stat *st, enum trust_place place, jeton_error **ret_error)
{
    mode_t writable = st->st_mode & (S_IWGRP | S_IWOTH);

    if (st->st_uid != 0 && st->st_uid != geteuid())
        return jt_error_set(
            ret_error, JETON_NOT_PERMITTED,
            "%s %s belongs to user %u, who could put other code there; it must belong to root%s: chown root "
            "%s",
            trust_word(place), path, (unsigned)st->st_uid, geteuid() != 0 ? " or to the user who runs this" : "", path);
    /* In a sticky directory of root's only the owner of an entry can replace it, so a directory below /tmp that passes
     * this check itself is as good as any; the plugin directory itself lists what anybody may add. */
    if (writable != 0 && place == TRUST_ANCESTOR && (st->st_mode & S_ISVTX) != 0 && st->st_uid == 0)
        return JETON_OK;
    if (writable != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "%s %s has mode %04o: %s can write there and could put other code there: chmod go-w %s",
                            trust_word(place), path, (unsigned)(st->st_mode & 07777),
                            (writable & S_IWOTH) != 0 ? "everybody" : "its group", path);
    return JETON_OK;
}

static int trust_check_fd(int fd, const char *path, enum trust_place place, jeton_error **ret_error)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED, "%s %s cannot be examined: %m", trust_word(place), path);
    if (place == TRUST_FILE && !S_ISREG(st.st_mode))
        return jt_error_set(ret_error, JETON_CONFIG, "%s is not a regular file", path);
    return trust_check(path, &st, place, ret_error);
}

static int trust_open_failed(const char *path, enum trust_place place, jeton_error **ret_error)
{
    if (errno == ENOENT)
        return jt_error_set(ret_error, JETON_CONFIG, "%s does not exist", path);
    if (errno == ELOOP || (errno == ENOTDIR && place != TRUST_FILE))
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "%s is a symbolic link, and links are not followed here: put the %s itself there", path,
                            place == TRUST_FILE ? "file" : "directory");
    return jt_error_set(ret_error, JETON_NOT_PERMITTED, "%s cannot be opened: %m", path);
}

int jt_trust_real(const char *dir, char **ret_real, jeton_error **ret_error)
{
    char *real = realpath(dir, NULL);

    if (real == NULL && errno == ENOMEM)
        return jt_error_no_memory(ret_error);
    if (real == NULL)
        return jt_error_set(ret_error, errno == EACCES ? JETON_NOT_PERMITTED : JETON_CONFIG,
                            "the directory %s cannot be found: %m", dir);
    *ret_real = real;
    return JETON_OK;
}

/* Steps into one directory; path is cut behind it for the message. */
static int trust_enter(int *fd, const char *path, const char *name, enum trust_place place, jeton_error **ret_error)
{
    int next = openat(*fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (next < 0)
        return trust_open_failed(path, place, ret_error);
    jt_fd_close(fd);
    *fd = next;
    return trust_check_fd(next, path, place, ret_error);
}

static int trust_walk(char *path, int *ret_fd, jeton_error **ret_error)
{
    JT_AUTO_FD int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *name = path + 1;
    int status;

    if (fd < 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED, "the root directory cannot be opened: %m");
    status = trust_check_fd(fd, "/", *name == '\0' ? TRUST_DIRECTORY : TRUST_ANCESTOR, ret_error);
    while (status == JETON_OK && *name != '\0') {
        char *end = strchrnul(name, '/');
        char behind = *end;

        *end = '\0';
        status = trust_enter(&fd, path, name, behind == '\0' ? TRUST_DIRECTORY : TRUST_ANCESTOR, ret_error);
        *end = behind;
        name = behind == '\0' ? end : end + 1;
    }
    if (status != JETON_OK)
        return status;
    *ret_fd = fd;
    fd = -1;
    return JETON_OK;
}

int jt_trust_open(const char *dir, const char *file, int *ret_fd, jeton_error **ret_error)
{
    JT_AUTO_STR char *real = NULL;
    JT_AUTO_STR char *path = NULL;
    JT_AUTO_FD int dir_fd = -1;
    JT_AUTO_FD int fd = -1;
    int status;

    if (file[0] == '\0' || strchr(file, '/') != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "\"%s\" is not the name of a file in %s", file, dir);
    status = jt_trust_real(dir, &real, ret_error);
    if (status != JETON_OK)
        return status;
    path = jt_printf("%s/%s", real[1] != '\0' ? real : "", file);
    if (path == NULL)
        return jt_error_no_memory(ret_error);
    status = trust_walk(real, &dir_fd, ret_error);
    if (status != JETON_OK)
        return status;
    /* Not blocking, since a FIFO would otherwise wait for its other end. */
    fd = openat(dir_fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return trust_open_failed(path, TRUST_FILE, ret_error);
    status = trust_check_fd(fd, path, TRUST_FILE, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_fd = fd;
    fd = -1;
    return JETON_OK;
}
