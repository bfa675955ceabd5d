/* SPDX-License-Identifier: MIT */
/* The generation page: a number in <path>-gen that changes with every commit, mapped for reading by every process. It
 * never is needed for correctness: without it, readers look again every few seconds. */
#include "store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GENERATION_PAGE_LEN 4096
/* How long a reader may go by a page that is not the file's any more; the promise to callers is five seconds. */
#define GENERATION_CHECK_MS 4000
#define GENERATION_EPOCH    UINT64_C(0x9e3779b97f4a7c15)

void jt_store_generation_init(struct jt_store_generation *generation)
{
    *generation = (struct jt_store_generation){.mutex = PTHREAD_MUTEX_INITIALIZER, .fd = -1};
}

void jt_store_generation_done(struct jt_store_generation *generation)
{
    void *page = (void *)(uintptr_t)atomic_load(&generation->counter);

    if (page != NULL)
        (void)munmap(page, GENERATION_PAGE_LEN);
    jt_fd_close(&generation->fd);
    (void)pthread_mutex_destroy(&generation->mutex);
}

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_mapped(const struct jt_store_generation *generation)
{
    return generation->ino != 0;
}

/* Readers in other threads never stop to look: the address stays, what lies behind it is replaced in one step. */
static bool generation_map(struct jt_store_generation *generation, int fd)
{
    void *place = (void *)(uintptr_t)atomic_load(&generation->counter);
    int flags = (place != NULL ? MAP_FIXED : 0) | (fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS);
    void *page = mmap(place, GENERATION_PAGE_LEN, PROT_READ, flags, fd, 0);

    if (page == MAP_FAILED)
        return false;
    atomic_store_explicit(&generation->counter, page, memory_order_release);
    return true;
}

/* Opens the file at the path, which may be missing, too short, or not ours to write. */
static int generation_open(const char *path, struct stat *ret_info)
{
    JT_AUTO_FD int fd = -1;
    char text[256];
    int mine;

    if (jt_store_files_open(path, "-gen", O_RDWR | O_CREAT, &fd, JT_WHY(text, sizeof(text))) != JETON_OK &&
        jt_store_files_open(path, "-gen", O_RDONLY, &fd, JT_WHY(text, sizeof(text))) != JETON_OK)
        return -1;
    if (fstat(fd, ret_info) != 0)
        return -1;
    /* The block is taken now, so that a full disk does not stop the counter later. */
    if (ret_info->st_size < GENERATION_PAGE_LEN &&
        (posix_fallocate(fd, 0, GENERATION_PAGE_LEN) != 0 || fstat(fd, ret_info) != 0))
        return -1;
    mine = fd;
    fd = -1;
    return mine;
}

/* Looks whether the page is still the file at the path. Called with the mutex held. */
static void generation_renew(struct jt_store_generation *generation, const char *path)
{
    JT_AUTO_STR char *file = path != NULL ? jt_printf("%s-gen", path) : NULL;
    const bool store_there = path != NULL && jt_store_files_len(path, "") > 0;
    struct stat info;

    atomic_store(&generation->check_at_ms, clock_ms(CLOCK_MONOTONIC_COARSE) + GENERATION_CHECK_MS);
    if (is_mapped(generation) && file != NULL && lstat(file, &info) == 0 && info.st_dev == generation->dev &&
        info.st_ino == generation->ino && info.st_size >= GENERATION_PAGE_LEN)
        return;
    jt_fd_close(&generation->fd);
    generation->fd = store_there ? generation_open(path, &info) : -1;
    if (generation->fd >= 0 && generation_map(generation, generation->fd)) {
        generation->dev = info.st_dev;
        generation->ino = info.st_ino;
    } else {
        /* Without a page the epoch alone moves, once every few seconds. */
        if (is_mapped(generation) || atomic_load(&generation->counter) == NULL)
            (void)generation_map(generation, -1);
        generation->ino = 0;
    }
    (void)atomic_fetch_add(&generation->epoch, 1);
}

uint64_t jt_store_generation_read(struct jt_store_generation *generation, const char *path)
{
    _Atomic uint64_t *counter = atomic_load_explicit(&generation->counter, memory_order_acquire);

    if (counter == NULL ||
        clock_ms(CLOCK_MONOTONIC_COARSE) >= atomic_load_explicit(&generation->check_at_ms, memory_order_relaxed)) {
        /* While one thread looks, the others go by what they see. */
        if (counter == NULL)
            (void)pthread_mutex_lock(&generation->mutex);
        else if (pthread_mutex_trylock(&generation->mutex) != 0)
            return atomic_load_explicit(counter, memory_order_acquire) +
                   atomic_load(&generation->epoch) * GENERATION_EPOCH;
        if (clock_ms(CLOCK_MONOTONIC_COARSE) >= atomic_load(&generation->check_at_ms))
            generation_renew(generation, path);
        (void)pthread_mutex_unlock(&generation->mutex);
        counter = atomic_load_explicit(&generation->counter, memory_order_acquire);
    }
    return (counter != NULL ? atomic_load_explicit(counter, memory_order_acquire) : 0) +
           atomic_load_explicit(&generation->epoch, memory_order_relaxed) * GENERATION_EPOCH;
}

/* Written with pwrite, not through the map: on a full disk that is an error, where the map would be a signal that kills
 * the program. The time in it keeps two writers that did not see each other from writing the same number. */
void jt_store_generation_bump(struct jt_store_generation *generation, const char *path)
{
    struct timespec now;
    uint64_t value = 0;
    ssize_t written = -1;

    (void)pthread_mutex_lock(&generation->mutex);
    generation_renew(generation, path);
    if (generation->fd >= 0 && pread(generation->fd, &value, sizeof(value), 0) == (ssize_t)sizeof(value)) {
        (void)clock_gettime(CLOCK_REALTIME, &now);
        value++;
        if (value < (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec)
            value = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        written = pwrite(generation->fd, &value, sizeof(value), 0);
    }
    /* Readers notice within a few seconds that a page is gone, but not that it stands still. */
    if (written != (ssize_t)sizeof(value) && path != NULL) {
        JT_AUTO_STR char *file = jt_printf("%s-gen", path);

        if (file != NULL)
            (void)unlink(file);
        (void)atomic_fetch_add(&generation->epoch, 1);
    }
    (void)pthread_mutex_unlock(&generation->mutex);
}
