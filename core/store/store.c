/* SPDX-License-Identifier: MIT */
/* The store as the broker sees it: entries in and out of an engine. It never talks to a provider and never decides
 * whether a token is good enough. */
#include "store/store.h"
#include "store/parts.h"

#include <stdlib.h>
#include <string.h>

/* For engines without a counter: readers look again within five seconds. */
#define STORE_LOOK_AGAIN_MS 4000
/* How many new keys a store may get during one call. */
#define STORE_TRIES 8u

int jt_store_open(const struct jt_main_config *config, bool create, struct jt_store **ret_store,
                  jeton_error **ret_error)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    int status = jt_store_engine_open(config, create, &store, ret_error);

    if (status != JETON_OK)
        return status;
    /* Where there is no store, nobody misses its key yet. */
    if (!jt_store_missing(store))
        status = create ? jt_store_key_stamp(store, &seal, ret_error) : jt_store_key_need(store, &seal, ret_error);
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
    free(mine);
}

const char *jt_store_place(const struct jt_store *store)
{
    return store->config->store_path;
}

bool jt_store_missing(struct jt_store *store)
{
    return store->is_sqlite && jt_store_sqlite_is_missing(store->opened);
}

int jt_store_fail_missing(const struct jt_store *store, jeton_error **ret_error)
{
    return jt_error_set(ret_error, JETON_CONFIG, "there is no store at %s yet: run `jeton init`",
                        jt_store_place(store));
}

/* The row and the key for it; version 0: there is none. Another process may give the store a new key at any time: a row
 * that the key in use does not fit is read again, and damaged only if neither has changed by then. */
static int store_read(struct jt_store *store, const char *name, const char *variant, struct jeton_row *ret_row,
                      struct jt_seal **ret_seal, jeton_error **ret_error)
{
    for (unsigned tries = 0;; tries++) {
        JT_AUTO_SEAL struct jt_seal *seal = NULL;
        char why[JT_STORE_WHY_LEN] = "";
        struct jeton_row row = {.struct_size = sizeof(row)};
        bool changed = true;
        int status = store->engine.get(store->opened, name, variant, &row, why, sizeof(why));

        if (status != JETON_OK)
            return jt_error_set(ret_error, status, "%s", why);
        if (row.version > 0)
            status = jt_store_key_need(store, &seal, ret_error);
        if (status == JETON_OK && row.version > 0 && tries < STORE_TRIES &&
            !jt_seal_fits(seal, row.blob, row.blob_len)) {
            status = jt_store_key_renew(store, seal, &changed, ret_error);
            if (status == JETON_OK && (changed || tries == 0)) {
                store->engine.free_row(store->opened, &row);
                continue;
            }
        }
        if (status != JETON_OK) {
            store->engine.free_row(store->opened, &row);
            return status;
        }
        *ret_row = row;
        *ret_seal = jt_take(&seal);
        return JETON_OK;
    }
}

int jt_store_get(struct jt_store *store, const char *name, const char *variant, struct jt_entry *ret_entry,
                 jeton_error **ret_error)
{
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    struct jeton_row row;
    int status = store_read(store, name, variant, &row, &seal, ret_error);

    if (status != JETON_OK)
        return status;
    if (row.version == 0) {
        *ret_entry = JT_ENTRY_INIT;
    } else {
        struct jeton_row asked = row;

        /* The blob has to fit what was asked for, whatever the engine says it found. */
        asked.name = name;
        asked.variant = variant;
        status = jt_store_entry_open(store, seal, &asked, ret_entry, ret_error);
    }
    store->engine.free_row(store->opened, &row);
    return status;
}

/* *ret_key_changed: nothing was written, since the store has another key by now. */
static int store_write(struct jt_store *store, const char *name, const char *variant, const struct jt_entry *entry,
                       int64_t expected_version, bool durable, bool *ret_done, bool *ret_key_changed,
                       jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(2 * JT_RESPONSE_MAX * 2);
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    char why[JT_STORE_WHY_LEN] = "";
    char key_check[JT_KEY_CHECK_LEN + 1];
    struct jeton_row row;
    int done = 0;
    int status = jt_store_key_stamp(store, &seal, ret_error);

    if (status == JETON_OK)
        status = jt_store_entry_seal(seal, name, variant, entry, expected_version + 1, &blob, &row, ret_error);
    if (status != JETON_OK)
        return status;
    jt_store_key_say(seal, key_check);
    row.key_check = key_check;
    status =
        store->engine.put(store->opened, &row, expected_version, durable ? JETON_DURABLE : 0, &done, why, sizeof(why));
    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    *ret_done = done != 0;
    return done != 0 ? JETON_OK : jt_store_key_renew(store, seal, ret_key_changed, ret_error);
}

