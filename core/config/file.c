/* SPDX-License-Identifier: MIT */
/* Reads one configuration file: checks who could have written it and how large it is, then lets libconfig parse it. */
#include "config/file.h"
#include "config/scan.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE_MAX (8u * 1024u * 1024u)

#define DENIED(...)  jt_error_set(ret_error, JETON_NOT_PERMITTED, __VA_ARGS__)
#define INVALID(...) jt_error_set(ret_error, JETON_CONFIG, __VA_ARGS__)

/* Wipes all strings: inline secrets are among them, and libconfig frees strings without wiping. */
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

int jt_config_file_check_dir(const char *path, bool must_exist, jeton_error **ret_error)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        if (errno == ENOENT && !must_exist)
            return JETON_OK;
        if (errno == ENOENT || errno == ENOTDIR)
            return INVALID("the configuration directory %s does not exist; make it with: jeton --config %s init", path,
                           path);
        return jt_error_errno(ret_error, errno, "the configuration directory %s cannot be entered", path);
    }
    if (!S_ISDIR(st.st_mode))
        return INVALID(
            "%s is not a directory; jeton's configuration is a directory with jeton.conf and providers.d in it", path);
    return jt_trust_judge(path, &st, JT_TRUST_FORBID_WRITE, ret_error);
}

/* Follows a symbolic link if it stays within the configuration's directory: in a mounted Kubernetes volume every file
 * is such a link. */
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
    return *ret_fd >= 0 ? JETON_OK : jt_error_errno(ret_error, errno, "%s cannot be opened", real);
}

static int file_open(const char *dir, const char *path, int *ret_fd, bool *ret_missing, jeton_error **ret_error)
{
    /* O_NONBLOCK: opening a FIFO would otherwise wait for its other end. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 && errno == ELOOP)
        return file_open_link(dir, path, ret_fd, ret_error);
    if (fd < 0 && errno == ENOENT) {
        *ret_missing = true;
        return JETON_OK;
    }
    if (fd < 0)
        return jt_error_errno(ret_error, errno, "%s cannot be opened", path);
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
    int error = jt_file_read_all(fd, text);

    if (error != 0)
        return jt_error_errno(ret_error, error, "%s cannot be read", path);
    /* The file's size was within the limit a moment ago, so it grew while it was being read. */
    if (text->failed || text->len > FILE_SIZE_MAX)
        return jt_error_set(ret_error, JETON_TRY_LATER, "%s changed while it was being read; try again", path);
    /* libconfig reports a comment in the last line as unclosed unless a newline follows, so one is added. Not to every
     * file: with an added newline, libconfig would name a line that does not exist when it reports an error at the
     * end. */
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
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(FILE_SIZE_MAX + 1); /* + 1 for the newline */
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
        return jt_error_errno(ret_error, errno, "%s cannot be examined", path);
    if (!S_ISREG(st.st_mode))
        return INVALID("%s is not a regular file", path);
    if (st.st_size > (off_t)FILE_SIZE_MAX)
        return INVALID("%s is larger than 8 MiB; spread its accounts over several providers' files", path);
    status = jt_trust_judge(path, &st, JT_TRUST_FORBID_WRITE, ret_error);
    if (status == JETON_OK)
        status = file_load(fd, path, &text, ret_error);
    if (status == JETON_OK)
        status = file_parse(file, &text, ret_error);
    file->mode = st.st_mode & 07777u;
    file->stamp = jt_file_stamp(&st);
    return status;
}
