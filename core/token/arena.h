/* SPDX-License-Identifier: MIT */
/* Memory for tokens, of which a process may hold a million: pieces cut from large chunks, which are excluded from core
 * dumps and locked as far as RLIMIT_MEMLOCK allows. */
#ifndef JT_TOKEN_ARENA_H
#define JT_TOKEN_ARENA_H

#include "base/base.h"
#include <pthread.h>

/* Sizes are rounded up to one of these classes. They go up to the usual lengths of long tokens too: giving each of
 * those whole pages of its own would waste nearly half the memory. */
#define JT_ARENA_STEP       8u
#define JT_ARENA_SMALL_MAX  4096u
#define JT_ARENA_LARGE_STEP 64u
#define JT_ARENA_PIECE_MAX  (32u * 1024u)
#define JT_ARENA_CLASSES                                                                                               \
    (JT_ARENA_SMALL_MAX / JT_ARENA_STEP + (JT_ARENA_PIECE_MAX - JT_ARENA_SMALL_MAX) / JT_ARENA_LARGE_STEP + 1)

struct jt_arena_piece;
struct jt_arena_chunk;

/* All zeros is an empty arena. A piece keeps its size and place until the arena ends. A free piece is zero but for its
 * first word, the address of another piece. So a reader that still looks at a piece after it was given back touches
 * only memory of the arena. */
struct jt_arena {
    pthread_mutex_t mutex;
    struct jt_arena_piece *free[JT_ARENA_CLASSES];
    struct jt_arena_chunk *chunks; /* the newest first */
    char *rest;                    /* what is left of the newest */
    size_t rest_len;
};

/* A zeroed piece of 1 to JT_ARENA_PIECE_MAX bytes, aligned to 8. advice is passed to madvise(2) for new chunks, in
 * addition to MADV_DONTDUMP; MADV_NORMAL: nothing more. NULL: out of memory. */
void *jt_arena_take(struct jt_arena *arena, size_t size, int advice) JT_MUST_CHECK;
/* Gives a piece back. size: as it was taken. The caller has wiped it. */
void jt_arena_give(struct jt_arena *arena, void *memory, size_t size);
/* Unmaps all chunks, free or not. */
void jt_arena_done(struct jt_arena *arena);

/* Memory of any size for the token objects that callers hold, from one arena that all threads share and that stays
 * usable after fork(). Zeroed, aligned to 8. NULL: out of memory. */
void *jt_token_arena_alloc(size_t size) JT_MUST_CHECK;
/* Wipes and frees. size: as it was allocated. */
void jt_token_arena_free(void *memory, size_t size);

#endif
