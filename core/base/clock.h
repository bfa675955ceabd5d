/* SPDX-License-Identifier: MIT */
/* Clocks: the wall's in seconds, and milliseconds since boot, which count a suspend and never jump. */
#ifndef JT_BASE_CLOCK_H
#define JT_BASE_CLOCK_H

#include "base/cleanup.h"

int64_t jt_now(void);
int64_t jt_boot_ms(void);
/* Names this boot of the machine, for which jt_boot_ms counts; 0: cannot be known. */
int64_t jt_boot_id(void);
struct jt_clock {
    int64_t now;     /* wall clock */
    int64_t boot_ms; /* jt_boot_ms */
    int64_t boot_id; /* jt_boot_id */
};
struct jt_clock jt_clock_read(void);

#endif
