/* SPDX-License-Identifier: MIT */
/* Opens and closes a store. Here too: the questions about a store as a whole. */
#include "store/key.h"
#include "store/opened.h"

#include <stdlib.h>

/* For engines without numbers: how often the number that jt_store_number makes up changes. With the time that it takes
 * readers to notice, a change is seen within five seconds. */
#define STORE_RECHECK_MS 4000

int jt_store_open(const struct jt_store_options *options, struct jt_store **ret_store, jeton_error **ret_error)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    bool exists = false;
    int status = jt_store_opened_new(options, &store, ret_error);

    if (status == JETON_OK)
        status = jt_store_exists(store, &exists, ret_error);
    /* A store that does not exist needs no key yet. */
    if (status == JETON_OK && exists)
        status = jt_store_key_get(store, &seal, ret_error);
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

int jt_store_require(struct jt_store *store, jeton_error **ret_error)
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
    return (uint64_t)(jt_boot_ms() / STORE_RECHECK_MS);
}
