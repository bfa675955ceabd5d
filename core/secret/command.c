/* SPDX-License-Identifier: MIT */
/* Secrets that another program prints: `pass show …`, `vault kv get …`. The program runs without a shell. After ten
 * seconds it is killed together with everything that it started. */
#include "secret/command.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_LIMIT_MS  10000
#define COMMAND_TICK_MS   20
#define COMMAND_END_MS    1    /* between two checks whether the program has ended, once it has closed its streams */
#define COMMAND_WORDS_MAX 200u /* bytes of stderr that go into a message */

struct command {
    const char *path; /* as configured, for messages */
    pid_t pid;
    int out_fd;
    int err_fd;
    struct jt_buf out;
    struct jt_buf words;
    bool exited;
    int wait_status;
};

/* Kills the process group, closes the descriptors and wipes the output. */
static void command_done(struct command *command)
{
    if (command->pid > 0 && !command->exited) {
        (void)kill(-command->pid, SIGKILL);
        while (waitpid(command->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    jt_fd_close(&command->out_fd);
    jt_fd_close(&command->err_fd);
    jt_buf_done(&command->out);
    jt_buf_done(&command->words);
}

int jt_secret_check_program(const char *const *argv, char **ret_path, jeton_error **ret_error)
{
    JT_AUTO_STR char *path = NULL;
    JT_AUTO_FD int fd = -1;
    char *slash;
    int status;

    if (argv == NULL || argv[0] == NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "the command is empty; it must be a list: program and arguments");
    if (argv[0][0] != '/')
        return jt_error_set(ret_error, JETON_CONFIG,
                            "the program \"%s\" must be an absolute path; neither a shell nor $PATH is used", argv[0]);
    path = realpath(argv[0], NULL);
    if (path == NULL)
        return jt_error_errno(ret_error, errno, "the program %s cannot be found", argv[0]);
    status = jt_trust_check_links(argv[0], ret_error);
    if (status != JETON_OK)
        return status;
    slash = strrchr(path, '/');
    *slash = '\0';
    status = jt_trust_open_code(path[0] != '\0' ? path : "/", slash + 1, &fd, ret_error);
    *slash = '/';
    if (status != JETON_OK)
        return status;
    if (access(path, X_OK) != 0)
        return jt_error_errno(ret_error, errno, "the program %s cannot be run", argv[0]);
    if (ret_path != NULL)
        *ret_path = jt_take(&path);
    return JETON_OK;
}

/* The program gets only those variables of the caller's environment that it needs to unlock a key ring. */
static int command_environment(char **ret_env, size_t size, jeton_error **ret_error)
{
    static const char *const kept[] = {"HOME",     "USER", "LOGNAME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
                                       "GNUPGHOME"};
    size_t len = 0;

    ret_env[len++] = jt_strdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    ret_env[len++] = jt_strdup("LC_ALL=C.UTF-8");
    for (size_t i = 0; i < JT_LEN(kept) && len + 1 < size; i++) {
        const char *value = secure_getenv(kept[i]);

        if (value != NULL)
            ret_env[len++] = jt_printf("%s=%s", kept[i], value);
    }
    for (size_t i = 0; i < len; i++)
        if (ret_env[i] == NULL)
            return jt_error_no_memory(ret_error);
    return JETON_OK;
}

struct command_env {
    char *items[12];
};

static void command_env_done(struct command_env *env)
{
    for (size_t i = 0; i < JT_LEN(env->items); i++)
        free(env->items[i]);
}

/* If a service has closed its standard streams, a new pipe may get their numbers (0 to 2). The writing end is moved
 * away from those: the child's own streams are put there. */
static bool command_pipe(int *reading, int *writing)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *reading = ends[0];
    *writing = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    jt_fd_close(&ends[1]);
    return *writing >= 0 && fcntl(*reading, F_SETFL, O_NONBLOCK) == 0;
}

static int command_spawn(struct command *command, const char *path, const char *const *argv, jeton_error **ret_error)
{
    JT_CLEANUP(command_env_done) struct command_env env = {{NULL}};
    JT_CLEANUP(jt_fd_close) int out_end = -1;
    JT_CLEANUP(jt_fd_close) int err_end = -1;
    JT_CLEANUP(posix_spawn_file_actions_destroy) posix_spawn_file_actions_t actions = {0};
    JT_CLEANUP(posix_spawnattr_destroy) posix_spawnattr_t attributes = {0};
    sigset_t all, none;
    int failure, status;

    if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0)
        return jt_error_no_memory(ret_error);
    status = command_environment(env.items, JT_LEN(env.items), ret_error);
    if (status != JETON_OK)
        return status;
    if (!command_pipe(&command->out_fd, &out_end) || !command_pipe(&command->err_fd, &err_end))
        return jt_error_errno(ret_error, errno, "no pipe can be made for %s", command->path);

    /* The program gets a process group of its own, so that what it starts can be killed with it, and the default action
     * for every signal. */
    sigfillset(&all);
    sigemptyset(&none);
    failure =
        posix_spawnattr_setpgroup(&attributes, 0) | posix_spawnattr_setsigdefault(&attributes, &all) |
        posix_spawnattr_setsigmask(&attributes, &none) |
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) |
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) |
        posix_spawn_file_actions_adddup2(&actions, out_end, STDOUT_FILENO) |
        posix_spawn_file_actions_adddup2(&actions, err_end, STDERR_FILENO) |
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1) |
        posix_spawn_file_actions_addchdir_np(&actions, "/");
    if (failure != 0)
        return jt_error_no_memory(ret_error);
    failure = posix_spawn(&command->pid, path, &actions, &attributes, (char *const *)(uintptr_t)argv, env.items);
    if (failure != 0) {
        command->pid = 0;
        return jt_error_errno(ret_error, failure, "the program %s cannot be started", command->path);
    }
    return JETON_OK;
}

