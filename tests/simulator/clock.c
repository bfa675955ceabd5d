/* SPDX-License-Identifier: MIT */
/* Owns the simulator's clock: the machine's time plus an offset that tests set.
   It never sleeps and never changes the machine's clock. */
#include "clock.h"

#include <time.h>

static int64_t offset_s;

int64_t clock_real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_real(void)
{
    return clock_real_ms() / 1000;
}

int64_t clock_now(void)
{
    return clock_real() + offset_s;
}

int64_t clock_offset(void)
{
    return offset_s;
}

void clock_set_offset(int64_t seconds)
{
    offset_s = seconds;
}
