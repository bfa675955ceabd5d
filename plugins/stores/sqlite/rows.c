/* SPDX-License-Identifier: MIT */
/* Rows in and out of the database: get, compare-and-put, remove, scans. It never looks into a blob. */
#include "token/name.h"
#include "recent.h"

#include <stdlib.h>
#include <string.h>

enum {
    COLUMN_NAME,
    COLUMN_VARIANT,
    COLUMN_SHARD,
    COLUMN_STATE,
    COLUMN_FLAGS,
    COLUMN_VERSION,
    COLUMN_FENCE,
    COLUMN_EXPIRES_AT,
    COLUMN_DUE_AT,
    COLUMN_FAILED_AT,
    COLUMN_RETRY_AT,
    COLUMN_FAILURES,
    COLUMN_FAILURE_STATUS,
    COLUMN_FAILURE,
    COLUMN_CONFIG_DIGEST,
    COLUMN_BLOB,
    COLUMN_KEY_CHECK /* bound only: the condition of a put */
};

static int rows_fail(const struct jt_store_conn *conn, struct jt_why *why)
{
    return jt_store_conn_fail(conn->db, sqlite3_db_filename(conn->db, "main"), why);
}

static const char *rows_text(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

/* The row as it lies in the statement: its pointers live until the next step. The blob is left out. */
static void rows_read(sqlite3_stmt *stmt, struct jeton_row *row)
{
    const char *name = rows_text(stmt, COLUMN_NAME);
    const char *variant = rows_text(stmt, COLUMN_VARIANT);

    *row = (struct jeton_row){
        .struct_size = sizeof(*row),
        .name = name != NULL ? name : "",
        .variant = variant != NULL ? variant : "",
        .shard = (uint32_t)sqlite3_column_int64(stmt, COLUMN_SHARD),
        .state = (uint32_t)sqlite3_column_int64(stmt, COLUMN_STATE),
        .flags = (uint32_t)sqlite3_column_int64(stmt, COLUMN_FLAGS),
        .version = sqlite3_column_int64(stmt, COLUMN_VERSION),
        .fence = sqlite3_column_int64(stmt, COLUMN_FENCE),
        .expires_at = sqlite3_column_int64(stmt, COLUMN_EXPIRES_AT),
        .due_at = sqlite3_column_int64(stmt, COLUMN_DUE_AT),
        .failed_at = sqlite3_column_int64(stmt, COLUMN_FAILED_AT),
        .retry_at = sqlite3_column_int64(stmt, COLUMN_RETRY_AT),
        .failures = (int32_t)sqlite3_column_int64(stmt, COLUMN_FAILURES),
        .failure_status = (int32_t)sqlite3_column_int64(stmt, COLUMN_FAILURE_STATUS),
        .failure = rows_text(stmt, COLUMN_FAILURE),
        .config_digest = (uint64_t)sqlite3_column_int64(stmt, COLUMN_CONFIG_DIGEST),
    };
}

static void *rows_add(char **at, const void *data, size_t len)
{
    void *place = *at;

    memcpy(place, data, len);
    *at += len;
    return place;
}

int jt_store_rows_pack(const struct jeton_row *row, struct jeton_row *ret_row)
{
    const size_t name_len = strlen(row->name) + 1, variant_len = strlen(row->variant) + 1;
    const size_t failure_len = row->failure != NULL ? strlen(row->failure) + 1 : 0;
    struct jeton_row copy = *row;
    char *at = malloc(name_len + variant_len + failure_len + row->blob_len);

    if (at == NULL)
        return -1;
    copy.name = rows_add(&at, row->name, name_len);
    copy.variant = rows_add(&at, row->variant, variant_len);
    if (row->failure != NULL)
        copy.failure = rows_add(&at, row->failure, failure_len);
    if (row->blob != NULL)
        copy.blob = rows_add(&at, row->blob, row->blob_len);
    *ret_row = copy;
    return 0;
}

static int rows_select(struct jt_store_conn *conn, enum jt_store_stmt which, const char *name, const char *variant,
                       int (*visit)(void *data, const struct jeton_row *row), void *data, struct jt_why *why)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    struct jeton_row row = {.struct_size = sizeof(row)};
    int code, status = jt_store_conn_prepare(conn, which, &stmt, why);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(stmt, 2, variant, -1, SQLITE_STATIC);
    code = sqlite3_step(stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return rows_fail(conn, why);
    if (code == SQLITE_ROW) {
        rows_read(stmt, &row);
        row.blob = sqlite3_column_blob(stmt, COLUMN_BLOB);
        row.blob_len = row.blob != NULL ? (size_t)sqlite3_column_bytes(stmt, COLUMN_BLOB) : 0;
    }
    if (visit(data, &row) != 0)
        return jt_store_say(why, JETON_TRY_LATER, "%s: out of memory", sqlite3_db_filename(conn->db, "main"));
    return JETON_OK;
}

int jt_store_rows_show(struct jt_store_conn *conn, const char *name, const char *variant,
                       int (*visit)(void *data, const struct jeton_row *row), void *data, struct jt_why *why)
{
    return rows_select(conn, JT_STMT_GET, name, variant, visit, data, why);
}

static int rows_take(void *ret_row, const struct jeton_row *row)
{
    if (row->version > 0)
        return jt_store_rows_pack(row, ret_row);
    *(struct jeton_row *)ret_row = *row;
    return 0;
}

int jt_store_rows_after(struct jt_store_conn *conn, const char *name, const char *variant, struct jeton_row *ret_row,
                        struct jt_why *why)
{
    return rows_select(conn, JT_STMT_SCAN_BLOB, name, variant, rows_take, ret_row, why);
}

int jt_store_rows_get(void *store, const char *name, const char *variant, struct jeton_row *ret_row, char *why,
                      size_t why_size)
{
    struct jt_store_sqlite *mine = store;
    JT_AUTO_CONN struct jt_store_conn *conn = NULL;
    const char *path = jt_store_conn_path(mine);
    int64_t data_version;
    int status;

    jt_store_generation_look(&mine->generation, path);
    if (path != NULL && jt_store_recent_get(&mine->recent, path, name, variant, ret_row))
        return JETON_OK;
    status = jt_store_conn_take(mine, false, &conn, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    if (conn == NULL) {
        *ret_row = (struct jeton_row){.struct_size = sizeof(*ret_row)};
        return JETON_OK;
    }
    data_version = jt_store_recent_watch(conn);
    status = rows_select(conn, JT_STMT_GET, name, variant, rows_take, ret_row, JT_WHY(why, why_size));
    if (status == JETON_OK && ret_row->version > 0)
        jt_store_recent_fill(conn, path, data_version, ret_row);
    return status;
}

void jt_store_rows_free(void *store, struct jeton_row *row)
{
    (void)store;
    free((void *)(uintptr_t)row->name);
    *row = (struct jeton_row){.struct_size = sizeof(*row)};
}

static void rows_bind(sqlite3_stmt *stmt, const struct jeton_row *row)
{
    (void)sqlite3_bind_text(stmt, 1 + COLUMN_NAME, row->name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(stmt, 1 + COLUMN_VARIANT, row->variant, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_SHARD, row->shard);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_STATE, row->state);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_FLAGS, row->flags);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_VERSION, row->version);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_FENCE, row->fence);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_EXPIRES_AT, row->expires_at);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_DUE_AT, row->due_at);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_FAILED_AT, row->failed_at);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_RETRY_AT, row->retry_at);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_FAILURES, row->failures);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_FAILURE_STATUS, row->failure_status);
    (void)sqlite3_bind_text(stmt, 1 + COLUMN_FAILURE, row->failure, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 1 + COLUMN_CONFIG_DIGEST, (int64_t)row->config_digest);
    (void)sqlite3_bind_blob64(stmt, 1 + COLUMN_BLOB, row->blob, row->blob_len, SQLITE_STATIC);
    if (row->key_check != NULL)
        (void)sqlite3_bind_blob(stmt, 1 + COLUMN_KEY_CHECK, row->key_check, (int)strlen(row->key_check), SQLITE_STATIC);
}

