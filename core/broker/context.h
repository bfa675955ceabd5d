/* SPDX-License-Identifier: MIT */
/* A context: the parts that belong to one jeton_open. */
#ifndef JT_BROKER_CONTEXT_H
#define JT_BROKER_CONTEXT_H

#include "base/base.h"
#include "cache/cache.h"
#include "config/config.h"
#include "broker/failure_memory.h"
#include "broker/flight.h"
#include "token/token.h"
#include "net/net.h"
#include "settings/settings.h"
#include "store/store.h"
#include <pthread.h>

struct jeton {
    struct jt_config *config;
    struct jt_log *log;
    struct jt_cache *cache;
    struct jt_flights *flights;
    struct jt_resolutions *resolutions;
    struct jt_failure_memory *failures;
    /* jt_plugin_load; unit tests, which have no plugin files, put their own here. */
    int (*load_plugin)(const char *dir, const char *name, const struct jeton_host *host,
                       const struct jt_plugin **ret_plugin, jeton_error **ret_error);
    int64_t revoke_tried_ms; /* atomic: when a queued revocation was last tried */
    /* Opened on first need, then never changed: read with acquire order, written under the mutex. */
    pthread_mutex_t opening;
    struct jt_store *store;
    const struct jt_net *net;
    struct jt_net_pool *pool;
};

/* The store, opened on first need. */
int JT_MUST_CHECK jt_context_store(jeton *ctx, struct jt_store **ret_store, jeton_error **ret_error);
/* The network module, loaded on first need. */
int JT_MUST_CHECK jt_context_net(jeton *ctx, const struct jt_net **ret_net, jeton_error **ret_error);
/* The account's plugin, loaded on first need. */
int JT_MUST_CHECK jt_context_plugin(jeton *ctx, const char *plugin_name, const struct jt_plugin **ret_plugin,
                                    jeton_error **ret_error);
/* The network module for a plugin directory, without a context. */
int JT_MUST_CHECK jt_context_load_net(const char *plugindir, const struct jt_net **ret_net, jeton_error **ret_error);

#endif
