/* SPDX-License-Identifier: MIT */
/* Guarded memory for keys and credentials. It neither knows where a secret comes from nor what it is for. */
#include "base/guarded.h"
#include <sodium.h>
#include <string.h>

/* libsodium locks the pages as far as RLIMIT_MEMLOCK lets it and goes on without where it does not. */
char *jt_secret_dup(const char *data, size_t len)
{
    char *copy;

    if (len == SIZE_MAX || sodium_init() < 0)
        return NULL;
    copy = sodium_malloc(len + 1);
    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

void jt_secret_free(char **secret)
{
    if (*secret == NULL)
        return;
    sodium_free(*secret);
    *secret = NULL;
}