/* Tells what a transaction of one row did; after: the row as it is then, or NULL. The page is
 * bumped while other writers still wait. */
static void rows_tell(struct jt_store_conn *conn, const char *name, const char *variant, const struct jeton_row *after,
                      bool done)
{
    const uint32_t shard = after != NULL ? after->shard : jt_name_shard(jt_name_hash(name, variant));

    if (done) {
        jt_store_recent_written(conn, name, variant, after);
        jt_store_generation_bump(&conn->store->generation, sqlite3_db_filename(conn->db, "main"), shard);
    } else {
        /* The caller knew another version than the database's: were it from a copy, no copy is to be trusted. */
        conn->change.was_current = false;
        jt_store_recent_written(conn, NULL, NULL, NULL);
    }
}

int jt_store_rows_write(struct jt_store_conn *conn, const struct jeton_row *row, int64_t expected_version,
                        bool *ret_done, struct jt_why *why)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    struct jeton_row after = *row;
    int status;

    if (expected_version < 0 || expected_version == INT64_MAX)
        return jt_store_say(why, JETON_INTERNAL, "%s: version %lld of a row cannot be", row->name,
                            (long long)expected_version);
    status = jt_store_conn_prepare(conn, expected_version == 0 ? JT_STMT_INSERT : JT_STMT_UPDATE, &stmt, why);
    if (status != JETON_OK)
        return status;
    after.version = expected_version + 1;
    rows_bind(stmt, &after);
    if (sqlite3_step(stmt) != SQLITE_DONE)
        return rows_fail(conn, why);
    *ret_done = sqlite3_changes(conn->db) == 1;
    return JETON_OK;
}

