/* SPDX-License-Identifier: MIT */
/* Owns the way of a request: lock, record, faults, rate limit, provider.
   It never touches a socket. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "answer.h"
#include "request.h"

/* Both take `request` and may be called from any thread. */
void server_dispatch(struct request *request, struct answer *answer);
void control_dispatch(struct request *request, struct answer *answer);

/* Providers, tokens, faults, record and clock as they were at the start. */
void server_reset(void);
void server_free(void);

/* One lock over the whole state: a simulator is right before it is parallel. */
void server_lock(void);
void server_unlock(void);

#endif
