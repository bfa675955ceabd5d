/* SPDX-License-Identifier: MIT */
/* One call of a store engine: its deadline, its error, and the host table that is lent to the engine. */
#ifndef JT_STORE_CALL_H
#define JT_STORE_CALL_H

#include "base/base.h"
#include <jeton/store.h>

/* How long a call may take if the caller sets no time. */
#define JT_STORE_WAIT_MS 10000

struct jt_fields;

struct jeton_store_call {
    int64_t deadline_ms;              /* jt_boot_ms; JETON_STORE_NEVER: none */
    const struct jt_fields *settings; /* during `open`; else NULL */
    jeton_error *error;               /* the first sentence that the engine gave */
};

/* The host table and what its functions work on. */
struct jt_store_host {
    struct jeton_store_host table;
    struct jt_log *log;
};

void jt_store_host_init(struct jt_store_host *host, struct jt_log *log);

/* A call with a deadline timeout_ms from now; negative: no deadline. */
struct jeton_store_call jt_store_call_new(int64_t timeout_ms);
/* Ends a call for which the engine returned this status, with the engine's sentence as the error. JETON_INTERNAL, with
 * the engine's name: it failed without a sentence, which breaks the contract. */
int JT_MUST_CHECK jt_store_call_end(struct jeton_store_call *call, int status, const char *engine,
                                    jeton_error **ret_error);

#endif
