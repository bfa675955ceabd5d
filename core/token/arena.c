/* SPDX-License-Identifier: MIT */
/* The arenas. One serves the token objects that callers hold, and many threads take and give back such objects all the
 * time. So that they rarely wait for the arena's lock, each thread first looks for a free piece among a few spare ones,
 * which need no lock. */
#include "token/arena.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK_LEN (256u * 1024u)
#define LOCK_MIN  4096u

/* Atomic, since a reader of the cache may still read a piece that was given back. */
struct jt_arena_piece {
    _Atomic(struct jt_arena_piece *) next;
};

struct jt_arena_chunk {
    _Alignas(64) struct jt_arena_chunk *next;
};

/* Locking, and exclusion from dumps, are best effort: a small RLIMIT_MEMLOCK must not stop a service from getting
 * tokens. Where the limit is too small for the whole chunk, the front of the chunk is locked. */
static void *arena_map(size_t len, int advice)
{
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, len, MADV_DONTDUMP);
    (void)madvise(memory, len, advice);
    for (size_t locked = len; locked >= LOCK_MIN && mlock2(memory, locked, MLOCK_ONFAULT) != 0;)
        locked /= 2;
    return memory;
}

static size_t round_up(size_t size, size_t step)
{
    return (size + step - 1) / step * step;
}

/* 0: too large for any class */
static size_t class_len(size_t size)
{
    if (size > JT_ARENA_PIECE_MAX)
        return 0;
    return round_up(size, size <= JT_ARENA_SMALL_MAX ? JT_ARENA_STEP : JT_ARENA_LARGE_STEP);
}

static size_t class_of(size_t rounded)
{
    return rounded <= JT_ARENA_SMALL_MAX
               ? rounded / JT_ARENA_STEP
               : JT_ARENA_SMALL_MAX / JT_ARENA_STEP + (rounded - JT_ARENA_SMALL_MAX) / JT_ARENA_LARGE_STEP;
}

static void piece_lead_to(struct jt_arena_piece *piece, struct jt_arena_piece *next)
{
    atomic_store_explicit(&piece->next, next, memory_order_release);
}

static void class_add(struct jt_arena *arena, void *memory, size_t rounded)
{
    piece_lead_to(memory, arena->free[class_of(rounded)]);
    arena->free[class_of(rounded)] = memory;
}

static struct jt_arena_piece *class_remove(struct jt_arena *arena, size_t rounded)
{
    struct jt_arena_piece *piece = arena->free[class_of(rounded)];

    if (piece != NULL) {
        arena->free[class_of(rounded)] = atomic_load_explicit(&piece->next, memory_order_relaxed);
        piece_lead_to(piece, NULL);
    }
    return piece;
}

/* Puts the rest of the newest chunk on a free list, so that a shorter token can use it. */
static void arena_keep_rest(struct jt_arena *arena)
{
    size_t len = arena->rest_len;

    if (len > JT_ARENA_SMALL_MAX)
        len -= len % JT_ARENA_LARGE_STEP;
    if (len > 0)
        class_add(arena, arena->rest, len);
}

static void *arena_cut(struct jt_arena *arena, size_t rounded, int advice)
{
    char *piece;

    if (arena->rest_len < rounded) {
        struct jt_arena_chunk *chunk = arena_map(CHUNK_LEN, advice);

        if (chunk == NULL)
            return NULL;
        arena_keep_rest(arena);
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        arena->rest = (char *)(chunk + 1);
        arena->rest_len = CHUNK_LEN - sizeof(*chunk);
    }
    piece = arena->rest;
    arena->rest += rounded;
    arena->rest_len -= rounded;
    return piece;
}

void *jt_arena_take(struct jt_arena *arena, size_t size, int advice)
{
    const size_t rounded = class_len(size);
    void *piece;

    if (rounded == 0)
        return NULL;
    (void)pthread_mutex_lock(&arena->mutex);
    piece = class_remove(arena, rounded);
    if (piece == NULL)
        piece = arena_cut(arena, rounded, advice);
    (void)pthread_mutex_unlock(&arena->mutex);
    return piece;
}

