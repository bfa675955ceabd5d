/* SPDX-License-Identifier: MIT */
/* Many rows in one transaction: every blob replaced at once, rows put all or none, rows read as of one moment. It never
 * looks into a blob, and leaves nothing half done behind a process that is killed. */
#include "recent.h"

#include <string.h>
#include <unistd.h>

static const char *bulk_path(const struct jt_store_conn *conn)
{
    return sqlite3_db_filename(conn->db, "main");
}

/* The copies of recent rows stay marked as not to be used: the next writer begins them anew. */
static int bulk_commit(struct jt_store_conn *conn, struct jt_why *why)
{
    int status = jt_store_write_commit(conn, why);

    if (status == JETON_OK)
        jt_store_generation_bump(&conn->store->generation, bulk_path(conn), JT_STORE_ALL_SHARDS);
    return status;
}

/* Whether the store's key_check is this text; NULL: it has none. */
static int bulk_has_key_check(struct jt_store_conn *conn, const char *key_check, bool *ret_fits, struct jt_why *why)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_conn_prepare(conn, JT_STMT_META_GET, &stmt, why);
    size_t len;

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, "key_check", -1, SQLITE_STATIC);
    switch (sqlite3_step(stmt)) {
    case SQLITE_DONE:
        *ret_fits = key_check == NULL;
        return JETON_OK;
    case SQLITE_ROW:
        len = (size_t)sqlite3_column_bytes(stmt, 0);
        *ret_fits = key_check == NULL
                        ? len == 0
                        : len == strlen(key_check) && memcmp(sqlite3_column_blob(stmt, 0), key_check, len) == 0;
        return JETON_OK;
    default:
        return jt_store_conn_fail(conn->db, bulk_path(conn), why);
    }
}

static int bulk_set_key_check(struct jt_store_conn *conn, const char *key_check, struct jt_why *why)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_conn_prepare(conn, JT_STMT_META_PUT, &stmt, why);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, "key_check", -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(stmt, 2, key_check, (int)strlen(key_check), SQLITE_STATIC);
    return sqlite3_step(stmt) == SQLITE_DONE ? JETON_OK : jt_store_conn_fail(conn->db, bulk_path(conn), why);
}

static int bulk_set_blob(struct jt_store_conn *conn, const struct jeton_row *row, const void *blob, size_t blob_len,
                         struct jt_why *why)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_conn_prepare(conn, JT_STMT_RESEAL, &stmt, why);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, row->name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(stmt, 2, row->variant, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(stmt, 3, blob, blob_len, SQLITE_STATIC);
    return sqlite3_step(stmt) == SQLITE_DONE ? JETON_OK : jt_store_conn_fail(conn->db, bulk_path(conn), why);
}

static void bulk_row_done(struct jeton_row *row)
{
    jt_store_rows_free(NULL, row);
}

/* Row by row, each found behind the last: SQLite does not promise what a scan sees of rows that are changed under it.
 */
static int bulk_rewrite_rows(struct jt_store_conn *conn,
                             int (*visit)(void *data, const struct jeton_row *row, const void **ret_blob,
                                          size_t *ret_blob_len),
                             void *data, struct jt_why *why)
{
    JT_CLEANUP(bulk_row_done) struct jeton_row row = {.struct_size = sizeof(row)};
    int status = jt_store_rows_after(conn, "", "", &row, why);

    while (status == JETON_OK && row.version > 0) {
        struct jeton_row last = row;
        const void *blob = NULL;
        size_t blob_len = 0;

        status = visit(data, &row, &blob, &blob_len);
        if (status == JETON_OK && blob != NULL)
            status = bulk_set_blob(conn, &row, blob, blob_len, why);
        if (status != JETON_OK)
            return status;
        row = (struct jeton_row){.struct_size = sizeof(row)};
        status = jt_store_rows_after(conn, last.name, last.variant, &row, why);
        bulk_row_done(&last);
    }
    return status;
}

/* Blobs under the former key are taken off the disk too, as far as that goes: out of the log, which other readers may
 * need for a moment, and out of the copies of recent rows. */
