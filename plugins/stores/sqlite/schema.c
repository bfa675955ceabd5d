/* SPDX-License-Identifier: MIT */
/* The tables of a store and the way from each of their versions to the next. It never changes a store that is newer
 * than it knows, or one that is not a store of jeton's. */
#include "sqlite.h"

#include <string.h>

/* A new version is one more entry. An entry that was released stays as it is: stores of its age still come by. A
 * running process of the older version may hold the store open while a newer one migrates it, so a step may add columns
 * with defaults, tables and indexes, and nothing else. */
const struct jt_store_step jt_store_schema_steps[] = {
    {"CREATE TABLE token ("
     " name TEXT NOT NULL, variant TEXT NOT NULL, shard INTEGER NOT NULL, state INTEGER NOT NULL,"
     " flags INTEGER NOT NULL, version INTEGER NOT NULL CHECK (version > 0), fence INTEGER NOT NULL,"
     " expires_at INTEGER NOT NULL, due_at INTEGER NOT NULL, failed_at INTEGER NOT NULL, retry_at INTEGER NOT NULL,"
     " failures INTEGER NOT NULL, failure_status INTEGER NOT NULL, failure TEXT, config_digest INTEGER NOT NULL,"
     " blob BLOB, PRIMARY KEY (name, variant)) WITHOUT ROWID, STRICT;"
     "CREATE INDEX token_due ON token (due_at) WHERE due_at < 9223372036854775807;"
     "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;"},
};
const int jt_store_schema_version = (int)JT_LEN(jt_store_schema_steps);

static int schema_number(sqlite3 *db, const char *path, const char *sql, int64_t *ret_number, struct jt_why *why)
{
    sqlite3_stmt *stmt = NULL;
    int status = JETON_OK;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
        status = jt_store_conn_fail(db, path, why);
    else
        *ret_number = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return status;
}

static int schema_exec(sqlite3 *db, const char *path, const char *sql, struct jt_why *why)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? JETON_OK : jt_store_conn_fail(db, path, why);
}

struct schema_numbers {
    int64_t application, version, tables;
};

static int schema_look(sqlite3 *db, const char *path, struct schema_numbers *numbers, struct jt_why *why)
{
    int status = schema_number(db, path, "PRAGMA application_id", &numbers->application, why);

    if (status == JETON_OK)
        status = schema_number(db, path, "PRAGMA user_version", &numbers->version, why);
    if (status == JETON_OK && numbers->version == 0)
        status = schema_number(db, path, "SELECT count(*) FROM sqlite_schema", &numbers->tables, why);
    return status;
}

/* All of one moment: another process may be making the store between two questions. */
static int schema_look_again(sqlite3 *db, const char *path, struct schema_numbers *numbers, struct jt_why *why)
{
    int status = schema_exec(db, path, "BEGIN", why);

    *numbers = (struct schema_numbers){0};
    if (status == JETON_OK)
        status = schema_look(db, path, numbers, why);
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return status;
}

int jt_store_schema_read(sqlite3 *db, const char *path, int known, int *ret_version, bool *ret_empty,
                         struct jt_why *why)
{
    struct schema_numbers numbers = {0};
    int status = schema_look(db, path, &numbers, why);

    if (status == JETON_OK && numbers.application != JT_STORE_APPLICATION_ID && sqlite3_get_autocommit(db))
        status = schema_look_again(db, path, &numbers, why);
    if (status != JETON_OK)
        return status;
    if (numbers.application != JT_STORE_APPLICATION_ID &&
        (numbers.application != 0 || numbers.version != 0 || numbers.tables != 0))
        return jt_store_say(
            why, JETON_CONFIG,
            "%s is an SQLite database of another program (application id 0x%08llx): correct `store.path` in "
            "jeton.conf",
            path, (unsigned long long)numbers.application & 0xffffffffu);
    if (numbers.version > known)
        return jt_store_say(
            why, JETON_CONFIG,
            "%s was written by a newer jeton (store version %lld, this one knows %d); nothing was changed: "
            "install that jeton again, or name another file as `store.path`",
            path, (long long)numbers.version, known);
    if (numbers.version < 0)
        return jt_store_say(why, JETON_CONFIG, "%s is damaged (store version %lld): restore it from a backup", path,
                            (long long)numbers.version);
    *ret_version = (int)numbers.version;
    *ret_empty = numbers.version == 0 && numbers.tables == 0;
    return JETON_OK;
}

static int schema_climb(sqlite3 *db, const char *path, const struct jt_store_step *steps, int known, struct jt_why *why)
{
    char pragma[96];
    bool empty;
    int version = 0;
    /* Read again inside the transaction: another process may have been faster. */
    int status = jt_store_schema_read(db, path, known, &version, &empty, why);

    for (; status == JETON_OK && version < known; version++)
        status = schema_exec(db, path, steps[version].sql, why);
    if (status != JETON_OK)
        return status;
    (void)sqlite3_snprintf((int)sizeof(pragma), pragma, "PRAGMA user_version = %d; PRAGMA application_id = %d", known,
                           JT_STORE_APPLICATION_ID);
    return schema_exec(db, path, pragma, why);
}

/* WAL is a property of the file; it has to be set once, and outside of a transaction. */
static int schema_use_wal(sqlite3 *db, const char *path, struct jt_why *why)
{
    sqlite3_stmt *stmt = NULL;
    int status = JETON_OK;

    if (sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        status = jt_store_conn_fail(db, path, why);
    else if (sqlite3_stricmp((const char *)sqlite3_column_text(stmt, 0), "wal") != 0)
        status =
            jt_store_say(why, JETON_CONFIG,
                         "%s: its file system cannot share memory between processes, which the store needs: name a "
                         "file on a local disk as `store.path` in jeton.conf",
                         path);
    (void)sqlite3_finalize(stmt);
    return status;
}

int jt_store_schema_migrate(sqlite3 *db, const char *path, const struct jt_store_step *steps, int known,
                            struct jt_why *why)
{
    bool empty;
    int version;
    int status = jt_store_schema_read(db, path, known, &version, &empty, why);

    if (status == JETON_OK && version == known)
        return JETON_OK;
    if (status == JETON_OK && version == 0)
        status = schema_use_wal(db, path, why);
    if (status == JETON_OK)
        status = schema_exec(db, path, "BEGIN IMMEDIATE", why);
    if (status != JETON_OK)
        return status;
    status = schema_climb(db, path, steps, known, why);
    if (status == JETON_OK)
        status = schema_exec(db, path, "COMMIT", why);
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
