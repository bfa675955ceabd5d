/* SPDX-License-Identifier: MIT */
/* Where bare libcurl puts an answer. It never grows. */
#ifndef BODY_H
#define BODY_H

#include <stddef.h>
#include <string.h>

struct body {
    char data[16384];
    size_t len;
};

static size_t body_write(char *data, size_t size, size_t count, void *to)
{
    struct body *body = to;

    if (size * count >= sizeof(body->data) - body->len)
        return 0;
    memcpy(body->data + body->len, data, size * count);
    body->len += size * count;
    body->data[body->len] = '\0';
    return size * count;
}

#endif
