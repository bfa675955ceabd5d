/* SPDX-License-Identifier: MIT */
/* Reads, claims and conditionally writes rows. A row is shown to the caller in SQLite's own memory, without a copy. */
#include "sqlite.h"

/* connections.c sets the longest row that SQLite takes; the rest of it is for the other columns. */
#define BLOB_MAX (31 * 1024 * 1024)
#define NEVER    "9223372036854775807"
#define KEY      "kind = ?1 AND name = ?2 AND variant = ?3"
/* The blob is read only if it is wanted: a long one is on pages of its own. */
#define SELECT(wanted) "SELECT " JT_SQLITE_BUT_BLOB ", CASE WHEN " wanted " THEN blob END FROM row WHERE "

static const char *const sql[JT_SQLITE_STMTS] = {
    [JT_SQLITE_BEGIN] = "BEGIN IMMEDIATE",
    [JT_SQLITE_BEGIN_READ] = "BEGIN",
    [JT_SQLITE_COMMIT] = "COMMIT",
    [JT_SQLITE_PROVE] = "INSERT INTO engine VALUES ('proofs', 1) ON CONFLICT DO UPDATE SET value = value + 1",
    [JT_SQLITE_GET] = SELECT("?4") KEY,
    [JT_SQLITE_FENCE] = "SELECT version, fence FROM row WHERE " KEY,
    [JT_SQLITE_INSERT] =
        "INSERT INTO row (" JT_SQLITE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7 + 1, ?8, ?9, ?10, ?11,"
        " ?12, ?13, ?14, ?15, ?16) ON CONFLICT DO NOTHING",
    [JT_SQLITE_UPDATE] = "UPDATE row SET shard = ?4, state = ?5, flags = ?6, version = ?7 + 1, fence = max(fence, ?8),"
                         " expires_at = ?9, due_at = ?10, failed_at = ?11, retry_at = ?12, failures = ?13,"
                         " failure_status = ?14, config_digest = ?15, blob = ?16"
                         " WHERE " KEY " AND version = ?7 AND (?8 = 0 OR fence <= ?8)",
    [JT_SQLITE_REMOVE] = "DELETE FROM row WHERE " KEY " AND version = ?4 AND (?5 = 0 OR fence <= ?5)",
    [JT_SQLITE_SCAN] = SELECT("?5") "kind = ?1 AND (name, variant) > (?2, ?3) ORDER BY name, variant LIMIT ?4",
    [JT_SQLITE_DUE] =
        SELECT("?4") "kind = ?1 AND due_at <= ?2 AND due_at < " NEVER " ORDER BY due_at, name, variant LIMIT ?3",
    [JT_SQLITE_CLAIM] = "UPDATE row SET due_at = ?4 WHERE " KEY " AND due_at = ?5 AND version = ?6",
};
int jt_sqlite_prepare(struct jt_sqlite_conn *conn, unsigned which, sqlite3_stmt **ret_stmt)
{
    if (conn->stmts[which] == NULL &&
        sqlite3_prepare_v3(conn->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, &conn->stmts[which], NULL) != SQLITE_OK)
        return jt_sqlite_fail(conn);
    *ret_stmt = conn->stmts[which];
    return JETON_OK;
}

void jt_sqlite_reset(sqlite3_stmt **stmt)
{
    if (*stmt == NULL)
        return;
    (void)sqlite3_reset(*stmt);
    (void)sqlite3_clear_bindings(*stmt);
}

int jt_sqlite_run(struct jt_sqlite_conn *conn, unsigned which)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_sqlite_prepare(conn, which, &stmt);

    if (status == JETON_OK && sqlite3_step(stmt) != SQLITE_DONE)
        status = jt_sqlite_fail(conn);
    return status;
}

int jt_sqlite_exec(struct jt_sqlite_conn *conn, const char *text)
{
    return sqlite3_exec(conn->db, text, NULL, NULL, NULL) == SQLITE_OK ? JETON_OK : jt_sqlite_fail(conn);
}

static const char *text_of(sqlite3_value *value)
{
    const void *text = sqlite3_value_text(value);

    return text != NULL ? text : "";
}

struct jeton_row jt_sqlite_row(sqlite3_value **values)
{
    const void *blob = sqlite3_value_blob(values[15]);

