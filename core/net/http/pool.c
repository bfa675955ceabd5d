/* SPDX-License-Identifier: MIT */
/* Idle handles behind a lock, and what they share: names, and TLS sessions. Connections are never shared between
 * threads, which libcurl does not allow. */
#include "net/http/pool.h"
#include "net/http/http_init.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct jt_net_pool {
    pthread_mutex_t lock;
    pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];
    CURLSH *share;
    struct jt_http *idle[JT_POOL_IDLE_MAX]; /* the one used last is at the end */
    size_t idle_len;
    struct jt_lane *lane;
};

static void pool_lock_share(CURL *easy, curl_lock_data data, curl_lock_access access, void *pool)
{
    (void)easy;
    (void)access;
    (void)pthread_mutex_lock(&((struct jt_net_pool *)pool)->share_locks[data]);
}

static void pool_unlock_share(CURL *easy, curl_lock_data data, void *pool)
{
    (void)easy;
    (void)pthread_mutex_unlock(&((struct jt_net_pool *)pool)->share_locks[data]);
}

static bool pool_start_share(struct jt_net_pool *pool)
{
    pool->share = curl_share_init();
    return pool->share != NULL && curl_share_setopt(pool->share, CURLSHOPT_LOCKFUNC, pool_lock_share) == CURLSHE_OK &&
           curl_share_setopt(pool->share, CURLSHOPT_UNLOCKFUNC, pool_unlock_share) == CURLSHE_OK &&
           curl_share_setopt(pool->share, CURLSHOPT_USERDATA, pool) == CURLSHE_OK &&
           curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK &&
           curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) == CURLSHE_OK;
}

int jt_pool_new(struct jt_net_pool **ret_pool, jeton_error **ret_error)
{
    JT_CLEANUP(jt_pool_free) struct jt_net_pool *pool = NULL;
    int status = jt_http_init(ret_error);

    if (status != JETON_OK)
        return status;
    pool = calloc(1, sizeof(*pool));
    if (pool == NULL)
        return jt_error_no_memory(ret_error);
    (void)pthread_mutex_init(&pool->lock, NULL);
    for (size_t i = 0; i < JT_LEN(pool->share_locks); i++)
        (void)pthread_mutex_init(&pool->share_locks[i], NULL);
    if (!pool_start_share(pool))
        return jt_error_no_memory(ret_error);
    *ret_pool = jt_take(&pool);
    return JETON_OK;
}

void jt_pool_free(struct jt_net_pool **pool)
{
    if (*pool == NULL)
        return;
    for (size_t i = 0; i < (*pool)->idle_len; i++)
        jt_http_free(&(*pool)->idle[i]);
    jt_lane_free(&(*pool)->lane);
    (void)curl_share_cleanup((*pool)->share);
    for (size_t i = 0; i < JT_LEN((*pool)->share_locks); i++)
        (void)pthread_mutex_destroy(&(*pool)->share_locks[i]);
    (void)pthread_mutex_destroy(&(*pool)->lock);
    free(*pool);
    *pool = NULL;
}

static bool pool_has_been_there(const struct jt_http *http, const char *url)
{
    size_t len = http->origin != NULL ? strlen(http->origin) : 0;

    return len > 0 && strncmp(http->origin, url, len) == 0 && (url[len] == '/' || url[len] == '?' || url[len] == '\0');
}

/* The last one to have been there, else the one used last: it has connections to other hosts as well, and has read the
 * CA bundle, which a new one would do again. */
static struct jt_http *pool_pick(struct jt_net_pool *pool, const char *url)
{
    size_t pick = pool->idle_len;
    struct jt_http *http;

    if (pool->idle_len == 0)
        return NULL;
    while (pick > 0 && !pool_has_been_there(pool->idle[pick - 1], url))
        pick--;
    if (pick == 0)
        pick = pool->idle_len;
    http = pool->idle[pick - 1];
    memmove(&pool->idle[pick - 1], &pool->idle[pick], (pool->idle_len - pick) * sizeof(struct jt_http *));
    pool->idle_len--;
    return http;
}

int jt_pool_take(struct jt_net_pool *pool, const char *url, struct jt_http **ret_http, jeton_error **ret_error)
{
    struct jt_http *http;

    (void)pthread_mutex_lock(&pool->lock);
    http = pool_pick(pool, url);
    (void)pthread_mutex_unlock(&pool->lock);
    if (http == NULL)
        return jt_http_new(pool->share, ret_http, ret_error);
    *ret_http = http;
    return JETON_OK;
}

void jt_pool_give(struct jt_net_pool *pool, struct jt_http **http)
{
    if (*http == NULL)
        return;
    jt_http_wipe(*http);
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->idle_len < JT_POOL_IDLE_MAX)
        pool->idle[pool->idle_len++] = jt_take(http);
    (void)pthread_mutex_unlock(&pool->lock);
    jt_http_free(http);
}

int jt_pool_take_lane(struct jt_net_pool *pool, struct jt_lane **ret_lane, jeton_error **ret_error)
{
    struct jt_lane *lane;

    (void)pthread_mutex_lock(&pool->lock);
    lane = jt_take(&pool->lane);
    (void)pthread_mutex_unlock(&pool->lock);
    if (lane == NULL)
        return jt_lane_new(ret_lane, ret_error);
    *ret_lane = lane;
    return JETON_OK;
}

void jt_pool_give_lane(struct jt_net_pool *pool, struct jt_lane **lane)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->lane == NULL)
        pool->lane = jt_take(lane);
    (void)pthread_mutex_unlock(&pool->lock);
    jt_lane_free(lane);
}

CURLSH *jt_pool_share(struct jt_net_pool *pool)
{
    return pool->share;
}
