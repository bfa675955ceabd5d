/* SPDX-License-Identifier: MIT */
/* Declarations that the files of the SQLite engine share. The head of sqlite.c describes the design. */
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
/* Returns the pointer and sets the variable to NULL, so that ownership has visibly moved. */
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
    _Atomic(char *) path; /* location with its directory's links resolved; NULL: there is no such directory yet */
    struct jt_sqlite_numbers numbers;
    /* The engine's mutex protects the rest. */
    struct jt_sqlite_store *next; /* list of the stores that are open in this process */
    struct jt_sqlite_conn *idle;
    unsigned idle_len;
    pthread_cond_t turn; /* signalled when the next thread may write */
    bool writing;        /* a thread of this process is writing, or waits for writers in other processes */
    bool wrote;
    struct jt_sqlite_queue *queues;
    struct jt_sqlite_lease *leases;
    struct jt_sqlite_lockfile *lockfile; /* the file in which new leases are locked; NULL: not open */
};

/* sqlite.c: the schema. */

/* Checks that the database is a store of this version, and upgrades an older one. With create, makes the schema in an
 * empty database. *ret_there false: it is empty. */
int MUST_CHECK jt_sqlite_schema_ensure(struct jt_sqlite_conn *conn, bool create, bool *ret_there);

/* connections.c: the engine's mutex, fork(2), connections, and the writers' turns. */

void jt_sqlite_lock(void);
void jt_sqlite_unlock(void);
/* Waits for the condition, with the mutex held. False: the deadline came first. */
bool jt_sqlite_wait(const struct jt_sqlite_store *store, pthread_cond_t *condition, int64_t deadline_ms) MUST_CHECK;
/* Sleeps for nap_us, or until the deadline. False: the deadline is past. */
bool jt_sqlite_nap(const struct jt_sqlite_store *store, int64_t deadline_ms, int64_t nap_us) MUST_CHECK;
/* How many forks lie between this process and the one that loaded the engine. */
unsigned jt_sqlite_forks(void);
/* The first and the last call for a store: adds it to the process's list, and removes it. */
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

/* A connection. From taking to giving back it belongs to one thread. */
struct jt_sqlite_conn {
    struct jt_sqlite_store *store;
    struct jt_sqlite_conn *next;
    sqlite3 *db;
    sqlite3_stmt *stmts[JT_SQLITE_STMTS];
    jeton_store_call *call; /* the current one */
    int64_t deadline_ms;
    int64_t durability; /* JETON_STORE_DURABLE, 0, or -1: not set yet */
    dev_t dev;          /* of the database file, read before it was opened */
    ino_t ino;
    bool foreign; /* its files were moved, or are also a parent's: it is closed without touching them */
};
/* Takes a connection. *ret_conn NULL: there is no store. With create, it is made. */
int MUST_CHECK jt_sqlite_take(struct jt_sqlite_store *store, jeton_store_call *call, bool create,
                              struct jt_sqlite_conn **ret_conn);
void jt_sqlite_give(struct jt_sqlite_conn **conn);
#define AUTO_CONN CLEANUP(jt_sqlite_give)

/* Begins a write: waits for the other writers of this process, then for those of other processes, and returns a
 * connection in a write transaction. JETON_CONFIG: there is no store. */
int MUST_CHECK jt_sqlite_begin(struct jt_sqlite_store *store, jeton_store_call *call, uint32_t flags,
                               struct jt_sqlite_conn **ret_conn);
void jt_sqlite_end(struct jt_sqlite_conn **conn); /* rolls back what was not committed, and gives the connection back */
#define AUTO_WRITER CLEANUP(jt_sqlite_end)

/* rows.c: statements and rows */

/* The prepared statement. jt_sqlite_reset, bound to the variable, resets it and clears its values. */
int MUST_CHECK jt_sqlite_prepare(struct jt_sqlite_conn *conn, unsigned which, sqlite3_stmt **ret_stmt);
void jt_sqlite_reset(sqlite3_stmt **stmt);
#define AUTO_STMT CLEANUP(jt_sqlite_reset)
/* Runs a statement without values and results. */
int MUST_CHECK jt_sqlite_run(struct jt_sqlite_conn *conn, unsigned which);
int MUST_CHECK jt_sqlite_exec(struct jt_sqlite_conn *conn, const char *text);

