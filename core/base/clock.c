/* SPDX-License-Identifier: MIT */
/* The two clocks, and which boot the second one counts from. Neither makes a system call where the kernel offers its
 * shared page. */
#include "base/clock.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* What tells a step of the wall clock from two clocks being read a moment apart. */
#define QUICK_STEP_MS 50
/* Three clocks read one behind the other take less. */
#define QUICK_LEARN_MS 1

int64_t jt_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t jt_boot_ms(void)
{
    return clock_ms(CLOCK_BOOTTIME);
}

/* What jt_boot_ms_quick goes by. slept_ms is the boot clock less the monotonic one, as long as the wall clock is ahead
 * of the monotonic one by gap_ms; 0: not known. Written by whoever has `busy`. */
static struct {
    atomic_flag busy;
    _Atomic int64_t gap_ms, slept_ms;
} quick = {.busy = ATOMIC_FLAG_INIT};

/* gap_ms was read before: should the machine sleep in between, it does not fit any more, and the next caller is here
 * again. A process that was stopped between two clocks learns nothing from them. */
static void quick_learn(int64_t gap_ms)
{
    int64_t before_ms = clock_ms(CLOCK_MONOTONIC), boot_ms = clock_ms(CLOCK_BOOTTIME);

    if (clock_ms(CLOCK_MONOTONIC) - before_ms > QUICK_LEARN_MS || atomic_flag_test_and_set(&quick.busy))
        return;
    atomic_store_explicit(&quick.slept_ms, boot_ms - before_ms, memory_order_relaxed);
    atomic_store_explicit(&quick.gap_ms, gap_ms, memory_order_release);
    atomic_flag_clear(&quick.busy);
}

/* The boot clock has no coarse form. It is the monotonic one plus the time that the machine slept, which stays as it is
 * until it sleeps again; then, and when somebody sets it, the wall clock has moved away from the monotonic one. */
int64_t jt_boot_ms_quick(void)
{
    int64_t monotonic_ms = clock_ms(CLOCK_MONOTONIC_COARSE), gap_ms = clock_ms(CLOCK_REALTIME_COARSE) - monotonic_ms;
    int64_t known_ms = atomic_load_explicit(&quick.gap_ms, memory_order_acquire);

    if (known_ms == 0 || gap_ms - known_ms > QUICK_STEP_MS || known_ms - gap_ms > QUICK_STEP_MS) {
        quick_learn(gap_ms);
        return jt_boot_ms();
    }
    return monotonic_ms + atomic_load_explicit(&quick.slept_ms, memory_order_relaxed);
}

/* "c0ffee00-…", 36 characters of which the first 16 hexadecimal digits are enough. */
static int64_t boot_id_read(void)
{
    JT_AUTO_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    char text[64], digits[17];
    ssize_t len = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
    size_t count = 0;

    for (ssize_t i = 0; i < len && count < sizeof(digits) - 1; i++)
        if (text[i] != '-')
            digits[count++] = text[i];
    digits[count] = '\0';
    return count == sizeof(digits) - 1 ? (int64_t)strtoull(digits, NULL, 16) : 0;
}

int64_t jt_boot_id(void)
{
    static _Atomic int64_t known;
    int64_t id = atomic_load_explicit(&known, memory_order_relaxed);

    if (id == 0) {
        id = boot_id_read();
        atomic_store_explicit(&known, id, memory_order_relaxed);
    }
    return id;
}

struct jt_clock jt_clock_read(void)
{
    struct jt_clock clock = {.now = jt_now(), .boot_ms = jt_boot_ms(), .boot_id = jt_boot_id()};

    return clock;
}
