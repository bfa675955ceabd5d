/* SPDX-License-Identifier: MIT */
/* The ways to give a secret that need no other program: in the configuration, a file, a credential of the service
 * manager, the environment. It never repeats a secret in a message and keeps no copy of one. */
#include "secret/source.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* What every source has in common once its bytes are there: one trailing newline goes, and what cannot be a value is
 * refused. */
int jt_secret_accept(const char *what, const char *data, size_t len, char **ret_secret, size_t *ret_len,
                     jeton_error **ret_error)
{
    char *secret;

    if (len > 0 && data[len - 1] == '\n')
        len--;
    if (len == 0)
        return jt_error_set(ret_error, JETON_CONFIG, "%s is empty; put the secret there", what);
    if (len > JT_SETTING_MAX)
        return jt_error_set(ret_error, JETON_CONFIG, "%s holds more than %u bytes, which no secret needs", what,
                            JT_SETTING_MAX);
    if (memchr(data, '\0', len) != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s holds a NUL byte; a secret must be text", what);
    secret = jt_secret_dup(data, len);
    if (secret == NULL)
        return jt_error_no_memory(ret_error);
    *ret_secret = secret;
    *ret_len = len;
    return JETON_OK;
}

/* The rules for a file that holds a secret. Its group may read it where that is how root gave this user access. A
 * credential is as the service manager made it: below a directory that only the service can enter. */
static int secret_check_file(const char *path, const struct stat *st, bool credential, jeton_error **ret_error)
{
    const bool given = credential || (st->st_uid == 0 && geteuid() != 0);
    const mode_t forbidden = given ? 027 : 077;

    if (!S_ISREG(st->st_mode))
        return jt_error_set(ret_error, JETON_CONFIG, "%s is not a regular file", path);
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "%s belongs to user %u; a secret's file must belong to root or to the user who runs this "
                            "(user %u)",
                            path, (unsigned)st->st_uid, (unsigned)geteuid());
    if ((st->st_mode & forbidden) != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "%s has mode %04o, so that others than its owner can use it: chmod %s %s", path,
                            (unsigned)(st->st_mode & 07777), given ? "640" : "600", path);
    if (st->st_size > (off_t)JT_SETTING_MAX + 1)
        return jt_error_set(ret_error, JETON_CONFIG, "%s is larger than %u bytes, which no secret needs", path,
                            JT_SETTING_MAX);
    return JETON_OK;
}

static int secret_read_all(int fd, const char *path, struct jt_buf *buf, jeton_error **ret_error)
{
    char chunk[4096];
    ssize_t got;

    do {
        got = read(fd, chunk, sizeof chunk);
        if (got > 0)
            jt_buf_add(buf, chunk, (size_t)got);
    } while ((got > 0 && !buf->failed) || (got < 0 && errno == EINTR));
    jt_wipe(chunk, sizeof chunk);
    if (got < 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED, "%s cannot be read: %m", path);
    /* The cap is one more than what the file's size was held against: it grew while it was being read. */
    if (buf->failed)
        return jt_error_set(ret_error, JETON_CONFIG, "%s changed while it was being read; try again", path);
    return JETON_OK;
}

static int secret_read_file(const char *path, bool credential, char **ret_secret, size_t *ret_len,
                            jeton_error **ret_error)
{
    JT_CLEANUP(jt_buf_done) struct jt_buf buf = JT_BUF_INIT(JT_SETTING_MAX + 1u);
    JT_AUTO_FD int fd = -1;
    struct stat st;
    int status;

    if (path[0] != '/')
        return jt_error_set(ret_error, JETON_CONFIG, "\"%s\" is not an absolute path", path);
    /* Not blocking: opening a FIFO would wait for somebody to write to it. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return jt_error_set(ret_error, errno == EACCES || errno == EPERM ? JETON_NOT_PERMITTED : JETON_CONFIG,
                            "%s cannot be opened: %m", path);
    if (fstat(fd, &st) != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED, "%s cannot be examined: %m", path);
    status = secret_check_file(path, &st, credential, ret_error);
    if (status != JETON_OK)
        return status;
    status = secret_read_all(fd, path, &buf, ret_error);
    if (status != JETON_OK)
        return status;
    return jt_secret_accept(path, jt_buf_str(&buf), buf.len, ret_secret, ret_len, ret_error);
}

/* The path of a credential, or an error. */
static int secret_credential_path(const char *name, char **ret_path, jeton_error **ret_error)
{
    const char *directory = secure_getenv("CREDENTIALS_DIRECTORY");
    char *path;

    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "\"%s\" is not the name of a credential (a file name, not a path)",
                            name);
    if (directory == NULL || directory[0] != '/')
        return jt_error_set(ret_error, JETON_CONFIG,
                            "there is no credential \"%s\", since $CREDENTIALS_DIRECTORY is not set: give the service "
                            "LoadCredential=%s:… and start it through systemd",
                            name, name);
    path = jt_printf("%s/%s", directory, name);
    if (path == NULL)
        return jt_error_no_memory(ret_error);
    *ret_path = path;
    return JETON_OK;
}

