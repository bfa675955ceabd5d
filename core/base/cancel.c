/* SPDX-License-Identifier: MIT */
/* Threads that are cancelled. What others wait for must be brought to its end, so pthread_cancel(3) takes effect when
 * the call into jeton has returned. */
#include "base/base.h"
#include <pthread.h>

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
