/* SPDX-License-Identifier: MIT */
/* Whether another user could have put code there that is about to be loaded or run: checks the rule of trust.c for
 * every directory on the way, link by link. */
#include "base/trust.h"
#include "base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRUST_LINKS_MAX 40u /* as the kernel's */

/* What is at a place on the way; it decides how strict the rule is. */
enum trust_place { TRUST_ANCESTOR, TRUST_DIRECTORY, TRUST_FILE };

static int trust_check_fd(int fd, const char *path, enum trust_place place, jeton_error **ret_error)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return jt_error_errno(ret_error, errno, "%s cannot be examined", path);
    if (place == TRUST_FILE && !S_ISREG(st.st_mode))
        return jt_error_set(ret_error, JETON_CONFIG, "%s is not a regular file", path);
    /* In a sticky directory of root's (/tmp) only the owner of an entry can replace it, so such a directory may lie on
     * the way. It cannot be the plugin directory itself: anybody may add a file to it. */
    if (place == TRUST_ANCESTOR && (st.st_mode & S_ISVTX) != 0 && st.st_uid == 0)
        return JETON_OK;
    return jt_trust_judge(path, &st, JT_TRUST_FORBID_WRITE, ret_error);
}

static int trust_open_failed(const char *path, enum trust_place place, jeton_error **ret_error)
{
    if (errno == ENOENT)
        return jt_error_set(ret_error, JETON_CONFIG, "%s does not exist", path);
    if (errno == ENOTDIR && place != TRUST_FILE) /* a link, opened with O_NOFOLLOW and O_DIRECTORY */
        errno = ELOOP;
    return jt_error_errno(ret_error, errno, "%s cannot be opened", path);
}

/* Steps into the directory `name`. path is the whole path so far, which ends with `name`; it is for the message. */
static int trust_enter(int *fd, const char *path, const char *name, enum trust_place place, jeton_error **ret_error)
{
    int next = openat(*fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (next < 0)
        return trust_open_failed(path, place, ret_error);
    jt_fd_close(fd);
    *fd = next;
    return trust_check_fd(next, path, place, ret_error);
}

/* Opens the directory at the path, and checks it and each directory above it. */
static int trust_walk(char *path, enum trust_place last, int *ret_fd, jeton_error **ret_error)
{
    JT_AUTO_FD int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *name = path + 1;
    int status;

    if (fd < 0)
        return trust_open_failed("/", last, ret_error);
    status = trust_check_fd(fd, "/", *name == '\0' ? last : TRUST_ANCESTOR, ret_error);
    while (status == JETON_OK && *name != '\0') {
        char *end = strchrnul(name, '/');
        char behind = *end;

        *end = '\0';
        status = trust_enter(&fd, path, name, behind == '\0' ? last : TRUST_ANCESTOR, ret_error);
        *end = behind;
        name = behind == '\0' ? end : end + 1;
    }
    if (status != JETON_OK)
        return status;
    *ret_fd = fd;
    fd = -1;
    return JETON_OK;
}

/* A path whose links are followed one by one. */
struct trust_path {
    char *done; /* the part that has no links; "" is the root directory */
    char *rest; /* the part that is still to be resolved */
    unsigned links;
};

static void trust_path_done(struct trust_path *path)
{
    free(path->done);
    free(path->rest);
}

/* Puts the link's target in front of the rest, unless another user could have put the link there. */
static int trust_follow(struct trust_path *path, const char *link, const struct stat *st, const char *behind,
                        jeton_error **ret_error)
{
    JT_AUTO_STR char *holder = jt_strdup(path->done[0] != '\0' ? path->done : "/");
    JT_AUTO_FD int fd = -1;
    char target[PATH_MAX];
    char *rest;
    ssize_t len;
    int status;

    if (holder == NULL)
        return jt_error_no_memory(ret_error);
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "the symbolic link %s belongs to user %u, who could let it lead to other code", link,
                            (unsigned)st->st_uid);
    status = trust_walk(holder, TRUST_ANCESTOR, &fd, ret_error);
    if (status != JETON_OK)
        return status;
    len = readlink(link, target, sizeof(target) - 1);
    if (len < 0 || ++path->links > TRUST_LINKS_MAX)
        return jt_error_set(ret_error, JETON_CONFIG, "the symbolic link %s leads nowhere", link);
    target[len] = '\0';
    rest = jt_printf("%s/%s", target, behind);
    if (rest == NULL)
        return jt_error_no_memory(ret_error);
    free(path->rest);
    path->rest = rest;
    if (target[0] == '/')
        path->done[0] = '\0';
    return JETON_OK;
}

/* Moves one name from the rest to the part that is done. A name that does not exist is no error here: opening the path
 * will fail with the right one. */
static int trust_advance(struct trust_path *path, jeton_error **ret_error)
{
    char *name = path->rest + strspn(path->rest, "/");
    size_t len = strcspn(name, "/");
    JT_AUTO_STR char *next = jt_printf("%s/%.*s", path->done, (int)len, name);
    struct stat st;

    if (next == NULL)
        return jt_error_no_memory(ret_error);
    if (len == 2 && strncmp(name, "..", 2) == 0) {
        char *slash = strrchr(path->done, '/');

        if (slash != NULL)
            *slash = '\0';
    } else if (len > 0 && !(len == 1 && name[0] == '.')) {
        if (lstat(next, &st) == 0 && S_ISLNK(st.st_mode))
            return trust_follow(path, next, &st, name + len, ret_error);
        free(path->done);
        path->done = jt_take(&next);
    }
    memmove(path->rest, name + len, strlen(name + len) + 1);
    return JETON_OK;
}

int jt_trust_check_links(const char *name, jeton_error **ret_error)
{
    JT_CLEANUP(trust_path_done)
    struct trust_path path = {name[0] == '/' ? jt_strdup("") : realpath(".", NULL), jt_strdup(name), 0};
    int status = JETON_OK;

    if (path.done == NULL || path.rest == NULL)
        return jt_error_errno(ret_error, errno, "the working directory, which %s starts from, cannot be found", name);
    while (status == JETON_OK && path.rest[0] != '\0')
        status = trust_advance(&path, ret_error);
    return status;
}

int jt_trust_resolve(const char *dir, char **ret_real, jeton_error **ret_error)
{
    JT_AUTO_STR char *real = realpath(dir, NULL);
    int status;

    if (real == NULL)
        return jt_error_errno(ret_error, errno, "the directory %s cannot be found", dir);
    status = jt_trust_check_links(dir, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_real = jt_take(&real);
    return JETON_OK;
}

int jt_trust_open_code(const char *dir, const char *file, int *ret_fd, jeton_error **ret_error)
{
    JT_AUTO_STR char *real = NULL;
    JT_AUTO_STR char *path = NULL;
    JT_AUTO_FD int dir_fd = -1;
    JT_AUTO_FD int fd = -1;
    int status;

    if (file[0] == '\0' || strchr(file, '/') != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "\"%s\" is not the name of a file in %s", file, dir);
    status = jt_trust_resolve(dir, &real, ret_error);
    if (status != JETON_OK)
        return status;
    path = jt_printf("%s/%s", real[1] != '\0' ? real : "", file);
    if (path == NULL)
        return jt_error_no_memory(ret_error);
    status = trust_walk(real, TRUST_DIRECTORY, &dir_fd, ret_error);
    if (status != JETON_OK)
        return status;
    /* O_NONBLOCK: opening a FIFO would otherwise wait for its other end. */
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
