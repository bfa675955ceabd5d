/* SPDX-License-Identifier: MIT */
/* What the files of the SQLite engine share. sqlite.c says how it all works. */
#ifndef JT_SQLITE_H
#define JT_SQLITE_H

#include <jeton/store.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define CLEANUP(function) __attribute__((cleanup(function)))
#define LEN(array)        (sizeof(array) / sizeof((array)[0]))
/* Hands a pointer over: the variable is NULL afterwards. */
#define TAKE(pointer)                                                                                                  \
    __extension__({                                                                                                    \
        __typeof__(*(pointer)) taken = *(pointer);                                                                     \
        *(pointer) = NULL;                                                                                             \
        taken;                                                                                                         \
    })

struct jt_sqlite_conn;
struct jt_sqlite_lease;
struct jt_sqlite_lockfile;
struct jt_sqlite_queue;

/* See numbers.c. */
struct jt_sqlite_numbers {
    _Atomic(const _Atomic uint64_t *) page;
    atomic_bool usable;
    atomic_uint_fast64_t epoch;
    atomic_int_fast64_t check_at_ms;
    int fd;
    dev_t dev;
    ino_t ino;
};

struct jt_sqlite_store {
    const struct jeton_store_host *host;
    char *location;       /* as configured */
    _Atomic(char *) path; /* the location, its directory without links; NULL: the directory is not there yet */
    struct jt_sqlite_numbers numbers;
    /* The engine's mutex guards the rest. */
    struct jt_sqlite_store *next; /* of all that are open in this process */
    struct jt_sqlite_conn *idle;
    unsigned idle_len;
    pthread_cond_t turn; /* of the next thread that wants to write */
    bool writing;        /* a thread of this process is writing, or waits for writers in other processes */
    bool wrote;
    struct jt_sqlite_queue *queues;
    struct jt_sqlite_lease *leases;
    struct jt_sqlite_lockfile *lockfile; /* where new leases are locked; NULL: not open */
};

/* sqlite.c: the schema. */

/* Looks whether the database is a store of this version, and brings an older one up to date; with create, an empty one
 * too. *ret_there false: there is nothing in it. */
int MUST_CHECK jt_sqlite_schema_ensure(struct jt_sqlite_conn *conn, bool create, bool *ret_there);

/* connections.c: the engine's mutex, fork(2), connections, and the writers' turns. */

void jt_sqlite_lock(void);
void jt_sqlite_unlock(void);
/* With the mutex held: waits for the condition; false: the deadline came first. */
bool jt_sqlite_wait(const struct jt_sqlite_store *store, pthread_cond_t *condition, int64_t deadline_ms) MUST_CHECK;
/* Sleeps for so long, or until the deadline; false: that is past. */
bool jt_sqlite_nap(const struct jt_sqlite_store *store, int64_t deadline_ms, int64_t nap_us) MUST_CHECK;
/* How often this process's line was forked since the engine was loaded. */
unsigned jt_sqlite_forks(void);
/* Before anything else is done with a store, and after all else. */
void jt_sqlite_join(struct jt_sqlite_store *store);
void jt_sqlite_part(struct jt_sqlite_store *store);

/* The statements; rows.c has their text. */
enum {
    JT_SQLITE_BEGIN,
    JT_SQLITE_BEGIN_READ,
    JT_SQLITE_COMMIT,
    JT_SQLITE_PROVE,
    JT_SQLITE_GET,
    JT_SQLITE_FENCE,
    JT_SQLITE_INSERT,
    JT_SQLITE_UPDATE,
    JT_SQLITE_REMOVE,
    JT_SQLITE_SCAN,
    JT_SQLITE_DUE,
    JT_SQLITE_CLAIM,
    JT_SQLITE_STMTS
};

/* A connection, of one thread until it is given back. */
struct jt_sqlite_conn {
    struct jt_sqlite_store *store;
    struct jt_sqlite_conn *next;
    sqlite3 *db;
    sqlite3_stmt *stmts[JT_SQLITE_STMTS];
    jeton_store_call *call; /* the present one */
    int64_t deadline_ms;
    int64_t durability; /* JETON_STORE_DURABLE, 0, or -1: not set yet */
    dev_t dev;          /* of the database file before it was opened */
    ino_t ino;
    bool foreign; /* its files lie elsewhere by now, or a parent uses them too: they are not tidied up */
};
/* *ret_conn NULL: there is no store. create: then it is made. */
int MUST_CHECK jt_sqlite_take(struct jt_sqlite_store *store, jeton_store_call *call, bool create,
                              struct jt_sqlite_conn **ret_conn);
void jt_sqlite_give(struct jt_sqlite_conn **conn);
#define AUTO_CONN CLEANUP(jt_sqlite_give)

/* Waits for this process's other writers and then for those of other processes: a connection in a transaction beside
 * which nobody writes. JETON_CONFIG: there is no store. */
int MUST_CHECK jt_sqlite_begin(struct jt_sqlite_store *store, jeton_store_call *call, uint32_t flags,
                               struct jt_sqlite_conn **ret_conn);
void jt_sqlite_end(struct jt_sqlite_conn **conn); /* undoes what was not committed, and gives the connection back */
#define AUTO_WRITER CLEANUP(jt_sqlite_end)

/* rows.c: statements and rows */

/* The statement, reset and without values when the variable's life ends. */
int MUST_CHECK jt_sqlite_prepare(struct jt_sqlite_conn *conn, unsigned which, sqlite3_stmt **ret_stmt);
void jt_sqlite_reset(sqlite3_stmt **stmt);
#define AUTO_STMT CLEANUP(jt_sqlite_reset)
/* Runs a statement that takes no values and gives none. */
int MUST_CHECK jt_sqlite_run(struct jt_sqlite_conn *conn, unsigned which);
int MUST_CHECK jt_sqlite_exec(struct jt_sqlite_conn *conn, const char *text);