int jt_store_put(struct jt_store *store, const char *name, const char *variant, struct jt_entry *entry,
                 int64_t expected_version, bool durable, bool *ret_done, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    bool done = false, key_changed = true;

    if (expected_version < 0 || expected_version == INT64_MAX)
        return jt_error_set(ret_error, JETON_INTERNAL, "%s: version %lld of a row cannot be", name,
                            (long long)expected_version);
    for (unsigned tries = 0; !done && key_changed && tries < STORE_TRIES; tries++) {
        int status;

        key_changed = false;
        status = store_write(store, name, variant, entry, expected_version, durable, &done, &key_changed, &error);
        if (status != JETON_OK)
            return jt_store_missing(store) ? jt_store_fail_missing(store, ret_error) : jt_error_give(ret_error, &error);
    }
    if (done)
        entry->version = expected_version + 1;
    *ret_done = done;
    return JETON_OK;
}

int jt_store_remove(struct jt_store *store, const char *name, const char *variant, int64_t expected_version,
                    bool *ret_done, jeton_error **ret_error)
{
    char why[JT_STORE_WHY_LEN] = "";
    int done = 0;
    int status = store->engine.remove(store->opened, name, variant, expected_version, &done, why, sizeof(why));

    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    *ret_done = done != 0;
    return JETON_OK;
}

int jt_store_glance(struct jt_store *store, jeton_error **ret_error)
{
    char why[JT_STORE_WHY_LEN] = "";
    int status = store->engine.glance != NULL ? store->engine.glance(store->opened, why, sizeof(why)) : JETON_OK;

    return status == JETON_OK ? JETON_OK : jt_error_set(ret_error, status, "%s", why);
}

int jt_store_probe(struct jt_store *store, jeton_error **ret_error)
{
    char why[JT_STORE_WHY_LEN] = "";
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    int status = store->engine.probe(store->opened, why, sizeof(why));

    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    return jt_store_key_stamp(store, &seal, ret_error);
}

/* From the engine's rows to the caller's entries. */
struct store_scan {
    int (*visit)(void *data, const char *name, const char *variant, uint32_t flags, const struct jt_entry *entry);
    void *data;
    int status;
};

static int scan_row(void *data, const struct jeton_row *row)
{
    struct store_scan *scan = data;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;

    scan->status = jt_store_entry_fill(row, &entry, NULL);
    if (scan->status != JETON_OK)
        return 1;
    return scan->visit(scan->data, row->name, row->variant, row->flags, &entry);
}

static int scan_end(const struct store_scan *scan, int status, const char *why, jeton_error **ret_error)
{
    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    return scan->status == JETON_OK ? JETON_OK : jt_error_no_memory(ret_error);
}

int jt_store_scan(struct jt_store *store, const char *after_name, const char *after_variant, size_t limit,
                  int (*visit)(void *data, const char *name, const char *variant, uint32_t flags,
                               const struct jt_entry *entry),
                  void *data, jeton_error **ret_error)
{
    struct store_scan scan = {visit, data, JETON_OK};
    char why[JT_STORE_WHY_LEN] = "";
    int status =
        store->engine.scan(store->opened, after_name != NULL ? after_name : "",
                           after_variant != NULL ? after_variant : "", limit, scan_row, &scan, why, sizeof(why));

    return scan_end(&scan, status, why, ret_error);
}

int jt_store_scan_due(struct jt_store *store, int64_t now, size_t limit,
                      int (*visit)(void *data, const char *name, const char *variant, uint32_t flags,
                                   const struct jt_entry *entry),
                      void *data, jeton_error **ret_error)
{
    struct store_scan scan = {visit, data, JETON_OK};
    char why[JT_STORE_WHY_LEN] = "";
    int status = store->engine.scan_due(store->opened, now, limit, scan_row, &scan, why, sizeof(why));

    return scan_end(&scan, status, why, ret_error);
}

int jt_store_lease(struct jt_store *store, const char *name, const char *variant, int64_t timeout_ms, void **ret_lease,
                   int64_t *ret_fence, jeton_error **ret_error)
{
    char why[JT_STORE_WHY_LEN] = "";
    int status = store->engine.lease(store->opened, name, variant, timeout_ms, ret_lease, ret_fence, why, sizeof(why));

    return status == JETON_OK ? JETON_OK : jt_error_set(ret_error, status, "%s", why);
}

void jt_store_release(struct jt_store *store, void **lease)
{
    void *mine = jt_take(lease);

    if (mine != NULL)
        store->engine.release(store->opened, mine);
}

uint64_t jt_store_generation(struct jt_store *store, uint32_t shard)
{
    if (store->engine.generation != NULL)
        return store->engine.generation(store->opened, shard);
    return (uint64_t)(jt_boot_ms() / STORE_LOOK_AGAIN_MS);
}
