/* SPDX-License-Identifier: MIT */
/* Runs a test program and ends it, with all the processes that it started, when one of its cases hangs:
 *
 *     watched PROGRAM [ARGUMENT...]
 *
 * The program writes `PASSED FAILED SKIPPED SECONDS NAME` into the file $CHECK_PROGRESS when a case begins; check.c and
 * system/lib.sh do that. A case gets SECONDS, or $CHECK_SECONDS where that is 0. The whole program gets
 * $CHECK_PROGRAM_SECONDS, which is for programs that write nothing. A program that hangs or dies is named together with
 * the case that it was at, and this program prints the result line in its place.
 *
 * $TMPDIR is a directory that is removed at the end, however the program ended. */
#include "remove_tree.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CASE_SECONDS    60
#define PROGRAM_SECONDS 1800
#define TERM_SECONDS    5

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 3
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWER 3
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

struct progress {
    unsigned passed, failed, skipped, seconds;
    char name[256];
};

static char scratch[4096], progress_path[sizeof(scratch) + 16];

static time_t now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static unsigned seconds_from(const char *variable, unsigned otherwise)
{
    const char *value = getenv(variable);
    unsigned long seconds = value != NULL ? strtoul(value, NULL, 10) : 0;

    return seconds > 0 && seconds < 1000000 ? (unsigned)seconds : otherwise * SLOWER;
}

/* What the program is at; false where it has written nothing yet. */
static bool progress_read(struct progress *ret)
{
    FILE *stream = fopen(progress_path, "re");
    struct progress read = {0};
    int fields = 0;

    if (stream != NULL) {
        fields = fscanf(stream, "%u %u %u %u %255[^\n]", &read.passed, &read.failed, &read.skipped, &read.seconds,
                        read.name);
        (void)fclose(stream);
    }
    if (fields == 5)
        *ret = read;
    return fields == 5;
}

/* --- processes --------------------------------------------------------------------------------------------------- */

static void kill_descendants(const char *pid);

static void kill_children_in(const char *path)
{
    FILE *stream = fopen(path, "re");
    char child[16];

    while (stream != NULL && fscanf(stream, "%15s", child) == 1) {
        kill_descendants(child);
        (void)kill((pid_t)atoi(child), SIGKILL);
    }
    if (stream != NULL)
        (void)fclose(stream);
}

/* The kernel lists children by the thread that started them. */
static void kill_descendants(const char *pid)
{
    char path[300];
    struct dirent *thread;
    DIR *threads;

    (void)snprintf(path, sizeof(path), "/proc/%s/task", pid);
    threads = opendir(path);
    while (threads != NULL && (thread = readdir(threads)) != NULL) {
        if (thread->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "/proc/%.15s/task/%.255s/children", pid, thread->d_name);
        kill_children_in(path);
    }
    if (threads != NULL)
        (void)closedir(threads);
}

/* Collects what has ended. True once the program itself has; a daemon that it left becomes a child of this process. */
static bool collect(pid_t program, int *status)
{
    int one;
    pid_t pid;
    bool ended = false;

    while ((pid = waitpid(-1, &one, WNOHANG)) > 0)
        if (pid == program) {
            *status = one;
            ended = true;
        }
    return ended;
}