#define JT_SQLITE_BUT_BLOB                                                                                             \
    "kind, name, variant, shard, state, flags, version, fence, expires_at, due_at, failed_at, retry_at, failures, "    \
    "failure_status, config_digest"
#define JT_SQLITE_COLUMNS     JT_SQLITE_BUT_BLOB ", blob"
#define JT_SQLITE_COLUMNS_LEN 16

/* The row as it lies in SQLite's values of these columns: its pointers live as long as they. */
struct jeton_row jt_sqlite_row(sqlite3_value **values);
/* What a transaction wrote to. */
struct jt_sqlite_shards {
    uint64_t bits[JETON_STORE_SHARDS / 64];
    bool all;
    uint64_t value; /* numbers.c's */
};
/* Makes one change in the open transaction; *ret_done false: its condition does not hold. */
int MUST_CHECK jt_sqlite_change(struct jt_sqlite_conn *conn, const struct jeton_store_change *change,
                                struct jt_sqlite_shards *shards, bool *ret_done);
/* Commits, and changes the numbers. */
int MUST_CHECK jt_sqlite_commit(struct jt_sqlite_conn *conn, struct jt_sqlite_shards *shards);
/* The fence of the stored row; *ret_version 0: there is none. */
int MUST_CHECK jt_sqlite_fence(struct jt_sqlite_conn *conn, const struct jeton_row_key *key, int64_t *ret_version,
                               int64_t *ret_fence);

void jt_sqlite_limits(void *store, struct jeton_store_limits *ret_limits);
int jt_sqlite_get(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count, uint32_t flags,
                  jeton_store_visit visit, void *data);
int jt_sqlite_write(void *store, jeton_store_call *call, uint32_t flags, jeton_store_next next, void *data,
                    int *ret_done);
int jt_sqlite_scan(void *store, jeton_store_call *call, uint32_t kind, const char *after_name,
                   const char *after_variant, size_t limit, uint32_t flags, jeton_store_visit visit, void *data);
int jt_sqlite_due(void *store, jeton_store_call *call, uint32_t kind, int64_t now, size_t limit, uint32_t flags,
                  jeton_store_visit visit, void *data);
int jt_sqlite_claim(void *store, jeton_store_call *call, uint32_t kind, int64_t now, int64_t until, size_t limit,
                    uint32_t flags, jeton_store_visit visit, void *data);

/* leases.c */

int jt_sqlite_lease(void *store, jeton_store_call *call, const struct jeton_row_key *key, void **ret_lease,
                    int64_t *ret_fence);
void jt_sqlite_release(void *store, void *lease);
/* Gives all back. */
void jt_sqlite_leases_done(struct jt_sqlite_store *store);
/* In a forked child, with the mutex held: the parent's leases are not the child's. */
void jt_sqlite_leases_forget(struct jt_sqlite_store *store);
/* Waits until nobody has a lease, and keeps it so until the file is closed. */
int MUST_CHECK jt_sqlite_lock_all(struct jt_sqlite_store *store, jeton_store_call *call,
                                  struct jt_sqlite_lockfile **ret_file);
void jt_sqlite_lockfile_give(struct jt_sqlite_lockfile **file);

/* numbers.c */

void jt_sqlite_numbers_init(struct jt_sqlite_numbers *numbers);
void jt_sqlite_numbers_done(struct jt_sqlite_numbers *numbers);
uint64_t jt_sqlite_number(void *store, uint32_t shard);
/* Looks, every few seconds, whether the page is still the one that others write to. */
void jt_sqlite_numbers_check(struct jt_sqlite_store *store, jeton_store_call *call);
/* By a writer: before the commit, and after it or its failure. */
void jt_sqlite_numbers_mark(struct jt_sqlite_store *store, jeton_store_call *call, struct jt_sqlite_shards *shards);
void jt_sqlite_numbers_change(struct jt_sqlite_store *store, const struct jt_sqlite_shards *shards);

/* files.c: the files of a store, who may touch them, and what SQLite's refusals mean. */

/* What messages call the store. */
const char *jt_sqlite_place(const struct jt_sqlite_store *store);
/* The path; *ret_path NULL: its directory is not there. */
int MUST_CHECK jt_sqlite_files_locate(struct jt_sqlite_store *store, jeton_store_call *call, const char **ret_path);
/* Whether the files may be trusted. The database file's st_size is 0 where it is empty or not there. */
int MUST_CHECK jt_sqlite_files_check(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                                     struct stat *ret_info);
/* Makes the empty database file where there is none. */
int MUST_CHECK jt_sqlite_files_make(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                                    struct stat *ret_info);
/* By the host, whose rules hold. */
int MUST_CHECK jt_sqlite_files_open(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                                    const char *suffix, int flags, int *ret_fd);
bool jt_sqlite_files_stat(const char *path, const char *suffix, struct stat *ret_info) MUST_CHECK;
int64_t jt_sqlite_files_len(const char *path, const char *suffix); /* bytes; 0: it is not there */
void jt_sqlite_files_remove(const char *path, const char *suffix);
void jt_sqlite_fd_close(int *fd);
#define AUTO_FD CLEANUP(jt_sqlite_fd_close)

int jt_sqlite_seems_writable(void *store, jeton_store_call *call);
int jt_sqlite_prove_writable(void *store, jeton_store_call *call);

/* Returns the status and records the sentence for what SQLite said last on this connection. */
int jt_sqlite_fail(struct jt_sqlite_conn *conn);
int jt_sqlite_fail_missing(struct jt_sqlite_store *store, jeton_store_call *call);

#endif
