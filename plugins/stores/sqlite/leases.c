/* SPDX-License-Identifier: MIT */
/* Leases: one holder a key, among the threads and processes of this machine. Threads of one process queue up; the
 * first of a queue locks one byte of <path>-lease, at a place that the key decides. The kernel takes the lock back when
 * the holder dies. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The kernel has no lock that waits for a limited time: the first of a queue asks again at these distances. */
#define NAP_MIN_US 1000
#define NAP_MAX_US 5000
#define OFFSET_MAX UINT64_C(0x3fffffffffffffff)

/* <path>-lease, open. The locks belong to the open file and not to the process: a forked child that kept the file would
 * keep the leases of a parent that is killed. */
struct jt_sqlite_lockfile {
    struct jt_sqlite_lockfile *next; /* of all in this process */
    unsigned users;                  /* leases, and the store while new leases are locked in it */
    int fd;                          /* -1: it was a parent's */
    dev_t dev;
    ino_t ino;
};
static struct jt_sqlite_lockfile *lockfiles; /* under the engine's mutex */

/* The threads of this process that have or want one lease. */
struct jt_sqlite_queue {
    struct jt_sqlite_queue *next;
    uint64_t hash;
    pthread_cond_t freed;
    unsigned users; /* the holder and those who wait */
    bool held;
};

struct jt_sqlite_lease {
    struct jt_sqlite_lease *next; /* of the store's */
    struct jt_sqlite_queue *queue;
    struct jt_sqlite_lockfile *file;
    unsigned forks; /* when it was taken: a child does not have its parent's */
};

static uint64_t hash_add(uint64_t hash, const void *data, size_t len)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* FNV-1a, 62 bits of it. Two keys of the same hash would wait for each other; among a million keys that are in use at
 * once, there is such a pair once in ten million stores. */
static uint64_t key_hash(const struct jeton_row_key *key)
{
    uint64_t hash = hash_add(UINT64_C(0xcbf29ce484222325), &key->kind, sizeof(key->kind));

    hash = hash_add(hash, key->name, strlen(key->name) + 1);
    hash = hash_add(hash, key->variant, strlen(key->variant));
    return (hash ^ hash >> 62) & OFFSET_MAX;
}

/* len 0: to the end of all files. */
static bool file_lock(const struct jt_sqlite_lockfile *file, short type, uint64_t offset, off_t len)
{
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)offset, .l_len = len};

    return fcntl(file->fd, F_OFD_SETLK, &range) == 0;
}

/* With the mutex held: no fork comes between the opening and the note of it. */
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

/* Whether it is still the one that others would open: a lock on a deleted file excludes nobody. */
static bool file_is_current(const struct jt_sqlite_lockfile *file, const char *path)
{
    struct stat info;

    return jt_sqlite_files_stat(path, "-lease", &info) && info.st_dev == file->dev && info.st_ino == file->ino;
}

/* The one that all leases of a store are locked in: their bytes are apart, and two threads never ask for the same. */
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

/* Somebody has deleted it: new leases are locked in another one. */
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

/* Waits for this process's other threads. *ret_queue NULL: the deadline came first. */
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

/* One look at the key's byte. *ret_file NULL: another process has it; *ret_again: the file was deleted meanwhile. */
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

/* Greater than the row's, and than those of former leases, which were given at an earlier time. Where the clock was set
 * back since, the row's plus one is enough: a living holder cannot lose its lease, so nobody is left who has one of
 * those. */
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

/* At the head of the queue. *ret_lease NULL: another process has it still. */
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

/* A parent's lease stays the parent's. */
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
        /* Unlocked, not only closed: other leases are locked in the same file. */
        (void)file_lock(given->file, F_UNLCK, given->queue->hash, 1);
        queue_exit(mine, given->queue);
    }
    file_leave(given->file);
    jt_sqlite_unlock();
    free(given);
}

/* In a forked child, which may have been forked while another thread was inside of malloc(3): nothing is freed. */
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

        /* A file of its own, against which this process's leases count too. */
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
