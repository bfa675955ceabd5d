/* SPDX-License-Identifier: MIT */
/* What the tests of archives share: a stream in memory that can be cut, altered and made to fail. It checks nothing. */
#ifndef TEST_ARCHIVE_HELP_H
#define TEST_ARCHIVE_HELP_H

#include "archive/archive.h"
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#define PHRASE "correct horse battery"

/* A stream in memory. */
struct stream {
    char *data;
    size_t len, at;
    size_t piece;    /* read at most so much at a time; 0: any */
    size_t fails_at; /* gives up there; 0: never */
};

__attribute__((unused)) static int stream_write(void *data, const void *bytes, size_t len)
{
    struct stream *stream = data;

    if (stream->fails_at != 0 && stream->len + len > stream->fails_at)
        return -1;
    stream->data = realloc(stream->data, stream->len + len);
    if (stream->data == NULL)
        abort();
    memcpy(stream->data + stream->len, bytes, len);
    stream->len += len;
    return 0;
}

__attribute__((unused)) static int stream_read(void *data, void *bytes, size_t size, size_t *ret_len)
{
    struct stream *stream = data;
    size_t len = stream->len - stream->at;

    if (stream->fails_at != 0 && stream->at >= stream->fails_at)
        return -1;
    if (len > size)
        len = size;
    if (stream->piece != 0 && len > stream->piece)
        len = stream->piece;
    if (len > 0)
        memcpy(bytes, stream->data + stream->at, len);
    stream->at += len;
    *ret_len = len;
    return 0;
}

__attribute__((unused)) static void stream_done(struct stream *stream)
{
    free(stream->data);
}
#define AUTO_STREAM JT_CLEANUP(stream_done)

__attribute__((unused)) static struct stream copy_of(const struct stream *stream)
{
    struct stream copy = {.data = malloc(stream->len + 64), .len = stream->len};

    if (copy.data == NULL)
        abort();
    memcpy(copy.data, stream->data, stream->len);
    return copy;
}

#endif
