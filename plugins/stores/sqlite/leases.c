/* SPDX-License-Identifier: MIT */
/* Leases: each key has one holder among the threads and processes of this machine. The threads of a process that want
 * the same key queue up. The first of the queue locks one byte of <path>-lease, at an offset that is a hash of the key.
 * The kernel releases the lock when the holder dies. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The kernel offers no file lock that waits for a limited time, so the first of a queue tries again after pauses of
 * this length. */
#define NAP_MIN_US 1000
#define NAP_MAX_US 5000
#define OFFSET_MAX UINT64_C(0x3fffffffffffffff)

/* The open file <path>-lease. The locks belong to the open file, not to the process: if a forked child kept it open,
 * the leases of a killed parent would stay locked. */
struct jt_sqlite_lockfile {
    struct jt_sqlite_lockfile *next; /* list of all in this process */
    unsigned users;                  /* leases in it, plus the store while new leases are locked in it */
    int fd;                          /* -1: it was a parent's, and is closed */
    dev_t dev;
    ino_t ino;
};
static struct jt_sqlite_lockfile *lockfiles; /* under the engine's mutex */

/* The threads of this process that hold or want the same lease. */
struct jt_sqlite_queue {
    struct jt_sqlite_queue *next;
    uint64_t hash;
    pthread_cond_t freed;
    unsigned users; /* the holder and the waiting threads */
    bool held;
};

struct jt_sqlite_lease {
    struct jt_sqlite_lease *next; /* list of the store's leases */
    struct jt_sqlite_queue *queue;
    struct jt_sqlite_lockfile *file;
    unsigned forks; /* jt_sqlite_forks when it was taken, by which a child knows a parent's lease */
};

static uint64_t hash_add(uint64_t hash, const void *data, size_t len)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* 62 bits of FNV-1a. Two keys with the same hash would wait for each other. Among a million keys that are in use at
 * once, one store in ten million has such a pair. */
static uint64_t key_hash(const struct jeton_row_key *key)
{
    uint64_t hash = hash_add(UINT64_C(0xcbf29ce484222325), &key->kind, sizeof(key->kind));

    hash = hash_add(hash, key->name, strlen(key->name) + 1);
    hash = hash_add(hash, key->variant, strlen(key->variant));
    return (hash ^ hash >> 62) & OFFSET_MAX;
}

/* Locks or unlocks bytes of the file. len 0: all bytes from offset on. */
static bool file_lock(const struct jt_sqlite_lockfile *file, short type, uint64_t offset, off_t len)
{
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)offset, .l_len = len};

    return fcntl(file->fd, F_OFD_SETLK, &range) == 0;
}

/* Called with the mutex held, so that no fork comes between opening the file and adding it to the list. */
static int file_open(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                     struct jt_sqlite_lockfile **ret_file)
{
    struct jt_sqlite_lockfile *file;
    AUTO_FD int fd = -1;
    struct stat info;
    int status = jt_sqlite_files_open(store, call, path, "-lease", O_RDWR | O_CREAT, &fd);

    if (status != JETON_OK)
        return status;
    if (fstat(fd, &info) != 0 || (file = malloc(sizeof(*file))) == NULL)
        return store->host->fail_errno(call, errno, "%s-lease cannot be used", path);
    *file = (struct jt_sqlite_lockfile){lockfiles, 1, fd, info.st_dev, info.st_ino};
    fd = -1;
    lockfiles = file;
    *ret_file = file;
    return JETON_OK;
}

/* With the mutex held. */
static void file_leave(struct jt_sqlite_lockfile *file)
{
    struct jt_sqlite_lockfile **link = &lockfiles;

    if (--file->users > 0)
        return;
    while (*link != file)
        link = &(*link)->next;
    *link = file->next;
    jt_sqlite_fd_close(&file->fd);
    free(file);
}