/* Reads what is there; closes the descriptor at the end of the file. */
static void command_drain(int *fd, struct jt_buf *buf)
{
    char chunk[4096];
    ssize_t got;

    if (*fd < 0)
        return;
    for (;;) {
        got = read(*fd, chunk, sizeof(chunk));
        if (got > 0)
            jt_buf_add(buf, chunk, (size_t)got);
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
            jt_fd_close(fd);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
    }
    jt_wipe(chunk, sizeof(chunk));
}

/* Reads until the program itself has ended, not until the pipes are closed: the program may leave a child behind (an
 * agent) that keeps them open. */
static int command_wait(struct command *command, jeton_error **ret_error)
{
    int64_t limit_ms = jt_boot_ms() + COMMAND_LIMIT_MS;

    while (!command->exited) {
        struct pollfd polled[2] = {{command->out_fd, POLLIN, 0}, {command->err_fd, POLLIN, 0}};
        pid_t ended;

        if (jt_boot_ms() >= limit_ms)
            return jt_error_set(ret_error, JETON_TRY_LATER,
                                "the program %s did not end within %d seconds and was killed", command->path,
                                COMMAND_LIMIT_MS / 1000);
        (void)poll(polled, 2, command->out_fd < 0 && command->err_fd < 0 ? COMMAND_END_MS : COMMAND_TICK_MS);
        ended = waitpid(command->pid, &command->wait_status, WNOHANG);
        if (ended < 0 && errno != EINTR) {
            command->exited = true;
            return jt_error_set(
                ret_error, JETON_TRY_LATER,
                "how the program %s ended is unknown: this process ignores SIGCHLD, or another part of it "
                "waited for the child",
                command->path);
        }
        command->exited = ended == command->pid;
        command_drain(&command->out_fd, &command->out);
        command_drain(&command->err_fd, &command->words);
        if (command->out.failed)
            return jt_error_set(ret_error, JETON_CONFIG,
                                "the program %s printed more than %u bytes, which no secret needs", command->path,
                                JT_SETTING_MAX);
    }
    return JETON_OK;
}

/* The first line that the program wrote to stderr, without control characters. */
static void command_first_words(struct command *command, char *ret_words, size_t size)
{
    const char *text = jt_buf_str(&command->words);
    size_t len = strcspn(text, "\r\n");

    if (len >= size)
        len = size - 1;
    for (size_t i = 0; i < len; i++)
        ret_words[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    ret_words[len] = '\0';
}

static int command_judge(struct command *command, jeton_error **ret_error)
{
    char words[COMMAND_WORDS_MAX + 1];

    if (WIFEXITED(command->wait_status) && WEXITSTATUS(command->wait_status) == 0)
        return JETON_OK;
    command_first_words(command, words, sizeof(words));
    if (WIFSIGNALED(command->wait_status))
        return jt_error_set(ret_error, JETON_CONFIG, "the program %s was ended by signal %d%s%s", command->path,
                            WTERMSIG(command->wait_status), words[0] != '\0' ? ": " : "", words);
    return jt_error_set(ret_error, JETON_CONFIG, "the program %s ended with status %d%s%s", command->path,
                        WEXITSTATUS(command->wait_status), words[0] != '\0' ? ": " : ", saying nothing", words);
}

int jt_secret_run(const char *const *argv, char **ret_secret, size_t *ret_len, jeton_error **ret_error)
{
    JT_CLEANUP(command_done)
    struct command command = {
        .out_fd = -1, .err_fd = -1, .out = JT_BUF_INIT(JT_SETTING_MAX + 1u), .words = JT_BUF_INIT(64u * 1024u)};
    JT_AUTO_STR char *path = NULL;
    JT_AUTO_STR char *what = NULL;
    int status = jt_secret_check_program(argv, &path, ret_error);

    if (status != JETON_OK)
        return status;
    command.path = argv[0];
    status = command_spawn(&command, path, argv, ret_error);
    if (status != JETON_OK)
        return status;
    status = command_wait(&command, ret_error);
    if (status != JETON_OK)
        return status;
    status = command_judge(&command, ret_error);
    if (status != JETON_OK)
        return status;
    what = jt_printf("the output of %s", argv[0]);
    if (what == NULL)
        return jt_error_no_memory(ret_error);
    return jt_guarded_accept(what, jt_buf_str(&command.out), command.out.len, ret_secret, ret_len, ret_error);
}
