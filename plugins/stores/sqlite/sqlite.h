/* SPDX-License-Identifier: MIT */
/* What the files of the SQLite engine share: the open store, its connections, its locks, its generation page. It knows
 * nothing of tokens or keys, and nothing outside the engine includes it but its tests. */
#ifndef JT_SQLITE_H
#define JT_SQLITE_H

#include "calls.h"

#include <jeton/store.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* Where a function says what went wrong: the engine's `why`, in one piece. */
struct jt_why {
    char *text;
    size_t size;
};
#define JT_WHY(why, why_size) (&(struct jt_why){(why), (why_size)})

/* Writes the sentence and returns the status. */
int jt_store_say(struct jt_why *why, int status, const char *format, ...) JT_PRINTF(3, 4);

/* files.c: the files of a store, <path>, <path>-wal, <path>-shm, <path>-lease, <path>-gen, and who may touch
 * them. */

/* The path with its directory resolved; *ret_path NULL: the directory is not there. */
int JT_MUST_CHECK jt_store_files_locate(const char *location, char **ret_path, struct jt_why *why);
/* Directory and files belong to root or the invoking user and nobody else may write there. *ret_there false: there is
 * no database file, or an empty one. */
int JT_MUST_CHECK jt_store_files_check(const char *path, bool *ret_there, struct jt_why *why);
/* Makes the empty database file, 0600, where there is none. */
int JT_MUST_CHECK jt_store_files_make(const char *path, struct jt_why *why);
/* Opens <path><suffix>, which only the store's owners can write; flags as for open(2), O_CREAT makes it 0600. Returns
 * JETON_OK or the status; errno is open's. */
int JT_MUST_CHECK jt_store_files_open(const char *path, const char *suffix, int flags, int *ret_fd, struct jt_why *why);
/* Whether database and log may be written, and the disk has room for a row or two. */
int JT_MUST_CHECK jt_store_files_glance(const char *path, struct jt_why *why);
/* lstat(2) of <path><suffix>; for what is looked at around every read and write. */
bool jt_store_files_stat(const char *path, const char *suffix, struct stat *ret_info) JT_MUST_CHECK;
int64_t jt_store_files_len(const char *path, const char *suffix); /* bytes; 0: not there */

/* schema.c: what the tables look like, and the way from each version to the next. */

#define JT_STORE_APPLICATION_ID 0x6a65746f /* "jeto" */

struct jt_store_step {
    const char *sql; /* from version i to i + 1 */
};
extern const struct jt_store_step jt_store_schema_steps[];
extern const int jt_store_schema_version;

/* *ret_empty: nothing is in there yet. JETON_CONFIG: not a store, or a newer one; untouched. */
int JT_MUST_CHECK jt_store_schema_read(sqlite3 *db, const char *path, int known, int *ret_version, bool *ret_empty,
                                       struct jt_why *why);
/* Brings the store to version `known` by these steps, all or nothing. */
int JT_MUST_CHECK jt_store_schema_migrate(sqlite3 *db, const char *path, const struct jt_store_step *steps, int known,
                                          struct jt_why *why);

/* generation.c: shared numbers that tell readers when to look again. */

struct jt_store_generation {
    pthread_mutex_t mutex;
    _Atomic(const _Atomic uint64_t *) page; /* the file's, or one of our own while there is none */
    atomic_int_fast64_t check_at_ms;
    atomic_uint_fast64_t epoch; /* counts what the page cannot: its coming, going and being replaced */
    int fd;
    dev_t dev;
    ino_t ino;
};
void jt_store_generation_init(struct jt_store_generation *generation);
void jt_store_generation_done(struct jt_store_generation *generation);
/* Atomic reads alone. */
uint64_t jt_store_generation_read(struct jt_store_generation *generation, uint32_t shard);
/* At every read of a row: looks, every few seconds, whether the page is still the one that others write to. path NULL:
 * there is no store yet. */
void jt_store_generation_look(struct jt_store_generation *generation, const char *path);
/* After a commit, by the one writer. */
#define JT_STORE_ALL_SHARDS INT64_C(-1)
void jt_store_generation_bump(struct jt_store_generation *generation, const char *path, int64_t shard);

/* lockfile.c: the file that leases and writers lock. */

struct jt_store_lockfile {
    int fd; /* -1: not open */
    dev_t dev;
    ino_t ino;
    struct jt_store_lockfile *next;
};
/* Does nothing where it is open. */
int JT_MUST_CHECK jt_store_lockfile_open(struct jt_store_lockfile *file, const char *path, struct jt_why *why);
void jt_store_lockfile_close(struct jt_store_lockfile *file);
/* Whether it is still the one that others would open: a lock on a deleted file excludes nobody. */
bool jt_store_lockfile_is_current(const struct jt_store_lockfile *file, const char *path);

/* lease.c: one holder a name, among threads and processes. */