void jt_sqlite_lockfile_give(struct jt_sqlite_lockfile **file)
{
    if (*file == NULL)
        return;
    jt_sqlite_lock();
    file_leave(TAKE(file));
    jt_sqlite_unlock();
}

/* Whether the file is still the one at the path: a lock on a deleted file excludes nobody. */
static bool file_is_current(const struct jt_sqlite_lockfile *file, const char *path)
{
    struct stat info;

    return jt_sqlite_files_stat(path, "-lease", &info) && info.st_dev == file->dev && info.st_ino == file->ino;
}

/* Takes the file in which all leases of a store are locked. One open file is enough: leases lock different bytes, and
 * two threads never lock the same byte, since they queue up first. */
static int file_take(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                     struct jt_sqlite_lockfile **ret_file)
{
    int status = JETON_OK;

    jt_sqlite_lock();
    if (store->lockfile != NULL && store->lockfile->fd < 0)
        file_leave(TAKE(&store->lockfile));
    if (store->lockfile == NULL)
        status = file_open(store, call, path, &store->lockfile);
    if (status == JETON_OK) {
        store->lockfile->users++;
        *ret_file = store->lockfile;
    }
    jt_sqlite_unlock();
    return status;
}

/* Called after the file was deleted: new leases are locked in a new one. */
static void file_retire(struct jt_sqlite_store *store, const struct jt_sqlite_lockfile *file)
{
    jt_sqlite_lock();
    if (store->lockfile == file)
        file_leave(TAKE(&store->lockfile));
    jt_sqlite_unlock();
}

static int fail_lock(struct jt_sqlite_store *store, jeton_store_call *call, const char *path)
{
    return store->host->fail_errno(call, errno, "%s-lease: the kernel gives no lock", path);
}

/* With the mutex held. NULL: out of memory. */
static struct jt_sqlite_queue *queue_join(struct jt_sqlite_store *store, uint64_t hash)
{
    struct jt_sqlite_queue *queue = store->queues;

    while (queue != NULL && queue->hash != hash)
        queue = queue->next;
    if (queue == NULL && (queue = calloc(1, sizeof(*queue))) != NULL) {
        queue->hash = hash;
        (void)pthread_cond_init(&queue->freed, NULL);
        queue->next = store->queues;
        store->queues = queue;
    }
    if (queue != NULL)
        queue->users++;
    return queue;
}

/* With the mutex held. */
static void queue_leave(struct jt_sqlite_store *store, struct jt_sqlite_queue *queue)
{
    struct jt_sqlite_queue **link = &store->queues;

    if (--queue->users > 0)
        return;
    while (*link != queue)
        link = &(*link)->next;
    *link = queue->next;
    (void)pthread_cond_destroy(&queue->freed);
    free(queue);
}

/* Waits for the other threads of this process. *ret_queue NULL: the deadline came first. */
static int queue_enter(struct jt_sqlite_store *store, jeton_store_call *call, uint64_t hash,
                       struct jt_sqlite_queue **ret_queue)
{
    const int64_t deadline_ms = store->host->deadline_ms(call);
    struct jt_sqlite_queue *queue;

    jt_sqlite_lock();
    queue = queue_join(store, hash);
    if (queue == NULL) {
        jt_sqlite_unlock();
        return store->host->fail(call, JETON_TRY_LATER, "%s: out of memory", jt_sqlite_place(store));
    }
    while (queue->held && jt_sqlite_wait(store, &queue->freed, deadline_ms))
        ;
    if (queue->held) {
        queue_leave(store, queue);
        queue = NULL;
    } else {
        queue->held = true;
    }
    jt_sqlite_unlock();
    *ret_queue = queue;
    return JETON_OK;
}

/* With the mutex held. */
static void queue_exit(struct jt_sqlite_store *store, struct jt_sqlite_queue *queue)
{
    queue->held = false;
    (void)pthread_cond_signal(&queue->freed);
    queue_leave(store, queue);
}

