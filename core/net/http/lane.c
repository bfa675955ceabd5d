/* SPDX-License-Identifier: MIT */
/* Many transfers in one thread. libcurl says which sockets it waits for, and epoll says which are ready, so the cost of
 * a turn depends on the ready sockets and not on the open ones. */
#include "net/http/lane.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LANE_EVENTS  64
#define LANE_WAIT_MS 1000

static int lane_take_socket(CURL *easy, curl_socket_t socket, int what, void *data, void *known)
{
    struct jt_lane *lane = data;
    struct epoll_event event = {.data.fd = socket};

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        /* It may be closed already, and is gone from there then. */
        (void)epoll_ctl(lane->epoll_fd, EPOLL_CTL_DEL, socket, &event);
        (void)curl_multi_assign(lane->multi, socket, NULL);
        return 0;
    }
    event.events =
        ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0) | ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0);
    if (known != NULL && epoll_ctl(lane->epoll_fd, EPOLL_CTL_MOD, socket, &event) == 0)
        return 0;
    if (epoll_ctl(lane->epoll_fd, EPOLL_CTL_ADD, socket, &event) != 0 &&
        (errno != EEXIST || epoll_ctl(lane->epoll_fd, EPOLL_CTL_MOD, socket, &event) != 0))
        return -1;
    (void)curl_multi_assign(lane->multi, socket, lane);
    return 0;
}

static int lane_take_timer(CURLM *multi, long timeout_ms, void *data)
{
    struct jt_lane *lane = data;

    (void)multi;
    lane->timer_ms = timeout_ms < 0 ? JT_NEVER : jt_boot_ms() + timeout_ms;
    return 0;
}

void jt_lane_free(struct jt_lane **lane)
{
    if (*lane == NULL)
        return;
    for (size_t i = 0; i < (*lane)->idle_len; i++)
        jt_http_free(&(*lane)->idle[i]);
    (void)curl_multi_cleanup((*lane)->multi);
    jt_fd_close(&(*lane)->epoll_fd);
    free(*lane);
    *lane = NULL;
}

int jt_lane_new(struct jt_lane **ret_lane, jeton_error **ret_error)
{
    JT_CLEANUP(jt_lane_free) struct jt_lane *lane = calloc(1, sizeof(*lane));

    if (lane == NULL)
        return jt_error_no_memory(ret_error);
    lane->timer_ms = JT_NEVER;
    lane->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (lane->epoll_fd < 0)
        return jt_error_set(ret_error, JETON_TRY_LATER, "no file descriptor is left (ulimit -n)");
    lane->multi = curl_multi_init();
    if (lane->multi == NULL || curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, lane_take_socket) != CURLM_OK ||
        curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane) != CURLM_OK ||
        curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, lane_take_timer) != CURLM_OK ||
        curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane) != CURLM_OK)
        return jt_error_no_memory(ret_error);
    *ret_lane = jt_take(&lane);
    return JETON_OK;
}

int jt_lane_take(struct jt_lane *lane, CURLSH *share, struct jt_http **ret_http, jeton_error **ret_error)
{
    if (lane->idle_len == 0)
        return jt_http_new(share, ret_http, ret_error);
    *ret_http = lane->idle[--lane->idle_len];
    return JETON_OK;
}

void jt_lane_give(struct jt_lane *lane, struct jt_http **http)
{
    if (*http == NULL)
        return;
    jt_http_wipe(*http);
    if (lane->idle_len < JT_LEN(lane->idle))
        lane->idle[lane->idle_len++] = jt_take(http);
    jt_http_free(http);
}

static bool lane_turn_timer(struct jt_lane *lane)
{
    long left_ms = -1;
    int running;

    if (lane->timer_ms > jt_boot_ms())
        return false;
    (void)curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    /* By libcurl's finer clock this may have been too early. Then nothing has happened, and libcurl does not set the
     * timer again, so it is asked. */
    (void)curl_multi_timeout(lane->multi, &left_ms);
    lane->timer_ms = left_ms < 0 ? JT_NEVER : jt_boot_ms() + left_ms;
    return true;
}

void jt_lane_turn(struct jt_lane *lane, int64_t until_ms)
{
    struct epoll_event events[LANE_EVENTS];
    int64_t left_ms = 0;
    int count, running;

    /* If the timer had its turn, transfers may be over and no socket would end a wait, so epoll does not wait then. */
    if (!lane_turn_timer(lane)) {
        left_ms = (until_ms < lane->timer_ms ? until_ms : lane->timer_ms) - jt_boot_ms();
        left_ms = left_ms < 0 ? 0 : left_ms < LANE_WAIT_MS ? left_ms : LANE_WAIT_MS;
    }
    count = epoll_wait(lane->epoll_fd, events, LANE_EVENTS, (int)left_ms);
    for (int i = 0; i < count; i++) {
        int mask = ((events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);

        (void)curl_multi_socket_action(lane->multi, events[i].data.fd, mask, &running);
    }
    (void)lane_turn_timer(lane);
}