    /* SQLite returns NULL for a blob of no bytes. */
    if (blob == NULL && sqlite3_value_type(values[15]) == SQLITE_BLOB)
        blob = "";
    return (struct jeton_row){
        .struct_size = sizeof(struct jeton_row),
        .key = {.kind = (uint32_t)sqlite3_value_int64(values[0]),
                .name = text_of(values[1]),
                .variant = text_of(values[2]),
                .shard = (uint32_t)sqlite3_value_int64(values[3])},
        .state = (uint32_t)sqlite3_value_int64(values[4]),
        .flags = (uint32_t)sqlite3_value_int64(values[5]),
        .version = sqlite3_value_int64(values[6]),
        .fence = sqlite3_value_int64(values[7]),
        .expires_at = sqlite3_value_int64(values[8]),
        .due_at = sqlite3_value_int64(values[9]),
        .failed_at = sqlite3_value_int64(values[10]),
        .retry_at = sqlite3_value_int64(values[11]),
        .failures = (int32_t)sqlite3_value_int64(values[12]),
        .failure_status = (int32_t)sqlite3_value_int64(values[13]),
        .config_digest = (uint64_t)sqlite3_value_int64(values[14]),
        .blob = blob,
        .blob_len = blob != NULL ? (size_t)sqlite3_value_bytes(values[15]) : 0,
    };
}

static struct jeton_row row_in(sqlite3_stmt *stmt)
{
    sqlite3_value *values[JT_SQLITE_COLUMNS_LEN];

    for (int i = 0; i < JT_SQLITE_COLUMNS_LEN; i++)
        values[i] = sqlite3_column_value(stmt, i);
    return jt_sqlite_row(values);
}

