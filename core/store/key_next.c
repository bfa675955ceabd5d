/* SPDX-License-Identifier: MIT */
/* The file <key_file>.new holds the next store key during a rekey: it is written before the rekey's transaction, and
 * renamed to <key_file> after it. Neither file is removed while the store may be sealed with its key.
 *
 * A process that wants to rename or remove the file first locks it with flock(2), then checks under the lock that it is
 * still the file at the path. So a rekey that was killed is finished by one process, the next that opens the store. */
#include "store/key_next.h"
#include "store/key_check.h"

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

static int next_fail(const char *path, int error, const char *doing, jeton_error **ret_error)
{
    return jt_error_errno(ret_error, error, "%s cannot be %s (a rekey needs to write to the directory of the key)",
                          path, doing);
}

/* If key_file is a symbolic link, the paths are those of the file that it leads to, so that the link is not
 * replaced. */
int jt_store_key_next_paths(const struct jt_store *store, struct jt_key_paths *ret_paths, jeton_error **ret_error)
{
    struct jt_key_paths paths = {.key = realpath(store->key.text, NULL)};

    if (paths.key == NULL)
        paths.key = jt_strdup(store->key.text);
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

/* Returns the errno; 0: it is on disk. */
static int next_sync_directory(const char *path)
{
    JT_AUTO_STR char *dir = jt_file_directory_of(path);

    return dir != NULL ? jt_file_sync_directory(dir) : ENOMEM;
}

/* Whether the file at the path holds the key that the store's key_check names. */
static bool next_fits(const char *path, const char *key_check, struct jt_seal **ret_seal)
{
    const struct jt_secret_spec spec = {.source = JT_SECRET_FILE, .name = "key_file", .text = path};
    JT_AUTO_GUARDED char *secret = NULL;
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    char mine[JT_KEY_CHECK_LEN + 1];
    size_t len = 0;

    if (jt_secret_resolve(&spec, &secret, &len, NULL) != JETON_OK || jt_seal_new(secret, len, &seal, NULL) != JETON_OK)
        return false;
    jt_store_key_check_text(seal, mine);
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

/* 1: the file is locked, and still at the path. 0: another process has locked it, or it is gone by now. */
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

/* Puts the next key in place if the store is sealed with it; else, with `remove`, removes it. Called under the lock, so
 * that no rekey changes the store's key meanwhile. */
static int next_finish(struct jt_store *store, const struct jt_key_paths *paths, bool remove, jeton_error **ret_error)
{
    struct jt_key_check check;
    int status = jt_store_key_check_read(store, &check, ret_error);

    if (status != JETON_OK)
        return status;
    if (next_fits(paths->next, check.text, NULL)) {
        if (rename(paths->next, paths->key) != 0)
            return next_fail(paths->next, errno, "renamed", ret_error);
        (void)next_sync_directory(paths->key);
    } else if (remove && unlink(paths->next) != 0) {
        return next_fail(paths->next, errno, "removed", ret_error);
    }
    return JETON_OK;
}

bool jt_store_key_next_find(struct jt_store *store, const char *key_check, struct jt_seal **ret_seal)
{
    JT_CLEANUP(jt_key_paths_done) struct jt_key_paths paths = {0};
    JT_AUTO_FD int fd = -1;

    if (jt_store_key_next_paths(store, &paths, NULL) != JETON_OK || !next_fits(paths.next, key_check, ret_seal))
        return false;
    /* Fails in a process that may only read, which uses the key from where it is. */
    if (next_lock(paths.next, &fd) == 1)
        (void)(next_finish(store, &paths, false, NULL) == JETON_OK);
    return true;
}

/* Returns the errno; 0: it is on disk. */
static int next_write(int fd, const char *hex, mode_t mode)
{
    int error = jt_file_write_all(fd, hex, strlen(hex));

    if (error == 0 && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
        error = errno;
    return error;
}

/* Creates and writes the file. *ret_fd -1: there is one already. */
static int next_create(const struct jt_key_paths *paths, const char *hex, int *ret_fd, jeton_error **ret_error)
{
    JT_AUTO_FD int fd = open(paths->next, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat former;
    int error;

    if (fd < 0)
        return errno == EEXIST ? JETON_OK : next_fail(paths->next, errno, "created", ret_error);
    /* Before the lock is taken, another process may see the file, take it for one that a killed rekey left, and remove
     * it. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !next_is_at(fd, paths->next))
        return JETON_OK;
    error = next_write(fd, hex, stat(paths->key, &former) == 0 ? former.st_mode & 0700 : 0600);
    if (error == 0)
        error = next_sync_directory(paths->key);
    if (error != 0) {
        (void)unlink(paths->next);
        return next_fail(paths->next, error, "written", ret_error);
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
            status = next_finish(store, paths, true, ret_error);
            if (status != JETON_OK)
                return status;
            break;
        case 0:
            (void)nanosleep(&nap, NULL);
            break;
        default:
            return next_fail(paths->next, errno, "opened", ret_error);
        }
    }
    return jt_error_set(ret_error, JETON_TRY_LATER,
                        "another process is changing the store key (%s is locked): try again when it is done",
                        paths->next);
}

int jt_store_key_next_place(const struct jt_key_paths *paths, jeton_error **ret_error)
{
    int error;

    if (rename(paths->next, paths->key) != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "the store is sealed with the new key, which could not take the place of the former one: "
                            "%s: %m; jeton finds it where it is: move it to %s when that is possible",
                            paths->next, paths->key);
    if ((error = next_sync_directory(paths->key)) != 0)
        return next_fail(paths->key, error, "synced to disk", ret_error);
    return JETON_OK;
}

void jt_store_key_next_drop(struct jt_store *store, const struct jt_key_paths *paths)
{
    (void)(next_finish(store, paths, true, NULL) == JETON_OK);
}