#define JT_SQLITE_BUT_BLOB                                                                                             \
    "kind, name, variant, shard, state, flags, version, fence, expires_at, due_at, failed_at, retry_at, failures, "    \
    "failure_status, config_digest"
#define JT_SQLITE_COLUMNS     JT_SQLITE_BUT_BLOB ", blob"
#define JT_SQLITE_COLUMNS_LEN 16

/* The row from SQLite's values of these columns. Its pointers live as long as the values. */
struct jeton_row jt_sqlite_row(sqlite3_value **values);
/* The shards that a transaction wrote to. */
struct jt_sqlite_shards {
    uint64_t bits[JETON_STORE_SHARDS / 64];
    bool all;
    uint64_t value; /* used by numbers.c */
};
/* Makes one change in the open transaction; *ret_done false: its condition does not hold. */
int MUST_CHECK jt_sqlite_change(struct jt_sqlite_conn *conn, const struct jeton_store_change *change,
                                struct jt_sqlite_shards *shards, bool *ret_done);
/* Commits, and changes the numbers of the shards. */
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
/* Gives back all leases of the store. */
void jt_sqlite_leases_done(struct jt_sqlite_store *store);
/* In a forked child, with the mutex held: drops the parent's leases. */
void jt_sqlite_leases_forget(struct jt_sqlite_store *store);
/* Locks all leases: waits until nobody holds one, and keeps others from taking one until the file is closed. */
int MUST_CHECK jt_sqlite_lock_all(struct jt_sqlite_store *store, jeton_store_call *call,
                                  struct jt_sqlite_lockfile **ret_file);
void jt_sqlite_lockfile_give(struct jt_sqlite_lockfile **file);

/* numbers.c */

void jt_sqlite_numbers_init(struct jt_sqlite_numbers *numbers);
void jt_sqlite_numbers_done(struct jt_sqlite_numbers *numbers);
uint64_t jt_sqlite_number(void *store, uint32_t shard);
/* Checks, every few seconds, that the page is still the one that other processes write to. */
void jt_sqlite_numbers_check(struct jt_sqlite_store *store, jeton_store_call *call);
/* Called by a writer: the first before the commit, the second after it or after its failure. */
void jt_sqlite_numbers_mark(struct jt_sqlite_store *store, jeton_store_call *call, struct jt_sqlite_shards *shards);
void jt_sqlite_numbers_change(struct jt_sqlite_store *store, const struct jt_sqlite_shards *shards);

/* files.c: the files of a store, who may touch them, and what SQLite's refusals mean. */

/* The store's path for messages. */
const char *jt_sqlite_place(const struct jt_sqlite_store *store);
/* The path of the database. *ret_path NULL: its directory does not exist. */
int MUST_CHECK jt_sqlite_files_locate(struct jt_sqlite_store *store, jeton_store_call *call, const char **ret_path);
/* Checks that the files can be trusted. ret_info->st_size is 0 if the database file is empty or missing. */
int MUST_CHECK jt_sqlite_files_check(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                                     struct stat *ret_info);
/* Makes an empty database file if there is none. */
int MUST_CHECK jt_sqlite_files_make(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                                    struct stat *ret_info);
/* Opens a file through the host, which applies its rules. */
int MUST_CHECK jt_sqlite_files_open(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                                    const char *suffix, int flags, int *ret_fd);
bool jt_sqlite_files_stat(const char *path, const char *suffix, struct stat *ret_info) MUST_CHECK;
int64_t jt_sqlite_files_len(const char *path, const char *suffix); /* bytes; 0: missing */
void jt_sqlite_files_remove(const char *path, const char *suffix);
void jt_sqlite_fd_close(int *fd);
#define AUTO_FD CLEANUP(jt_sqlite_fd_close)

int jt_sqlite_seems_writable(void *store, jeton_store_call *call);
int jt_sqlite_prove_writable(void *store, jeton_store_call *call);

/* Returns the status for SQLite's last error on this connection, and records the sentence. */
int jt_sqlite_fail(struct jt_sqlite_conn *conn);
int jt_sqlite_fail_missing(struct jt_sqlite_store *store, jeton_store_call *call);

#endif