/* Prepares the statement with the key as its first three values. */
static int prepare_key(struct jt_sqlite_conn *conn, unsigned which, uint32_t kind, const char *name,
                       const char *variant, sqlite3_stmt **ret_stmt)
{
    int status = jt_sqlite_prepare(conn, which, ret_stmt);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_int64(*ret_stmt, 1, kind);
    (void)sqlite3_bind_text(*ret_stmt, 2, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(*ret_stmt, 3, variant, -1, SQLITE_STATIC);
    return JETON_OK;
}

static int prepare_for(struct jt_sqlite_conn *conn, unsigned which, const struct jeton_row_key *key,
                       sqlite3_stmt **ret_stmt)
{
    return prepare_key(conn, which, key->kind, key->name, key->variant, ret_stmt);
}

static int prepare_due(struct jt_sqlite_conn *conn, uint32_t kind, int64_t now, size_t limit, uint32_t flags,
                       sqlite3_stmt **ret_stmt)
{
    int status = jt_sqlite_prepare(conn, JT_SQLITE_DUE, ret_stmt);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_int64(*ret_stmt, 1, kind);
    (void)sqlite3_bind_int64(*ret_stmt, 2, now);
    (void)sqlite3_bind_int64(*ret_stmt, 3, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    (void)sqlite3_bind_int64(*ret_stmt, 4, flags & JETON_STORE_BLOBS);
    return JETON_OK;
}

/* Steps the statement. *ret_row false: there is no (further) row. */
static int step_row(struct jt_sqlite_conn *conn, sqlite3_stmt *stmt, bool *ret_row)
{
    int code = sqlite3_step(stmt);

    *ret_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? JETON_OK : jt_sqlite_fail(conn);
}

/* Runs a statement that changes a row if its condition holds. *ret_done: it did. */
static int step_change(struct jt_sqlite_conn *conn, sqlite3_stmt *stmt, bool *ret_done)
{
    if (sqlite3_step(stmt) != SQLITE_DONE)
        return jt_sqlite_fail(conn);
    *ret_done = sqlite3_changes(conn->db) == 1;
    return JETON_OK;
}

void jt_sqlite_limits(void *store, struct jeton_store_limits *ret_limits)
{
    (void)store;
    *ret_limits = (struct jeton_store_limits){.struct_size = sizeof(*ret_limits), .blob = BLOB_MAX};
}

static int get_one(struct jt_sqlite_conn *conn, uint32_t flags, struct jeton_row *row, jeton_store_visit visit,
                   void *data, size_t index, bool *ret_stop)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    bool there;
    int status = prepare_for(conn, JT_SQLITE_GET, &row->key, &stmt);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_int64(stmt, 4, flags & JETON_STORE_BLOBS);
    status = step_row(conn, stmt, &there);
    if (status != JETON_OK)
        return status;
    if (there)
        *row = row_in(stmt);
    *ret_stop = visit(data, index, row) != 0;
    return JETON_OK;
}

int jt_sqlite_get(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count, uint32_t flags,
                  jeton_store_visit visit, void *data)
{
    AUTO_CONN struct jt_sqlite_conn *conn = NULL;
    bool stop = false;
    int status = jt_sqlite_take(store, call, false, &conn);

    if (status == JETON_OK && conn != NULL && count > 1)
        status = jt_sqlite_run(conn, JT_SQLITE_BEGIN_READ);
    for (size_t i = 0; status == JETON_OK && i < count && !stop; i++) {
        struct jeton_row row = {.struct_size = sizeof(row), .key = keys[i]};

        if (conn == NULL)
            stop = visit(data, i, &row) != 0;
        else
            status = get_one(conn, flags, &row, visit, data, i, &stop);
    }
    if (status == JETON_OK)
        jt_sqlite_numbers_check(store, call);
    return status;
}

/* Calls visit for each row of the statement. */
static int visit_rows(struct jt_sqlite_conn *conn, sqlite3_stmt *stmt, jeton_store_visit visit, void *data)
{
    bool there = true;
    int status = step_row(conn, stmt, &there);

    for (size_t index = 0; status == JETON_OK && there; index++) {
        const struct jeton_row row = row_in(stmt);

        if (visit(data, index, &row) != 0)
            return JETON_OK;
        status = step_row(conn, stmt, &there);
    }
    return status;
}

int jt_sqlite_scan(void *store, jeton_store_call *call, uint32_t kind, const char *after_name,
                   const char *after_variant, size_t limit, uint32_t flags, jeton_store_visit visit, void *data)
{
    AUTO_CONN struct jt_sqlite_conn *conn = NULL;
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_sqlite_take(store, call, false, &conn);

    if (status == JETON_OK && conn != NULL)
        status = prepare_key(conn, JT_SQLITE_SCAN, kind, after_name, after_variant, &stmt);
    if (stmt == NULL)
        return status;
    (void)sqlite3_bind_int64(stmt, 4, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    (void)sqlite3_bind_int64(stmt, 5, flags & JETON_STORE_BLOBS);
    return visit_rows(conn, stmt, visit, data);
}

int jt_sqlite_due(void *store, jeton_store_call *call, uint32_t kind, int64_t now, size_t limit, uint32_t flags,
                  jeton_store_visit visit, void *data)
{
    AUTO_CONN struct jt_sqlite_conn *conn = NULL;
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_sqlite_take(store, call, false, &conn);

    if (status == JETON_OK && conn != NULL)
        status = prepare_due(conn, kind, now, limit, flags, &stmt);
    return stmt != NULL ? visit_rows(conn, stmt, visit, data) : status;
}

/* Sets due_at if the row is still as it was read. *ret_done false: another process or thread has claimed or written
 * it. */
static int claim_row(struct jt_sqlite_store *store, jeton_store_call *call, const struct jeton_row *row, int64_t until,
                     bool *ret_done)
{
    AUTO_WRITER struct jt_sqlite_conn *conn = NULL;
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_sqlite_begin(store, call, 0, &conn);

    if (status == JETON_OK)
        status = prepare_for(conn, JT_SQLITE_CLAIM, &row->key, &stmt);
    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_int64(stmt, 4, until);
    (void)sqlite3_bind_int64(stmt, 5, row->due_at);
    (void)sqlite3_bind_int64(stmt, 6, row->version);
    status = step_change(conn, stmt, ret_done);
    return status == JETON_OK && *ret_done ? jt_sqlite_run(conn, JT_SQLITE_COMMIT) : status;
}

/* Reads the due rows as of one moment, then claims each in a transaction of its own just before it is visited. So
 * exactly the visited rows are claimed, whatever the visitor returns and whenever the process ends. */
int jt_sqlite_claim(void *store, jeton_store_call *call, uint32_t kind, int64_t now, int64_t until, size_t limit,
                    uint32_t flags, jeton_store_visit visit, void *data)
{
    AUTO_CONN struct jt_sqlite_conn *conn = NULL;
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    size_t index = 0;
    bool more = limit > 0;
    int status = jt_sqlite_take(store, call, false, &conn);

    if (status == JETON_OK && conn != NULL)
        status = prepare_due(conn, kind, now, SIZE_MAX, flags, &stmt);
    while (status == JETON_OK && stmt != NULL && more) {
        struct jeton_row row;
        bool done = false;

        status = step_row(conn, stmt, &more);
        if (status != JETON_OK || !more)
            break;
        row = row_in(stmt);
        status = claim_row(store, call, &row, until, &done);
        row.due_at = until;
        if (status == JETON_OK && done)
            more = visit(data, index++, &row) == 0 && index < limit;
    }
    /* Rows were visited, so the call succeeds; if the error persists, the next call returns it. */
    return index > 0 ? JETON_OK : status;
}

int jt_sqlite_fence(struct jt_sqlite_conn *conn, const struct jeton_row_key *key, int64_t *ret_version,
                    int64_t *ret_fence)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    bool there;
    int status = prepare_for(conn, JT_SQLITE_FENCE, key, &stmt);

    if (status == JETON_OK)
        status = step_row(conn, stmt, &there);
    if (status != JETON_OK)
        return status;
    *ret_version = there ? sqlite3_column_int64(stmt, 0) : 0;
    *ret_fence = there ? sqlite3_column_int64(stmt, 1) : 0;
    return JETON_OK;
}

static int change_put(struct jt_sqlite_conn *conn, const struct jeton_row *row, int64_t expected_version,
                      bool *ret_done)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = prepare_for(conn, expected_version == 0 ? JT_SQLITE_INSERT : JT_SQLITE_UPDATE, &row->key, &stmt);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_int64(stmt, 4, row->key.shard);
    (void)sqlite3_bind_int64(stmt, 5, row->state);
    (void)sqlite3_bind_int64(stmt, 6, row->flags);
    (void)sqlite3_bind_int64(stmt, 7, expected_version);
    (void)sqlite3_bind_int64(stmt, 8, row->fence);
    (void)sqlite3_bind_int64(stmt, 9, row->expires_at);
    (void)sqlite3_bind_int64(stmt, 10, row->due_at);
    (void)sqlite3_bind_int64(stmt, 11, row->failed_at);
    (void)sqlite3_bind_int64(stmt, 12, row->retry_at);
    (void)sqlite3_bind_int64(stmt, 13, row->failures);
    (void)sqlite3_bind_int64(stmt, 14, row->failure_status);
    (void)sqlite3_bind_int64(stmt, 15, (int64_t)row->config_digest);
    (void)sqlite3_bind_blob64(stmt, 16, row->blob, row->blob_len, SQLITE_STATIC);
    return step_change(conn, stmt, ret_done);
}

