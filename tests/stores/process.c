/* SPDX-License-Identifier: MIT */
/* Other processes of a test, each with a pipe in both directions. */
#include "process.h"
#include "check.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HEAR_MS 30000
#define END_MS  20000

static bool in_child, one_process;

void sleep_us(int64_t us)
{
    struct timespec left = {us / 1000000, us % 1000000 * 1000};

    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

void sleep_ms(int64_t ms)
{
    sleep_us(ms * 1000);
}

_Noreturn void process_give_up(const char *what, const char *why)
{
    printf("%s: %s\n", what, why);
    if (in_child)
        _exit(1);
    if (getpid() != gettid()) {
        (void)check_note(false, what, __FILE__, __LINE__);
        pthread_exit(NULL);
    }
    CU_assertImplementation(CU_FALSE, __LINE__, what, __FILE__, "", CU_TRUE);
    abort(); /* CUnit has left the test */
}

bool process_possible(void)
{
    if (one_process)
        check_skip("other processes do not see this store (--one-process)");
    return !one_process;
}

void process_forbid(void)
{
    one_process = true;
}

void process_kill_other(pid_t pid)
{
    if (pid > 1)
        (void)kill(pid, SIGKILL);
}

bool process_lives(pid_t pid)
{
    return pid > 1 && kill(pid, 0) == 0;
}

static void pipe_make(int ends[2])
{
    if (pipe(ends) != 0)
        process_give_up("a pipe cannot be made", strerror(errno));
}

static void child_run(void (*run)(struct process *parent, void *data), void *data, int from, int to)
{
    struct process parent = {getppid(), from, to};
    unsigned failed = CU_get_number_of_failure_records();

    in_child = true;
    run(&parent, data);
    (void)fflush(stdout);
    _exit(CU_get_number_of_failure_records() > failed ? 1 : 0);
}

static struct process start(void (*run)(struct process *parent, void *data), void *data, bool outlives)
{
    int up[2], down[2];
    pid_t pid;

    pipe_make(up);
    pipe_make(down);
    (void)fflush(stdout);
    pid = fork();
    if (pid < 0)
        process_give_up("a process cannot be started", strerror(errno));
    if (pid == 0) {
        if (!outlives) /* nothing is left behind by a test that hangs */
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)close(up[0]);
        (void)close(down[1]);
        child_run(run, data, down[0], up[1]);
    }
    (void)close(up[1]);
    (void)close(down[0]);
    return (struct process){pid, up[0], down[1]};
}

struct process process_start(void (*run)(struct process *parent, void *data), void *data)
{
    return start(run, data, false);
}

struct process process_start_outliving(void (*run)(struct process *parent, void *data), void *data)
{
    return start(run, data, true);
}

void process_pair(struct process *ret_here, struct process *ret_there)
{
    int up[2], down[2];

    pipe_make(up);
    pipe_make(down);
    *ret_here = (struct process){-1, up[0], down[1]};
    *ret_there = (struct process){-1, down[0], up[1]};
}

void process_tell(struct process *other, int64_t number)
{
    if (write(other->to, &number, sizeof(number)) != (ssize_t)sizeof(number))
        process_give_up("the other process is not there to be told", strerror(errno));
}

int64_t process_hear(struct process *other)
{
    struct pollfd polled = {.fd = other->from, .events = POLLIN};
    int64_t number;

    if (poll(&polled, 1, HEAR_MS) != 1)
        process_give_up("the other process", "it said nothing for thirty seconds");
    if (read(other->from, &number, sizeof(number)) != (ssize_t)sizeof(number))
        process_give_up("the other process", "it ended before it said what was expected");
    return number;
}

static void process_forget(struct process *process)
{
    (void)close(process->from);
    (void)close(process->to);
    process->pid = -1;
}

void process_pair_close(struct process *here, struct process *there)
{
    process_forget(here);
    process_forget(there);
}

int process_wait(struct process *process)
{
    int state = -1;
    pid_t ended = 0;

    for (int64_t waited = 0; waited < END_MS && ended == 0; waited += 2) {
        ended = waitpid(process->pid, &state, WNOHANG);
        if (ended == 0)
            sleep_ms(2);
    }
    if (ended == 0) {
        process_kill(process);
        process_give_up("the other process", "it did not end for twenty seconds");
    }
    process_forget(process);
    return state;
}

void process_end(struct process *process)
{
    int state = process_wait(process);

    CHECK_TRUE(WIFEXITED(state));
    CHECK_INT(WEXITSTATUS(state), 0);
}

void process_kill_unreaped(struct process *process)
{
    siginfo_t info;

    (void)kill(process->pid, SIGKILL);
    (void)waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT);
}

void process_reap(struct process *process)
{
    int state;

    (void)waitpid(process->pid, &state, 0);
    process_forget(process);
}

void process_kill(struct process *process)
{
    process_kill_unreaped(process);
    process_reap(process);
}