static void bulk_scrub(struct jt_store_conn *conn)
{
    JT_AUTO_STR char *copies = jt_printf("%s-recent", bulk_path(conn));

    if (copies != NULL)
        (void)unlink(copies);
    (void)sqlite3_wal_checkpoint_v2(conn->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

static int bulk_begin(struct jt_store_sqlite *store, uint32_t durability, struct jt_store_conn **ret_conn,
                      struct jt_why *why)
{
    int status = jt_store_write_begin(store, durability, false, ret_conn, why);

    return status == JETON_OK && *ret_conn == NULL ? jt_store_sqlite_missing(store, why) : status;
}

int jt_store_bulk_rewrite(void *store, const char *old_key_check, const char *new_key_check,
                          int (*visit)(void *data, const struct jeton_row *row, const void **ret_blob,
                                       size_t *ret_blob_len),
                          void *data, int *ret_done, char *why, size_t why_size)
{
    JT_AUTO_WRITER struct jt_store_conn *conn = NULL;
    bool fits = false;
    int status = bulk_begin(store, JETON_DURABLE, &conn, JT_WHY(why, why_size));

    if (status != JETON_OK)
        return status;
    status = bulk_has_key_check(conn, old_key_check, &fits, JT_WHY(why, why_size));
    if (status == JETON_OK && !fits) {
        *ret_done = 0;
        return JETON_OK;
    }
    /* What is freed in the database file is overwritten. */
    if (status == JETON_OK && visit != NULL)
        status = jt_store_conn_exec(conn, "PRAGMA secure_delete = ON", JT_WHY(why, why_size));
    if (status == JETON_OK && visit != NULL)
        status = bulk_rewrite_rows(conn, visit, data, JT_WHY(why, why_size));
    if (status == JETON_OK)
        status = bulk_set_key_check(conn, new_key_check, JT_WHY(why, why_size));
    if (status == JETON_OK)
        status = bulk_commit(conn, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    if (visit != NULL)
        bulk_scrub(conn);
    *ret_done = 1;
    return JETON_OK;
}

int jt_store_bulk_put(void *store, int (*next)(void *data, struct jeton_row *ret_row, int64_t *ret_expected_version),
                      void *data, uint32_t durability, int *ret_done, char *why, size_t why_size)
{
    JT_AUTO_WRITER struct jt_store_conn *conn = NULL;
    bool done = true;
    int status = bulk_begin(store, durability, &conn, JT_WHY(why, why_size));

    if (status != JETON_OK)
        return status;
    while (status == JETON_OK && done) {
        struct jeton_row row = {.struct_size = sizeof(row)};
        int64_t expected_version = 0;

        status = next(data, &row, &expected_version);
        if (status == JETON_OK && row.name == NULL)
            break;
        if (status == JETON_OK)
            status = jt_store_rows_write(conn, &row, expected_version, &done, JT_WHY(why, why_size));
    }
    if (status == JETON_OK && done)
        status = bulk_commit(conn, JT_WHY(why, why_size));
    if (status != JETON_OK)
        return status;
    *ret_done = done;
    return JETON_OK;
}

struct bulk_reading {
    int (*visit)(void *data, size_t index, const struct jeton_row *row);
    void *data;
    size_t index;
    bool stop;
};

static int bulk_show(void *data, const struct jeton_row *row)
{
    struct bulk_reading *reading = data;

    reading->stop = reading->visit(reading->data, reading->index, row) != 0;
    return 0;
}

static void bulk_end_reading(struct jt_store_conn **conn)
{
    if (*conn != NULL && !sqlite3_get_autocommit((*conn)->db))
        (void)sqlite3_exec((*conn)->db, "ROLLBACK", NULL, NULL, NULL);
    jt_store_conn_give(conn);
}

int jt_store_bulk_get(void *store, const struct jeton_row_key *keys, size_t count,
                      int (*visit)(void *data, size_t index, const struct jeton_row *row), void *data, char *why,
                      size_t why_size)
{
    JT_CLEANUP(bulk_end_reading) struct jt_store_conn *conn = NULL;
    struct jt_store_sqlite *mine = store;
    struct bulk_reading reading = {.visit = visit, .data = data};
    int status;

    jt_store_generation_look(&mine->generation, jt_store_conn_path(mine));
    status = jt_store_conn_take(mine, false, &conn, JT_WHY(why, why_size));
    if (status == JETON_OK && conn != NULL)
        status = jt_store_conn_run(conn, JT_STMT_BEGIN_READ, JT_WHY(why, why_size));
    for (; status == JETON_OK && reading.index < count && !reading.stop; reading.index++) {
        const struct jeton_row none = {.struct_size = sizeof(none)};

        if (conn == NULL)
            (void)bulk_show(&reading, &none);
        else
            status = jt_store_rows_show(conn, keys[reading.index].name, keys[reading.index].variant, bulk_show,
                                        &reading, JT_WHY(why, why_size));
    }
    return status;
}
