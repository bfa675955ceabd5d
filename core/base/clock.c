/* SPDX-License-Identifier: MIT */
/* The two clocks, and the id of the boot that the second one counts from. Reading a clock costs no system call where
 * the kernel offers the vDSO. */
#include "base/clock.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int64_t jt_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

int64_t jt_boot_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The kernel's boot id is a UUID of 36 characters; its first 16 hexadecimal digits are enough. */
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