static int change_remove(struct jt_sqlite_conn *conn, const struct jeton_row *row, int64_t expected_version,
                         bool *ret_done)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = prepare_for(conn, JT_SQLITE_REMOVE, &row->key, &stmt);

    if (status != JETON_OK)
        return status;
    (void)sqlite3_bind_int64(stmt, 4, expected_version);
    (void)sqlite3_bind_int64(stmt, 5, row->fence);
    return step_change(conn, stmt, ret_done);
}

static int change_check(struct jt_sqlite_conn *conn, const struct jeton_row *row, int64_t expected_version,
                        bool *ret_done)
{
    int64_t version, fence;
    int status = jt_sqlite_fence(conn, &row->key, &version, &fence);

    if (status == JETON_OK)
        *ret_done = version == expected_version && (row->fence == 0 || fence <= row->fence);
    return status;
}

static bool change_is_sound(const struct jeton_store_change *change)
{
    return change->expected_version >= 0 && change->expected_version < INT64_MAX && change->what >= JETON_STORE_PUT &&
           change->what <= JETON_STORE_CHECK && (change->what != JETON_STORE_PUT || change->row.blob_len <= BLOB_MAX);
}

int jt_sqlite_change(struct jt_sqlite_conn *conn, const struct jeton_store_change *change,
                     struct jt_sqlite_shards *shards, bool *ret_done)
{
    const struct jeton_row *row = &change->row;
    const int64_t expected = change->expected_version;

    if (!change_is_sound(change))
        return conn->store->host->fail(conn->call, JETON_INTERNAL,
                                       "%s: no change can be %u, of version %lld, with a blob of %zu bytes",
                                       jt_sqlite_place(conn->store), change->what, (long long)expected, row->blob_len);
    /* Removing a row with expected version 0 means checking that there is none. */
    if (change->what == JETON_STORE_CHECK || (change->what == JETON_STORE_REMOVE && expected == 0))
        return change_check(conn, row, expected, ret_done);
    shards->bits[row->key.shard % JETON_STORE_SHARDS / 64] |= UINT64_C(1) << row->key.shard % 64;
    return change->what == JETON_STORE_PUT ? change_put(conn, row, expected, ret_done)
                                           : change_remove(conn, row, expected, ret_done);
}

int jt_sqlite_commit(struct jt_sqlite_conn *conn, struct jt_sqlite_shards *shards)
{
    int status;

    jt_sqlite_numbers_mark(conn->store, conn->call, shards);
    status = jt_sqlite_run(conn, JT_SQLITE_COMMIT);
    jt_sqlite_numbers_change(conn->store, shards);
    return status;
}

int jt_sqlite_write(void *store, jeton_store_call *call, uint32_t flags, jeton_store_next next, void *data,
                    int *ret_done)
{
    AUTO_WRITER struct jt_sqlite_conn *conn = NULL;
    struct jt_sqlite_shards shards = {.all = false};
    int more = 1, status = jt_sqlite_begin(store, call, flags, &conn);
    bool done = true;

    while (status == JETON_OK && done) {
        struct jeton_store_change change = {.struct_size = sizeof(change), .row.struct_size = sizeof(change.row)};

        status = next(data, &change, &more);
        if (status != JETON_OK || !more)
            break;
        status = jt_sqlite_change(conn, &change, &shards, &done);
    }
    if (status == JETON_OK && done)
        status = jt_sqlite_commit(conn, &shards);
    if (status == JETON_OK)
        *ret_done = done;
    return status;
}
