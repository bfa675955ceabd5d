/* SPDX-License-Identifier: MIT */
/* Guarded memory, and the ways to give a secret: each works, and each of its rules refuses. */
#include "tests/lib/files.h"
#include "secret/secret.h"
#include <sys/auxv.h>

static int resolve(enum jt_secret_source source, const char *text, char **ret_secret, size_t *ret_len,
                   jeton_error **ret_error)
{
    struct jt_secret_spec spec = {.source = source, .name = "client_secret", .text = text};

    return jt_secret_resolve(&spec, ret_secret, ret_len, ret_error);
}

static void expect(enum jt_secret_source source, const char *text, const char *value)
{
    char *secret = NULL;
    size_t len = 0;
    jeton_error *error = NULL;

    if (CHECK_OK(resolve(source, text, &secret, &len, &error), &error)) {
        CHECK_STR(secret, value);
        CHECK_INT(len, strlen(value));
    }
    jt_guarded_free(&secret);
    CHECK_TRUE(secret == NULL);
}

static void expect_refused(enum jt_secret_source source, const char *text, int status, const char *part)
{
    char *secret = NULL;
    size_t len = 0;
    jeton_error *error = NULL;

    CHECK_FAILS(resolve(source, text, &secret, &len, &error), status, part, &error);
    CHECK_TRUE(secret == NULL);
}

static void test_memory(void)
{
    char *secret = jt_guarded_dup("abc\0def", 7), *empty = jt_guarded_dup(NULL, 0);

    CHECK_MEM(secret, 8, "abc\0def\0", 8);
    CHECK_STR(empty, "");
    jt_guarded_free(&secret);
    jt_guarded_free(&empty);
    jt_guarded_free(&empty);
    CHECK_TRUE(secret == NULL && empty == NULL);
}

static void test_inline(void)
{
    expect(JT_SECRET_INLINE, "s3cr3t", "s3cr3t");
    expect_refused(JT_SECRET_INLINE, "", JETON_CONFIG, "client_secret is empty");
}

static void test_file(void)
{
    const char *path = files_path("secret");

    files_text(path, 0600, "s3cr3t");
    expect(JT_SECRET_FILE, path, "s3cr3t");
    files_text(path, 0400, "s3cr3t\n");
    expect(JT_SECRET_FILE, path, "s3cr3t");
    files_text(path, 0600, "one\ntwo\n\n");
    expect(JT_SECRET_FILE, path, "one\ntwo\n");
}

static void test_file_modes(void)
{
    static const mode_t wrong[] = {0640, 0604, 0620, 0602, 0610, 0601, 0666};
    const char *path = files_path("open-secret");

    for (size_t i = 0; i < JT_LEN(wrong); i++) {
        files_text(path, wrong[i], "s3cr3t");
        expect_refused(JT_SECRET_FILE, path, JETON_NOT_PERMITTED, "chmod 600");
    }
}

static void test_file_owner(void)
{
    const char *path = files_path("foreign-secret");

    if (!check_root())
        return;
    files_text(path, 0600, "s3cr3t");
    CHECK_INT(chown(path, 65534, 65534), 0);
    expect_refused(JT_SECRET_FILE, path, JETON_NOT_PERMITTED, "belongs to user 65534");
}

/* A service that is not root reads what root lets its group read. */
static void test_file_of_a_group(void)
{
    const char *path = files_path("group-secret");

    if (!check_root())
        return;
    CHECK_INT(chmod(check_tmpdir(), 0711), 0);
    files_text(path, 0640, "s3cr3t");
    CHECK_INT(chown(path, 0, 65534), 0);
    CHECK_INT(setegid(65534), 0);
    CHECK_INT(seteuid(65534), 0);
    expect(JT_SECRET_FILE, path, "s3cr3t");
    CHECK_INT(seteuid(0), 0);
    CHECK_INT(setegid(0), 0);
    expect_refused(JT_SECRET_FILE, path, JETON_NOT_PERMITTED, "chmod 600"); /* root needs no group */
    for (mode_t wrong = 0644; wrong <= 0660; wrong += 0014) {
        CHECK_INT(chmod(path, wrong), 0);
        CHECK_INT(seteuid(65534), 0);
        expect_refused(JT_SECRET_FILE, path, JETON_NOT_PERMITTED, wrong == 0644 ? "chmod 640" : "");
        CHECK_INT(seteuid(0), 0);
    }
}