struct jt_store_lease; /* one that is held */
struct jt_store_leases {
    pthread_mutex_t mutex;
    struct jt_store_queue *queues;    /* a name that is held or waited for in this process */
    struct jt_store_lease_file *file; /* NULL: not open */
};
void jt_store_lease_init(struct jt_store_leases *leases);
void jt_store_lease_done(struct jt_store_leases *leases);
/* Whether its file is open: then there was a store. */
bool jt_store_lease_is_ready(struct jt_store_leases *leases);
/* *ret_lease NULL: somebody else has it still after timeout_ms (-1: waits for ever). */
int JT_MUST_CHECK jt_store_lease_take(struct jt_store_leases *leases, const char *path, uint64_t hash,
                                      int64_t timeout_ms, struct jt_store_lease **ret_lease, struct jt_why *why);
void jt_store_lease_give(struct jt_store_leases *leases, struct jt_store_lease *lease);

/* conn.c: connections and their prepared statements. */

enum jt_store_stmt {
    JT_STMT_GET,
    JT_STMT_INSERT,
    JT_STMT_UPDATE,
    JT_STMT_REMOVE,
    JT_STMT_SCAN,
    JT_STMT_SCAN_DUE,
    JT_STMT_SCAN_BLOB,
    JT_STMT_RESEAL,
    JT_STMT_META_GET,
    JT_STMT_META_PUT,
    JT_STMT_DATA_VERSION,
    JT_STMT_BEGIN,
    JT_STMT_BEGIN_READ,
    JT_STMT_COMMIT,
    JT_STMTS
};

/* recent.c: see recent.h. */

/* A file as it was: any write to it shows. */
struct jt_recent_stamp {
    uint64_t dev;
    uint64_t ino;
    int64_t size;
    int64_t changed_ns;
};

/* The head of <path>-recent. */
struct jt_recent_header {
    char magic[8];
    uint32_t format;
    int32_t schema_version;
    uint32_t valid; /* 0: a writer is at work, or ended in the middle of it */
    uint32_t key_check_len;
    uint64_t turn;  /* grows with every change of the file */
    uint64_t epoch; /* of the slots that count */
    struct jt_recent_stamp database;
    struct jt_recent_stamp log;
    char boot_id[40];
    char key_check[64];
    uint64_t sum; /* of all that stands before it */
};

struct jt_store_recent {
    pthread_mutex_t mutex;
    int fd;
    bool writable;
    char boot_id[40];
    atomic_int fills; /* how many rows this process will still copy */
};

/* What a writer does to the copies. */
struct jt_recent_change {
    bool armed; /* the file is open, and marked */
    bool was_current;
    bool committed; /* set by the writer; without it, the mark stays */
    bool meta;      /* a value of the store was written */
    bool removed;
    int64_t data_version;
    struct jt_recent_header header;
    const char *name; /* of the row that was written; NULL: none */
    const char *variant;
    struct jeton_row row;
};

struct jt_store_sqlite;

/* One connection; used by one thread at a time. */
struct jt_store_conn {
    struct jt_store_sqlite *store;
    struct jt_store_conn *next;
    sqlite3 *db;
    sqlite3_stmt *stmts[JT_STMTS];
    uint32_t durability; /* that commits have now */
    bool foreign;        /* its file, which lies elsewhere by now or is a parent's, is not for us to tidy up */
    struct jt_recent_change change;
};

struct jt_store_sqlite {
    struct jt_store_sqlite *next; /* of all that are open in this process */
    char *location;               /* as configured */
    _Atomic(char *) path;         /* resolved; NULL while the directory is not there */
    struct jt_store_conn *idle;   /* as the next two, pool.c's */
    unsigned idle_len;
    /* One writing thread at a time; a mutex that is held for long could not be waited for with a deadline by all tools.
     */
    pthread_mutex_t write_mutex;
    pthread_cond_t write_free;
    bool writing;
    struct jt_store_lockfile write_lock; /* flock(2): writers of all processes queue up here */
    atomic_bool wrote;
    struct jt_store_generation generation;
    struct jt_store_leases leases;
    struct jt_store_recent recent;
};

const char *jt_store_conn_path(struct jt_store_sqlite *store); /* NULL: the directory is not there */
/* *ret_conn NULL: the database is empty, and is not to be made. */
int JT_MUST_CHECK jt_store_conn_open(struct jt_store_sqlite *store, const char *path, bool create,
                                     struct jt_store_conn **ret_conn, struct jt_why *why);
void jt_store_conn_close(struct jt_store_conn **conn);
/* Whether the last connection to close empties the log. */
bool jt_store_conn_empties_log(struct jt_store_sqlite *store, const char *path);

int JT_MUST_CHECK jt_store_conn_prepare(struct jt_store_conn *conn, enum jt_store_stmt which, sqlite3_stmt **ret_stmt,
                                        struct jt_why *why);
void jt_store_conn_reset(sqlite3_stmt **stmt); /* and forgets what was bound */
#define JT_AUTO_STMT JT_CLEANUP(jt_store_conn_reset)
/* Runs one that takes nothing and gives nothing. */
int JT_MUST_CHECK jt_store_conn_run(struct jt_store_conn *conn, enum jt_store_stmt which, struct jt_why *why);
int JT_MUST_CHECK jt_store_conn_exec(struct jt_store_conn *conn, const char *sql, struct jt_why *why);
/* The status and the sentence for what SQLite said last on this connection. */
int jt_store_conn_fail(sqlite3 *db, const char *path, struct jt_why *why);

