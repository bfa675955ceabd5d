/* SPDX-License-Identifier: MIT */
/* Reads one configuration file: who can have written it, how large it is, what libconfig makes of it. It knows no
 * setting by name. */
#include "config/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE_MAX (8u * 1024u * 1024u)

#define DENIED(...)  jt_error_set(ret_error, JETON_NOT_PERMITTED, __VA_ARGS__)
#define INVALID(...) jt_error_set(ret_error, JETON_CONFIG, __VA_ARGS__)

/* libconfig frees its strings without wiping them, and inline secrets are among them. */
static void file_wipe_tree(config_setting_t *setting)
{
    if (setting->type == CONFIG_TYPE_STRING && setting->value.sval != NULL)
        jt_wipe(setting->value.sval, strlen(setting->value.sval));
    if (!config_setting_is_aggregate(setting))
        return;
    for (int i = 0; i < config_setting_length(setting); i++)
        file_wipe_tree(config_setting_get_elem(setting, (unsigned)i));
}

void jt_config_file_done(struct jt_config_file *file)
{
    if (file->parsed) {
        file_wipe_tree(config_root_setting(&file->tree));
        config_destroy(&file->tree);
    }
    free(file->path);
    *file = (struct jt_config_file){0};
}

static uint64_t file_stamp(const struct stat *st)
{
    int64_t facts[7] = {(int64_t)st->st_dev,         (int64_t)st->st_ino,          (int64_t)st->st_size,
                        (int64_t)st->st_mtim.tv_sec, (int64_t)st->st_mtim.tv_nsec, (int64_t)st->st_ctim.tv_sec,
                        (int64_t)st->st_ctim.tv_nsec};
    unsigned char hash[crypto_generichash_BYTES_MIN];
    uint64_t stamp;

    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)facts, sizeof facts, NULL, 0);
    memcpy(&stamp, hash, sizeof stamp);
    return stamp != 0 ? stamp : 1;
}

uint64_t jt_config_file_stamp(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? file_stamp(&st) : 0;
}

/* The rule for whatever decides what runs: nobody but root and the invoking user can have written it. */
static int file_check_writers(const char *path, const struct stat *st, jeton_error **ret_error)
{
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return DENIED("%s belongs to user %u; configuration must belong to root or to the user who runs this (user %u)",
                      path, (unsigned)st->st_uid, (unsigned)geteuid());
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return DENIED("%s has mode %04o, so that others than its owner can change it: chmod go-w %s", path,
                      (unsigned)(st->st_mode & 07777), path);
    return JETON_OK;
}

int jt_config_file_check_dir(const char *path, bool must_exist, jeton_error **ret_error)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        if (errno == ENOENT && !must_exist)
            return JETON_OK;
        if (errno == ENOENT || errno == ENOTDIR)
            return INVALID("the configuration directory %s does not exist; make it with: jeton --config %s init", path,
                           path);
        return DENIED("the configuration directory %s cannot be entered: %m", path);
    }
    if (!S_ISDIR(st.st_mode))
        return INVALID(
            "%s is not a directory; jeton's configuration is a directory with jeton.conf and providers.d in it", path);
    return file_check_writers(path, &st, ret_error);
}

/* Links are taken where they stay within the configuration (a mounted volume is full of them), and nowhere else. */
static int file_open_link(const char *dir, const char *path, int *ret_fd, jeton_error **ret_error)
{
    JT_AUTO_STR char *real_dir = realpath(dir, NULL);
    JT_AUTO_STR char *real = realpath(path, NULL);
    size_t len = real_dir != NULL ? strlen(real_dir) : 0;

    if (real == NULL || real_dir == NULL)
        return INVALID("%s is a symbolic link that leads nowhere: %m", path);
    if (strncmp(real, real_dir, len) != 0 || real[len] != '/')
        return DENIED("%s is a symbolic link to %s, outside of %s; put the file itself there", path, real, dir);
    *ret_fd = open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return *ret_fd >= 0 ? JETON_OK : DENIED("%s cannot be opened: %m", real);
}

