/* SPDX-License-Identifier: MIT */
/* Other processes of a test. Checks that fail in one are printed by it, and make the test fail when it is ended. */
#ifndef STORES_PROCESS_H
#define STORES_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t pid;
    int from, to; /* pipes: what the other side tells, and what it is told */
};

/* Starts a process that runs the function and ends. */
struct process process_start(void (*run)(struct process *parent, void *data), void *data);
/* The same, and the process lives on when this one ends; process_kill_other ends it. */
struct process process_start_outliving(void (*run)(struct process *parent, void *data), void *data);
/* A number for the other side; and the next number that it tells, for which this side waits for thirty seconds. */
void process_tell(struct process *other, int64_t number);
int64_t process_hear(struct process *other);
/* Waits until the process has ended, for twenty seconds, and checks that all went well in it. */
void process_end(struct process *process);
/* Two ends of one connection, for a thread instead of a process. */
void process_pair(struct process *ret_here, struct process *ret_there);
void process_pair_close(struct process *here, struct process *there);
/* The same without the check: its status, as of waitpid(2). */
int process_wait(struct process *process);
/* Kills it with a signal that nothing can catch, and takes its status. */
void process_kill(struct process *process);
/* Kills it and leaves it a zombie until process_reap. */
void process_kill_unreaped(struct process *process);
void process_reap(struct process *process);

bool process_lives(pid_t pid);
void process_kill_other(pid_t pid);

/* Ends the running test as failed; in another process, that process; in another thread, that thread. */
_Noreturn void process_give_up(const char *what, const char *why);

/* False where other processes do not see this engine's store: the suite was told so. Records the skip. */
bool process_possible(void);
void process_forbid(void);

void sleep_ms(int64_t ms);
void sleep_us(int64_t us);

#endif
