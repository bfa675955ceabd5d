/* SPDX-License-Identifier: MIT */
/* Owns the simulator's clock: the machine's time plus an offset that tests set.
   It never sleeps and never changes the machine's clock. */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <stdint.h>

int64_t clock_now(void);     /* seconds since the epoch, as the providers see it */
int64_t clock_real(void);    /* the same without the offset */
int64_t clock_real_ms(void); /* milliseconds, without the offset */
int64_t clock_offset(void);
void clock_set_offset(int64_t seconds);

#endif
