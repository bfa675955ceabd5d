/* SPDX-License-Identifier: MIT */
/* Growing buffers, and strings made by printf. */
#ifndef JT_BASE_BUF_H
#define JT_BASE_BUF_H

#include "base/cleanup.h"
#include <stdarg.h>

/* A growing buffer with a cap. A NUL always follows the len bytes. The old memory is wiped when the buffer grows and
 * when it is freed. An append beyond the cap, or without memory, sets `failed`; further appends then do nothing. */
struct jt_buf {
    char *data; /* NULL while empty */
    size_t len;
    size_t size;
    size_t cap;
    bool failed;
};
#define JT_BUF_INIT(limit) ((struct jt_buf){.cap = (limit)})
#define JT_AUTO_BUF        JT_CLEANUP(jt_buf_done)

void jt_buf_done(struct jt_buf *buf);
void jt_buf_reset(struct jt_buf *buf); /* empties and wipes, keeps the memory */
void jt_buf_add(struct jt_buf *buf, const void *data, size_t len);
void jt_buf_puts(struct jt_buf *buf, const char *string);
void jt_buf_printf(struct jt_buf *buf, const char *format, ...) JT_PRINTF(2, 3);
void jt_buf_vprintf(struct jt_buf *buf, const char *format, va_list args) JT_PRINTF(2, 0);
const char *jt_buf_str(const struct jt_buf *buf); /* "" while empty; never NULL */
char *jt_buf_take(struct jt_buf *buf);            /* the caller's; NULL when failed or out of memory */

/* Formats into newly allocated memory. NULL: out of memory. */
char *jt_printf(const char *format, ...) JT_PRINTF(1, 2) JT_MUST_CHECK;
char *jt_strdup(const char *string) JT_MUST_CHECK; /* NULL stays NULL */

#endif
