/* SPDX-License-Identifier: MIT */
/* Opens and closes a context. Its parts (store, network module, plugins) are opened when they are first needed. */
#include "broker/context.h"
#include "broker/store_setup.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static int context_option_size_is_known(const struct jeton_options *options, jeton_error **ret_error)
{
    if (options != NULL && options->struct_size < offsetof(struct jeton_options, config_dir) + sizeof(char *))
        return jt_error_set(ret_error, JETON_USAGE,
                            "jeton_options.struct_size is %zu: set it to "
                            "sizeof(struct jeton_options)",
                            options->struct_size);
    return JETON_OK;
}

static void context_mutex_done(jeton *ctx)
{
    (void)pthread_mutex_destroy(&ctx->opening);
}

int jeton_open(const struct jeton_options *options, jeton **ret_ctx, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    struct jeton_options known = {0};
    const struct jt_main_config *main_config;
    jeton *ctx;
    int status = context_option_size_is_known(options, ret_error);

    if (status != JETON_OK)
        return status;
    if (options != NULL)
        memcpy(&known, options, options->struct_size < sizeof(known) ? options->struct_size : sizeof(known));
    if (sodium_init() < 0)
        return jt_error_set(ret_error, JETON_TRY_LATER, "libsodium cannot start: the system gives no random numbers");
    ctx = calloc(1, sizeof(*ctx));
    if (ctx == NULL)
        return jt_error_no_memory(ret_error);
    (void)pthread_mutex_init(&ctx->opening, NULL);
    ctx->load_plugin = jt_plugin_load;
    status = jt_config_open(known.config_dir, &ctx->config, ret_error);
    if (status == JETON_OK) {
        main_config = jt_config_main(ctx->config);
        status = jt_log_new(known.log_level > 0 ? known.log_level : main_config->log_level,
                            (enum jt_log_to)main_config->log_to, known.log, known.log_data, &ctx->log, ret_error);
    }
    if (status == JETON_OK)
        status = jt_cache_new(&ctx->cache, ret_error);
    if (status == JETON_OK)
        status = jt_flights_new(&ctx->flights, ret_error);
    if (status == JETON_OK)
        status = jt_resolutions_new(&ctx->resolutions, ret_error);
    if (status == JETON_OK)
        status = jt_failure_memory_new(&ctx->failures, ret_error);
    if (status != JETON_OK) {
        jeton_close(&ctx);
        return status;
    }
    *ret_ctx = ctx;
    return JETON_OK;
}

void jeton_close(jeton **ctx)
{
    JT_UNCANCELLED;
    if (ctx == NULL || *ctx == NULL)
        return;
    jt_flights_free(&(*ctx)->flights); /* waits for renewals that go on without their callers */
    if ((*ctx)->net != NULL && (*ctx)->pool != NULL)
        (*ctx)->net->pool_free(&(*ctx)->pool);
    jt_store_free(&(*ctx)->store);
    jt_cache_free(&(*ctx)->cache);
    jt_resolutions_free(&(*ctx)->resolutions);
    jt_failure_memory_free(&(*ctx)->failures);
    jt_log_free(&(*ctx)->log);
    jt_config_free(&(*ctx)->config);
    context_mutex_done(*ctx);
    free(*ctx);
    *ctx = NULL;
}

int jt_context_store(jeton *ctx, struct jt_store **ret_store, jeton_error **ret_error)
{
    struct jt_store *store = __atomic_load_n(&ctx->store, __ATOMIC_ACQUIRE);
    int status = JETON_OK;

    if (store == NULL) {
        (void)pthread_mutex_lock(&ctx->opening);
        store = ctx->store;
        if (store == NULL) {
            status = jt_store_setup_open(ctx->config, ctx->log, &store, ret_error);
            if (status == JETON_OK)
                __atomic_store_n(&ctx->store, store, __ATOMIC_RELEASE);
        }
        (void)pthread_mutex_unlock(&ctx->opening);
    }
    if (status == JETON_OK)
        *ret_store = store;
    return status;
}

int jt_context_load_net(const char *plugindir, const struct jt_net **ret_net, jeton_error **ret_error)
{
    const struct jt_net *(*entry)(void);
    const struct jt_net *net;
    void *address;
    int status = jt_plugin_open_symbol(plugindir, "jeton_net.so", JT_NET_SYMBOL, &address, ret_error);

    if (status != JETON_OK)
        return status;
    memcpy(&entry, &address, sizeof(entry)); /* POSIX's way from a data to a function pointer */
    net = entry();
    if (net == NULL || net->struct_size != sizeof(*net) || strcmp(net->version, JETON_VERSION) != 0)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s/jeton_net.so belongs to jeton %s, and this is jeton %s: install "
                            "both from one package",
                            plugindir, net != NULL && net->version != NULL ? net->version : "?", JETON_VERSION);
    *ret_net = net;
    return JETON_OK;
}

int jt_context_net(jeton *ctx, const struct jt_net **ret_net, jeton_error **ret_error)
{
    const struct jt_net *net = __atomic_load_n(&ctx->net, __ATOMIC_ACQUIRE);
    int status = JETON_OK;

    if (net == NULL) {
        (void)pthread_mutex_lock(&ctx->opening);
        net = ctx->net;
        if (net == NULL) {
            status = jt_context_load_net(jt_config_main(ctx->config)->plugindir, &net, ret_error);
            if (status == JETON_OK)
                status = net->pool_new(&ctx->pool, ret_error);
            if (status == JETON_OK)
                __atomic_store_n(&ctx->net, net, __ATOMIC_RELEASE);
        }
        (void)pthread_mutex_unlock(&ctx->opening);
    }
    if (status == JETON_OK)
        *ret_net = net;
    return status;
}

int jt_context_plugin(jeton *ctx, const char *plugin_name, const struct jt_plugin **ret_plugin, jeton_error **ret_error)
{
    const struct jt_net *net;
    int status = jt_context_net(ctx, &net, ret_error);

    if (status != JETON_OK)
        return status;
    return ctx->load_plugin(jt_config_main(ctx->config)->plugindir, plugin_name, net->host, ret_plugin, ret_error);
}

const char *jeton_version(void)
{
    return JETON_VERSION;
}