static int secret_from_credential(const char *name, char **ret_secret, size_t *ret_len, jeton_error **ret_error)
{
    JT_AUTO_STR char *path = NULL;
    int status = secret_credential_path(name, &path, ret_error);

    if (status != JETON_OK)
        return status;
    return secret_read_file(path, true, ret_secret, ret_len, ret_error);
}

static int secret_from_env(const char *variable, char **ret_secret, size_t *ret_len, jeton_error **ret_error)
{
    JT_AUTO_STR char *what = jt_printf("the environment variable %s", variable);
    const char *value;

    if (what == NULL)
        return jt_error_no_memory(ret_error);
    if (getauxval(AT_SECURE) != 0)
        return jt_error_set(ret_error, JETON_NOT_PERMITTED,
                            "%s is not read, since this program runs with more rights than its caller; give the secret "
                            "in a file",
                            what);
    value = secure_getenv(variable);
    if (value == NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s is not set", what);
    return jt_secret_accept(what, value, strlen(value), ret_secret, ret_len, ret_error);
}

int jt_secret_resolve(const struct jt_secret_spec *spec, char **ret_secret, size_t *ret_len, jeton_error **ret_error)
{
    switch (spec->source) {
    case JT_SECRET_INLINE:
        return jt_secret_accept(spec->name, spec->text, strlen(spec->text), ret_secret, ret_len, ret_error);
    case JT_SECRET_FILE:
        return secret_read_file(spec->text, false, ret_secret, ret_len, ret_error);
    case JT_SECRET_CREDENTIAL:
        return secret_from_credential(spec->text, ret_secret, ret_len, ret_error);
    case JT_SECRET_ENV:
        return secret_from_env(spec->text, ret_secret, ret_len, ret_error);
    case JT_SECRET_COMMAND:
        return jt_secret_run(spec->argv, ret_secret, ret_len, ret_error);
    }
    return jt_error_set(ret_error, JETON_INTERNAL, "%s comes from a source that this jeton does not know", spec->name);
}

static void stamp_add(crypto_generichash_state *state, const char *text)
{
    /* The NUL goes in too, so that ("ab", "c") and ("a", "bc") differ. */
    crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static void stamp_add_file(crypto_generichash_state *state, const char *path)
{
    struct stat st;
    int64_t facts[6] = {0};

    stamp_add(state, path);
    if (stat(path, &st) != 0)
        return;
    facts[0] = (int64_t)st.st_dev;
    facts[1] = (int64_t)st.st_ino;
    facts[2] = (int64_t)st.st_size;
    facts[3] = (int64_t)st.st_mtim.tv_sec;
    facts[4] = (int64_t)st.st_mtim.tv_nsec;
    /* A chmod or chown may be what turns a refusal into success. */
    facts[5] = (int64_t)st.st_ctim.tv_sec * 1000000000 + (int64_t)st.st_ctim.tv_nsec;
    crypto_generichash_update(state, (const unsigned char *)facts, sizeof facts);
}

uint64_t jt_secret_stamp(const struct jt_secret_spec *spec)
{
    JT_AUTO_STR char *path = NULL;
    crypto_generichash_state state;
    unsigned char hash[crypto_generichash_BYTES_MIN];
    unsigned char source = (unsigned char)spec->source;
    const char *value;
    uint64_t stamp;

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, &source, sizeof source);
    if (spec->text != NULL)
        stamp_add(&state, spec->text);
    for (size_t i = 0; spec->argv != NULL && spec->argv[i] != NULL; i++)
        stamp_add(&state, spec->argv[i]);
    if (spec->source == JT_SECRET_FILE)
        stamp_add_file(&state, spec->text);
    else if (spec->source == JT_SECRET_CREDENTIAL && secret_credential_path(spec->text, &path, NULL) == JETON_OK)
        stamp_add_file(&state, path);
    else if (spec->source == JT_SECRET_ENV && (value = secure_getenv(spec->text)) != NULL)
        stamp_add(&state, value);
    crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(&stamp, hash, sizeof stamp);
    jt_wipe(&state, sizeof state);
    return stamp;
}
