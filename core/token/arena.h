/* SPDX-License-Identifier: MIT */
/* Memory for tokens, of which there may be a million: pieces side by side in large chunks, excluded from dumps and
 * locked as far as RLIMIT_MEMLOCK allows. */
#ifndef JT_TOKEN_ARENA_H
#define JT_TOKEN_ARENA_H

#include "base/base.h"
#include <pthread.h>

/* Sizes are rounded up to one of these classes. A page for each token that is longer than a page would waste nearly
 * half of it, so pieces of every usual length stand in chunks. */
#define JT_ARENA_STEP       8u
#define JT_ARENA_SMALL_MAX  4096u
#define JT_ARENA_LARGE_STEP 64u
#define JT_ARENA_PIECE_MAX  (32u * 1024u)
#define JT_ARENA_CLASSES                                                                                               \
    (JT_ARENA_SMALL_MAX / JT_ARENA_STEP + (JT_ARENA_PIECE_MAX - JT_ARENA_SMALL_MAX) / JT_ARENA_LARGE_STEP + 1)

struct jt_arena_piece;
struct jt_arena_chunk;

/* All zeros: an empty one. A piece keeps its size until the whole arena ends, and a free one is zero but for its first
 * word, which leads to another piece. Whoever still reads a piece that was given back reads no other memory. */
struct jt_arena {
    pthread_mutex_t mutex;
    struct jt_arena_piece *free[JT_ARENA_CLASSES];
    struct jt_arena_chunk *chunks; /* the newest first */
    char *rest;                    /* what is left of the newest */
    size_t rest_len;
};

/* A zeroed piece of 1 to JT_ARENA_PIECE_MAX bytes, aligned to 8. advice: for madvise(2) of new chunks, beside that
 * about dumps; MADV_NORMAL: none. NULL: out of memory. */
void *jt_arena_take(struct jt_arena *arena, size_t size, int advice) JT_MUST_CHECK;
/* size is what was asked for; the caller has wiped it. */
void jt_arena_give(struct jt_arena *arena, void *memory, size_t size);
/* Unmaps all chunks, free or not. */
void jt_arena_done(struct jt_arena *arena);

/* For the objects that callers hold, of any size, out of one arena that all threads share; it survives a fork. Zeroed,
 * aligned to 8. NULL: out of memory. */
void *jt_token_arena_alloc(size_t size) JT_MUST_CHECK;
/* Wipes; size is what was asked for. */
void jt_token_arena_free(void *memory, size_t size);

#endif
