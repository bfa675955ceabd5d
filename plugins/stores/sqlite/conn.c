/* SPDX-License-Identifier: MIT */
/* Connections to the database: opening and closing, their prepared statements, and what SQLite's refusals mean. It
 * never changes SQLite's process-wide configuration, which belongs to the program. */
#include "sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define CONN_BUSY_MS 5000
#define CONN_ROW_MAX (32 * 1024 * 1024)
/* Whoever opens a store that nobody else has open reads the whole log first: it is emptied when a writer closes and it
 * is longer. Reading its most, four megabytes, takes one or two milliseconds; giving the blocks back to a file system
 * that is busy with other files' commits takes up to a hundred, which is not for a reader to wait for. */
#define CONN_WAL_KEEP (32 * 1024)

#define ROW_COLUMNS                                                                                                    \
    "name, variant, shard, state, flags, version, fence, expires_at, due_at, failed_at, retry_at, failures, "          \
    "failure_status, failure, config_digest"

/* The store may have been given another key since the row was sealed. */
#define KEY_FITS "(?17 IS NULL OR ?17 = (SELECT CAST(value AS BLOB) FROM meta WHERE key = 'key_check'))"

static const char *const conn_sql[JT_STMTS] = {
    [JT_STMT_GET] = "SELECT " ROW_COLUMNS ", blob FROM token WHERE name = ?1 AND variant = ?2",
    [JT_STMT_INSERT] =
        "INSERT INTO token (" ROW_COLUMNS ", blob) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14, ?15, ?16 WHERE " KEY_FITS " ON CONFLICT DO NOTHING",
    [JT_STMT_UPDATE] =
        "UPDATE token SET shard = ?3, state = ?4, flags = ?5, version = ?6, fence = ?7, expires_at = ?8,"
        " due_at = ?9, failed_at = ?10, retry_at = ?11, failures = ?12, failure_status = ?13, failure = ?14,"
        " config_digest = ?15, blob = ?16"
        " WHERE name = ?1 AND variant = ?2 AND version = ?6 - 1 AND fence <= ?7 AND " KEY_FITS,
    [JT_STMT_REMOVE] = "DELETE FROM token WHERE name = ?1 AND variant = ?2 AND version = ?3",
    [JT_STMT_SCAN] =
        "SELECT " ROW_COLUMNS " FROM token WHERE (name, variant) > (?1, ?2) ORDER BY name, variant LIMIT ?3",
    [JT_STMT_SCAN_DUE] = "SELECT " ROW_COLUMNS " FROM token WHERE due_at <= ?1 AND due_at < 9223372036854775807"
                         " ORDER BY due_at, name, variant LIMIT ?2",
    [JT_STMT_SCAN_BLOB] =
        "SELECT " ROW_COLUMNS ", blob FROM token WHERE (name, variant) > (?1, ?2) AND blob IS NOT NULL"
        " ORDER BY name, variant LIMIT 1",
    [JT_STMT_RESEAL] = "UPDATE token SET blob = ?3 WHERE name = ?1 AND variant = ?2",
    [JT_STMT_META_GET] = "SELECT value FROM meta WHERE key = ?1",
    [JT_STMT_META_PUT] =
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
    [JT_STMT_DATA_VERSION] = "PRAGMA data_version",
    [JT_STMT_BEGIN] = "BEGIN IMMEDIATE",
    [JT_STMT_BEGIN_READ] = "BEGIN",
    [JT_STMT_COMMIT] = "COMMIT",
};

static bool is_full(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static int conn_fail_full(const char *path, struct jt_why *why)
{
    return jt_store_say(
        why, JETON_TRY_LATER,
        "%s: the disk, the quota or the file size limit is full: free some space; what was stored before is "
        "safe",
        path);
}

static int conn_fail_open(const char *path, int error, struct jt_why *why)
{
    struct statvfs fs;

    if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0)
        return jt_store_say(why, JETON_NOT_PERMITTED, "%s: the file system is mounted read-only: mount it for writing",
                            path);
    if (error == EMFILE || error == ENFILE)
        return jt_store_say(why, JETON_TRY_LATER, "%s: too many files are open (ulimit -n)", path);
    if (is_full(error))
        return conn_fail_full(path, why);
    return jt_store_say(
        why, JETON_NOT_PERMITTED,
        "%s: this user may not write it, or not create files beside it: run jeton as the store's owner, or "
        "correct the permissions of the file and its directory",
        path);
}

/* A commit that fails does not fill in sqlite3_system_errno, but the log's file remembers. */
static int conn_log_errno(sqlite3 *db)
{
    sqlite3_file *log = NULL;
    int error = 0;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || log == NULL ||
        log->pMethods == NULL || log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error) != SQLITE_OK)
        return 0;
    return error;
}

