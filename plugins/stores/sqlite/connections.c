/* SPDX-License-Identifier: MIT */
/* Connections to the database: keeping idle ones, closing a parent's after a fork, and letting one writer at a time
 * have its turn. */
#include "sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define IDLE_MAX 8u
#define ROW_MAX  (32 * 1024 * 1024)
/* How long a fork waits for threads that are inside SQLite. */
#define FORK_WAIT_MS 1000
/* Pauses between two tries to get SQLite's write lock while another process has it. Each pause is a step longer than
 * the last. They are this short since a process that writes again and again leaves the lock only for a moment. */
#define NAP_STEP_US 40
#define NAP_MAX_US  1000
/* SQLite reads the whole log when it opens a store that no other process has open, so a process that wrote shortens a
 * log above this length when it closes the store. A process that only read does not: cutting off four megabytes, the
 * most a log has, can take a hundred milliseconds while other files are being synced; reading them takes two. */
#define LOG_KEEP (32 * 1024)
/* A log that one large transaction has made longer than this is cut by the next write after a checkpoint. Up to this
 * length SQLite lets a log grow anyway. */
#define LOG_LIMIT "PRAGMA journal_size_limit = 4194304"

/* State that all stores of the process share, since fork(2) concerns all of them. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t calm; /* a thread has left SQLite, or a fork is over */
    struct jt_sqlite_store *stores;
    unsigned inside;  /* connections that threads are using */
    unsigned forking; /* threads that are about to fork */
    unsigned forks;
    bool inherited; /* the idle connections are a parent's */
    bool stranded;  /* a thread of the parent was inside of SQLite when this process was forked */
} process = {.mutex = PTHREAD_MUTEX_INITIALIZER, .calm = PTHREAD_COND_INITIALIZER};
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static _Thread_local unsigned inside_here; /* connections that this thread is using */

void jt_sqlite_lock(void)
{
    (void)pthread_mutex_lock(&process.mutex);
}

void jt_sqlite_unlock(void)
{
    (void)pthread_mutex_unlock(&process.mutex);
}

/* Waits for the condition, with the mutex held. False: the time is over. */
static bool wait_ms(pthread_cond_t *condition, int64_t ms)
{
    struct timespec point;

    (void)clock_gettime(CLOCK_MONOTONIC, &point);
    ms += point.tv_nsec / 1000000;
    point.tv_sec += (time_t)(ms / 1000);
    point.tv_nsec = (long)(ms % 1000) * 1000000;
    return pthread_cond_clockwait(condition, &process.mutex, CLOCK_MONOTONIC, &point) != ETIMEDOUT;
}

/* The time until the deadline, at most an hour: the caller then asks again. */
static int64_t left_ms(const struct jt_sqlite_store *store, int64_t deadline_ms)
{
    const int64_t now_ms = store->host->boot_ms(store->host), most_ms = now_ms + 3600 * 1000;

    return deadline_ms <= now_ms ? 0 : (deadline_ms < most_ms ? deadline_ms : most_ms) - now_ms;
}

bool jt_sqlite_wait(const struct jt_sqlite_store *store, pthread_cond_t *condition, int64_t deadline_ms)
{
    const int64_t ms = left_ms(store, deadline_ms);

    if (ms > 0)
        (void)wait_ms(condition, ms);
    return ms > 0;
}

bool jt_sqlite_nap(const struct jt_sqlite_store *store, int64_t deadline_ms, int64_t nap_us)
{
    const int64_t left_us = 1000 * left_ms(store, deadline_ms);
    const struct timespec nap = {0, 1000 * (long)(nap_us < left_us ? nap_us : left_us)};

    if (left_us > 0)
        (void)nanosleep(&nap, NULL);
    return left_us > 0;
}

/* Waits until no other thread is inside SQLite: SQLite's mutexes do not survive a fork, so no thread may hold one. If a
 * thread does not come out in time, because it waits for another process or for the forking thread, the fork goes
 * ahead, and only the parent can use the store afterwards. The same happens when a callback forks. */
