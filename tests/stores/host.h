/* SPDX-License-Identifier: MIT */
/* The host of a store engine under test: the table that the engine is lent, and the calls that it is given. */
#ifndef STORES_HOST_H
#define STORES_HOST_H

#include <jeton/store.h>
#include <stdatomic.h>
#include <stdbool.h>

#define HOST_LENT_MAX 64u

struct host {
    struct jeton_store_host table; /* first: a pointer to it is one to the host  */
    int64_t boot_ahead_ms;         /* how far this host's clock is before the machine's */
    atomic_uint log_lines;
};

/* One call. The engine sees a pointer to it only. */
struct jeton_store_call {
    struct host *host;
    int64_t deadline_ms;
    bool opening;              /* settings may be asked for */
    int status;                /* of the first `fail`; JETON_OK: there was none */
    char sentence[4096];       /* of the first `fail` */
    char breach[512];          /* what the engine did against the contract with this call; "": nothing */
    char *lent[HOST_LENT_MAX]; /* the values of settings, until the call ends */
    size_t lent_count;
};

/* A host whose clock is boot_ahead_ms before the machine's. */
void host_init(struct host *host, int64_t boot_ahead_ms);

/* A call whose deadline is so many milliseconds from now; HOST_NEVER: none. What lies before now is past already. */
#define HOST_NEVER INT64_MAX
struct jeton_store_call host_call(struct host *host, int64_t wait_ms);
/* Takes back what the call lent. */
void host_call_done(struct jeton_store_call *call);

/* Milliseconds since boot, by the machine. */
int64_t host_machine_ms(void);

#endif