int jt_store_conn_fail(sqlite3 *db, const char *path, struct jt_why *why)
{
    int code = sqlite3_extended_errcode(db);
    int error = sqlite3_system_errno(db);

    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return jt_store_say(
            why, JETON_CONFIG,
            "%s is not a jeton store (no SQLite database): correct `store.path` in jeton.conf, or move the "
            "file away and run `jeton init`",
            path);
    case SQLITE_CORRUPT:
        return jt_store_say(
            why, JETON_CONFIG,
            "%s is damaged (%s): restore it from a backup, or save what `sqlite3 %s .recover` still reads, or "
            "move it away and run `jeton init`",
            path, sqlite3_errmsg(db), path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return jt_store_say(why, JETON_TRY_LATER, "%s: another process has kept the store locked for %d s: try again",
                            path, CONN_BUSY_MS / 1000);
    case SQLITE_FULL:
        return conn_fail_full(path, why);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return conn_fail_open(path, error, why);
    case SQLITE_NOMEM:
        return jt_store_say(why, JETON_TRY_LATER, "%s: out of memory", path);
    case SQLITE_IOERR:
        if (error == 0)
            error = conn_log_errno(db);
        if (is_full(error))
            return conn_fail_full(path, why);
        return jt_store_say(why, JETON_TRY_LATER, "%s: the disk gave an error (%s%s%s): look at the kernel's log", path,
                            sqlite3_errmsg(db), error != 0 ? ", " : "", error != 0 ? strerror(error) : "");
    default:
        return jt_store_say(why, JETON_INTERNAL, "%s: SQLite says: %s (%d)", path, sqlite3_errmsg(db), code);
    }
}

bool jt_store_conn_empties_log(struct jt_store_sqlite *store, const char *path)
{
    return atomic_load(&store->wrote) && jt_store_files_len(path, "-wal") > CONN_WAL_KEEP;
}

void jt_store_conn_close(struct jt_store_conn **conn)
{
    struct jt_store_conn *mine = jt_take(conn);
    const char *path;

    if (mine == NULL)
        return;
    for (int i = 0; i < JT_STMTS; i++)
        (void)sqlite3_finalize(mine->stmts[i]);
    path = mine->db != NULL ? sqlite3_db_filename(mine->db, "main") : NULL;
    if (path != NULL && (mine->foreign || !jt_store_conn_empties_log(mine->store, path)))
        (void)sqlite3_db_config(mine->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    else if (path != NULL)
        (void)sqlite3_exec(mine->db, "PRAGMA journal_size_limit = 0", NULL, NULL, NULL);
    (void)sqlite3_close(mine->db);
    free(mine);
}

static int conn_configure(sqlite3 *db)
{
    int persist = 1;

    (void)sqlite3_extended_result_codes(db, 1);
    (void)sqlite3_busy_timeout(db, CONN_BUSY_MS);
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, CONN_ROW_MAX);
    /* A database that somebody prepared runs nothing of its own here. */
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* The log stays when it is empty: the next process to open the store does not have to create it. */
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
}

int jt_store_conn_open(struct jt_store_sqlite *store, const char *path, bool create, struct jt_store_conn **ret_conn,
                       struct jt_why *why)
{
    JT_CLEANUP(jt_store_conn_close) struct jt_store_conn *conn = NULL;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE;
    JT_AUTO_ERROR jeton_error *error = NULL;
    bool empty;
    int version, status = jt_sqlite_load(&error);

    if (status != JETON_OK)
        return jt_store_say(why, status, "%s: %s", path, jeton_error_message(error));
    if ((conn = calloc(1, sizeof(*conn))) == NULL)
        return jt_store_say(why, JETON_TRY_LATER, "%s: out of memory", path);
    conn->store = store;
    conn->durability = UINT32_MAX; /* not known: how SQLite was built decides what it begins with */
    if (sqlite3_open_v2(path, &conn->db, flags, NULL) != SQLITE_OK)
        return jt_store_conn_fail(conn->db, path, why);
    (void)conn_configure(conn->db);
    status = jt_store_schema_read(conn->db, path, jt_store_schema_version, &version, &empty, why);
    if (status != JETON_OK)
        return status;
    if (empty && !create)
        return JETON_OK;
    if (version < jt_store_schema_version)
        status = jt_store_schema_migrate(conn->db, path, jt_store_schema_steps, jt_store_schema_version, why);
    if (status == JETON_OK)
        *ret_conn = jt_take(&conn);
    return status;
}

const char *jt_store_conn_path(struct jt_store_sqlite *store)
{
    char *path = atomic_load_explicit(&store->path, memory_order_acquire);
    char *expected = NULL;
    char text[512];

    if (path != NULL || jt_store_files_locate(store->location, &path, JT_WHY(text, sizeof(text))) != JETON_OK ||
        path == NULL)
        return path;
    if (atomic_compare_exchange_strong(&store->path, &expected, path))
        return path;
    free(path);
    return expected;
}

int jt_store_conn_prepare(struct jt_store_conn *conn, enum jt_store_stmt which, sqlite3_stmt **ret_stmt,
                          struct jt_why *why)
{
    if (conn->stmts[which] == NULL && sqlite3_prepare_v3(conn->db, conn_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                                         &conn->stmts[which], NULL) != SQLITE_OK)
        return jt_store_conn_fail(conn->db, sqlite3_db_filename(conn->db, "main"), why);
    *ret_stmt = conn->stmts[which];
    return JETON_OK;
}

void jt_store_conn_reset(sqlite3_stmt **stmt)
{
    if (*stmt == NULL)
        return;
    (void)sqlite3_reset(*stmt);
    (void)sqlite3_clear_bindings(*stmt);
}

int jt_store_conn_run(struct jt_store_conn *conn, enum jt_store_stmt which, struct jt_why *why)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_conn_prepare(conn, which, &stmt, why);

    if (status == JETON_OK && sqlite3_step(stmt) != SQLITE_DONE)
        status = jt_store_conn_fail(conn->db, sqlite3_db_filename(conn->db, "main"), why);
    return status;
}

int jt_store_conn_exec(struct jt_store_conn *conn, const char *sql, struct jt_why *why)
{
    return sqlite3_exec(conn->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? JETON_OK
               : jt_store_conn_fail(conn->db, sqlite3_db_filename(conn->db, "main"), why);
}