static void pause_for(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* A script cleans up behind itself, once the command that it waits for is gone; what does not end is killed. */
static void end_program(pid_t program)
{
    char pid[16];
    int status;

    (void)snprintf(pid, sizeof(pid), "%d", (int)program);
    (void)kill(program, SIGTERM);
    kill_descendants(pid);
    for (int i = 0; i < TERM_SECONDS * 20; i++) {
        if (collect(program, &status))
            return;
        pause_for(50);
    }
    (void)kill(program, SIGKILL);
}

/* What the program left running is a child of this process by now. */
static void end_all(void)
{
    for (int i = 0; i < TERM_SECONDS * 50 && waitpid(-1, NULL, WNOHANG) >= 0; i++) {
        kill_descendants("self");
        pause_for(20);
    }
}

/* --- the watch --------------------------------------------------------------------------------------------------- */

enum ending { ENDED, HUNG, TOLD_TO_END };

/* Waits until the program has ended, and gives its status, or until there is a reason to end it. */
static enum ending wait_for(pid_t program, const sigset_t *signals, int *status, unsigned *ret_seconds)
{
    unsigned case_seconds = seconds_from("CHECK_SECONDS", CASE_SECONDS);
    unsigned program_seconds = seconds_from("CHECK_PROGRAM_SECONDS", PROGRAM_SECONDS);
    time_t began = now(), case_began = began;
    struct progress last = {0}, seen = {0};

    for (;;) {
        const struct timespec tick = {.tv_sec = 1};
        int number = sigtimedwait(signals, NULL, &tick);
        unsigned limit = last.seconds > 0 ? last.seconds * SLOWER : case_seconds;

        if (number == SIGTERM || number == SIGHUP)
            return TOLD_TO_END;
        if (collect(program, status))
            return ENDED;
        if (progress_read(&seen) && memcmp(&seen, &last, sizeof(seen)) != 0) {
            last = seen;
            case_began = now();
        } else if ((last.name[0] != '\0' && now() - case_began >= limit) || now() - began >= program_seconds) {
            *ret_seconds = (unsigned)(now() - (last.name[0] != '\0' ? case_began : began));
            return HUNG;
        }
    }
}

static void print_result(const char *why, const char *program)
{
    struct progress at = {.name = "before its first case"};

    (void)progress_read(&at);
    (void)printf("FAILED (%s): %s: %s\n%u passed, %u failed", why, program, at.name, at.passed, at.failed + 1);
    if (at.skipped > 0)
        (void)printf(", %u skipped", at.skipped);
    (void)printf("\n");
}

/* What a reader knows it by: the script, not the shell that runs it. */
static const char *name_of(char **argv)
{
    const char *slash = strrchr(argv[0], '/'), *base = slash != NULL ? slash + 1 : argv[0];

    return argv[1] != NULL && (strcmp(base, "bash") == 0 || strcmp(base, "sh") == 0) ? argv[1] : argv[0];
}

static void start(char **argv, const sigset_t *before)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sigprocmask(SIG_SETMASK, before, NULL);
    (void)signal(SIGINT, SIG_DFL);
    (void)execvp(argv[0], argv);
    (void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static void make_scratch(void)
{
    const char *parent = getenv("TMPDIR");

    (void)snprintf(scratch, sizeof(scratch), "%s/jeton-test-XXXXXX", parent != NULL ? parent : "/tmp");
    if (mkdtemp(scratch) == NULL || chmod(scratch, 0711) != 0) {
        perror(scratch);
        exit(99);
    }
    (void)snprintf(progress_path, sizeof(progress_path), "%s/progress", scratch);
    if (setenv("TMPDIR", scratch, 1) != 0 || setenv("CHECK_PROGRESS", progress_path, 1) != 0)
        exit(99);
}

/* The exit status to end with. */
static int report(enum ending ending, int status, unsigned seconds, const char *program)
{
    char why[64];

    if (ending == ENDED && WIFEXITED(status))
        return WEXITSTATUS(status);
    if (ending == HUNG)
        (void)snprintf(why, sizeof(why), "hung for %u s", seconds);
    else if (ending == ENDED)
        (void)snprintf(why, sizeof(why), "ended by signal %d, %s", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        (void)snprintf(why, sizeof(why), "told to end");
    print_result(why, program);
    return 1;
}

int main(int argc, char **argv)
{
    sigset_t signals, before;
    unsigned seconds = 0;
    enum ending ending;
    int status = 0;
    pid_t program;

    if (argc < 2) {
        (void)fprintf(stderr, "Usage: watched PROGRAM [ARGUMENT...]\n");
        return 64;
    }
    make_scratch();
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, &before);
    (void)signal(SIGINT, SIG_IGN); /* a terminal gives it to the program too, and that ends */
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    program = fork();
    if (program < 0) {
        perror("fork");
        return 99;
    }
    if (program == 0)
        start(argv + 1, &before);
    ending = wait_for(program, &signals, &status, &seconds);
    if (ending != ENDED)
        end_program(program);
    end_all();
    status = report(ending, status, seconds, name_of(argv + 1));
    remove_tree(scratch);
    return status;
}
