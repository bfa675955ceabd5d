/* SPDX-License-Identifier: MIT */
/* Handles with their connections, kept between flows. */
#ifndef JT_NET_HTTP_POOL_H
#define JT_NET_HTTP_POOL_H

#include "net/http/lane.h"

#define JT_POOL_IDLE_MAX 64u /* handles that are kept; more are made, and closed after use */

struct jt_net_pool; /* thread-safe */

int JT_MUST_CHECK jt_pool_new(struct jt_net_pool **ret_pool, jeton_error **ret_error);
void jt_pool_free(struct jt_net_pool **pool);

/* An idle handle, best one that has been at this URL's origin; given back it keeps its connections. */
int JT_MUST_CHECK jt_pool_take(struct jt_net_pool *pool, const char *url, struct jt_http **ret_http,
                               jeton_error **ret_error);
void jt_pool_give(struct jt_net_pool *pool, struct jt_http **http);

/* The same for a lane; a thread that finds the pool's own in use gets a new one. */
int JT_MUST_CHECK jt_pool_take_lane(struct jt_net_pool *pool, struct jt_lane **ret_lane, jeton_error **ret_error);
void jt_pool_give_lane(struct jt_net_pool *pool, struct jt_lane **lane);
CURLSH *jt_pool_share(struct jt_net_pool *pool); /* what its handles share */

#endif
