/* SPDX-License-Identifier: MIT */
/* Memory that lasts for one call into a plugin. It is wiped and freed as a whole. */
#ifndef JT_NET_WIRE_SCRATCH_H
#define JT_NET_WIRE_SCRATCH_H

#include "base/base.h"

#define JT_SCRATCH_MAX   (1024u * 1024u) /* handed out between two resets */
#define JT_SCRATCH_FIRST 128u            /* enough for many calls */

struct jt_scratch_chunk;

struct jt_scratch {
    struct jt_scratch_chunk *chunks;
    size_t used;  /* bytes used of the newest chunk, or of `first` while there is none */
    size_t total; /* handed out since the reset */
    _Alignas(max_align_t) char first[JT_SCRATCH_FIRST];
};

/* Zeroed memory; NULL: over JT_SCRATCH_MAX, or no memory. */
void *jt_scratch_alloc(struct jt_scratch *arena, size_t len) JT_MUST_CHECK;
/* A NUL-terminated copy. */
char *jt_scratch_copy(struct jt_scratch *arena, const char *text, size_t len) JT_MUST_CHECK;
char *jt_scratch_vprintf(struct jt_scratch *arena, const char *format, va_list args) JT_PRINTF(2, 0) JT_MUST_CHECK;
/* Wipes everything that was handed out and starts anew. A zeroed arena is ready for use; reset it at the end. */
void jt_scratch_reset(struct jt_scratch *arena);

#endif
