/* SPDX-License-Identifier: MIT */
/*
 * The SQLite engine: one store in one database file, for the processes of one machine. It is used when no other
 * engine is named.
 *
 * FILES
 *
 *     tokens.db         the database, in WAL mode. Table `row` has the rows of
 *                       all kinds, by kind, name and variant; an index has
 *                       the rows with a due_at. Table `engine` has a counter,
 *                       which prove_writable raises.
 *     tokens.db-wal     the log: what was committed, but is not in the database
 *                       file yet
 *     tokens.db-shm     SQLite's index of the log
 *     tokens.db-lease   empty; the holder of a lease locks one byte of it
 *     tokens.db-gen     one number for each shard and one for all shards; every
 *                       reader maps it
 *
 * The host decides who may own and write these files. All are made with mode 0600. The last two may be deleted at any
 * time: a new one is made, and a process that still has the old one open notices by its inode. They may not be cut
 * short: a process that has mapped -gen would be killed (SIGBUS).
 *
 * WHO READS AND WRITES
 *
 * A store keeps up to eight idle connections. A reader takes one, or opens a new one, and waits for nobody. A writer
 * waits for its turn among the threads of its process, takes a connection, and waits in BEGIN IMMEDIATE for writers
 * in other processes, trying again after short pauses. A connection whose file was replaced or emptied is closed at
 * its next use.
 *
 * A write is one transaction. The numbers of its shards change before and after its commit (see numbers.c). A reader
 * reads the number first, then the row. A durable commit is synced to disk at once; any other commit reaches the disk
 * with the next durable one.
 *
 * LOCKS, IN THE ORDER IN WHICH THEY ARE TAKEN
 *
 *     1. a lease: the queue of this process's threads, then the byte in -lease
 *     2. the turn to write, among this process's threads
 *     3. SQLite's lock of all writers
 *     4. the engine's mutex, over the lists, queues and turns of all stores of
 *        the process. It is held briefly; no thread waits while it holds it.
 *
 * WHEN SOMETHING DIES
 *
 * A killed writer may leave an unfinished transaction in the log; readers skip it. It may also leave marked numbers;
 * readers then cache no rows of these shards until the next write to them. The kernel releases the file locks of a
 * dead process.
 *
 * WHEN THE PROCESS FORKS
 *
 * The locks on -lease belong to the open file, which a child shares. The child closes it at once: otherwise it would
 * keep the leases of a killed parent. SQLite in the child believes that it holds the locks of its parent's
 * connections, so the child closes those before it first uses the store. SQLite's mutexes do not survive a fork, so
 * the fork waits until no other thread is inside SQLite.
 *
 * SCHEMA
 *
 * PRAGMA user_version is the version of the schema, and application_id says that the database is a store at all.
 * Version 1 had tokens only. A store of version 1 is upgraded when it is opened, in one transaction, under a lock on
 * all bytes of -lease. So no program that knows only version 1 is in the middle of a renewal, whose answer it could
 * not store. From then on such a program refuses the store because of its version. It may still have copies of rows,
 * in memory and in tokens.db-recent; so the upgrade also changes the numbers, which makes the copies in memory
 * invalid, and removes that file.
 */
#include "sqlite.h"

#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID INT64_C(0x6a65746f) /* "jeto" */
#define SCHEMA_VERSION 2
/* How long a finished rewrite waits for readers that still need the log. */
#define SCRUB_WAIT_MS 5000
#define SQLITE_MIN    3037000 /* the first with STRICT tables */

#define TABLES                                                                                                         \
    "CREATE TABLE row (kind INTEGER NOT NULL, name TEXT NOT NULL, variant TEXT NOT NULL, shard INTEGER NOT NULL,"      \
    " state INTEGER NOT NULL, flags INTEGER NOT NULL, version INTEGER NOT NULL CHECK (version > 0),"                   \
    " fence INTEGER NOT NULL, expires_at INTEGER NOT NULL, due_at INTEGER NOT NULL, failed_at INTEGER NOT NULL,"       \
    " retry_at INTEGER NOT NULL, failures INTEGER NOT NULL, failure_status INTEGER NOT NULL,"                          \
    " config_digest INTEGER NOT NULL, blob BLOB, PRIMARY KEY (kind, name, variant)) WITHOUT ROWID, STRICT;"            \
    "CREATE TABLE engine (key TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
