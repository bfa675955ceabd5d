/* SPDX-License-Identifier: MIT */
/* Fetches a secret from where it is: the configuration, a file, a credential of the service manager, the environment,
 * or a program's output (command.c). No message repeats a secret. */
#include "secret/command.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* If root owns the file, its group may read it: that is how root gives a service access. A credential has the mode that
 * the service manager gave it, in a directory that only the service can enter. */
static int secret_check_file(const char *path, const struct stat *st, bool credential, jeton_error **ret_error)
{
    const bool given = credential || (st->st_uid == 0 && geteuid() != 0);

    int status;

    if (!S_ISREG(st->st_mode))
        return jt_error_set(ret_error, JETON_CONFIG, "%s is not a regular file", path);
    status = jt_trust_judge(path, st, given ? JT_TRUST_FORBID_READ_BUT_GROUP : JT_TRUST_FORBID_READ, ret_error);
    if (status == JETON_OK && st->st_size > (off_t)JT_SETTING_MAX + 1)
        return jt_error_set(ret_error, JETON_CONFIG, "%s is larger than %u bytes, which no secret needs", path,
                            JT_SETTING_MAX);
    return status;
}

static int secret_read_file(const char *path, bool credential, char **ret_secret, size_t *ret_len,
                            jeton_error **ret_error)
{
    JT_CLEANUP(jt_buf_done) struct jt_buf buf = JT_BUF_INIT(JT_SETTING_MAX + 1u);
    JT_AUTO_FD int fd = -1;
    struct stat st;
    int status, error;

    if (path[0] != '/')
        return jt_error_set(ret_error, JETON_CONFIG, "\"%s\" is not an absolute path", path);
    /* O_NONBLOCK: opening a FIFO would otherwise wait for a writer. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return jt_error_errno(ret_error, errno, "%s cannot be opened", path);
    if (fstat(fd, &st) != 0)
        return jt_error_errno(ret_error, errno, "%s cannot be examined", path);
    status = secret_check_file(path, &st, credential, ret_error);
    if (status != JETON_OK)
        return status;
    error = jt_file_read_all(fd, &buf);
    if (error != 0)
        return jt_error_errno(ret_error, error, "%s cannot be read", path);
    /* The file's size was within the limit a moment ago, so it grew while it was being read. */
    if (buf.failed)
        return jt_error_set(ret_error, JETON_TRY_LATER, "%s changed while it was being read; try again", path);
    return jt_guarded_accept(path, jt_buf_str(&buf), buf.len, ret_secret, ret_len, ret_error);
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
    return jt_guarded_accept(what, value, strlen(value), ret_secret, ret_len, ret_error);
}

int jt_secret_resolve(const struct jt_secret_spec *spec, char **ret_secret, size_t *ret_len, jeton_error **ret_error)
{
    switch (spec->source) {
    case JT_SECRET_INLINE:
        return jt_guarded_accept(spec->name, spec->text, strlen(spec->text), ret_secret, ret_len, ret_error);
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
    const uint64_t stamp = jt_file_stamp_at(path);

    stamp_add(state, path);
    crypto_generichash_update(state, (const unsigned char *)&stamp, sizeof(stamp));
}

uint64_t jt_secret_stamp(const struct jt_secret_spec *spec)
{
    JT_AUTO_STR char *path = NULL;
    crypto_generichash_state state;
    unsigned char hash[crypto_generichash_BYTES_MIN];
    unsigned char source = (unsigned char)spec->source;
    const char *value;
    uint64_t stamp;

    crypto_generichash_init(&state, NULL, 0, sizeof(hash));
    crypto_generichash_update(&state, &source, sizeof(source));
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
    crypto_generichash_final(&state, hash, sizeof(hash));
    memcpy(&stamp, hash, sizeof(stamp));
    jt_wipe(&state, sizeof(state));
    return stamp;
}

char *jt_secret_describe(const struct jt_secret_spec *spec, const char *file)
{
    switch (spec->source) {
    case JT_SECRET_FILE:
        return jt_printf("file %s", spec->text);
    case JT_SECRET_CREDENTIAL:
        return jt_printf("credential %s", spec->text);
    case JT_SECRET_ENV:
        return jt_printf("environment variable %s", spec->text);
    case JT_SECRET_COMMAND:
        return jt_printf("command %s", spec->argv != NULL && spec->argv[0] != NULL ? spec->argv[0] : "");
    case JT_SECRET_INLINE:
        break;
    }
    return jt_printf("`%s` in %s", spec->name, file);
}