/* Tries once to lock the key's byte. *ret_file NULL: another process has it. *ret_again: the file was deleted
 * meanwhile. */
static int lease_try(struct jt_sqlite_store *store, jeton_store_call *call, const char *path, uint64_t hash,
                     struct jt_sqlite_lockfile **ret_file, bool *ret_again)
{
    CLEANUP(jt_sqlite_lockfile_give) struct jt_sqlite_lockfile *file = NULL;
    bool locked;
    int status = file_take(store, call, path, &file);

    if (status != JETON_OK)
        return status;
    locked = file_lock(file, F_WRLCK, hash, 1);
    if (!locked && errno != EAGAIN && errno != EACCES && errno != EINTR)
        return fail_lock(store, call, path);
    *ret_again = !file_is_current(file, path);
    if (*ret_again)
        file_retire(store, file);
    if (locked && *ret_again)
        (void)file_lock(file, F_UNLCK, hash, 1);
    else if (locked)
        *ret_file = TAKE(&file);
    return JETON_OK;
}

/* Waits for other processes. *ret_file NULL: the deadline came first. */
static int lease_wait(struct jt_sqlite_store *store, jeton_store_call *call, const char *path, uint64_t hash,
                      struct jt_sqlite_lockfile **ret_file)
{
    const int64_t deadline_ms = store->host->deadline_ms(call);
    int64_t nap_us = NAP_MIN_US;
    bool again = false;

    for (;;) {
        int status = lease_try(store, call, path, hash, ret_file, &again);

        if (status != JETON_OK || *ret_file != NULL)
            return status;
        if (!again && !jt_sqlite_nap(store, deadline_ms, nap_us))
            return JETON_OK;
        nap_us += nap_us < NAP_MAX_US ? NAP_MIN_US : 0;
    }
}

/* The new fence: the current time, or the row's fence plus one if that is greater. So it is greater than the row's, and
 * than those of earlier leases. If the clock was set back it may not be greater than the latter; that does no harm,
 * since a living holder cannot lose its lease here, so nobody holds an earlier fence any more. */
static int lease_fence(struct jt_sqlite_store *store, jeton_store_call *call, const struct jeton_row_key *key,
                       int64_t *ret_fence)
{
    AUTO_CONN struct jt_sqlite_conn *conn = NULL;
    struct timespec now;
    int64_t version, fence = 0, now_ns;
    int status = jt_sqlite_take(store, call, false, &conn);

    if (status == JETON_OK && conn == NULL)
        return jt_sqlite_fail_missing(store, call);
    if (status == JETON_OK)
        status = jt_sqlite_fence(conn, key, &version, &fence);
    if (status != JETON_OK)
        return status;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    fence += fence < INT64_MAX ? 1 : 0;
    *ret_fence = fence > now_ns ? fence : now_ns;
    return JETON_OK;
}

/* Takes the lease for the first thread of the queue. *ret_lease NULL: another process still has it. */
static int lease_take(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                      const struct jeton_row_key *key, struct jt_sqlite_queue *queue,
                      struct jt_sqlite_lease **ret_lease, int64_t *ret_fence)
{
    struct jt_sqlite_lockfile *file = NULL;
    struct jt_sqlite_lease *lease = malloc(sizeof(*lease));
    int status = lease != NULL ? lease_wait(store, call, path, queue->hash, &file)
                               : store->host->fail(call, JETON_TRY_LATER, "%s: out of memory", path);

    if (status != JETON_OK || file == NULL) {
        free(lease);
        return status;
    }
    jt_sqlite_lock();
    *lease = (struct jt_sqlite_lease){store->leases, queue, file, jt_sqlite_forks()};
    store->leases = lease;
    jt_sqlite_unlock();
    *ret_lease = lease;
    return lease_fence(store, call, key, ret_fence);
}