/* pool.c: connections that are kept. */

void jt_store_pool_init(struct jt_store_sqlite *store);
void jt_store_pool_done(struct jt_store_sqlite *store); /* after the connections are closed */
/* In a process that was forked, before the first use of SQLite: while one of the parent's connections is open, SQLite
 * takes the locks that the parent has for its own, and new connections would go without any. */
void jt_store_pool_close_inherited(void);
/* *ret_conn NULL: there is no store yet. create: make it then. */
int JT_MUST_CHECK jt_store_conn_take(struct jt_store_sqlite *store, bool create, struct jt_store_conn **ret_conn,
                                     struct jt_why *why);
void jt_store_conn_give(struct jt_store_conn **conn);
#define JT_AUTO_CONN JT_CLEANUP(jt_store_conn_give)
void jt_store_conn_close_all(struct jt_store_sqlite *store);

/* write.c: writers one after the other, and what proves that one could write. */

/* Waits for the others, then gives a connection in a transaction of this durability that nobody else can write beside;
 * *ret_conn NULL: there is no store, and nothing to end. */
int JT_MUST_CHECK jt_store_write_begin(struct jt_store_sqlite *store, uint32_t durability, bool create,
                                       struct jt_store_conn **ret_conn, struct jt_why *why);
int JT_MUST_CHECK jt_store_write_commit(struct jt_store_conn *conn, struct jt_why *why);
void jt_store_write_end(struct jt_store_conn **conn); /* undoes what was not committed */
/* Becomes the one writer if nobody else is it now; for what is not worth waiting for. */
bool jt_store_write_try(struct jt_store_sqlite *store) JT_MUST_CHECK;
void jt_store_write_leave(struct jt_store_sqlite *store);
#define JT_AUTO_WRITER JT_CLEANUP(jt_store_write_end)
int JT_MUST_CHECK jt_store_write_probe(struct jt_store_sqlite *store, struct jt_why *why);

/* bulk.c: many rows in one transaction. */

int jt_store_bulk_rewrite(void *store, const char *old_key_check, const char *new_key_check,
                          int (*visit)(void *data, const struct jeton_row *row, const void **ret_blob,
                                       size_t *ret_blob_len),
                          void *data, int *ret_done, char *why, size_t why_size);
int jt_store_bulk_put(void *store, int (*next)(void *data, struct jeton_row *ret_row, int64_t *ret_expected_version),
                      void *data, uint32_t durability, int *ret_done, char *why, size_t why_size);

int jt_store_bulk_get(void *store, const struct jeton_row_key *keys, size_t count,
                      int (*visit)(void *data, size_t index, const struct jeton_row *row), void *data, char *why,
                      size_t why_size);

/* rows.c: the engine's rows. */

int jt_store_rows_get(void *store, const char *name, const char *variant, struct jeton_row *ret_row, char *why,
                      size_t why_size);
/* On one connection: the row as it lies in the statement, passed to visit; version 0: it is not there. */
int JT_MUST_CHECK jt_store_rows_show(struct jt_store_conn *conn, const char *name, const char *variant,
                                     int (*visit)(void *data, const struct jeton_row *row), void *data,
                                     struct jt_why *why);
/* Copies a row into one piece of memory, which begins with the name: what jt_store_rows_free frees. -1: no memory. */
int JT_MUST_CHECK jt_store_rows_pack(const struct jeton_row *row, struct jeton_row *ret_row);
void jt_store_rows_free(void *store, struct jeton_row *row);
/* Inside of a transaction: the first row with a blob behind this key, to be freed as one of get's; version 0: none. */
int JT_MUST_CHECK jt_store_rows_after(struct jt_store_conn *conn, const char *name, const char *variant,
                                      struct jeton_row *ret_row, struct jt_why *why);
/* Runs put's statement on the connection; nobody else is told. */
int JT_MUST_CHECK jt_store_rows_write(struct jt_store_conn *conn, const struct jeton_row *row, int64_t expected_version,
                                      bool *ret_done, struct jt_why *why);
int jt_store_rows_put(void *store, const struct jeton_row *row, int64_t expected_version, uint32_t durability,
                      int *ret_done, char *why, size_t why_size);
int jt_store_rows_remove(void *store, const char *name, const char *variant, int64_t expected_version, int *ret_done,
                         char *why, size_t why_size);
int jt_store_rows_scan(void *store, const char *after_name, const char *after_variant, size_t limit,
                       int (*visit)(void *data, const struct jeton_row *row), void *data, char *why, size_t why_size);
int jt_store_rows_scan_due(void *store, int64_t now, size_t limit,
                           int (*visit)(void *data, const struct jeton_row *row), void *data, char *why,
                           size_t why_size);

/* The sentence for a write where there is no store. */
int jt_store_sqlite_missing(const struct jt_store_sqlite *store, struct jt_why *why);

/* The engine. */
const struct jeton_store_engine *jt_store_sqlite_engine(void);

#endif
