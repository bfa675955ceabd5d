/* SPDX-License-Identifier: MIT */
/* What `jeton init` makes: directories, the store key, the store. It never overwrites a key, and never makes a new one
 * where tokens are sealed with the old. */
#include "base/guarded.h"
#include "store/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INIT_WHAT_MAX (64u * 1024u)

static int init_fail(const char *path, int error, const char *doing, jeton_error **ret_error)
{
    int status = error == ENOSPC || error == EDQUOT || error == EIO || error == EMFILE || error == ENFILE
                     ? JETON_TRY_LATER
                     : JETON_NOT_PERMITTED;

    return jt_error_set(ret_error, status, "%s cannot be %s: %s%s", path, doing, strerror(error),
                        error == EACCES || error == EPERM ? ": run `jeton init` as the user that owns it" : "");
}

static char *init_dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return jt_strdup(".");
    return slash == path ? jt_strdup("/") : strndup(path, (size_t)(slash - path));
}

static int init_sync_dir(const char *dir, jeton_error **ret_error)
{
    JT_AUTO_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) != 0)
        return init_fail(dir, errno, "synced to disk", ret_error);
    return JETON_OK;
}

/* Makes a directory and those above it, from the top down; each is on disk when this returns. */
static int init_make_dirs(const char *dir, struct jt_buf *what, jeton_error **ret_error)
{
    JT_AUTO_STR char *parent = NULL;
    struct stat info;
    int status;

    if (stat(dir, &info) == 0)
        return S_ISDIR(info.st_mode) ? JETON_OK : init_fail(dir, ENOTDIR, "used", ret_error);
    if (errno != ENOENT)
        return init_fail(dir, errno, "read", ret_error);
    if ((parent = init_dir_of(dir)) == NULL)
        return jt_error_no_memory(ret_error);
    status = init_make_dirs(parent, what, ret_error);
    if (status != JETON_OK)
        return status;
    if (mkdir(dir, 0700) != 0)
        return errno == EEXIST ? JETON_OK : init_fail(dir, errno, "made", ret_error);
    jt_buf_printf(what, "made directory %s (mode 0700)\n", dir);
    return init_sync_dir(parent, ret_error);
}

static int init_write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, data, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        data += written;
        len -= (size_t)written;
    }
    return fsync(fd);
}

/* Under a name of its own first, then in one step where it belongs, unless something is there: a crash leaves no half
 * key, and two of these leave one key. */
static int init_place(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* Some file systems have no such rename; a link does not replace anything either. */
    if (link(temporary, path) != 0)
        return -1;
    (void)unlink(temporary);
    return 0;
}

static int init_write_key(const char *path, struct jt_buf *what, jeton_error **ret_error)
{
    JT_AUTO_STR char *dir = init_dir_of(path);
    JT_AUTO_STR char *temporary = jt_printf("%s.new-%08x", path, randombytes_random());
    JT_AUTO_GUARDED char *hex = NULL;
    JT_AUTO_FD int fd = -1;
    int status =
        dir != NULL && temporary != NULL ? init_make_dirs(dir, what, ret_error) : jt_error_no_memory(ret_error);

    if (status == JETON_OK)
        status = jt_seal_make_key(&hex, ret_error);
    if (status != JETON_OK)
        return status;
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return init_fail(path, errno, "created", ret_error);
    if (init_write_all(fd, hex, strlen(hex)) != 0 || init_place(temporary, path) != 0) {
        int error = errno;

        (void)unlink(temporary);
        if (error == EEXIST)
            return JETON_OK;
        return init_fail(path, error, "written", ret_error);
    }
    jt_buf_printf(what, "made store key %s (mode 0600): keep a copy of it, what is stored cannot be read without\n",
                  path);
    return init_sync_dir(dir, ret_error);
}

static int init_count_row(void *data, const struct jeton_row *row)
{
    (void)row;
    *(bool *)data = true;
    return 1;
}

/* Whether a store is there already that holds anything. */
static int init_has_rows(const struct jt_main_config *config, bool *ret_rows, jeton_error **ret_error)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    char why[JT_STORE_WHY_LEN] = "";
    bool rows = false;
    int status = jt_store_engine_open(config, false, &store, ret_error);

    if (status != JETON_OK)
        return status;
    status = store->engine.scan(store->opened, "", "", 1, init_count_row, &rows, why, sizeof(why));
    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    *ret_rows = rows;
    return JETON_OK;
}

static int init_key(const struct jt_main_config *config, struct jt_buf *what, bool *ret_made, jeton_error **ret_error)
{
    const struct jt_raw_setting *key = config->store_key;
    JT_AUTO_STR char *source = jt_store_key_source(config);
    struct stat info;
    bool rows = false;
    int status;

    if (source == NULL)
        return jt_error_no_memory(ret_error);
    if (key->source != JT_SECRET_FILE || lstat(key->text, &info) == 0) {
        jt_buf_printf(what, "found store key: %s\n", source);
        *ret_made = false;
        return JETON_OK;
    }
    if (errno != ENOENT && errno != ENOTDIR)
        return init_fail(key->text, errno, "read", ret_error);
    status = init_has_rows(config, &rows, ret_error);
    if (status == JETON_OK && rows)
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "the key file %s is missing, and the store %s holds tokens that are sealed with it: bring the key "
            "file back from a backup, or move the store away and run `jeton init` again; nothing was changed",
            key->text, config->store_path);
    if (status == JETON_OK)
        status = init_write_key(key->text, what, ret_error);
    if (status == JETON_OK)
        *ret_made = true;
    return status;
}

/* What an engine that is no file calls its place is its own business. */
static int init_store_dir(const struct jt_main_config *config, struct jt_buf *what, jeton_error **ret_error)
{
    JT_AUTO_STR char *dir = init_dir_of(config->store_path);

    if (strcmp(config->store_engine, "sqlite") != 0)
        return JETON_OK;
    return dir != NULL ? init_make_dirs(dir, what, ret_error) : jt_error_no_memory(ret_error);
}

static int init_store(const struct jt_main_config *config, bool new_key, struct jt_buf *what, jeton_error **ret_error)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    bool was_missing;
    int status = jt_store_engine_open(config, false, &store, ret_error);

    if (status != JETON_OK)
        return status;
    was_missing = jt_store_missing(store);
    jt_store_free(&store);
    status = jt_store_engine_open(config, true, &store, ret_error);
    if (status == JETON_OK && new_key)
        status = jt_store_key_restamp(store, ret_error);
    if (status == JETON_OK)
        status = jt_store_key_stamp(store, &seal, ret_error);
    if (status == JETON_OK)
        jt_buf_printf(what, "%s store %s\n", was_missing ? "made" : "found", config->store_path);
    return status;
}

int jt_store_init(const struct jt_main_config *config, char **ret_what, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf what = JT_BUF_INIT(INIT_WHAT_MAX);
    bool new_key = false;
    char *text;
    int status = init_store_dir(config, &what, ret_error);

    if (status == JETON_OK)
        status = init_key(config, &what, &new_key, ret_error);
    if (status == JETON_OK)
        status = init_store(config, new_key, &what, ret_error);
    if (status != JETON_OK)
        return status;
    if ((text = jt_buf_take(&what)) == NULL)
        return jt_error_no_memory(ret_error);
    *ret_what = text;
    return JETON_OK;
}
