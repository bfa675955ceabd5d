/* SPDX-License-Identifier: MIT */
/* Writers one after the other, among the threads and processes, and the proof that one could write now. It never
 * decides what is written. */
#include "recent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WRITE_WAIT_S 10
/* Naps are short at first, since a writer that comes back at once is only passed in the moment between two of its
 * writes, and longer where somebody holds the door for long. */
#define WRITE_NAP_NS      40000
#define WRITE_NAP_LONG_NS 500000
#define WRITE_SHORT_MS    100
#define WRITE_RESERVE_LEN (256 * 1024)
/* What one large transaction has made of the log goes with the next write after its checkpoint: else a store that is
 * never closed would keep it. It is as long as SQLite lets it become between two checkpoints anyway. */
#define WRITE_LOG_LIMIT "PRAGMA journal_size_limit = 4194304"

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int write_fail_busy(const char *path, struct jt_why *why)
{
    return jt_store_say(why, JETON_TRY_LATER,
                        "%s: another process or thread has been writing to the store for %d s: try again", path,
                        WRITE_WAIT_S);
}

/* One try at the lock of all writers. JETON_OK with *ret_locked false: somebody else has it. */
static int write_lock(struct jt_store_sqlite *store, const char *path, bool *ret_locked, struct jt_why *why)
{
    for (;;) {
        int status = jt_store_lockfile_open(&store->write_lock, path, why);

        if (status != JETON_OK)
            return status;
        *ret_locked = flock(store->write_lock.fd, LOCK_EX | LOCK_NB) == 0;
        if (!*ret_locked && errno != EWOULDBLOCK && errno != EINTR)
            return jt_store_say(why, JETON_TRY_LATER, "%s-lease: the kernel gives no lock: %s", path, strerror(errno));
        if (jt_store_lockfile_is_current(&store->write_lock, path))
            return JETON_OK;
        jt_store_lockfile_close(&store->write_lock);
    }
}

/* The queue before the door: SQLite locks out other writers by itself, but lets them sleep up to a tenth of a second
 * between two tries, and the copies of recent rows trust that who writes stood in the queue. flock(2) is asked again
 * and again, since it has no timeout and a stopped process must not stop all others for good. */
static int write_queue(struct jt_store_sqlite *store, const char *path, struct jt_why *why)
{
    int64_t began_ns = 0;
    bool locked = false;

    for (;;) {
        int status = write_lock(store, path, &locked, why);
        const int64_t now = locked ? 0 : now_ns();

        if (status != JETON_OK || locked)
            return status;
        began_ns = began_ns != 0 ? began_ns : now;
        if (now - began_ns > (int64_t)WRITE_WAIT_S * 1000000000)
            return write_fail_busy(path, why);
        const struct timespec nap = {0, now - began_ns < (int64_t)WRITE_SHORT_MS * 1000000 ? WRITE_NAP_NS
                                                                                           : WRITE_NAP_LONG_NS};

        (void)nanosleep(&nap, NULL);
    }
}

/* deadline NULL: does not wait. */
static bool write_enter(struct jt_store_sqlite *store, const struct timespec *deadline)
{
    bool entered;

    (void)pthread_mutex_lock(&store->write_mutex);
    while (store->writing && deadline != NULL &&
           pthread_cond_clockwait(&store->write_free, &store->write_mutex, CLOCK_MONOTONIC, deadline) == 0)
        ;
    entered = !store->writing;
    store->writing = true;
    (void)pthread_mutex_unlock(&store->write_mutex);
    return entered;
}

static void write_exit(struct jt_store_sqlite *store)
{
    (void)pthread_mutex_lock(&store->write_mutex);
    store->writing = false;
    (void)pthread_cond_signal(&store->write_free);
    (void)pthread_mutex_unlock(&store->write_mutex);
}

void jt_store_write_leave(struct jt_store_sqlite *store)
{
    if (store->write_lock.fd >= 0)
        (void)flock(store->write_lock.fd, LOCK_UN);
    write_exit(store);
}

bool jt_store_write_try(struct jt_store_sqlite *store)
{
    bool locked = false;
    char text[512];

    if (!write_enter(store, NULL))
        return false;
    if (write_lock(store, jt_store_conn_path(store), &locked, JT_WHY(text, sizeof(text))) == JETON_OK && locked)
        return true;
    write_exit(store);
    return false;
}