#define INDEXES "CREATE INDEX row_due ON row (kind, due_at) WHERE due_at < 9223372036854775807;"

/* The statements that bring a store from each version to the present one. 771 is the library's shard of ("key_check",
 * ""). */
static const char *const schema_steps[SCHEMA_VERSION] = {
    TABLES INDEXES,
    TABLES
    "INSERT INTO row SELECT 1, name, variant, shard, state, flags, version, fence, expires_at, due_at, failed_at,"
    " retry_at, failures, failure_status, config_digest, blob FROM token ORDER BY name, variant;"
    "INSERT INTO row SELECT 6, key, '', 771, 0, 0, 1, 0, 9223372036854775807, 9223372036854775807, 0, 0, 0, 0, 0,"
    " CAST(value AS BLOB) FROM meta WHERE key = 'key_check' AND length(value) > 0;"
    "DROP TABLE token; DROP TABLE meta;" INDEXES,
};
_Static_assert(JETON_KIND_TOKEN == 1 && JETON_KIND_STORE == 6, "as in the SQL of this file");

struct schema {
    int64_t numbers[3];
    size_t count;
};
#define SCHEMA_NUMBERS "PRAGMA application_id; PRAGMA user_version; PRAGMA schema_version;"

static int schema_number(void *data, int count, char **values, char **names)
{
    struct schema *schema = data;

    (void)names;
    if (count == 1 && values[0] != NULL && schema->count < LEN(schema->numbers))
        schema->numbers[schema->count++] = strtoll(values[0], NULL, 10);
    return 0;
}

/* Reads the version; 0: the database is empty. JETON_CONFIG: it is no store, or a newer one. */
static int schema_read(struct jt_sqlite_conn *conn, const char *sql, int *ret_version)
{
    const struct jeton_store_host *host = conn->store->host;
    const char *path = jt_sqlite_place(conn->store);
    struct schema schema = {.count = 0};
    int64_t application, version;

    if (sqlite3_exec(conn->db, sql, schema_number, &schema, NULL) != SQLITE_OK)
        return jt_sqlite_fail(conn);
    application = schema.numbers[0];
    version = schema.numbers[1];
    if (application != APPLICATION_ID && (application != 0 || version != 0 || schema.numbers[2] != 0))
        return host->fail(conn->call, JETON_CONFIG,
                          "%s is an SQLite database of another program (application id 0x%08llx): correct `store.path` "
                          "in jeton.conf",
                          path, (unsigned long long)application & 0xffffffffu);
    if (version > SCHEMA_VERSION)
        return host->fail(conn->call, JETON_CONFIG,
                          "%s was written by a newer jeton (store version %lld, this one knows %d); nothing was "
                          "changed: install that jeton again, or name another file as `store.path`",
                          path, (long long)version, SCHEMA_VERSION);
    if (version < 0)
        return host->fail(conn->call, JETON_CONFIG, "%s is damaged (store version %lld): restore it from a backup",
                          path, (long long)version);
    *ret_version = (int)version;
    return JETON_OK;
}

/* Whether to try again. When another process or thread has just opened the same new file, SQLite reports that it is
 * busy without calling the busy handler. */
static bool schema_may_retry(struct jt_sqlite_conn *conn, int code)
{
    return ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) &&
           jt_sqlite_nap(conn->store, conn->deadline_ms, 1000);
}

