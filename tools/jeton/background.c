/* SPDX-License-Identifier: MIT */
/* A child does the work, and the parent exits as soon as there is a result. So a renewal is not cut off because a
 * caller is in a hurry: it may have spent a refresh token. The child exits when the library has finished. */
#include "background.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void jt_background_done(struct jt_background *background)
{
    if (background->report_fd >= 0)
        (void)close(background->report_fd);
    background->report_fd = -1;
}

/* Ends the parent as the child ended, by the same signal if there was one, so that the waiting program sees what
 * happened. */
static _Noreturn void background_follow(pid_t child)
{
    int how = 0;

    while (waitpid(child, &how, 0) < 0)
        if (errno != EINTR)
            _exit(JETON_INTERNAL);
    if (WIFSIGNALED(how)) {
        (void)signal(WTERMSIG(how), SIG_DFL);
        (void)raise(WTERMSIG(how));
    }
    _exit(WIFEXITED(how) && WEXITSTATUS(how) != 0 ? WEXITSTATUS(how) : JETON_INTERNAL);
}

static _Noreturn void background_wait(int fd, pid_t child)
{
    unsigned char status = 0;
    ssize_t got;

    do
        got = read(fd, &status, 1);
    while (got < 0 && errno == EINTR);
    if (got == 1)
        _exit(status);
    background_follow(child);
}

void jt_background_enter(struct jt_background *background)
{
    pid_t parent = getpid(), child;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return;
    child = fork();
    if (child > 0) {
        (void)close(fds[1]);
        background_wait(fds[0], child);
    }
    (void)close(fds[0]);
    if (child < 0) {
        (void)close(fds[1]);
        return;
    }
    /* Until the child has reported, killing the parent kills the child too. */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(JETON_TRY_LATER);
    background->report_fd = fds[1];
}

void jt_background_report(struct jt_background *background, int exit_status)
{
    unsigned char status = (unsigned char)exit_status;
    int nowhere;

    if (background->report_fd < 0)
        return;
    (void)prctl(PR_SET_PDEATHSIG, 0);
    /* From here on, ^C at the terminal must not end the child, and the reader of a pipe must not wait for it. */
    (void)setsid();
    nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; nowhere >= 0 && fd <= STDERR_FILENO; fd++)
        (void)dup2(nowhere, fd);
    if (nowhere > STDERR_FILENO)
        (void)close(nowhere);
    /* An error other than EINTR means that the parent is gone, and needs no report. */
    while (write(background->report_fd, &status, 1) < 0 && errno == EINTR)
        ;
    jt_background_done(background);
}