static void fork_begin(void)
{
    jt_sqlite_lock();
    process.forking++;
    while (process.inside > inside_here && wait_ms(&process.calm, FORK_WAIT_MS))
        ;
}

static void fork_in_parent(void)
{
    process.forking--;
    (void)pthread_cond_broadcast(&process.calm);
    jt_sqlite_unlock();
}

/* The parent's other threads do not exist here. Most children only exec another program, so this does the quick part;
 * the rest is done in a child that uses a store (close_inherited). */
static void fork_in_child(void)
{
    process.stranded = process.stranded || process.inside > 0;
    process.inherited = true;
    process.inside = process.forking = 0;
    process.forks++;
    (void)pthread_cond_init(&process.calm, NULL);
    for (struct jt_sqlite_store *store = process.stores; store != NULL; store = store->next) {
        store->writing = false;
        (void)pthread_cond_init(&store->turn, NULL);
        jt_sqlite_leases_forget(store);
    }
    jt_sqlite_unlock();
}

static void fork_register(void)
{
    (void)pthread_atfork(fork_begin, fork_in_parent, fork_in_child);
}

unsigned jt_sqlite_forks(void)
{
    return process.forks;
}

void jt_sqlite_join(struct jt_sqlite_store *store)
{
    (void)pthread_once(&fork_once, fork_register);
    (void)pthread_cond_init(&store->turn, NULL);
    jt_sqlite_lock();
    store->next = process.stores;
    process.stores = store;
    jt_sqlite_unlock();
}

/* With the mutex held. */
static struct jt_sqlite_conn *idle_pop(struct jt_sqlite_store *store)
{
    struct jt_sqlite_conn *conn = store->idle;

    if (conn != NULL) {
        store->idle = conn->next;
        store->idle_len--;
    }
    return conn;
}

static struct jt_sqlite_conn *idle_next(struct jt_sqlite_store *store)
{
    struct jt_sqlite_conn *conn;

    jt_sqlite_lock();
    conn = idle_pop(store);
    jt_sqlite_unlock();
    return conn;
}

/* The last connection to a store shortens the log when it is closed, if this process has written and the log is
 * long. */
