/* SPDX-License-Identifier: MIT */
/* Growing buffers. Tokens go through them, so a buffer wipes its memory before it frees it. */
#include "base/buf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void jt_buf_done(struct jt_buf *buf)
{
    jt_wipe(buf->data, buf->size);
    free(buf->data);
    *buf = JT_BUF_INIT(buf->cap);
}

void jt_buf_reset(struct jt_buf *buf)
{
    jt_wipe(buf->data, buf->len);
    buf->len = 0;
    buf->failed = false;
}

/* Makes room for len more bytes and the NUL. realloc would leave the old copy behind unwiped, so this allocates,
 * copies, and wipes the old memory. */
static bool buf_reserve(struct jt_buf *buf, size_t len)
{
    size_t need, size;
    char *data;

    if (buf->failed)
        return false;
    if (len > buf->cap || buf->len > buf->cap - len) {
        buf->failed = true;
        return false;
    }
    need = buf->len + len + 1;
    if (need <= buf->size)
        return true;
    size = buf->size < 64 ? 64 : buf->size;
    while (size < need)
        size *= 2;
    data = malloc(size);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    if (buf->len > 0)
        memcpy(data, buf->data, buf->len);
    data[buf->len] = '\0';
    jt_wipe(buf->data, buf->len);
    free(buf->data);
    buf->data = data;
    buf->size = size;
    return true;
}

void jt_buf_add(struct jt_buf *buf, const void *data, size_t len)
{
    if (!buf_reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void jt_buf_puts(struct jt_buf *buf, const char *string)
{
    jt_buf_add(buf, string, strlen(string));
}

void jt_buf_vprintf(struct jt_buf *buf, const char *format, va_list args)
{
    va_list again;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        buf->failed = true;
    else if (buf_reserve(buf, (size_t)len)) {
        (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
        buf->len += (size_t)len;
    }
}

void jt_buf_printf(struct jt_buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    jt_buf_vprintf(buf, format, args);
    va_end(args);
}

const char *jt_buf_str(const struct jt_buf *buf)
{
    return buf->data != NULL && buf->len > 0 ? buf->data : "";
}

char *jt_buf_take(struct jt_buf *buf)
{
    char *data;

    if (buf->failed || !buf_reserve(buf, 0))
        return NULL;
    data = buf->data;
    data[buf->len] = '\0';
    *buf = JT_BUF_INIT(buf->cap);
    return data;
}

char *jt_printf(const char *format, ...)
{
    struct jt_buf buf = JT_BUF_INIT(JT_RESPONSE_MAX);
    char *string;
    va_list args;

    va_start(args, format);
    jt_buf_vprintf(&buf, format, args);
    va_end(args);
    string = jt_buf_take(&buf);
    jt_buf_done(&buf);
    return string;
}

char *jt_strdup(const char *string)
{
    return string != NULL ? strdup(string) : NULL;
}