/* Sets WAL mode. It is a property of the file, set once, outside of a transaction. */
static int schema_use_wal(struct jt_sqlite_conn *conn)
{
    sqlite3_stmt *stmt = NULL;
    int code, status = JETON_OK;

    do {
        (void)sqlite3_finalize(stmt);
        stmt = NULL;
        code = sqlite3_prepare_v2(conn->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
        if (code == SQLITE_OK)
            code = sqlite3_step(stmt);
    } while (schema_may_retry(conn, code));
    if (code != SQLITE_ROW)
        status = jt_sqlite_fail(conn);
    else if (sqlite3_stricmp((const char *)sqlite3_column_text(stmt, 0), "wal") != 0)
        status = conn->store->host->fail(
            conn->call, JETON_CONFIG,
            "%s: its file system cannot share memory between processes, which the store needs: name a file on a local "
            "disk as `store.path` in jeton.conf",
            jt_sqlite_place(conn->store));
    (void)sqlite3_finalize(stmt);
    return status;
}

/* Brings the schema to the present version in one transaction. The version is read again inside: another process may
 * have been first. */
static int schema_climb(struct jt_sqlite_conn *conn, int *ret_from)
{
    char numbers[96];
    int version = SCHEMA_VERSION;
    int status = jt_sqlite_exec(conn, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE");

    if (status == JETON_OK)
        status = schema_read(conn, SCHEMA_NUMBERS, &version);
    if (status == JETON_OK && version < SCHEMA_VERSION)
        status = jt_sqlite_exec(conn, schema_steps[version]);
    (void)sqlite3_snprintf((int)sizeof(numbers), numbers, "PRAGMA user_version = %d; PRAGMA application_id = %lld",
                           SCHEMA_VERSION, (long long)APPLICATION_ID);
    if (status == JETON_OK && version < SCHEMA_VERSION)
        status = jt_sqlite_exec(conn, numbers);
    if (status == JETON_OK)
        status = jt_sqlite_exec(conn, "COMMIT");
    if (!sqlite3_get_autocommit(conn->db))
        (void)sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL);
    if (status == JETON_OK)
        *ret_from = version;
    return status;
}

static int schema_upgrade(struct jt_sqlite_conn *conn)
{
    CLEANUP(jt_sqlite_lockfile_give) struct jt_sqlite_lockfile *file = NULL;
    struct jt_sqlite_shards all = {.all = true};
    struct jt_sqlite_store *store = conn->store;
    jeton_store_call *call = conn->call;
    const char *path = jt_sqlite_place(store);
    int from = SCHEMA_VERSION, status;

    if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0)
        return store->host->fail_errno(call, errno,
                                       "%s was written by an earlier jeton, and this user (uid %u) cannot bring it up "
                                       "to date: run `jeton list` as the store's owner",
                                       path, (unsigned)geteuid());
    status = jt_sqlite_lock_all(store, call, &file);
    if (status != JETON_OK)
        return status;
    jt_sqlite_numbers_mark(store, call, &all);
    status = schema_climb(conn, &from);
    jt_sqlite_numbers_change(store, &all);
    if (status != JETON_OK || from == SCHEMA_VERSION)
        return status;
    jt_sqlite_files_remove(path, "-recent");
    store->host->log(store->host, 5, "%s: brought from store version %d to %d", path, from, SCHEMA_VERSION);
    return JETON_OK;
}