void jt_arena_give(struct jt_arena *arena, void *memory, size_t size)
{
    (void)pthread_mutex_lock(&arena->mutex);
    class_add(arena, memory, class_len(size));
    (void)pthread_mutex_unlock(&arena->mutex);
}

void jt_arena_done(struct jt_arena *arena)
{
    while (arena->chunks != NULL) {
        struct jt_arena_chunk *chunk = arena->chunks;

        arena->chunks = chunk->next;
        (void)munmap(chunk, CHUNK_LEN);
    }
    (void)pthread_mutex_destroy(&arena->mutex);
}

static struct jt_arena objects = {.mutex = PTHREAD_MUTEX_INITIALIZER};
static pthread_once_t objects_once = PTHREAD_ONCE_INIT;

/* Held across fork(): otherwise a child could inherit a mutex that another thread of the parent had locked. */
static void objects_lock(void)
{
    (void)pthread_mutex_lock(&objects.mutex);
}

static void objects_unlock(void)
{
    (void)pthread_mutex_unlock(&objects.mutex);
}

/* The spare pieces, in several places. A thread always uses the same place, chosen by its id; several threads may share
 * one. A piece in use is marked in `taken`. */
#define SPARE_LEN  2048u
#define SPARES     16u
#define PLACE_BITS 5

struct places {
    _Atomic uint32_t taken[1 << PLACE_BITS][SPARES];
    char spares[1 << PLACE_BITS][SPARES][SPARE_LEN];
};

static _Atomic(struct places *) places; /* NULL at first */

static void objects_begin(void)
{
    (void)pthread_atfork(objects_lock, objects_unlock, objects_unlock);
    atomic_store_explicit(&places, arena_map(sizeof(struct places), MADV_NORMAL), memory_order_release);
}

/* NULL: none is free at this thread's place. */
static void *spare_take(size_t size)
{
    const uint64_t place = (uint64_t)(uintptr_t)pthread_self() * UINT64_C(0x9e3779b97f4a7c15) >> (64 - PLACE_BITS);
    struct places *all = atomic_load_explicit(&places, memory_order_acquire);

    if (all == NULL || size == 0 || size > SPARE_LEN)
        return NULL;
    for (unsigned i = 0; i < SPARES; i++)
        if (atomic_load_explicit(&all->taken[place][i], memory_order_relaxed) == 0 &&
            atomic_exchange_explicit(&all->taken[place][i], 1, memory_order_acquire) == 0)
            return all->spares[place][i];
    return NULL;
}

static bool spare_give(void *memory)
{
    struct places *all = atomic_load_explicit(&places, memory_order_relaxed);
    const size_t at = all != NULL ? (size_t)((uintptr_t)memory - (uintptr_t)all->spares) : SIZE_MAX;

    if (at >= sizeof(all->spares))
        return false;
    atomic_store_explicit(&(&all->taken[0][0])[at / SPARE_LEN], 0, memory_order_release);
    return true;
}

static void *map_alone(size_t size)
{
    const size_t rounded = round_up(size, (size_t)sysconf(_SC_PAGESIZE));

    return rounded >= size ? arena_map(rounded, MADV_NORMAL) : NULL;
}

void *jt_token_arena_alloc(size_t size)
{
    void *piece;

    if (size > JT_ARENA_PIECE_MAX)
        return map_alone(size);
    piece = spare_take(size);
    if (piece != NULL)
        return piece;
    (void)pthread_once(&objects_once, objects_begin);
    return jt_arena_take(&objects, size, MADV_NORMAL);
}

void jt_token_arena_free(void *memory, size_t size)
{
    if (memory == NULL)
        return;
    jt_wipe(memory, size);
    if (size > JT_ARENA_PIECE_MAX) {
        (void)munmap(memory, round_up(size, (size_t)sysconf(_SC_PAGESIZE)));
        return;
    }
    if (!spare_give(memory))
        jt_arena_give(&objects, memory, size);
}