static void conn_close(struct jt_sqlite_conn **conn)
{
    struct jt_sqlite_conn *mine = TAKE(conn);
    const char *path;

    if (mine == NULL)
        return;
    for (unsigned i = 0; i < JT_SQLITE_STMTS; i++)
        (void)sqlite3_finalize(mine->stmts[i]);
    path = atomic_load(&mine->store->path);
    mine->deadline_ms = 0; /* SQLite does not wait from here on */
    if (mine->foreign || !mine->store->wrote || jt_sqlite_files_len(path, "-wal") <= LOG_KEEP)
        (void)sqlite3_db_config(mine->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    else
        (void)sqlite3_exec(mine->db, "PRAGMA journal_size_limit = 0", NULL, NULL, NULL);
    (void)sqlite3_close(mine->db);
    free(mine);
}

/* Closes a parent's connections before this process first uses SQLite. While one is open, SQLite takes the parent's
 * file locks for this process's own, and new connections would lock nothing. Other threads wait meanwhile. */
static void close_inherited(void)
{
    struct jt_sqlite_conn *conn;

    for (struct jt_sqlite_store *store = process.stores; store != NULL; store = store->next)
        while ((conn = idle_pop(store)) != NULL) {
            conn->foreign = true;
            conn_close(&conn);
        }
    process.inherited = false;
}

static void enter(bool *ret_stranded)
{
    jt_sqlite_lock();
    while (process.forking > 0 && inside_here == 0)
        (void)pthread_cond_wait(&process.calm, &process.mutex);
    if (process.inherited && !process.stranded)
        close_inherited();
    process.inside++;
    inside_here++;
    *ret_stranded = process.stranded;
    jt_sqlite_unlock();
}

static void leave(void)
{
    jt_sqlite_lock();
    inside_here--;
    if (process.inside > 0) /* a child starts again from 0 */
        process.inside--;
    if (process.forking > 0)
        (void)pthread_cond_broadcast(&process.calm);
    jt_sqlite_unlock();
}

void jt_sqlite_part(struct jt_sqlite_store *store)
{
    struct jt_sqlite_store **link = &process.stores;
    struct jt_sqlite_conn *conn;
    bool stranded;

    enter(&stranded);
    while (!stranded && (conn = idle_next(store)) != NULL)
        conn_close(&conn);
    jt_sqlite_lock();
    while (*link != store)
        link = &(*link)->next;
    *link = store->next;
    jt_sqlite_unlock();
    leave();
    (void)pthread_cond_destroy(&store->turn);
}

/* SQLite's busy handler: whether to try for a lock once more. */
static int conn_busy(void *data, int count)
{
    const struct jt_sqlite_conn *conn = data;

    return jt_sqlite_nap(conn->store, conn->deadline_ms,
                         count < NAP_MAX_US / NAP_STEP_US ? (count + 1) * NAP_STEP_US : NAP_MAX_US);
}

static void conn_configure(struct jt_sqlite_conn *conn)
{
    int persist = 1;

    (void)sqlite3_extended_result_codes(conn->db, 1);
    (void)sqlite3_busy_handler(conn->db, conn_busy, conn);
    (void)sqlite3_limit(conn->db, SQLITE_LIMIT_LENGTH, ROW_MAX);
    /* Triggers and functions in the schema of a hostile database are not run. */
    (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* The log file stays when it is empty, so that the next process does not have to create it. */
    (void)sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
}

/* Opens a connection. Without a store, *ret_conn is left alone. */
static int conn_open(struct jt_sqlite_store *store, jeton_store_call *call, const char *path, bool create,
                     struct jt_sqlite_conn **ret_conn)
{
    CLEANUP(conn_close) struct jt_sqlite_conn *conn = NULL;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE;
    struct stat info;
    bool there;
    /* The file is checked before SQLite opens it. If another file replaces it in between, the next use of the
     * connection notices by the inode. */
    int status = jt_sqlite_files_check(store, call, path, &info);

    if (status == JETON_OK && info.st_size == 0 && create)
        status = jt_sqlite_files_make(store, call, path, &info);
    if (status != JETON_OK || (info.st_size == 0 && !create))
        return status;
    if ((conn = calloc(1, sizeof(*conn))) == NULL)
        return store->host->fail(call, JETON_TRY_LATER, "%s: out of memory", path);
    conn->store = store;
    conn->call = call;
    conn->deadline_ms = store->host->deadline_ms(call);
    conn->durability = -1; /* not set yet: the default depends on how SQLite was built */
    conn->dev = info.st_dev;
    conn->ino = info.st_ino;
    conn->foreign = true; /* until the database is known to be a store */
    if (sqlite3_open_v2(path, &conn->db, flags, NULL) != SQLITE_OK)
        return jt_sqlite_fail(conn);
    conn_configure(conn);
    status = jt_sqlite_schema_ensure(conn, create, &there);
    if (status != JETON_OK || !there)
        return status;
    conn->foreign = false;
    *ret_conn = TAKE(&conn);
    return JETON_OK;
}

/* Takes an idle connection whose file is still the one at the path and was not emptied. */
static struct jt_sqlite_conn *idle_take(struct jt_sqlite_store *store, jeton_store_call *call, const char *path)
{
    for (;;) {
        CLEANUP(conn_close) struct jt_sqlite_conn *conn = idle_next(store);
        struct stat info;

        if (conn == NULL)
            return NULL;
        if (jt_sqlite_files_stat(path, "", &info) && info.st_dev == conn->dev && info.st_ino == conn->ino &&
            info.st_size > 0) {
            conn->call = call;
            conn->deadline_ms = store->host->deadline_ms(call);
            return TAKE(&conn);
        }
        conn->foreign = true;
    }
}

int jt_sqlite_take(struct jt_sqlite_store *store, jeton_store_call *call, bool create, struct jt_sqlite_conn **ret_conn)
{
    struct jt_sqlite_conn *conn = NULL;
    const char *path = NULL;
    bool stranded;
    int status = jt_sqlite_files_locate(store, call, &path);

    if (status != JETON_OK || path == NULL) {
        *ret_conn = NULL;
        return status;
    }
    enter(&stranded);
    if (stranded)
        status = store->host->fail(call, JETON_TRY_LATER,
                                   "%s: this process was forked while its parent was at work in the store, and can "
                                   "only use it after it has executed a program",
                                   path);
    else if ((conn = idle_take(store, call, path)) == NULL)
        status = conn_open(store, call, path, create, &conn);
    if (conn == NULL)
        leave();
    if (status == JETON_OK)
        *ret_conn = conn;
    return status;
}

void jt_sqlite_give(struct jt_sqlite_conn **conn)
{
    struct jt_sqlite_conn *mine = TAKE(conn);
    struct jt_sqlite_store *store = mine != NULL ? mine->store : NULL;

    if (mine == NULL)
        return;
    if (!sqlite3_get_autocommit(mine->db))
        (void)sqlite3_exec(mine->db, "ROLLBACK", NULL, NULL, NULL);
    jt_sqlite_lock();
    if (store->idle_len < IDLE_MAX) {
        mine->next = store->idle;
        store->idle = TAKE(&mine);
        store->idle_len++;
    }
    jt_sqlite_unlock();
    conn_close(&mine);
    leave();
}

static bool turn_take(struct jt_sqlite_store *store, jeton_store_call *call)
{
    const int64_t deadline_ms = store->host->deadline_ms(call);
    bool mine;

    jt_sqlite_lock();
    while (store->writing && jt_sqlite_wait(store, &store->turn, deadline_ms))
        ;
    mine = !store->writing;
    store->writing = true;
    store->wrote = true;
    jt_sqlite_unlock();
    return mine;
}

static void turn_give(struct jt_sqlite_store *store)
{
    jt_sqlite_lock();
    store->writing = false;
    (void)pthread_cond_signal(&store->turn);
    jt_sqlite_unlock();
}

static int conn_begin(struct jt_sqlite_conn *conn, int64_t durability)
{
    int status = conn->durability < 0 ? jt_sqlite_exec(conn, LOG_LIMIT) : JETON_OK;

    if (status == JETON_OK && conn->durability != durability)
        status = jt_sqlite_exec(conn, durability != 0 ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (status != JETON_OK)
        return status;
    conn->durability = durability;
    return jt_sqlite_run(conn, JT_SQLITE_BEGIN);
}

int jt_sqlite_begin(struct jt_sqlite_store *store, jeton_store_call *call, uint32_t flags,
                    struct jt_sqlite_conn **ret_conn)
{
    AUTO_WRITER struct jt_sqlite_conn *conn = NULL;
    int status;

    if (!turn_take(store, call))
        return store->host->fail(call, JETON_TRY_LATER, "%s: other threads are writing to the store: try again",
                                 jt_sqlite_place(store));
    /* The connection is taken after the turn: otherwise each of a hundred waiting threads would have one. */
    status = jt_sqlite_take(store, call, false, &conn);
    if (status == JETON_OK && conn == NULL)
        status = jt_sqlite_fail_missing(store, call);
    if (status == JETON_OK)
        status = conn_begin(conn, flags & JETON_STORE_DURABLE);
    else
        turn_give(store);
    if (status == JETON_OK)
        *ret_conn = TAKE(&conn);
    return status;
}

void jt_sqlite_end(struct jt_sqlite_conn **conn)
{
    struct jt_sqlite_store *store = *conn != NULL ? (*conn)->store : NULL;

    if (store == NULL)
        return;
    jt_sqlite_give(conn);
    turn_give(store);
}