/* After a read, a WAL database has its log beside it. A copy that VACUUM INTO made has none. */
static bool schema_lacks_wal(const struct jt_sqlite_conn *conn)
{
    const char *path = jt_sqlite_place(conn->store);
    struct stat info;

    return !jt_sqlite_files_stat(path, "-wal", &info) && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

int jt_sqlite_schema_ensure(struct jt_sqlite_conn *conn, bool create, bool *ret_there)
{
    int version = 0, from;
    int status = schema_read(conn, "BEGIN; " SCHEMA_NUMBERS " COMMIT", &version);

    *ret_there = version > 0 || create;
    if (status == JETON_OK && version > 0 && schema_lacks_wal(conn))
        status = schema_use_wal(conn);
    if (status != JETON_OK || version == SCHEMA_VERSION || !*ret_there)
        return status;
    if (version > 0)
        return schema_upgrade(conn);
    status = schema_use_wal(conn);
    return status == JETON_OK ? schema_climb(conn, &from) : status;
}

static const char rewrite_sql[] =
    "UPDATE row SET blob = reseal(" JT_SQLITE_COLUMNS ") WHERE kind <> 6 AND blob IS NOT NULL";

struct rewriting {
    jeton_store_reseal reseal;
    void *data;
    int status; /* of the last call of reseal */
};

/* An SQL function: returns the blob that replaces the row's. */
static void rewrite_blob(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct rewriting *rewriting = sqlite3_user_data(context);
    const struct jeton_row row = jt_sqlite_row(values);
    const void *blob = NULL;
    size_t blob_len = 0;

    (void)count;
    rewriting->status = rewriting->reseal(rewriting->data, &row, &blob, &blob_len);
    if (rewriting->status != JETON_OK)
        sqlite3_result_error(context, "given up", -1);
    else if (blob == NULL)
        sqlite3_result_value(context, values[JT_SQLITE_COLUMNS_LEN - 1]);
    else
        sqlite3_result_blob64(context, blob, blob_len, SQLITE_TRANSIENT);
}

/* Rewrites all blobs. Freed parts of the database file are overwritten (secure_delete). */
static int rewrite_all(struct jt_sqlite_conn *conn, struct rewriting *rewriting)
{
    int status = jt_sqlite_exec(conn, "PRAGMA secure_delete = ON");

    if (status != JETON_OK)
        return status;
    if (sqlite3_create_function_v2(conn->db, "reseal", JT_SQLITE_COLUMNS_LEN, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                   rewriting, rewrite_blob, NULL, NULL, NULL) != SQLITE_OK)
        return jt_sqlite_fail(conn);
    if (sqlite3_exec(conn->db, rewrite_sql, NULL, NULL, NULL) != SQLITE_OK)
        status = rewriting->status != JETON_OK ? rewriting->status : jt_sqlite_fail(conn);
    (void)sqlite3_create_function_v2(conn->db, "reseal", JT_SQLITE_COLUMNS_LEN, SQLITE_UTF8, NULL, NULL, NULL, NULL,
                                     NULL);
    return status;
}

/* Removes former blobs from the log too, once readers do not need them any more, and removes a file with copies of rows
 * that a former version of jeton may have left. */
static void rewrite_scrub(struct jt_sqlite_conn *conn)
{
    const int64_t most_ms = conn->store->host->boot_ms(conn->store->host) + SCRUB_WAIT_MS;

    if (conn->deadline_ms > most_ms)
        conn->deadline_ms = most_ms;
    (void)sqlite3_wal_checkpoint_v2(conn->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    jt_sqlite_files_remove(jt_sqlite_place(conn->store), "-recent");
}

static int sqlite_rewrite(void *store, jeton_store_call *call, const struct jeton_store_change *value,
                          jeton_store_reseal reseal, void *data, int *ret_done)
{
    AUTO_WRITER struct jt_sqlite_conn *conn = NULL;
    struct rewriting rewriting = {reseal, data, JETON_OK};
    struct jt_sqlite_shards shards = {.all = true};
    bool done = false;
    int status = jt_sqlite_begin(store, call, JETON_STORE_DURABLE, &conn);

    if (status == JETON_OK)
        status = jt_sqlite_change(conn, value, &shards, &done);
    if (status == JETON_OK && done)
        status = rewrite_all(conn, &rewriting);
    if (status == JETON_OK && done)
        status = jt_sqlite_commit(conn, &shards);
    if (status != JETON_OK)
        return status;
    *ret_done = done;
    if (done)
        rewrite_scrub(conn);
    return JETON_OK;
}

static void sqlite_close(void *store)
{
    struct jt_sqlite_store *mine = store;

    if (mine == NULL)
        return;
    jt_sqlite_leases_done(mine);
    jt_sqlite_part(mine);
    jt_sqlite_numbers_done(&mine->numbers);
    free(atomic_load(&mine->path));
    free(mine->location);
    free(mine);
}

static void sqlite_drop(struct jt_sqlite_store **store)
{
    sqlite_close(TAKE(store));
}

static int sqlite_exists(void *store, jeton_store_call *call, int *ret_exists)
{
    AUTO_CONN struct jt_sqlite_conn *conn = NULL;
    int status = jt_sqlite_take(store, call, false, &conn);

    if (status == JETON_OK)
        *ret_exists = conn != NULL;
    return status;
}

static int sqlite_create(void *store, jeton_store_call *call)
{
    AUTO_CONN struct jt_sqlite_conn *conn = NULL;
    struct jt_sqlite_store *mine = store;
    int status = jt_sqlite_take(mine, call, true, &conn);

    if (status == JETON_OK && conn == NULL)
        return mine->host->fail(call, JETON_CONFIG, "%s: its directory does not exist: make it", jt_sqlite_place(mine));
    if (status == JETON_OK)
        jt_sqlite_numbers_check(mine, call);
    return status;
}

/* Opens a store. The connection is kept for the first read. */
static int sqlite_open(const struct jeton_store_host *host, jeton_store_call *call, void **ret_store)
{
    CLEANUP(sqlite_drop) struct jt_sqlite_store *store = NULL;
    const char *location = host->setting(call, "path");
    int exists, status;

    if (location == NULL)
        return host->fail(call, JETON_CONFIG, "`store.path` in jeton.conf is missing");
    if (sqlite3_threadsafe() == 0 || sqlite3_libversion_number() < SQLITE_MIN)
        return host->fail(call, JETON_CONFIG,
                          "%s: SQLite %s, which is installed, is too old or was built for one thread: install one "
                          "from 3.37 on, for threads",
                          location, sqlite3_libversion());
    if ((store = calloc(1, sizeof(*store))) == NULL || (store->location = strdup(location)) == NULL) {
        free(TAKE(&store));
        return host->fail(call, JETON_TRY_LATER, "%s: out of memory", location);
    }
    store->host = host;
    jt_sqlite_numbers_init(&store->numbers);
    jt_sqlite_join(store);
    status = sqlite_exists(store, call, &exists);
    if (status != JETON_OK)
        return status;
    jt_sqlite_numbers_check(store, call);
    *ret_store = TAKE(&store);
    return JETON_OK;
}

static const char *sqlite_place(void *store)
{
    return jt_sqlite_place(store);
}

static const struct jeton_setting sqlite_settings[] = {
    {.name = "path", .type = JETON_PATH, .default_value = "tokens.db", .help = "the database file"},
    {.name = NULL},
};

static const struct jeton_store_engine sqlite_engine = {
    .struct_size = sizeof(struct jeton_store_engine),
    .abi_minor = JETON_STORE_ABI_MINOR,
    .needs_minor = 0,
    .setting_size = sizeof(struct jeton_setting),
    .name = "sqlite",
    .version = JETON_VERSION,
    .summary = "one SQLite file on this machine",
    .settings = sqlite_settings,
    .capabilities = JETON_STORE_CAP_LOCAL | JETON_STORE_CAP_HOLDS,
    .open = sqlite_open,
    .close = sqlite_close,
    .place = sqlite_place,
    .exists = sqlite_exists,
    .create = sqlite_create,
    .limits = jt_sqlite_limits,
    .get = jt_sqlite_get,
    .write = jt_sqlite_write,
    .scan = jt_sqlite_scan,
    .due = jt_sqlite_due,
    .claim = jt_sqlite_claim,
    .seems_writable = jt_sqlite_seems_writable,
    .prove_writable = jt_sqlite_prove_writable,
    .lease = jt_sqlite_lease,
    .release = jt_sqlite_release,
    .number = jt_sqlite_number,
    .rewrite = sqlite_rewrite,
};

const struct jeton_store_engine *jeton_store_v1(void)
{
    return &sqlite_engine;
}
