/* SPDX-License-Identifier: MIT */
/* A test program that misbehaves, for runner.sh: its arguments choose the cases. */
#include "tests/lib/check.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void passes(void)
{
    CHECK_TRUE(getpid() > 0);
}

static void is_skipped(void)
{
    check_skip("there is no moon");
}

static void checks_nothing(void)
{
}

static void dies(void)
{
    abort();
}

static void never_ends(const char *who)
{
    (void)printf("%s %d\n", who, (int)getpid());
    (void)fflush(stdout);
    for (;;)
        (void)pause();
}

/* Waits for ever, as the processes do that it has started: one of them in a session of its own, and none ends when it
 * is asked to. */
static void hangs(void)
{
    CHECK_TRUE(signal(SIGTERM, SIG_IGN) != SIG_ERR);
    if (fork() == 0)
        never_ends("child");
    if (fork() == 0) {
        if (setsid() > 0 && fork() == 0)
            never_ends("daemon");
        _exit(0);
    }
    never_ends("test");
}

static const struct check_case cases[] = {
    {"one that passes", passes},
    {"one that is skipped", is_skipped},
    {"one that checks nothing", checks_nothing},
    {"one that hangs", hangs},
    {"one that dies", dies},
};

CHECK_MAIN("hanging", cases)