int jt_store_rows_put(void *store, const struct jeton_row *row, int64_t expected_version, uint32_t durability,
                      int *ret_done, char *why, size_t why_size)
{
    JT_AUTO_WRITER struct jt_store_conn *conn = NULL;
    struct jeton_row after = *row;
    bool done = false;
    int status = jt_store_write_begin(store, durability, false, &conn, JT_WHY(why, why_size));

    if (status == JETON_OK && conn == NULL)
        return jt_store_sqlite_missing(store, JT_WHY(why, why_size));
    if (status == JETON_OK)
        status = jt_store_rows_write(conn, row, expected_version, &done, JT_WHY(why, why_size));
    if (status == JETON_OK && done)
        status = jt_store_write_commit(conn, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    after.version = expected_version + 1;
    after.key_check = NULL;
    rows_tell(conn, row->name, row->variant, &after, done);
    *ret_done = done;
    return JETON_OK;
}

int jt_store_rows_remove(void *store, const char *name, const char *variant, int64_t expected_version, int *ret_done,
                         char *why, size_t why_size)
{
    JT_AUTO_WRITER struct jt_store_conn *conn = NULL;
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    bool done;
    /* A logout that a power cut undoes would hand out a token that its owner believes gone. */
    int status = jt_store_write_begin(store, JETON_DURABLE, false, &conn, JT_WHY(why, why_size));

    if (status == JETON_OK && conn == NULL)
        return jt_store_sqlite_missing(store, JT_WHY(why, why_size));
    if (status == JETON_OK)
        status = jt_store_conn_prepare(conn, JT_STMT_REMOVE, &stmt, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(stmt, 2, variant, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 3, expected_version);
    if (sqlite3_step(stmt) != SQLITE_DONE)
        return rows_fail(conn, JT_WHY(why, why_size));
    done = sqlite3_changes(conn->db) == 1;
    if (done)
        status = jt_store_write_commit(conn, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    rows_tell(conn, name, variant, NULL, done);
    *ret_done = done;
    return JETON_OK;
}

static int rows_visit(struct jt_store_conn *conn, sqlite3_stmt *stmt,
                      int (*visit)(void *data, const struct jeton_row *row), void *data, struct jt_why *why)
{
    int code;

    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct jeton_row row;

        rows_read(stmt, &row);
        if (visit(data, &row) != 0)
            return JETON_OK;
    }
    return code == SQLITE_DONE ? JETON_OK : rows_fail(conn, why);
}

static int64_t rows_limit(size_t limit)
{
    return limit > INT64_MAX ? INT64_MAX : (int64_t)limit;
}

int jt_store_rows_scan(void *store, const char *after_name, const char *after_variant, size_t limit,
                       int (*visit)(void *data, const struct jeton_row *row), void *data, char *why, size_t why_size)
{
    JT_AUTO_CONN struct jt_store_conn *conn = NULL;
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_conn_take(store, false, &conn, JT_WHY(why, why_size));

    if (status == JETON_OK && conn == NULL)
        return JETON_OK;
    if (status == JETON_OK)
        status = jt_store_conn_prepare(conn, JT_STMT_SCAN, &stmt, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, after_name != NULL ? after_name : "", -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(stmt, 2, after_variant != NULL ? after_variant : "", -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 3, rows_limit(limit));
    return rows_visit(conn, stmt, visit, data, JT_WHY(why, why_size));
}

int jt_store_rows_scan_due(void *store, int64_t now, size_t limit,
                           int (*visit)(void *data, const struct jeton_row *row), void *data, char *why,
                           size_t why_size)
{
    JT_AUTO_CONN struct jt_store_conn *conn = NULL;
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_conn_take(store, false, &conn, JT_WHY(why, why_size));

    if (status == JETON_OK && conn == NULL)
        return JETON_OK;
    if (status == JETON_OK)
        status = jt_store_conn_prepare(conn, JT_STMT_SCAN_DUE, &stmt, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_int64(stmt, 1, now);
    (void)sqlite3_bind_int64(stmt, 2, rows_limit(limit));
    return rows_visit(conn, stmt, visit, data, JT_WHY(why, why_size));
}
