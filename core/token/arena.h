/* SPDX-License-Identifier: MIT */
/* Memory for token objects, of which there may be a million. It never appears in a core dump and never gives out memory
 * that still holds somebody's token. */
#ifndef JT_TOKEN_ARENA_H
#define JT_TOKEN_ARENA_H

#include "base/base.h"

/* Zeroed, aligned to 8 bytes, excluded from dumps, locked as far as RLIMIT_MEMLOCK allows. NULL: out of memory.
 * Any thread may call either. */
void *jt_token_arena_alloc(size_t size) JT_MUST_CHECK;
/* Wipes; size is what was asked for. */
void jt_token_arena_free(void *memory, size_t size);

#endif
