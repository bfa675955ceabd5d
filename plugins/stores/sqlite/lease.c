/* SPDX-License-Identifier: MIT */
/* Leases: one holder a name, among threads and processes, by kernel locks that vanish with their holder. It never lets
 * two names wait for each other, and knows nothing of what is done under a lease. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The kernel has no lock that waits for a limited time, so the first thread of a process asks again at these distances;
 * the others of the process sleep until it is done. */
#define LEASE_NAP_MIN_MS 1
#define LEASE_NAP_MAX_MS 5
#define LEASE_OFFSET_MAX INT64_C(0x3fffffffffffffff)

/* The threads of this process that hold or want one name. */
struct jt_store_queue {
    struct jt_store_queue *next;
    uint64_t hash;
    pthread_cond_t freed;
    unsigned users; /* the holder and those who wait */
    bool held;
};

/* Open once for the process: what the kernel's locks belong to. */
struct jt_store_lease_file {
    unsigned users; /* leases, and the table while it is the file of new ones */
    struct jt_store_lockfile lock;
};

struct jt_store_lease {
    struct jt_store_queue *queue;
    struct jt_store_lease_file *file;
};

static struct flock lease_range(uint64_t hash, short type)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)(hash & (uint64_t)LEASE_OFFSET_MAX), .l_len = 1};
}

/* Called with the mutex held. NULL: out of memory. */
static struct jt_store_queue *queue_join(struct jt_store_leases *leases, uint64_t hash)
{
    struct jt_store_queue *queue = leases->queues;

    while (queue != NULL && queue->hash != hash)
        queue = queue->next;
    if (queue == NULL) {
        if ((queue = calloc(1, sizeof(*queue))) == NULL)
            return NULL;
        queue->hash = hash;
        (void)pthread_cond_init(&queue->freed, NULL);
        queue->next = leases->queues;
        leases->queues = queue;
    }
    queue->users++;
    return queue;
}

/* Called with the mutex held. */
static void queue_leave(struct jt_store_leases *leases, struct jt_store_queue *queue)
{
    struct jt_store_queue **link = &leases->queues;

    if (--queue->users > 0)
        return;
    while (*link != queue)
        link = &(*link)->next;
    *link = queue->next;
    (void)pthread_cond_destroy(&queue->freed);
    free(queue);
}

static struct timespec lease_point(int64_t timeout_ms)
{
    struct timespec point;

    (void)clock_gettime(CLOCK_MONOTONIC, &point);
    point.tv_sec += (time_t)(timeout_ms / 1000);
    point.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (point.tv_nsec >= 1000000000) {
        point.tv_nsec -= 1000000000;
        point.tv_sec++;
    }
    return point;
}

static bool is_past(const struct timespec *deadline)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

/* Waits for this process's other threads; deadline NULL: for ever. *ret_queue NULL: the deadline came first. */
static int queue_enter(struct jt_store_leases *leases, uint64_t hash, const struct timespec *deadline,
                       struct jt_store_queue **ret_queue, struct jt_why *why)
{
    struct jt_store_queue *queue;
    int waited = 0;

    (void)pthread_mutex_lock(&leases->mutex);
    if ((queue = queue_join(leases, hash)) == NULL) {
        (void)pthread_mutex_unlock(&leases->mutex);
        return jt_store_say(why, JETON_TRY_LATER, "out of memory for a lease");
    }
    while (queue->held && waited != ETIMEDOUT)
        waited = deadline != NULL ? pthread_cond_clockwait(&queue->freed, &leases->mutex, CLOCK_MONOTONIC, deadline)
                                  : pthread_cond_wait(&queue->freed, &leases->mutex);
    if (queue->held) {
        queue_leave(leases, queue);
        queue = NULL;
    } else {
        queue->held = true;
    }
    (void)pthread_mutex_unlock(&leases->mutex);
    *ret_queue = queue;
    return JETON_OK;
}

static void queue_exit(struct jt_store_leases *leases, struct jt_store_queue *queue)
{
    (void)pthread_mutex_lock(&leases->mutex);
    queue->held = false;
    (void)pthread_cond_signal(&queue->freed);
    queue_leave(leases, queue);
    (void)pthread_mutex_unlock(&leases->mutex);
}

static void file_free(struct jt_store_lease_file **file)
{
    if (*file == NULL)
        return;
    jt_store_lockfile_close(&(*file)->lock);
    free(*file);
    *file = NULL;
}

void jt_store_lease_init(struct jt_store_leases *leases)
{
    *leases = (struct jt_store_leases){.mutex = PTHREAD_MUTEX_INITIALIZER};
}

void jt_store_lease_done(struct jt_store_leases *leases)
{
    file_free(&leases->file);
    (void)pthread_mutex_destroy(&leases->mutex);
}

bool jt_store_lease_is_ready(struct jt_store_leases *leases)
{
    bool ready;

    (void)pthread_mutex_lock(&leases->mutex);
    ready = leases->file != NULL && leases->file->lock.fd >= 0;
    (void)pthread_mutex_unlock(&leases->mutex);
    return ready;
}

