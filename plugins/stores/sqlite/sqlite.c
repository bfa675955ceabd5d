/* SPDX-License-Identifier: MIT */
/* The SQLite engine behind <jeton/store.h>: its table, opening and closing, leases with their fences, the store's small
 * values. It never sees a secret: what comes in is sealed. */
#include "token/name.h"
#include "store/parts.h"
#include "recent.h"

#include <stdlib.h>
#include <string.h>

int jt_store_sqlite_missing(const struct jt_store_sqlite *store, struct jt_why *why)
{
    return jt_store_say(why, JETON_CONFIG, "there is no store at %s yet: run `jeton init`", store->location);
}

bool jt_store_sqlite_is_missing(void *opened)
{
    const char *path = jt_store_conn_path(opened);

    return path == NULL || jt_store_files_len(path, "") == 0;
}

/* The last process to leave empties a long log, which changes both files: the copies of recent rows outlive that. */
static void sqlite_close_conns(struct jt_store_sqlite *store)
{
    const char *path = atomic_load(&store->path);
    struct jt_recent_change change;

    jt_store_pool_close_inherited();
    if (store->idle == NULL || path == NULL || !jt_store_conn_empties_log(store, path) || !jt_store_write_try(store)) {
        jt_store_conn_close_all(store);
        return;
    }
    jt_store_recent_begin(store->idle, path);
    change = store->idle->change;
    jt_store_conn_close_all(store);
    jt_store_recent_settle(store, path, &change);
    jt_store_write_leave(store);
}

static void sqlite_close(void *store)
{
    struct jt_store_sqlite *mine = store;

    if (mine == NULL)
        return;
    sqlite_close_conns(mine);
    jt_store_pool_done(mine);
    jt_store_generation_done(&mine->generation);
    jt_store_lease_done(&mine->leases);
    jt_store_recent_done(&mine->recent);
    jt_store_lockfile_close(&mine->write_lock);
    (void)pthread_cond_destroy(&mine->write_free);
    (void)pthread_mutex_destroy(&mine->write_mutex);
    free(atomic_load(&mine->path));
    free(mine->location);
    free(mine);
}

static void sqlite_drop(struct jt_store_sqlite **store)
{
    sqlite_close(jt_take(store));
}

/* Whether the store can be used, without opening the database where its copies already say so. */
static int sqlite_look(struct jt_store_sqlite *store, struct jt_why *why)
{
    JT_AUTO_CONN struct jt_store_conn *conn = NULL;
    const char *path = jt_store_conn_path(store);
    char key_check[64];
    bool there = false;
    size_t len;
    int status = path != NULL ? jt_store_files_check(path, &there, why) : JETON_OK;

    if (status != JETON_OK ||
        (there && jt_store_recent_key_check(&store->recent, path, key_check, sizeof(key_check), &len)))
        return status;
    return jt_store_conn_take(store, false, &conn, why);
}

static int sqlite_open(const char *location, int create, void **ret_store, char *why, size_t why_size)
{
    JT_CLEANUP(sqlite_drop) struct jt_store_sqlite *store = calloc(1, sizeof(*store));
    int status;

    if (store == NULL || (store->location = jt_strdup(location)) == NULL) {
        free(jt_take(&store));
        return jt_store_say(JT_WHY(why, why_size), JETON_TRY_LATER, "%s: out of memory", location);
    }
    store->write_lock.fd = -1;
    (void)pthread_mutex_init(&store->write_mutex, NULL);
    (void)pthread_cond_init(&store->write_free, NULL);
    jt_store_generation_init(&store->generation);
    jt_store_lease_init(&store->leases);
    jt_store_recent_init(&store->recent);
    jt_store_pool_init(store);
    if (create != 0) {
        JT_AUTO_WRITER struct jt_store_conn *writer = NULL;

        status = jt_store_write_begin(store, JETON_DURABLE, true, &writer, JT_WHY(why, why_size));
        if (status == JETON_OK && writer == NULL)
            status = jt_store_say(JT_WHY(why, why_size), JETON_CONFIG, "%s: its directory does not exist: make it",
                                  location);
    } else {
        status = sqlite_look(store, JT_WHY(why, why_size));
    }
    if (status == JETON_OK)
        *ret_store = jt_take(&store);
    return status;
}

static int sqlite_probe(void *store, char *why, size_t why_size)
{
    return jt_store_write_probe(store, JT_WHY(why, why_size));
}

static int sqlite_glance(void *store, char *why, size_t why_size)
{
    const char *path = jt_store_conn_path(store);

    return path != NULL ? jt_store_files_glance(path, JT_WHY(why, why_size))
                        : jt_store_sqlite_missing(store, JT_WHY(why, why_size));
}

