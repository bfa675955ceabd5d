/* SPDX-License-Identifier: MIT */
/* Proves that the quick boot clock is the boot clock, whatever happens to machine, process and wall clock. The clocks
 * are the test's own. */
#include "tests/lib/check.h"
#include "base/base.h"
#include <time.h>

/* In milliseconds. */
static struct {
    int64_t mono, slept, wall_ahead;
    int calls_left; /* until the process is stopped, or the machine sleeps, for five seconds */
    bool sleeps;
} world = {.mono = 1000000, .slept = 7000, .wall_ahead = 1700000000000};

int clock_gettime(clockid_t id, struct timespec *ret_time)
{
    int64_t ms = world.mono;

    if (id == CLOCK_BOOTTIME)
        ms += world.slept;
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
        ms += world.slept + world.wall_ahead;
    *ret_time = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (world.calls_left > 0 && --world.calls_left == 0)
        *(world.sleeps ? &world.slept : &world.mono) += 5000;
    return 0;
}

static void expect_true_time(void)
{
    for (int i = 0; i < 3; i++) {
        world.mono += 10;
        CHECK_INT(jt_boot_ms_quick() - jt_boot_ms(), 0);
    }
}

static void it_goes_with_the_boot_clock(void)
{
    expect_true_time();
    world.mono += 3600000;
    expect_true_time();
}

static void the_wall_clock_may_be_set(void)
{
    world.wall_ahead += 3600000;
    expect_true_time();
    world.wall_ahead -= 7200000;
    expect_true_time();
}

static void sleep_counts(void)
{
    world.slept += 3600000;
    expect_true_time();
}

/* Wherever the two readings, and those that learn anew, are cut in two. */
static void a_stop_or_a_sleep_between_two_clocks_is_not_taken_for_sleep(void)
{
    for (int i = 0; i < 12; i++) {
        world.wall_ahead += 1000;
        world.sleeps = i % 2 != 0;
        world.calls_left = i / 2 + 1;
        (void)jt_boot_ms_quick();
        world.calls_left = 0;
        expect_true_time();
    }
}

static const struct check_case cases[] = {
    {"it goes with the boot clock", it_goes_with_the_boot_clock},
    {"the wall clock may be set", the_wall_clock_may_be_set},
    {"sleep counts", sleep_counts},
    {"a stop or a sleep between two clocks is not taken for sleep",
     a_stop_or_a_sleep_between_two_clocks_is_not_taken_for_sleep},
};

CHECK_MAIN("clock", cases)
