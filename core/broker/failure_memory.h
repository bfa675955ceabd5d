/* SPDX-License-Identifier: MIT */
/* Failures that could not be written down, because it is the store that fails: kept in this process, so that a full
 * disk does not become a flood of requests. */
#ifndef JT_BROKER_FAILURE_MEMORY_H
#define JT_BROKER_FAILURE_MEMORY_H

#include "base/base.h"

struct jt_failure_memory; /* thread-safe */

int JT_MUST_CHECK jt_failure_memory_new(struct jt_failure_memory **ret_memory, jeton_error **ret_error);
void jt_failure_memory_free(struct jt_failure_memory **memory);

/* Counts another failure of the key, and keeps a copy of the error until the backoff is over. */
void jt_failure_memory_add(struct jt_failure_memory *memory, const char *key, uint64_t hash, const jeton_error *error);
void jt_failure_memory_forget(struct jt_failure_memory *memory, const char *key);
/* While the backoff lasts, the failure's status, and a copy of the error (ret_error may be NULL); else JETON_OK. */
int JT_MUST_CHECK jt_failure_memory_blocks(struct jt_failure_memory *memory, const char *key, jeton_error **ret_error);

#endif
