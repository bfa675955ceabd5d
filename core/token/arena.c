/* SPDX-License-Identifier: MIT */
/* Memory for token objects: pieces of one size beside each other in large chunks, wiped when they come back. It never
 * returns a chunk to the system and never keeps a header beside a piece. */
#include "token/arena.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Sizes are rounded up to one of these classes. A page for each token that is longer than a page would waste nearly
 * half of it, so pieces of every usual length stand in chunks. */
#define ARENA_STEP       8u
#define ARENA_SMALL_MAX  4096u
#define ARENA_LARGE_STEP 64u
#define ARENA_PIECE_MAX  (32u * 1024u) /* larger pieces are mapped one by one */
#define ARENA_CLASSES    (ARENA_SMALL_MAX / ARENA_STEP + (ARENA_PIECE_MAX - ARENA_SMALL_MAX) / ARENA_LARGE_STEP)
#define ARENA_CHUNK_LEN  (256u * 1024u)
#define ARENA_LOCK_MIN   4096u

/* A free piece: the rest of it is zero. */
struct arena_piece {
    struct arena_piece *next;
};

static struct {
    pthread_mutex_t mutex;
    struct arena_piece *free[ARENA_CLASSES + 1]; /* by class */
    char *chunk;                                 /* what is left of the newest one */
    size_t chunk_left;
    bool fork_ready;
} arena = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Locking and hiding from dumps are best effort: a small RLIMIT_MEMLOCK must not stop a service from getting tokens.
 * What is left of the limit is used up for the front of a chunk that does not fit into it. */
static void *arena_map(size_t len)
{
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, len, MADV_DONTDUMP);
    for (size_t locked = len; locked >= ARENA_LOCK_MIN && mlock2(memory, locked, MLOCK_ONFAULT) != 0;)
        locked /= 2;
    return memory;
}

/* A fork() while another thread is in here must not leave the child with a lock that nobody gives back. */
static void arena_lock(void)
{
    (void)pthread_mutex_lock(&arena.mutex);
}

static void arena_unlock(void)
{
    (void)pthread_mutex_unlock(&arena.mutex);
}

static size_t round_up(size_t size, size_t step)
{
    return (size + step - 1) / step * step;
}

static size_t class_of(size_t rounded)
{
    return rounded <= ARENA_SMALL_MAX ? rounded / ARENA_STEP
                                      : ARENA_SMALL_MAX / ARENA_STEP + (rounded - ARENA_SMALL_MAX) / ARENA_LARGE_STEP;
}

/* 0: it is none of the classes' */
static size_t class_len(size_t size)
{
    if (size > ARENA_PIECE_MAX)
        return 0;
    return round_up(size, size <= ARENA_SMALL_MAX ? ARENA_STEP : ARENA_LARGE_STEP);
}

static void class_add(struct arena_piece *piece, size_t rounded)
{
    piece->next = arena.free[class_of(rounded)];
    arena.free[class_of(rounded)] = piece;
}

/* What remains of a chunk still serves a shorter token. */
static void arena_keep_tail(void)
{
    size_t len = arena.chunk_left;

    if (len > ARENA_SMALL_MAX)
        len -= len % ARENA_LARGE_STEP;
    if (len > 0)
        class_add((struct arena_piece *)(void *)arena.chunk, len);
}

static void *arena_cut(size_t size)
{
    char *piece;

    if (arena.chunk_left < size) {
        char *chunk = arena_map(ARENA_CHUNK_LEN);

        if (chunk == NULL)
            return NULL;
        if (!arena.fork_ready)
            arena.fork_ready = pthread_atfork(arena_lock, arena_unlock, arena_unlock) == 0;
        arena_keep_tail();
        arena.chunk = chunk;
        arena.chunk_left = ARENA_CHUNK_LEN;
    }
    piece = arena.chunk;
    arena.chunk += size;
    arena.chunk_left -= size;
    return piece;
}

static void *arena_map_alone(size_t size)
{
    size_t rounded = round_up(size, (size_t)sysconf(_SC_PAGESIZE));

    return rounded >= size ? arena_map(rounded) : NULL;
}

void *jt_token_arena_alloc(size_t size)
{
    size_t rounded = class_len(size);
    struct arena_piece *piece;

    if (size == 0)
        return NULL;
    if (rounded == 0)
        return arena_map_alone(size);
    arena_lock();
    piece = arena.free[class_of(rounded)];
    if (piece != NULL)
        arena.free[class_of(rounded)] = piece->next;
    else
        piece = arena_cut(rounded);
    arena_unlock();
    if (piece != NULL)
        piece->next = NULL;
    return piece;
}

void jt_token_arena_free(void *memory, size_t size)
{
    size_t rounded = class_len(size);

    if (memory == NULL)
        return;
    jt_wipe(memory, size);
    if (rounded == 0) {
        (void)munmap(memory, round_up(size, (size_t)sysconf(_SC_PAGESIZE)));
        return;
    }
    arena_lock();
    class_add(memory, rounded);
    arena_unlock();
}
