/* SPDX-License-Identifier: MIT */
/* The store key: fetches it, checks that it is the one that the store is sealed with, and fetches it again when another
 * process has changed it. Nothing is written to a store that is sealed with another key. */
#include "store/key.h"
#include "store/key_next.h"

#include <string.h>

static int key_resolve(const struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error)
{
    JT_AUTO_STR char *source = jt_secret_describe(&store->key, store->key_written_in);
    JT_AUTO_ERROR jeton_error *error = NULL;
    JT_AUTO_GUARDED char *secret = NULL;
    size_t len = 0;
    int status = jt_secret_resolve(&store->key, &secret, &len, &error);

    if (status == JETON_OK)
        status = jt_seal_new(secret, len, ret_seal, &error);
    if (status == JETON_OK)
        return JETON_OK;
    jt_error_prefix(&error, "the key of the store %s (%s)", jt_store_place(store), source != NULL ? source : "");
    return jt_error_give(ret_error, &error);
}

static int key_misfit(const struct jt_store *store, const char *stored, const struct jt_seal *seal,
                      jeton_error **ret_error)
{
    JT_AUTO_STR char *source = jt_secret_describe(&store->key, store->key_written_in);
    char mine[JT_KEY_CHECK_LEN + 1];

    jt_store_key_check_text(seal, mine);
    return jt_error_set(ret_error, JETON_CONFIG,
                        "the store key does not fit this store: %s is sealed with the key whose id is %s, and the %s "
                        "has id %s; nothing "
                        "was changed: put the former key back, or the new one where `jeton rekey` was run",
                        jt_store_place(store), stored, source != NULL ? source : "key", mine);
}

/* A rekey first commits, then moves the new key to the former one's place. A process that looks in between finds the
 * key in one of the two places. If it looks at each at the wrong moment it finds neither, so it tries again. */
static int key_find(struct jt_store *store, struct jt_seal **ret_seal, int64_t *ret_version, jeton_error **ret_error)
{
    const bool is_file = store->key.source == JT_SECRET_FILE;

    for (;;) {
        JT_AUTO_ERROR jeton_error *error = NULL;
        JT_AUTO_SEAL struct jt_seal *seal = NULL;
        struct jt_key_check check, again;
        char mine[JT_KEY_CHECK_LEN + 1] = "";
        int status = jt_store_key_check_read(store, &check, ret_error);
        const uint64_t stamp = is_file ? jt_secret_stamp(&store->key) : 0;

        if (status != JETON_OK)
            return status;
        *ret_version = check.version;
        status = key_resolve(store, &seal, &error);
        if (status == JETON_OK)
            jt_store_key_check_text(seal, mine);
        if (status == JETON_OK && (check.version == 0 || strcmp(check.text, mine) == 0)) {
            *ret_seal = jt_take(&seal);
            return JETON_OK;
        }
        if (is_file && check.version > 0 && jt_store_key_next_find(store, check.text, ret_seal))
            return JETON_OK;
        if (is_file && jt_store_key_check_read(store, &again, NULL) == JETON_OK &&
            (check.version != again.version || jt_secret_stamp(&store->key) != stamp))
            continue;
        return status == JETON_OK ? key_misfit(store, check.text, seal, ret_error) : jt_error_give(ret_error, &error);
    }
}

/* Called with the mutex held. */
static int key_load(struct jt_store *store, jeton_error **ret_error)
{
    struct jt_seal *seal = NULL;
    int64_t version = 0;
    int status = key_find(store, &seal, &version, ret_error);

    if (status != JETON_OK)
        return status;
    jt_seal_free(&store->seal);
    store->seal = seal;
    atomic_store(&store->key_check_version, version);
    return JETON_OK;
}

struct jt_seal *jt_store_key_loaded(struct jt_store *store)
{
    struct jt_seal *seal;

    (void)pthread_mutex_lock(&store->key_mutex);
    seal = store->seal != NULL ? jt_seal_ref(store->seal) : NULL;
    (void)pthread_mutex_unlock(&store->key_mutex);
    return seal;
}

int jt_store_key_get(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error)
{
    int status = JETON_OK;

    (void)pthread_mutex_lock(&store->key_mutex);
    if (store->seal == NULL)
        status = key_load(store, ret_error);
    if (status == JETON_OK)
        *ret_seal = jt_seal_ref(store->seal);
    (void)pthread_mutex_unlock(&store->key_mutex);
    return status;
}

int jt_store_key_reload(struct jt_store *store, const struct jt_seal *used, bool *ret_changed, jeton_error **ret_error)
{
    struct jt_key_check check;
    bool changed;
    int status = jt_store_key_check_read(store, &check, ret_error);

    if (status != JETON_OK)
        return status;
    (void)pthread_mutex_lock(&store->key_mutex);
    /* check.version 0: there is a fresh store by now, whose row key_check is not written yet. */
    changed = atomic_load(&store->key_check_version) != check.version;
    if (changed)
        status = key_load(store, ret_error);
    changed = changed || store->seal != used;
    (void)pthread_mutex_unlock(&store->key_mutex);
    if (status == JETON_OK)
        *ret_changed = changed;
    return status;
}

int jt_store_key_claim(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error)
{
    JT_AUTO_SEAL struct jt_seal *seal = jt_store_key_loaded(store);
    int status = JETON_OK;

    /* Without a store, the error is that the store is missing, not its key. */
    if (seal == NULL)
        status = jt_store_require(store, ret_error);
    if (status == JETON_OK && seal == NULL)
        status = jt_store_key_get(store, &seal, ret_error);
    while (status == JETON_OK && atomic_load(&store->key_check_version) == 0) {
        char mine[JT_KEY_CHECK_LEN + 1];
        bool done = false, changed;

        jt_store_key_check_text(seal, mine);
        status = jt_store_key_check_write(store, mine, 0, &done, ret_error);
        if (status == JETON_OK && done)
            atomic_store(&store->key_check_version, 1);
        else if (status == JETON_OK) /* another process has written the row first, perhaps for another key */
            status = jt_store_key_reload(store, seal, &changed, ret_error);
    }
    if (status == JETON_OK)
        status = jt_store_key_get(store, ret_seal, ret_error);
    return status;
}

int jt_store_key_replace(struct jt_store *store, jeton_error **ret_error)
{
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    struct jt_key_check check;
    char mine[JT_KEY_CHECK_LEN + 1];
    bool done = false;
    int status = key_resolve(store, &seal, ret_error);

    if (status != JETON_OK)
        return status;
    jt_store_key_check_text(seal, mine);
    while (status == JETON_OK && !done) {
        status = jt_store_key_check_read(store, &check, ret_error);
        if (status == JETON_OK)
            status = jt_store_key_check_write(store, mine, check.version, &done, ret_error);
    }
    return status;
}