static int file_open(const char *dir, const char *path, int *ret_fd, bool *ret_missing, jeton_error **ret_error)
{
    /* Not blocking, since a FIFO would otherwise wait for its other end. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 && errno == ELOOP)
        return file_open_link(dir, path, ret_fd, ret_error);
    if (fd < 0 && errno == ENOENT) {
        *ret_missing = true;
        return JETON_OK;
    }
    if (fd < 0)
        return DENIED("%s cannot be opened: %m", path);
    *ret_fd = fd;
    return JETON_OK;
}

static bool file_may_end_in_comment(const struct jt_buf *text)
{
    const char *newline = text->len > 0 ? memrchr(text->data, '\n', text->len) : NULL;
    const char *last = newline != NULL ? newline + 1 : jt_buf_str(text);

    return strchr(last, '#') != NULL || strstr(last, "//") != NULL;
}

static int file_load(int fd, const char *path, struct jt_buf *text, jeton_error **ret_error)
{
    char chunk[4096];
    ssize_t got;

    do {
        got = read(fd, chunk, sizeof chunk);
        if (got > 0)
            jt_buf_add(text, chunk, (size_t)got);
    } while ((got > 0 && !text->failed) || (got < 0 && errno == EINTR));
    jt_wipe(chunk, sizeof chunk);
    if (got < 0)
        return DENIED("%s cannot be read: %m", path);
    /* Its size was within the limit a moment ago. */
    if (text->failed || text->len > FILE_SIZE_MAX)
        return jt_error_set(ret_error, JETON_TRY_LATER, "%s changed while it was being read; try again", path);
    /* To libconfig a comment ends with its line, and the file's end is no end of a line. Elsewhere its complaints would
     * be of a line that is not there. */
    if (file_may_end_in_comment(text))
        jt_buf_add(text, "\n", 1);
    return JETON_OK;
}

static int file_parse(struct jt_config_file *file, const struct jt_buf *text, jeton_error **ret_error)
{
    int status = jt_config_scan(file->path, jt_buf_str(text), text->len, ret_error);

    if (status != JETON_OK)
        return status;
    config_init(&file->tree);
    file->parsed = true;
    if (config_read_string(&file->tree, jt_buf_str(text)) == CONFIG_TRUE)
        return JETON_OK;
    if (strcmp(config_error_text(&file->tree), "syntax error") == 0)
        return INVALID(
            "%s:%d: syntax error at or just before this line: is a ; or a quote missing, or a brace too many?",
            file->path, config_error_line(&file->tree));
    return INVALID("%s:%d: %s", file->path, config_error_line(&file->tree), config_error_text(&file->tree));
}

int jt_config_file_read(const char *dir, const char *path, struct jt_config_file *file, jeton_error **ret_error)
{
    JT_CLEANUP(jt_buf_done) struct jt_buf text = JT_BUF_INIT(FILE_SIZE_MAX + 1); /* a newline more */
    JT_AUTO_FD int fd = -1;
    struct stat st;
    int status;

    file->path = jt_strdup(path);
    if (file->path == NULL)
        return jt_error_no_memory(ret_error);
    status = file_open(dir, path, &fd, &file->missing, ret_error);
    if (status != JETON_OK || file->missing)
        return status;
    if (fstat(fd, &st) != 0)
        return DENIED("%s cannot be examined: %m", path);
    if (!S_ISREG(st.st_mode))
        return INVALID("%s is not a regular file", path);
    if (st.st_size > (off_t)FILE_SIZE_MAX)
        return INVALID("%s is larger than 8 MiB; spread its accounts over several providers' files", path);
    status = file_check_writers(path, &st, ret_error);
    if (status == JETON_OK)
        status = file_load(fd, path, &text, ret_error);
    if (status == JETON_OK)
        status = file_parse(file, &text, ret_error);
    file->mode = st.st_mode & 07777u;
    file->stamp = file_stamp(&st);
    return status;
}
