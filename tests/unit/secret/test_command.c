/* SPDX-License-Identifier: MIT */
/* Secrets that a program prints: what it gets, what it may do, and that it is gone afterwards. */
#include "tests/lib/files.h"
#include "secret/command.h"
#include <errno.h>
#include <signal.h>
#include <time.h>

static int run(const char *const *argv, char **ret_secret, jeton_error **ret_error)
{
    size_t len = 0;

    return jt_secret_run(argv, ret_secret, &len, ret_error);
}

static int run_shell(const char *script, char **ret_secret, jeton_error **ret_error)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};

    return run(argv, ret_secret, ret_error);
}

static void expect(const char *script, const char *value)
{
    char *secret = NULL;
    jeton_error *error = NULL;

    if (CHECK_OK(run_shell(script, &secret, &error), &error))
        CHECK_STR(secret, value);
    jt_guarded_free(&secret);
}

static void expect_refused(const char *script, int status, const char *part)
{
    char *secret = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(run_shell(script, &secret, &error), status, part, &error);
    CHECK_TRUE(secret == NULL);
}

static void test_output(void)
{
    const char *const echo[] = {"/bin/echo", "a  b", "$HOME; `id`", NULL};
    char *secret = NULL;
    jeton_error *error = NULL;

    expect("printf s3cr3t", "s3cr3t");
    expect("echo s3cr3t", "s3cr3t");
    expect("printf 'one\\ntwo\\n\\n'", "one\ntwo\n");
    CHECK_OK(run(echo, &secret, &error), &error);
    CHECK_STR(secret, "a  b $HOME; `id`");
    jt_guarded_free(&secret);
}

static void test_surroundings(void)
{
    (void)setenv("JETON_TEST_SECRET", "leak", 1);
    (void)setenv("LD_LIBRARY_PATH", "/leak", 1);
    expect("printf %s \"${JETON_TEST_SECRET-unset} ${LD_LIBRARY_PATH-unset}\"", "unset unset");
    expect("printf %s \"$PATH\"", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    expect("pwd", "/");
    expect("cat; echo end", "end");
    (void)unsetenv("LD_LIBRARY_PATH");
    (void)unsetenv("JETON_TEST_SECRET");
}

static void test_descriptors(void)
{
    int fd = open("/dev/null", O_RDONLY); /* not close-on-exec, as careless programs leave theirs */

    CHECK_TRUE(fd >= 0);
    expect("ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3 ");
    (void)close(fd);
}

static void test_failures(void)
{
    expect_refused("echo 'the key ring is locked' >&2; echo more >&2; exit 3", JETON_CONFIG,
                   "/bin/sh ended with status 3: the key ring is locked");
    expect_refused("exit 1", JETON_CONFIG, "ended with status 1, saying nothing");
    expect_refused("kill -9 $$", JETON_CONFIG, "was ended by signal 9");
    expect_refused("printf 'a\\033[31mb' >&2; exit 1", JETON_CONFIG, "a?[31mb");
    expect_refused("true", JETON_CONFIG, "the output of /bin/sh is empty");
    expect_refused("printf 'a\\0b'", JETON_CONFIG, "NUL byte");
    expect_refused("yes", JETON_CONFIG, "printed more than 65536 bytes");
    expect_refused("head -c 100000 /dev/zero >&2; exit 1", JETON_CONFIG, "ended with status 1");
}

static void test_programs(void)
{
    const char *const none[] = {NULL}, *const relative[] = {"sh", NULL}, *const absent[] = {"/nonexistent/sh", NULL};
    const char *script = files_path("script");
    const char *const written[] = {script, NULL};
    char *secret = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(run(none, &secret, &error), JETON_CONFIG, "the command is empty", &error);
    CHECK_FAILS(run(relative, &secret, &error), JETON_CONFIG, "must be an absolute path", &error);
    CHECK_FAILS(run(absent, &secret, &error), JETON_CONFIG, "/nonexistent/sh cannot be found", &error);
    files_text(script, 0755, "#!/bin/sh\necho s3cr3t\n");
    CHECK_OK(run(written, &secret, &error), &error);
    jt_guarded_free(&secret);
    (void)chmod(script, 0775);
    CHECK_FAILS(run(written, &secret, &error), JETON_NOT_PERMITTED, "script has mode 0775", &error);
    (void)chmod(script, 0644);
    CHECK_FAILS(run(written, &secret, &error), JETON_NOT_PERMITTED, "cannot be run", &error);
    files_text(script, 0755, "neither a script nor a program\n");
    CHECK_FAILS(run(written, &secret, &error), JETON_CONFIG, "cannot be started", &error);
}

static void test_agent(void)
{
    struct timespec before, after;

    /* What stays behind and holds the pipe open (an agent that was started on the way) must not hold up the answer. */
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    expect("sleep 4 & echo s3cr3t", "s3cr3t");
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK_TRUE(after.tv_sec - before.tv_sec < 3);
}

static void test_slow(void)
{
    const char *pids = files_path("pids");
    char script[700];
    char *text;
    size_t len;
    int shell = 0, child = 0;

    (void)snprintf(script, sizeof(script), "sleep 60 & echo $$ $! > %s; wait", pids);
    expect_refused(script, JETON_TRY_LATER, "did not end within 10 seconds and was killed");
    text = files_read(pids, &len);
    CHECK_INT(sscanf(text, "%d %d", &shell, &child), 2);
    free(text);
    CHECK_TRUE(shell > 1 && kill(shell, 0) != 0 && errno == ESRCH);
    /* The grandchild is killed with its group; who reaps it is the system's business. */
    (void)usleep(50000);
    if (child > 1 && kill(child, 0) == 0) {
        char path[64], state = '?';
        FILE *stream;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", child);
        stream = fopen(path, "r");
        if (stream != NULL) {
            CHECK_INT(fscanf(stream, "%*d %*s %c", &state), 1);
            (void)fclose(stream);
        }
        CHECK_TRUE(state == 'Z' || stream == NULL);
    }
}

static const struct check_case cases[] = {
    {"what the program prints is the secret, without a shell and less one newline", test_output},
    {"the program gets a small environment, the root directory and nothing to read", test_surroundings},
    {"the program gets no descriptor but its three", test_descriptors},
    {"status, signal and the first line of stderr are told, and no endless output is taken", test_failures},
    {"a program that is not there, cannot run or that others can write is refused", test_programs},
    {"an agent that stays behind does not hold up the answer", test_agent},
    {"a program that takes longer than ten seconds is killed with all it started", test_slow},
};

CHECK_MAIN("secret_command", cases)