int jt_store_write_begin(struct jt_store_sqlite *store, uint32_t durability, bool create,
                         struct jt_store_conn **ret_conn, struct jt_why *why)
{
    JT_AUTO_WRITER struct jt_store_conn *conn = NULL;
    const char *path = jt_store_conn_path(store);
    struct timespec deadline;
    int status;

    if (path == NULL || (!create && jt_store_files_len(path, "") == 0)) {
        /* An idle connection does not count: somebody has emptied the file under it. */
        JT_AUTO_CONN struct jt_store_conn *none = NULL;

        status = jt_store_conn_take(store, false, &none, why);
        if (status == JETON_OK)
            *ret_conn = NULL;
        return status;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += WRITE_WAIT_S;
    if (!write_enter(store, &deadline))
        return write_fail_busy(path, why);
    /* The connection comes behind the queue, or a hundred waiting threads would each hold one. */
    status = write_queue(store, path, why);
    if (status == JETON_OK)
        status = jt_store_conn_take(store, create, &conn, why);
    if (status != JETON_OK || conn == NULL) {
        jt_store_write_leave(store);
        if (status == JETON_OK)
            *ret_conn = NULL;
        return status;
    }
    durability &= JETON_DURABLE;
    if (conn->durability == UINT32_MAX)
        status = jt_store_conn_exec(conn, WRITE_LOG_LIMIT, why);
    if (status == JETON_OK && conn->durability != durability) {
        status = jt_store_conn_exec(conn, durability != 0 ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
                                    why);
        if (status == JETON_OK)
            conn->durability = durability;
    }
    atomic_store(&store->wrote, true);
    if (status == JETON_OK)
        status = jt_store_conn_run(conn, JT_STMT_BEGIN, why);
    if (status != JETON_OK)
        return status;
    jt_store_recent_begin(conn, path);
    *ret_conn = jt_take(&conn);
    return JETON_OK;
}

int jt_store_write_commit(struct jt_store_conn *conn, struct jt_why *why)
{
    return jt_store_conn_run(conn, JT_STMT_COMMIT, why);
}

void jt_store_write_end(struct jt_store_conn **conn)
{
    struct jt_store_sqlite *store;

    if (*conn == NULL)
        return;
    store = (*conn)->store;
    if (!sqlite3_get_autocommit((*conn)->db))
        (void)sqlite3_exec((*conn)->db, "ROLLBACK", NULL, NULL, NULL);
    jt_store_recent_end(*conn, jt_store_conn_path(store));
    jt_store_conn_give(conn);
    jt_store_write_leave(store);
}

/* Takes disk blocks for the frames that a put would append to the log, so that nobody else fills the disk in between.
 * The log may be opened here: SQLite keeps its locks on other files. */
static int write_reserve(const char *path, struct jt_why *why)
{
    JT_AUTO_FD int fd = -1;
    struct stat info;
    int status = jt_store_files_open(path, "-wal", O_RDWR, &fd, why);

    if (status != JETON_OK)
        return status;
    if (fstat(fd, &info) == 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, info.st_size, WRITE_RESERVE_LEN) != 0 &&
        (errno == ENOSPC || errno == EDQUOT))
        return jt_store_say(
            why, JETON_TRY_LATER,
            "%s: the disk or the quota is full (less than %d KiB are left): free some space; what was stored "
            "before is safe",
            path, WRITE_RESERVE_LEN / 1024);
    return JETON_OK;
}

int jt_store_write_probe(struct jt_store_sqlite *store, struct jt_why *why)
{
    JT_AUTO_WRITER struct jt_store_conn *conn = NULL;
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    int status = jt_store_write_begin(store, JETON_DURABLE, false, &conn, why);

    if (status == JETON_OK && conn == NULL)
        return jt_store_sqlite_missing(store, why);
    if (status == JETON_OK)
        status = jt_store_conn_prepare(conn, JT_STMT_META_PUT, &stmt, why);
    if (status != JETON_OK)
        return status;
    /* A transaction that is rolled back never reaches the disk and proves nothing: this one is committed and synced. */
    (void)sqlite3_bind_text(stmt, 1, "engine.probe", -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 2, now_ns());
    if (sqlite3_step(stmt) != SQLITE_DONE)
        return jt_store_conn_fail(conn->db, sqlite3_db_filename(conn->db, "main"), why);
    status = jt_store_write_commit(conn, why);
    if (status != JETON_OK)
        return status;
    jt_store_recent_written(conn, NULL, NULL, NULL);
    return write_reserve(sqlite3_db_filename(conn->db, "main"), why);
}
