/* SPDX-License-Identifier: MIT */
/* Two clocks: the wall clock in seconds, and milliseconds since boot, which include suspends and which nobody can
 * set. */
#ifndef JT_BASE_CLOCK_H
#define JT_BASE_CLOCK_H

#include "base/cleanup.h"

int64_t jt_now(void);
int64_t jt_boot_ms(void);
/* An id of the current boot: values of jt_boot_ms can be compared only within one boot. 0: unknown. */
int64_t jt_boot_id(void);
struct jt_clock {
    int64_t now;     /* wall clock */
    int64_t boot_ms; /* jt_boot_ms */
    int64_t boot_id; /* jt_boot_id */
};
struct jt_clock jt_clock_read(void);

#endif
