/* SPDX-License-Identifier: MIT */
/* Running many flows at once. */
#ifndef JT_NET_HTTP_RUN_MANY_H
#define JT_NET_HTTP_RUN_MANY_H

#include "net/http/pool.h"

/* In this thread: what struct jt_net offers as run_many. */
int jt_run_flows(struct jt_net_pool *pool, const struct jt_net_many *work, jeton_error **ret_error);

#endif
