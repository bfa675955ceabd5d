/* SPDX-License-Identifier: MIT */
/* Owns the connections whose answer has to wait, and the one thread that wakes them.
   It never blocks a connection that is not delayed. */
#ifndef SIM_DELAY_H
#define SIM_DELAY_H

#include <microhttpd.h>

int delay_start(void);
/* Wakes everybody and ends the thread; to be called before any daemon is stopped. */
void delay_stop(void);

/* Suspends the connection; the handler is called again when the time has passed. */
void delay_connection(struct MHD_Connection *connection, unsigned delay_ms);

#endif