static void test_file_contents(void)
{
    const char *path = files_path("odd-secret");
    char *large = calloc(1, JT_SETTING_MAX + 3);

    files_text(path, 0600, "");
    expect_refused(JT_SECRET_FILE, path, JETON_CONFIG, "is empty");
    files_text(path, 0600, "\n");
    expect_refused(JT_SECRET_FILE, path, JETON_CONFIG, "is empty");
    files_write(path, 0600, "a\0b", 3);
    expect_refused(JT_SECRET_FILE, path, JETON_CONFIG, "NUL byte");
    memset(large, 'x', JT_SETTING_MAX + 2);
    files_text(path, 0600, large);
    expect_refused(JT_SECRET_FILE, path, JETON_CONFIG, "larger than 65536 bytes");
    large[JT_SETTING_MAX + 1] = '\0';
    files_text(path, 0600, large);
    expect_refused(JT_SECRET_FILE, path, JETON_CONFIG, "more than 65536 bytes");
    large[JT_SETTING_MAX] = '\n';
    files_text(path, 0600, large);
    large[JT_SETTING_MAX] = '\0';
    expect(JT_SECRET_FILE, path, large);
    free(large);
}

static void test_file_kinds(void)
{
    const char *fifo = files_path("fifo");

    CHECK_INT(mkfifo(fifo, 0600), 0);
    expect_refused(JT_SECRET_FILE, fifo, JETON_CONFIG, "is not a regular file");
    expect_refused(JT_SECRET_FILE, check_tmpdir(), JETON_CONFIG, "is not a regular file");
    expect_refused(JT_SECRET_FILE, files_path("absent"), JETON_CONFIG, "absent cannot be opened: No such file");
    expect_refused(JT_SECRET_FILE, "relative", JETON_CONFIG, "is not an absolute path");
    expect_refused(JT_SECRET_FILE, "/dev/zero", JETON_CONFIG, "is not a regular file");
}