static int sqlite_lease(void *store, const char *name, const char *variant, int64_t timeout_ms, void **ret_lease,
                        int64_t *ret_fence, char *why, size_t why_size)
{
    struct jt_store_sqlite *mine = store;
    struct jt_store_lease *lease = NULL;
    int status;

    if (!jt_store_lease_is_ready(&mine->leases) && jt_store_sqlite_is_missing(mine))
        return jt_store_sqlite_missing(mine, JT_WHY(why, why_size));
    status = jt_store_lease_take(&mine->leases, jt_store_conn_path(mine), jt_name_hash(name, variant), timeout_ms,
                                 &lease, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    *ret_lease = lease;
    if (lease != NULL)
        *ret_fence = 0;
    return JETON_OK;
}

static void sqlite_release(void *store, void *lease)
{
    jt_store_lease_give(&((struct jt_store_sqlite *)store)->leases, lease);
}

static uint64_t sqlite_generation(void *store, uint32_t shard)
{
    struct jt_store_sqlite *mine = store;

    if (atomic_load_explicit(&mine->generation.page, memory_order_relaxed) == NULL)
        jt_store_generation_look(&mine->generation, jt_store_conn_path(mine));
    return jt_store_generation_read(&mine->generation, shard);
}

static int sqlite_meta_get(void *store, const char *key, void *value, size_t value_size, size_t *ret_len, char *why,
                           size_t why_size)
{
    JT_AUTO_CONN struct jt_store_conn *conn = NULL;
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    const void *blob = NULL;
    size_t len = 0;
    const char *path = jt_store_conn_path(store);
    int code, status;

    if (path != NULL && strcmp(key, "key_check") == 0 &&
        jt_store_recent_key_check(&((struct jt_store_sqlite *)store)->recent, path, value, value_size, ret_len))
        return JETON_OK;
    status = jt_store_conn_take(store, false, &conn, JT_WHY(why, why_size));
    if (status == JETON_OK && conn == NULL) {
        *ret_len = 0;
        return JETON_OK;
    }
    if (status == JETON_OK)
        status = jt_store_conn_prepare(conn, JT_STMT_META_GET, &stmt, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
    code = sqlite3_step(stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return jt_store_conn_fail(conn->db, sqlite3_db_filename(conn->db, "main"), JT_WHY(why, why_size));
    if (code == SQLITE_ROW) {
        blob = sqlite3_column_blob(stmt, 0);
        len = (size_t)sqlite3_column_bytes(stmt, 0);
    }
    if (len > value_size)
        return jt_store_say(JT_WHY(why, why_size), JETON_CONFIG, "%s is damaged (its value %s is %zu bytes long)",
                            sqlite3_db_filename(conn->db, "main"), key, len);
    if (len > 0)
        memcpy(value, blob, len);
    *ret_len = len;
    return JETON_OK;
}

static int sqlite_meta_put(void *store, const char *key, const void *value, size_t value_len, char *why,
                           size_t why_size)
{
    JT_AUTO_WRITER struct jt_store_conn *conn = NULL;
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_write_begin(store, JETON_DURABLE, false, &conn, JT_WHY(why, why_size));

    if (status == JETON_OK && conn == NULL)
        return jt_store_sqlite_missing(store, JT_WHY(why, why_size));
    if (status == JETON_OK)
        status = jt_store_conn_prepare(conn, JT_STMT_META_PUT, &stmt, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(stmt, 2, value, value_len, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_DONE)
        return jt_store_conn_fail(conn->db, sqlite3_db_filename(conn->db, "main"), JT_WHY(why, why_size));
    status = jt_store_write_commit(conn, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    jt_store_recent_written(conn, NULL, NULL, NULL);
    conn->change.meta = true;
    return JETON_OK;
}

static const struct jeton_store_engine sqlite_engine = {
    .struct_size = sizeof(struct jeton_store_engine),
    .abi_minor = JETON_STORE_ABI_MINOR,
    .name = "sqlite",
    .version = JETON_VERSION,
    .summary = "one SQLite file on this machine",
    .open = sqlite_open,
    .close = sqlite_close,
    .get = jt_store_rows_get,
    .free_row = jt_store_rows_free,
    .put = jt_store_rows_put,
    .remove = jt_store_rows_remove,
    .scan = jt_store_rows_scan,
    .scan_due = jt_store_rows_scan_due,
    .probe = sqlite_probe,
    .lease = sqlite_lease,
    .release = sqlite_release,
    .generation = sqlite_generation,
    .meta_get = sqlite_meta_get,
    .meta_put = sqlite_meta_put,
    .rewrite = jt_store_bulk_rewrite,
    .put_all = jt_store_bulk_put,
    .get_many = jt_store_bulk_get,
    .glance = sqlite_glance,
};

const struct jeton_store_engine *jt_store_sqlite_engine(void)
{
    return &sqlite_engine;
}
