/* SPDX-License-Identifier: MIT */
/* Opening and closing of a store, and what is asked of it as a whole. */
#include "store/store.h"
#include "store/key.h"
#include "store/opened.h"

#include <stdlib.h>

/* For engines without numbers: readers look again within five seconds. */
#define STORE_LOOK_AGAIN_MS 4000

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

int jt_store_open(const struct jt_store_options *options, struct jt_store **ret_store, jeton_error **ret_error)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    bool exists = false;
    int status = jt_store_opened_new(options, &store, ret_error);

    if (status == JETON_OK)
        status = jt_store_exists(store, &exists, ret_error);
    /* Where there is no store, nobody misses its key yet. */
    if (status == JETON_OK && exists)
        status = jt_store_key_need(store, &seal, ret_error);
    if (status == JETON_OK)
        *ret_store = jt_take(&store);
    return status;
}

void jt_store_free(struct jt_store **store)
{
    struct jt_store *mine = jt_take(store);

    if (mine == NULL)
        return;
    mine->engine.close(mine->opened);
    jt_seal_free(&mine->seal);
    (void)pthread_mutex_destroy(&mine->key_mutex);
    (void)pthread_mutex_destroy(&mine->lease_mutex);
    free(mine);
}

const char *jt_store_place(const struct jt_store *store)
{
    return store->engine.place(store->opened);
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

int jt_store_need(struct jt_store *store, jeton_error **ret_error)
{
    bool exists = false;
    int status = jt_store_exists(store, &exists, ret_error);

    if (status != JETON_OK || exists)
        return status;
    return jt_error_set(ret_error, JETON_CONFIG, "there is no store at %s yet: run `jeton init`",
                        jt_store_place(store));
}

int jt_store_seems_writable(struct jt_store *store, jeton_error **ret_error)
{
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    int status = store->engine.seems_writable != NULL ? store->engine.seems_writable(store->opened, &call) : JETON_OK;

    return jt_store_call_end(&call, status, store->engine.name, ret_error);
}

int jt_store_prove_writable(struct jt_store *store, jeton_error **ret_error)
{
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    int status = store->engine.prove_writable(store->opened, &call);

    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    return status == JETON_OK ? jt_store_key_claim(store, &seal, ret_error) : status;
}

uint64_t jt_store_number(struct jt_store *store, uint32_t shard)
{
    if (store->engine.number != NULL)
        return store->engine.number(store->opened, shard);
    return (uint64_t)(jt_boot_ms() / STORE_LOOK_AGAIN_MS);
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