static void test_credential(void)
{
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    expect_refused(JT_SECRET_CREDENTIAL, "line-bot", JETON_CONFIG, "LoadCredential=line-bot");
    files_mkdir(files_path("credentials"), 0700);
    (void)setenv("CREDENTIALS_DIRECTORY", files_path("credentials"), 1);
    files_text(files_path("credentials/line-bot"), 0440, "s3cr3t\n");
    expect(JT_SECRET_CREDENTIAL, "line-bot", "s3cr3t");
    files_text(files_path("credentials/line-bot"), 0444, "s3cr3t\n");
    expect_refused(JT_SECRET_CREDENTIAL, "line-bot", JETON_NOT_PERMITTED, "mode 0444");
    expect_refused(JT_SECRET_CREDENTIAL, "absent", JETON_CONFIG, "credentials/absent cannot be opened");
    expect_refused(JT_SECRET_CREDENTIAL, "../secret", JETON_CONFIG, "is not the name of a credential");
    expect_refused(JT_SECRET_CREDENTIAL, "..", JETON_CONFIG, "is not the name of a credential");
    expect_refused(JT_SECRET_CREDENTIAL, "", JETON_CONFIG, "is not the name of a credential");
    (void)unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_env(void)
{
    (void)setenv("JETON_TEST_SECRET", "s3cr3t", 1);
    expect(JT_SECRET_ENV, "JETON_TEST_SECRET", "s3cr3t");
    (void)setenv("JETON_TEST_SECRET", "", 1);
    expect_refused(JT_SECRET_ENV, "JETON_TEST_SECRET", JETON_CONFIG,
                   "the environment variable JETON_TEST_SECRET is empty");
    (void)unsetenv("JETON_TEST_SECRET");
    expect_refused(JT_SECRET_ENV, "JETON_TEST_SECRET", JETON_CONFIG,
                   "the environment variable JETON_TEST_SECRET is not set");
}

/* What a program does that was started with more rights than its caller has: exit status 0 when it refuses the
 * variable. */
static int as_set_user_id_program(void)
{
    char *secret = NULL;
    size_t len = 0;
    jeton_error *error = NULL;
    int status = resolve(JT_SECRET_ENV, "JETON_TEST_SECRET", &secret, &len, &error);
    bool refused = status == JETON_NOT_PERMITTED && strstr(jeton_error_message(error), "more rights") != NULL;

    jeton_error_free(&error);
    jt_guarded_free(&secret);
    return getauxval(AT_SECURE) != 0 && refused ? 0 : 1;
}

static void test_env_secure(void)
{
    if (!check_root())
        return;
    (void)setenv("JETON_TEST_SECRET", "s3cr3t", 1);
    CHECK_INT(files_run_set_user_id("--as-set-user-id-program"), 0);
    (void)unsetenv("JETON_TEST_SECRET");
}

static uint64_t stamp(enum jt_secret_source source, const char *text)
{
    struct jt_secret_spec spec = {.source = source, .name = "x", .text = text};

    return jt_secret_stamp(&spec);
}

static void test_stamp(void)
{
    const char *path = files_path("stamped");
    const char *const pass[] = {"/bin/pass", "a", NULL}, *const other[] = {"/bin/pass", "b", NULL};
    struct jt_secret_spec command = {.source = JT_SECRET_COMMAND, .name = "x", .argv = pass};
    uint64_t before;

    CHECK_TRUE(stamp(JT_SECRET_INLINE, "a") == stamp(JT_SECRET_INLINE, "a"));
    CHECK_TRUE(stamp(JT_SECRET_INLINE, "a") != stamp(JT_SECRET_INLINE, "b"));
    CHECK_TRUE(stamp(JT_SECRET_INLINE, "a") != stamp(JT_SECRET_ENV, "a"));
    (void)setenv("JETON_TEST_SECRET", "1", 1);
    before = stamp(JT_SECRET_ENV, "JETON_TEST_SECRET");
    (void)setenv("JETON_TEST_SECRET", "2", 1);
    CHECK_TRUE(stamp(JT_SECRET_ENV, "JETON_TEST_SECRET") != before);
    before = stamp(JT_SECRET_FILE, path);
    files_text(path, 0640, "one");
    CHECK_TRUE(stamp(JT_SECRET_FILE, path) != before);
    before = stamp(JT_SECRET_FILE, path);
    CHECK_TRUE(stamp(JT_SECRET_FILE, path) == before);
    (void)usleep(20000);
    CHECK_INT(chmod(path, 0600), 0);
    CHECK_TRUE(stamp(JT_SECRET_FILE, path) != before);
    before = jt_secret_stamp(&command);
    command.argv = other;
    CHECK_TRUE(jt_secret_stamp(&command) != before);
}

static void expect_described(const struct jt_secret_spec *spec, const char *expected)
{
    JT_AUTO_STR char *described = jt_secret_describe(spec, "/etc/jeton/jeton.conf");

    CHECK_STR(described, expected);
}

static void test_describe(void)
{
    static const char *const argv[] = {"/usr/bin/pass", "show", NULL};

    expect_described(&(struct jt_secret_spec){JT_SECRET_INLINE, "key", "s3cr3t", NULL},
                     "`key` in /etc/jeton/jeton.conf");
    expect_described(&(struct jt_secret_spec){JT_SECRET_FILE, "key", "/x", NULL}, "file /x");
    expect_described(&(struct jt_secret_spec){JT_SECRET_CREDENTIAL, "key", "y", NULL}, "credential y");
    expect_described(&(struct jt_secret_spec){JT_SECRET_ENV, "key", "Z", NULL}, "environment variable Z");
    expect_described(&(struct jt_secret_spec){JT_SECRET_COMMAND, "key", NULL, argv}, "command /usr/bin/pass");
    expect_described(&(struct jt_secret_spec){JT_SECRET_COMMAND, "key", NULL, argv + 2}, "command ");
}

static const struct check_case cases[] = {
    {"guarded memory holds what was put there, NUL-terminated, and is freed once", test_memory},
    {"a secret in the configuration itself is taken as it is", test_inline},
    {"a file's secret is read, less one trailing newline", test_file},
    {"a file that others than its owner can use is refused with the chmod to do", test_file_modes},
    {"root's file that a group may read is good for a service of that group", test_file_of_a_group},
    {"a file of another owner is refused", test_file_owner},
    {"an empty file, a NUL byte and more than 64 KiB are refused", test_file_contents},
    {"a FIFO, a directory, a device, an absent file and a relative path are refused", test_file_kinds},
    {"a credential is a file below $CREDENTIALS_DIRECTORY, as systemd makes it", test_credential},
    {"an environment variable is read, and refused when empty or not set", test_env},
    {"a program with more rights than its caller does not read the environment", test_env_secure},
    {"the stamp changes with the source, and only then", test_stamp},
    {"where a secret comes from is said without the secret", test_describe},
};

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--as-set-user-id-program") == 0)
        return as_set_user_id_program();
    return check_main(argc, argv, "secret", cases, JT_LEN(cases));
}
