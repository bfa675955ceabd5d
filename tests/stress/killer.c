/* SPDX-License-Identifier: MIT */
/* Runs a program, waits for its first line and then some random microseconds, and kills it with a signal that nothing
 * can catch. It passes on the lines that came whole and never touches another process. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_WAIT_MS 20000

static long seed_pick(unsigned seed, long least_us, long most_us)
{
    srandom(seed);
    return least_us + (most_us > least_us ? random() % (most_us - least_us) : 0);
}

/* 1: there was a line; 0: the program ended, or nothing came. */
static int pass_first(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    char c;

    while (poll(&polled, 1, FIRST_WAIT_MS) > 0 && read(fd, &c, 1) == 1) {
        (void)putchar(c);
        if (c == '\n')
            return 1;
    }
    return 0;
}

static void pass_rest(int fd)
{
    FILE *stream = fdopen(fd, "r");
    char line[1024];

    while (stream != NULL && fgets(line, sizeof(line), stream) != NULL)
        if (strchr(line, '\n') != NULL)
            (void)fputs(line, stdout);
    if (stream != NULL)
        (void)fclose(stream);
}

int main(int argc, char **argv)
{
    struct timespec nap;
    int ends[2], state, first;
    long after_us;
    pid_t child;

    if (argc < 5 || pipe(ends) != 0) {
        fprintf(stderr, "Usage: killer SEED LEAST_US MOST_US PROGRAM [ARGUMENT...]\n");
        return 64;
    }
    after_us = seed_pick((unsigned)strtoul(argv[1], NULL, 10), strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
    child = fork();
    if (child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execvp(argv[4], argv + 4);
        _exit(127);
    }
    (void)close(ends[1]);
    if (child < 0)
        return 1;
    first = pass_first(ends[0]);
    nap = (struct timespec){after_us / 1000000, after_us % 1000000 * 1000};
    if (first)
        (void)nanosleep(&nap, NULL);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &state, 0);
    pass_rest(ends[0]);
    return first && WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL ? 0 : 1;
}
