/* SPDX-License-Identifier: MIT */
/* `jeton init`: makes the directories, the store key and the store. An existing key is never overwritten. If the key is
 * missing but the store has rows sealed with it, no new key is made. */
#include "store/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INIT_WHAT_MAX (64u * 1024u)

static int init_sync_directory(const char *dir, jeton_error **ret_error)
{
    int error = jt_file_sync_directory(dir);

    return error == 0 ? JETON_OK : jt_error_errno(ret_error, error, "%s cannot be synced to disk", dir);
}

/* Makes a directory and those above it, from the top down, and syncs each to disk. */
static int init_make_dirs(const char *dir, struct jt_buf *what, jeton_error **ret_error)
{
    JT_AUTO_STR char *parent = NULL;
    struct stat info;
    int status;

    if (stat(dir, &info) == 0)
        return S_ISDIR(info.st_mode) ? JETON_OK : jt_error_errno(ret_error, ENOTDIR, "%s cannot be used", dir);
    if (errno != ENOENT)
        return jt_error_errno(ret_error, errno, "%s cannot be read", dir);
    if ((parent = jt_file_directory_of(dir)) == NULL)
        return jt_error_no_memory(ret_error);
    status = init_make_dirs(parent, what, ret_error);
    if (status != JETON_OK)
        return status;
    if (mkdir(dir, 0700) != 0)
        return errno == EEXIST ? JETON_OK : jt_error_errno(ret_error, errno, "%s cannot be made", dir);
    jt_buf_printf(what, "made directory %s (mode 0700)\n", dir);
    return init_sync_directory(parent, ret_error);
}

/* Renames the finished temporary file to the path, unless something is there already. So a crash leaves no half-written
 * key, and two processes at the same time leave one key. */
static int init_place(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* Some file systems lack RENAME_NOREPLACE; link(2) does not replace anything either. */
    if (link(temporary, path) != 0)
        return -1;
    (void)unlink(temporary);
    return 0;
}

static int init_write_key(const char *path, struct jt_buf *what, jeton_error **ret_error)
{
    JT_AUTO_STR char *dir = jt_file_directory_of(path);
    JT_AUTO_STR char *temporary = jt_printf("%s.new-%08x", path, randombytes_random());
    JT_AUTO_GUARDED char *hex = NULL;
    JT_AUTO_FD int fd = -1;
    int error = 0;
    int status =
        dir != NULL && temporary != NULL ? init_make_dirs(dir, what, ret_error) : jt_error_no_memory(ret_error);

    if (status == JETON_OK)
        status = jt_seal_make_key(&hex, ret_error);
    if (status != JETON_OK)
        return status;
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return jt_error_errno(ret_error, errno, "%s cannot be created", path);
    error = jt_file_write_all(fd, hex, strlen(hex));
    if (error == 0 && (fsync(fd) != 0 || init_place(temporary, path) != 0))
        error = errno;
    if (error != 0) {
        (void)unlink(temporary);
        if (error == EEXIST)
            return JETON_OK;
        return jt_error_errno(ret_error, error, "%s cannot be written", path);
    }
    jt_buf_printf(what, "made store key %s (mode 0600): keep a copy of it, what is stored cannot be read without\n",
                  path);
    return init_sync_directory(dir, ret_error);
}

static int init_count_row(void *data, size_t index, const struct jeton_row *row)
{
    (void)index;
    (void)row;
    *(bool *)data = true;
    return 1;
}

/* Whether the store has any row that is sealed. */
static int init_has_rows(struct jt_store *store, bool *ret_rows, jeton_error **ret_error)
{
    static const uint32_t kinds[] = {JETON_KIND_TOKEN, JETON_KIND_CHAIN, JETON_KIND_MEMORY, JETON_KIND_LOGIN,
                                     JETON_KIND_ANSWER};
    bool rows = false;

    for (size_t i = 0; i < JT_LEN(kinds) && !rows; i++) {
        struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
        int status = store->engine.scan(store->opened, &call, kinds[i], "", "", 1, 0, init_count_row, &rows);

        status = jt_store_call_end(&call, status, store->engine.name, ret_error);
        if (status != JETON_OK)
            return status;
    }
    *ret_rows = rows;
    return JETON_OK;
}

static int init_key(struct jt_store *store, struct jt_buf *what, bool *ret_made, jeton_error **ret_error)
{
    const struct jt_secret_spec *key = &store->key;
    JT_AUTO_STR char *source = jt_secret_describe(key, store->key_written_in);
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
        return jt_error_errno(ret_error, errno, "%s cannot be read", key->text);
    status = init_has_rows(store, &rows, ret_error);
    if (status == JETON_OK && rows)
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "the key file %s is missing, and the store %s holds tokens that are sealed with it: bring the key "
            "file back from a backup, or move the store away and run `jeton init` again; nothing was changed",
            key->text, jt_store_place(store));
    if (status == JETON_OK)
        status = init_write_key(key->text, what, ret_error);
    if (status == JETON_OK)
        *ret_made = true;
    return status;
}

/* Makes the directories of the files that the engine's settings name. */
static int init_directories(const struct jt_store_options *options, struct jt_buf *what, jeton_error **ret_error)
{
    const struct jeton_setting *row = options->engine->settings;
    int status = JETON_OK;

    for (; status == JETON_OK && row != NULL && row->name != NULL; row++) {
        const char *path = row->type == JETON_PATH ? jt_fields_get(options->settings, row->name) : NULL;
        JT_AUTO_STR char *dir = path != NULL ? jt_file_directory_of(path) : NULL;

        if (path != NULL)
            status = dir != NULL ? init_make_dirs(dir, what, ret_error) : jt_error_no_memory(ret_error);
    }
    return status;
}

static int init_store(struct jt_store *store, bool new_key, struct jt_buf *what, jeton_error **ret_error)
{
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    bool existed = false;
    int status = jt_store_exists(store, &existed, ret_error);

    if (status != JETON_OK)
        return status;
    status = store->engine.create(store->opened, &call);
    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status == JETON_OK && new_key)
        status = jt_store_key_replace(store, ret_error);
    if (status == JETON_OK)
        status = jt_store_key_claim(store, &seal, ret_error);
    if (status == JETON_OK)
        jt_buf_printf(what, "%s store %s\n", existed ? "found" : "made", jt_store_place(store));
    return status;
}

int jt_store_init(const struct jt_store_options *options, char **ret_what, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf what = JT_BUF_INIT(INIT_WHAT_MAX);
    JT_AUTO_STORE struct jt_store *store = NULL;
    bool new_key = false;
    char *text;
    int status = init_directories(options, &what, ret_error);

    if (status == JETON_OK)
        status = jt_store_opened_new(options, &store, ret_error);
    if (status == JETON_OK)
        status = init_key(store, &what, &new_key, ret_error);
    if (status == JETON_OK)
        status = init_store(store, new_key, &what, ret_error);
    if (status != JETON_OK)
        return status;
    if ((text = jt_buf_take(&what)) == NULL)
        return jt_error_no_memory(ret_error);
    *ret_what = text;
    return JETON_OK;
}
