/* SPDX-License-Identifier: MIT */
/* The functions that run when a variable goes out of scope: they wipe, free or close what it holds. Here too: a thread
 * is not cancelled (pthread_cancel(3)) inside a call into jeton, since other threads may be waiting for that call's
 * result. */
#include "base/cleanup.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void jt_wipe(void *memory, size_t len)
{
    if (memory != NULL && len > 0)
        sodium_memzero(memory, len);
}

void jt_str_wipe(char **string)
{
    if (*string == NULL)
        return;
    jt_wipe(*string, strlen(*string));
    free(*string);
    *string = NULL;
}

void jt_str_free(char **string)
{
    free(*string);
    *string = NULL;
}

void jt_fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

int jt_cancel_off(void)
{
    int before = PTHREAD_CANCEL_ENABLE;

    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

void jt_cancel_restore(const int *before)
{
    (void)pthread_setcancelstate(*before, NULL);
}
