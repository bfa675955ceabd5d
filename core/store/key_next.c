/* SPDX-License-Identifier: MIT */
/* The key that follows the one in key_file: <key_file>.new, from before a rekey's transaction until it has taken the
 * other's place. It never takes away a key that the store may be sealed with.
 *
 * Whoever renames or removes the file has locked it with flock(2), and has seen under the lock that it is still the one
 * at the path. So a rekey that was killed is finished by whoever opens the store next, and only by one of them. */
#include "store/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NEXT_WAIT_MS 5000
#define NEXT_NAP_NS  20000000

static int next_fail(const char *path, const char *doing, jeton_error **ret_error)
{
    int status = errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EMFILE || errno == ENFILE
                     ? JETON_TRY_LATER
                     : JETON_NOT_PERMITTED;

    return jt_error_set(ret_error, status, "%s cannot be %s: %m%s", path, doing,
                        errno == EACCES || errno == EPERM
                            ? "; a rekey needs to write to the directory of the key: give this user the right to"
                            : "");
}

/* Where a link leads, so that the link is not what is replaced. */
int jt_store_key_next_paths(const struct jt_main_config *config, struct jt_key_paths *ret_paths,
                            jeton_error **ret_error)
{
    struct jt_key_paths paths = {.key = realpath(config->store_key->text, NULL)};

    if (paths.key == NULL)
        paths.key = jt_strdup(config->store_key->text);
    if (paths.key != NULL)
        paths.next = jt_printf("%s.new", paths.key);
    if (paths.next == NULL) {
        jt_key_paths_done(&paths);
        return jt_error_no_memory(ret_error);
    }
    *ret_paths = paths;
    return JETON_OK;
}

void jt_key_paths_done(struct jt_key_paths *paths)
{
    jt_str_free(&paths->key);
    jt_str_free(&paths->next);
}

static int next_sync_dir(const char *path)
{
    JT_AUTO_STR char *dir = strndup(path, (size_t)(strrchr(path, '/') - path) + 1);
    JT_AUTO_FD int fd = dir != NULL ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    return fd >= 0 ? fsync(fd) : -1;
}

/* Whether the file at the path is the key that the store's key_check speaks of. */
static bool next_fits(const char *path, const char *key_check, struct jt_seal **ret_seal)
{
    const struct jt_secret_spec spec = {.source = JT_SECRET_FILE, .name = "key_file", .text = path};
    JT_AUTO_GUARDED char *secret = NULL;
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    char mine[JT_KEY_CHECK_LEN + 1];
    size_t len = 0;

    if (jt_secret_resolve(&spec, &secret, &len, NULL) != JETON_OK || jt_seal_new(secret, len, &seal, NULL) != JETON_OK)
        return false;
    jt_store_key_say(seal, mine);
    if (strcmp(mine, key_check) != 0)
        return false;
    if (ret_seal != NULL)
        *ret_seal = jt_take(&seal);
    return true;
}

static bool next_is_at(int fd, const char *path)
{
    struct stat mine, there;

    return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

/* Locked, and still at the path: 1. Somebody else is at it, or it is gone by now: 0. */
static int next_lock(const char *path, int *ret_fd)
{
    JT_AUTO_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
    if (!next_is_at(fd, path))
        return 0;
    *ret_fd = fd;
    fd = -1;
    return 1;
}

/* Under the lock: no rekey is at work, so the store says now and for as long whether this is its key. */
static int next_settle(struct jt_store *store, const struct jt_key_paths *paths, bool remove, jeton_error **ret_error)
{
    char key_check[JT_KEY_CHECK_LEN + 1];
    int status = jt_store_key_stored(store, key_check, ret_error);

    if (status != JETON_OK)
        return status;
    if (next_fits(paths->next, key_check, NULL)) {
        if (rename(paths->next, paths->key) != 0)
            return next_fail(paths->next, "renamed", ret_error);
        (void)next_sync_dir(paths->key);
    } else if (remove && unlink(paths->next) != 0) {
        return next_fail(paths->next, "removed", ret_error);
    }
    return JETON_OK;
}

bool jt_store_key_next_find(struct jt_store *store, const char *key_check, struct jt_seal **ret_seal)
{
    JT_CLEANUP(jt_key_paths_done) struct jt_key_paths paths = {0};
    JT_AUTO_FD int fd = -1;

    if (jt_store_key_next_paths(store->config, &paths, NULL) != JETON_OK || !next_fits(paths.next, key_check, ret_seal))
        return false;
    /* Who may only read leaves it where it is; the key is as good there. */
    if (next_lock(paths.next, &fd) == 1)
        (void)(next_settle(store, &paths, false, NULL) == JETON_OK);
    return true;
}

static int next_write(int fd, const char *hex, mode_t mode)
{
    size_t len = strlen(hex), at = 0;

    while (at < len) {
        ssize_t written = write(fd, hex + at, len - at);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        at += (size_t)written;
    }
    return fchmod(fd, mode) == 0 ? fsync(fd) : -1;
}

/* *ret_fd -1: something is there already. */
static int next_create(const struct jt_key_paths *paths, const char *hex, int *ret_fd, jeton_error **ret_error)
{
    JT_AUTO_FD int fd = open(paths->next, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat former;

    if (fd < 0)
        return errno == EEXIST ? JETON_OK : next_fail(paths->next, "created", ret_error);
    /* Who sees it before it is locked takes it for what a killed rekey left. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !next_is_at(fd, paths->next))
        return JETON_OK;
    if (next_write(fd, hex, stat(paths->key, &former) == 0 ? former.st_mode & 0700 : 0600) != 0 ||
        next_sync_dir(paths->key) != 0) {
        int status = next_fail(paths->next, "written", ret_error);

        (void)unlink(paths->next);
        return status;
    }
    *ret_fd = fd;
    fd = -1;
    return JETON_OK;
}

int jt_store_key_next_make(struct jt_store *store, const struct jt_key_paths *paths, const char *hex, int *ret_fd,
                           jeton_error **ret_error)
{
    static const struct timespec nap = {.tv_nsec = NEXT_NAP_NS};
    const int64_t deadline_ms = jt_boot_ms() + NEXT_WAIT_MS;

    while (jt_boot_ms() < deadline_ms) {
        JT_AUTO_FD int left_fd = -1;
        int fd = -1;
        int status = next_create(paths, hex, &fd, ret_error);

        if (status != JETON_OK || fd >= 0) {
            if (status == JETON_OK)
                *ret_fd = fd;
            return status;
        }
        switch (next_lock(paths->next, &left_fd)) {
        case 1:
            status = next_settle(store, paths, true, ret_error);
            if (status != JETON_OK)
                return status;
            break;
        case 0:
            (void)nanosleep(&nap, NULL);
            break;
        default:
            return next_fail(paths->next, "opened", ret_error);
        }
    }
    return jt_error_set(ret_error, JETON_TRY_LATER,
                        "another process is changing the store key (%s is locked): try again when it is done",
                        paths->next);
}

int jt_store_key_next_place(const struct jt_key_paths *paths, jeton_error **ret_error)
{
    if (rename(paths->next, paths->key) != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "the store is sealed with the new key, which could not take the place of the former one: "
                            "%s: %m; jeton finds it where it is: move it to %s when that is possible",
                            paths->next, paths->key);
    if (next_sync_dir(paths->key) != 0)
        return next_fail(paths->key, "synced to disk", ret_error);
    return JETON_OK;
}

void jt_store_key_next_drop(struct jt_store *store, const struct jt_key_paths *paths)
{
    (void)(next_settle(store, paths, true, NULL) == JETON_OK);
}
