/* SPDX-License-Identifier: MIT */
/* Memory for token objects: pieces of one size beside each other in large chunks, wiped when they come back. It never
 * returns a chunk to the system and never keeps a header beside a piece. */
#include "token_arena.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARENA_STEP      16u
#define ARENA_PIECE_MAX 4096u /* larger pieces are mapped one by one */
#define ARENA_CLASSES   (ARENA_PIECE_MAX / ARENA_STEP)
#define ARENA_CHUNK_LEN (256u * 1024u)

/* A free piece: the rest of it is zero. */
struct arena_piece {
    struct arena_piece *next;
};

static struct {
    pthread_mutex_t mutex;
    struct arena_piece *free[ARENA_CLASSES + 1];
    char *chunk; /* what is left of the newest one */
    size_t chunk_left;
    bool fork_ready;
} arena = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Locking and hiding from dumps are best effort: a small RLIMIT_MEMLOCK must not stop a service from getting tokens. */
static void *arena_map(size_t len)
{
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, len, MADV_DONTDUMP);
    (void)mlock2(memory, len, MLOCK_ONFAULT);
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

static void *arena_cut(size_t size)
{
    char *piece;

    if (arena.chunk_left < size) {
        char *chunk = arena_map(ARENA_CHUNK_LEN);

        if (chunk == NULL)
            return NULL;
        if (!arena.fork_ready)
            arena.fork_ready = pthread_atfork(arena_lock, arena_unlock, arena_unlock) == 0;
        /* The tail of the old chunk still serves smaller tokens. */
        if (arena.chunk_left > 0) {
            struct arena_piece *tail = (struct arena_piece *)(void *)arena.chunk;

            tail->next = arena.free[arena.chunk_left / ARENA_STEP];
            arena.free[arena.chunk_left / ARENA_STEP] = tail;
        }
        arena.chunk = chunk;
        arena.chunk_left = ARENA_CHUNK_LEN;
    }
    piece = arena.chunk;
    arena.chunk += size;
    arena.chunk_left -= size;
    return piece;
}

void *jt_token_arena_alloc(size_t size)
{
    size_t rounded = round_up(size, ARENA_STEP);
    struct arena_piece *piece;

    if (size == 0 || rounded < size)
        return NULL;
    if (rounded > ARENA_PIECE_MAX)
        return arena_map(round_up(size, (size_t)sysconf(_SC_PAGESIZE)));
    arena_lock();
    piece = arena.free[rounded / ARENA_STEP];
    if (piece != NULL)
        arena.free[rounded / ARENA_STEP] = piece->next;
    else
        piece = arena_cut(rounded);
    arena_unlock();
    if (piece != NULL)
        piece->next = NULL;
    return piece;
}

void jt_token_arena_free(void *memory, size_t size)
{
    size_t rounded = round_up(size, ARENA_STEP);
    struct arena_piece *piece = memory;

    if (memory == NULL)
        return;
    jt_wipe(memory, size);
    if (rounded > ARENA_PIECE_MAX) {
        (void)munmap(memory, round_up(size, (size_t)sysconf(_SC_PAGESIZE)));
        return;
    }
    arena_lock();
    piece->next = arena.free[rounded / ARENA_STEP];
    arena.free[rounded / ARENA_STEP] = piece;
    arena_unlock();
}
