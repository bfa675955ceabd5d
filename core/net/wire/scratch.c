/* SPDX-License-Identifier: MIT */
/* Scratch memory: chunks that are handed out from the front. Memory that was handed out never moves. */
#include "net/wire/scratch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sizes of chunks. A small one with its head is still of a size that malloc serves quickly. */
#define ARENA_SMALL 960u
#define ARENA_LARGE 8192u

struct jt_scratch_chunk {
    struct jt_scratch_chunk *older;
    size_t size;
    _Alignas(max_align_t) char data[];
};

static bool arena_grow(struct jt_scratch *arena, size_t len)
{
    size_t size = arena->chunks == NULL ? ARENA_SMALL : ARENA_LARGE;
    struct jt_scratch_chunk *chunk;

    if (size < len)
        size = len;
    chunk = calloc(1, sizeof(*chunk) + size);
    if (chunk == NULL)
        return false;
    chunk->older = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->used = 0;
    return true;
}

void *jt_scratch_alloc(struct jt_scratch *arena, size_t len)
{
    size_t step = _Alignof(max_align_t), taken, size;
    char *place;

    if (len > JT_SCRATCH_MAX)
        return NULL;
    taken = len == 0 ? step : (len + step - 1) / step * step;
    if (taken > JT_SCRATCH_MAX - arena->total)
        return NULL;
    size = arena->chunks != NULL ? arena->chunks->size : sizeof(arena->first);
    if (taken > size - arena->used && !arena_grow(arena, taken))
        return NULL;
    place = arena->chunks != NULL ? arena->chunks->data : arena->first;
    place += arena->used;
    arena->used += taken;
    arena->total += taken;
    return place;
}

char *jt_scratch_copy(struct jt_scratch *arena, const char *text, size_t len)
{
    char *copy = len < JT_SCRATCH_MAX ? jt_scratch_alloc(arena, len + 1) : NULL;

    if (copy != NULL && len > 0)
        memcpy(copy, text, len);
    return copy;
}

char *jt_scratch_vprintf(struct jt_scratch *arena, const char *format, va_list args)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = len < 0 ? NULL : jt_scratch_alloc(arena, (size_t)len + 1);
    if (text != NULL)
        (void)vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

void jt_scratch_reset(struct jt_scratch *arena)
{
    while (arena->chunks != NULL) {
        struct jt_scratch_chunk *chunk = arena->chunks;

        arena->chunks = chunk->older;
        jt_wipe(chunk->data, chunk->size);
        free(chunk);
        /* How much of `first` was handed out is no longer known, so all of it is wiped below. */
        arena->used = sizeof(arena->first);
    }
    jt_wipe(arena->first, arena->used);
    arena->used = 0;
    arena->total = 0;
}