int jt_sqlite_lease(void *store, jeton_store_call *call, const struct jeton_row_key *key, void **ret_lease,
                    int64_t *ret_fence)
{
    struct jt_sqlite_store *mine = store;
    struct jt_sqlite_queue *queue = NULL;
    struct jt_sqlite_lease *lease = NULL;
    const char *path = NULL;
    int64_t fence = 0;
    int status = jt_sqlite_files_locate(mine, call, &path);

    if (status == JETON_OK && jt_sqlite_files_len(path, "") == 0)
        status = jt_sqlite_fail_missing(mine, call);
    if (status == JETON_OK)
        status = queue_enter(mine, call, key_hash(key), &queue);
    if (status == JETON_OK && queue != NULL)
        status = lease_take(mine, call, path, key, queue, &lease, &fence);
    if (lease == NULL && queue != NULL) {
        jt_sqlite_lock();
        queue_exit(mine, queue);
        jt_sqlite_unlock();
    }
    if (status != JETON_OK) {
        jt_sqlite_release(mine, lease);
        return status;
    }
    *ret_lease = lease;
    *ret_fence = fence;
    return JETON_OK;
}

/* A lease that the parent of this process took is not released: it is the parent's. */
void jt_sqlite_release(void *store, void *lease)
{
    struct jt_sqlite_store *mine = store;
    struct jt_sqlite_lease *given = lease, **link = &mine->leases;

    if (given == NULL)
        return;
    jt_sqlite_lock();
    while (*link != given)
        link = &(*link)->next;
    *link = given->next;
    if (given->forks == jt_sqlite_forks()) {
        /* Unlocked rather than closed: other leases are locked in the same file. */
        (void)file_lock(given->file, F_UNLCK, given->queue->hash, 1);
        queue_exit(mine, given->queue);
    }
    file_leave(given->file);
    jt_sqlite_unlock();
    free(given);
}

/* Frees nothing: when the process was forked, another thread may have been inside malloc(3). */
void jt_sqlite_leases_forget(struct jt_sqlite_store *store)
{
    for (struct jt_sqlite_lockfile *file = lockfiles; file != NULL; file = file->next)
        jt_sqlite_fd_close(&file->fd);
    for (struct jt_sqlite_queue *queue = store->queues; queue != NULL; queue = queue->next) {
        (void)pthread_cond_init(&queue->freed, NULL);
        queue->users = 0;
        queue->held = false;
    }
}

void jt_sqlite_leases_done(struct jt_sqlite_store *store)
{
    while (store->leases != NULL)
        jt_sqlite_release(store, store->leases);
    /* A parent's. */
    while (store->queues != NULL) {
        struct jt_sqlite_queue *queue = store->queues;

        queue->users = 1;
        queue_leave(store, queue);
    }
    jt_sqlite_lockfile_give(&store->lockfile);
}

int jt_sqlite_lock_all(struct jt_sqlite_store *store, jeton_store_call *call, struct jt_sqlite_lockfile **ret_file)
{
    const char *path = jt_sqlite_place(store);

    for (;;) {
        CLEANUP(jt_sqlite_lockfile_give) struct jt_sqlite_lockfile *file = NULL;
        int status;

        /* A separate open file: its lock conflicts with this process's own leases too. */
        jt_sqlite_lock();
        status = file_open(store, call, path, &file);
        jt_sqlite_unlock();
        if (status != JETON_OK)
            return status;
        if (file_lock(file, F_WRLCK, 0, 0)) {
            if (file_is_current(file, path)) {
                *ret_file = TAKE(&file);
                return JETON_OK;
            }
            continue;
        }
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return fail_lock(store, call, path);
        if (!jt_sqlite_nap(store, store->host->deadline_ms(call), NAP_MAX_US))
            return store->host->fail(call, JETON_TRY_LATER,
                                     "%s: a program is renewing a token, and the store cannot be brought up to date "
                                     "before it is done: try again",
                                     path);
    }
}