/* The file that all leases of this process are locked in: the ranges are apart, and two threads never ask for the same
 * one. */
static int file_take(struct jt_store_leases *leases, const char *path, struct jt_store_lease_file **ret_file,
                     struct jt_why *why)
{
    struct jt_store_lease_file *file;
    int status;

    (void)pthread_mutex_lock(&leases->mutex);
    if (leases->file == NULL && (leases->file = calloc(1, sizeof(*leases->file))) != NULL) {
        leases->file->users = 1;
        leases->file->lock.fd = -1;
    }
    file = leases->file;
    status = file != NULL ? jt_store_lockfile_open(&file->lock, path, why)
                          : jt_store_say(why, JETON_TRY_LATER, "out of memory for a lease");
    if (status == JETON_OK) {
        file->users++;
        *ret_file = file;
    }
    (void)pthread_mutex_unlock(&leases->mutex);
    return status;
}

/* retire: new leases are to be locked in another one. */
static void file_give(struct jt_store_leases *leases, struct jt_store_lease_file *file, bool retire)
{
    (void)pthread_mutex_lock(&leases->mutex);
    if (retire && leases->file == file) {
        leases->file = NULL;
        file->users--;
    }
    if (--file->users == 0)
        file_free(&file);
    (void)pthread_mutex_unlock(&leases->mutex);
}

static bool lease_nap(const struct timespec *deadline, long *nap_ms)
{
    struct timespec nap = {0, *nap_ms * 1000000};

    if (deadline != NULL && is_past(deadline))
        return false;
    (void)nanosleep(&nap, NULL);
    if (*nap_ms < LEASE_NAP_MAX_MS)
        (*nap_ms)++;
    return true;
}

/* Waits for other processes. *ret_file stays when the deadline came first. */
static int lease_lock(struct jt_store_leases *leases, const char *path, uint64_t hash, const struct timespec *deadline,
                      struct jt_store_lease_file **ret_file, struct jt_why *why)
{
    long nap_ms = LEASE_NAP_MIN_MS;

    for (;;) {
        struct flock range = lease_range(hash, F_WRLCK);
        struct jt_store_lease_file *file = NULL;
        bool locked, current = true;
        int status = file_take(leases, path, &file, why);

        if (status != JETON_OK)
            return status;
        locked = fcntl(file->lock.fd, F_OFD_SETLK, &range) == 0;
        if (!locked && errno != EAGAIN && errno != EACCES && errno != EINTR)
            status =
                jt_store_say(why, JETON_TRY_LATER, "%s-lease: the kernel gives no lock: %s", path, strerror(errno));
        if (status == JETON_OK)
            current = jt_store_lockfile_is_current(&file->lock, path);
        if (locked && current) {
            *ret_file = file;
            return JETON_OK;
        }
        if (locked) {
            range.l_type = F_UNLCK;
            (void)fcntl(file->lock.fd, F_OFD_SETLK, &range);
        }
        file_give(leases, file, !current);
        if (status != JETON_OK)
            return status;
        if (current && !lease_nap(deadline, &nap_ms))
            return JETON_OK;
    }
}

int jt_store_lease_take(struct jt_store_leases *leases, const char *path, uint64_t hash, int64_t timeout_ms,
                        struct jt_store_lease **ret_lease, struct jt_why *why)
{
    /* More than a year is for ever, and does not overflow. */
    const bool limited = timeout_ms >= 0 && timeout_ms < INT64_C(366) * 24 * 3600 * 1000;
    const struct timespec point = lease_point(limited ? timeout_ms : 0);
    const struct timespec *deadline = limited ? &point : NULL;
    struct jt_store_lease *lease = NULL;
    struct jt_store_lease_file *file = NULL;
    struct jt_store_queue *queue = NULL;
    int status = queue_enter(leases, hash, deadline, &queue, why);

    if (status != JETON_OK)
        return status;
    if (queue == NULL) {
        *ret_lease = NULL;
        return JETON_OK;
    }
    if ((lease = malloc(sizeof(*lease))) == NULL)
        status = jt_store_say(why, JETON_TRY_LATER, "out of memory for a lease");
    if (status == JETON_OK)
        status = lease_lock(leases, path, hash, deadline, &file, why);
    if (status != JETON_OK || file == NULL) {
        free(lease);
        queue_exit(leases, queue);
        if (status == JETON_OK)
            *ret_lease = NULL;
        return status;
    }
    *lease = (struct jt_store_lease){.queue = queue, .file = file};
    *ret_lease = lease;
    return JETON_OK;
}

void jt_store_lease_give(struct jt_store_leases *leases, struct jt_store_lease *lease)
{
    struct flock range;

    if (lease == NULL)
        return;
    range = lease_range(lease->queue->hash, F_UNLCK);
    /* Said aloud: others hold the file open, among them any child that was forked meanwhile. */
    (void)fcntl(lease->file->lock.fd, F_OFD_SETLK, &range);
    file_give(leases, lease->file, false);
    queue_exit(leases, lease->queue);
    free(lease);
}
