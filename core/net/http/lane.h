/* SPDX-License-Identifier: MIT */
/* Many transfers in one thread. */
#ifndef JT_NET_HTTP_LANE_H
#define JT_NET_HTTP_LANE_H

#include "net/http/http_handle.h"

#define JT_LANE_IDLE_MAX 64u /* handles that are kept; more are made, and closed after use */

/* One multi handle, what it waits for, and the handles that have been on it. */
struct jt_lane {
    CURLM *multi;
    int epoll_fd;
    int64_t timer_ms; /* jt_boot_ms, when libcurl wants a turn; JT_NEVER */
    struct jt_http *idle[JT_LANE_IDLE_MAX];
    size_t idle_len;
};

int JT_MUST_CHECK jt_lane_new(struct jt_lane **ret_lane, jeton_error **ret_error);
void jt_lane_free(struct jt_lane **lane);
/* An idle handle, or a new one, which takes part in `share`. */
int JT_MUST_CHECK jt_lane_take(struct jt_lane *lane, CURLSH *share, struct jt_http **ret_http, jeton_error **ret_error);
void jt_lane_give(struct jt_lane *lane, struct jt_http **http);
/* Waits until something can go on, or until_ms (jt_boot_ms; in the past: not at all), and lets it. Handles that are
 * added to the multi handle begin with the next turn. */
void jt_lane_turn(struct jt_lane *lane, int64_t until_ms);

#endif
