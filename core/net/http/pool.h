/* SPDX-License-Identifier: MIT */
/* Handles with their connections, kept between flows. It never starts a transfer. */
#ifndef JT_NET_HTTP_POOL_H
#define JT_NET_HTTP_POOL_H

#include "net/http/http.h"

#define JT_POOL_IDLE_MAX 64u /* handles that are kept; more are made, and closed after use */

/* What run_many works with: one multi handle, what it waits for, and the handles that have been on it. */
struct jt_lane {
    CURLM *multi;
    int epoll_fd;
    int64_t timer_ms; /* jt_boot_ms, when libcurl wants a turn; JT_NEVER */
    struct jt_http *idle[JT_POOL_IDLE_MAX];
    size_t idle_len;
};

int JT_MUST_CHECK jt_pool_new(struct jt_net_pool **ret_pool, jeton_error **ret_error);
void jt_pool_free(struct jt_net_pool **pool);

/* An idle handle, best one that has been at this URL's origin; given back it keeps its connections. */
int JT_MUST_CHECK jt_pool_take(struct jt_net_pool *pool, const char *url, struct jt_http **ret_http,
                               jeton_error **ret_error);
void jt_pool_give(struct jt_net_pool *pool, struct jt_http **http);

/* The same for a lane; a thread that finds the pool's own in use gets a new one. */
int JT_MUST_CHECK jt_pool_take_lane(struct jt_net_pool *pool, struct jt_lane **ret_lane, jeton_error **ret_error);
void jt_pool_give_lane(struct jt_net_pool *pool, struct jt_lane **lane);
CURLSH *jt_pool_share(struct jt_net_pool *pool);

/* lane.c */
int JT_MUST_CHECK jt_lane_new(struct jt_lane **ret_lane, jeton_error **ret_error);
void jt_lane_free(struct jt_lane **lane);
int JT_MUST_CHECK jt_lane_take(struct jt_net_pool *pool, struct jt_lane *lane, struct jt_http **ret_http,
                               jeton_error **ret_error);
void jt_lane_give(struct jt_lane *lane, struct jt_http **http);
/* Waits until something can go on, or until_ms (jt_boot_ms; in the past: not at all), and lets it. Handles that are
 * added to the multi handle begin with the next turn. */
void jt_lane_turn(struct jt_lane *lane, int64_t until_ms);

#endif
