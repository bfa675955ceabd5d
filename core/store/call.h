/* SPDX-License-Identifier: MIT */
/* One call of a store engine: its deadline, its error, and the host table that the engine is lent. */
#ifndef JT_STORE_CALL_H
#define JT_STORE_CALL_H

#include "base/base.h"
#include <jeton/store.h>

/* What an engine may take for a call where the caller set no time of its own. */
#define JT_STORE_WAIT_MS 10000

struct jt_fields;

struct jeton_store_call {
    int64_t deadline_ms; /* jt_boot_ms; JETON_STORE_NEVER: none */
    const struct jt_fields *settings; /* in `open`; else NULL */
    jeton_error *error; /* the first sentence that the engine gave */
};

/* The table that an engine is lent, and what stands behind it. */
struct jt_store_host {
    struct jeton_store_host table;
    struct jt_log *log;
};

void jt_store_host_init(struct jt_store_host *host, struct jt_log *log);

/* A call that ends so many milliseconds from now; negative: never. */
struct jeton_store_call jt_store_call_new(int64_t timeout_ms);
/* The engine returned this status: hands out its sentence. An engine that failed without one has broken its contract,
 * which is JETON_INTERNAL and names it. */
int JT_MUST_CHECK jt_store_call_end(struct jeton_store_call *call, int status, const char *engine,
                                    jeton_error **ret_error);

#endif
