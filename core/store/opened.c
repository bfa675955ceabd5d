/* SPDX-License-Identifier: MIT */
/* Makes the object of an open store, before its key is fetched. */
#include "store/opened.h"

#include <stdlib.h>

int jt_store_opened_new(const struct jt_store_options *options, struct jt_store **ret_store, jeton_error **ret_error)
{
    struct jt_store *store = calloc(1, sizeof(*store));
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    int status;

    if (store == NULL)
        return jt_error_no_memory(ret_error);
    store->engine = *options->engine;
    store->key = options->key;
    store->key_written_in = options->key_written_in;
    jt_store_host_init(&store->host, options->log);
    call.settings = options->settings;
    status = store->engine.open(&store->host.table, &call, &store->opened);
    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status != JETON_OK) {
        free(store);
        return status;
    }
    (void)pthread_mutex_init(&store->key_mutex, NULL);
    (void)pthread_mutex_init(&store->lease_mutex, NULL);
    *ret_store = store;
    return JETON_OK;
}

int jt_store_exists(struct jt_store *store, bool *ret_exists, jeton_error **ret_error)
{
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    int exists = 0;
    int status = store->engine.exists(store->opened, &call, &exists);

    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status == JETON_OK)
        *ret_exists = exists != 0;
    return status;
}

struct jeton_row_key jt_store_token_key(const char *name, const char *variant)
{
    return (struct jeton_row_key){.kind = JETON_KIND_TOKEN,
                                  .shard = jt_name_shard(jt_name_hash(name, variant)),
                                  .name = name,
                                  .variant = variant};
}

int jt_store_blame(const struct jt_store *store, const char *what, jeton_error **ret_error)
{
    return jt_error_set(ret_error, JETON_INTERNAL, "the store engine %s %s: it is broken", store->engine.name, what);
}
