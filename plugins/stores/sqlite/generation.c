/* SPDX-License-Identifier: MIT */
/* The generation page: numbers in <path>-gen, one for each shard, that change with every commit to it, mapped for
 * reading by every process. It never is needed for correctness: without it, readers look again every few seconds. */
#include "token/name.h"
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* In numbers of eight bytes: one that stands for all shards, then, in a cache line of their own, the shards'. */
#define GENERATION_ALL      0u
#define GENERATION_FIRST    8u
#define GENERATION_PAGE_LEN 12288
/* How long a reader may go by a page that is not the file's any more; the promise to callers is five seconds. */
#define GENERATION_CHECK_MS 4000
#define GENERATION_EPOCH    UINT64_C(0x9e3779b97f4a7c15)

_Static_assert((GENERATION_FIRST + JT_NAME_SHARDS) * sizeof(uint64_t) <= GENERATION_PAGE_LEN, "the page has room");

void jt_store_generation_init(struct jt_store_generation *generation)
{
    *generation = (struct jt_store_generation){.mutex = PTHREAD_MUTEX_INITIALIZER, .fd = -1};
}

void jt_store_generation_done(struct jt_store_generation *generation)
{
    void *page = (void *)(uintptr_t)atomic_load(&generation->page);

    if (page != NULL)
        (void)munmap(page, GENERATION_PAGE_LEN);
    jt_fd_close(&generation->fd);
    (void)pthread_mutex_destroy(&generation->mutex);
}

static bool is_mapped(const struct jt_store_generation *generation)
{
    return generation->ino != 0;
}

/* Readers in other threads never stop to look: the address stays, what lies behind it is replaced in one step. */
static bool generation_map(struct jt_store_generation *generation, int fd)
{
    void *place = (void *)(uintptr_t)atomic_load(&generation->page);
    int flags = (place != NULL ? MAP_FIXED : 0) | (fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS);
    void *page = mmap(place, GENERATION_PAGE_LEN, PROT_READ, flags, fd, 0);

    if (page == MAP_FAILED)
        return false;
    atomic_store_explicit(&generation->page, page, memory_order_release);
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
    struct stat info;

    atomic_store(&generation->check_at_ms, jt_boot_ms_quick() + GENERATION_CHECK_MS);
    if (is_mapped(generation) && path != NULL && jt_store_files_stat(path, "-gen", &info) &&
        info.st_dev == generation->dev && info.st_ino == generation->ino && info.st_size >= GENERATION_PAGE_LEN)
        return;
    jt_fd_close(&generation->fd);
    generation->fd = path != NULL && jt_store_files_len(path, "") > 0 ? generation_open(path, &info) : -1;
    if (generation->fd >= 0 && generation_map(generation, generation->fd)) {
        generation->dev = info.st_dev;
        generation->ino = info.st_ino;
    } else {
        /* Without a page the epoch alone moves, once every few seconds. */
        if (is_mapped(generation) || atomic_load(&generation->page) == NULL)
            (void)generation_map(generation, -1);
        generation->ino = 0;
    }
    (void)atomic_fetch_add(&generation->epoch, 1);
}

/* Called with the mutex held. */
static void generation_renew_due(struct jt_store_generation *generation, const char *path)
{
    if (jt_boot_ms_quick() >= atomic_load(&generation->check_at_ms))
        generation_renew(generation, path);
}

void jt_store_generation_look(struct jt_store_generation *generation, const char *path)
{
    if (jt_boot_ms_quick() < atomic_load_explicit(&generation->check_at_ms, memory_order_relaxed))
        return;
    (void)pthread_mutex_lock(&generation->mutex);
    generation_renew_due(generation, path);
    (void)pthread_mutex_unlock(&generation->mutex);
}

uint64_t jt_store_generation_read(struct jt_store_generation *generation, uint32_t shard)
{
    const _Atomic uint64_t *page = atomic_load_explicit(&generation->page, memory_order_acquire);
    const size_t place = GENERATION_FIRST + shard % JT_NAME_SHARDS;

    /* Factors that are odd and not alike: no change of one of the three is undone by one of another. */
    return (page != NULL ? atomic_load_explicit(&page[place], memory_order_acquire) +
                               3 * atomic_load_explicit(&page[GENERATION_ALL], memory_order_acquire)
                         : 0) +
           atomic_load_explicit(&generation->epoch, memory_order_relaxed) * GENERATION_EPOCH;
}

/* Written with pwrite, not through the map: on a full disk that is an error, where the map would be a signal that kills
 * the program. The time in it keeps two writers that did not see each other from writing the same number. */
static bool generation_write(struct jt_store_generation *generation, size_t place)
{
    const _Atomic uint64_t *page = atomic_load_explicit(&generation->page, memory_order_acquire);
    struct timespec now;
    uint64_t value, now_ns;

    if (generation->fd < 0 || page == NULL)
        return false;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    value = atomic_load_explicit(&page[place], memory_order_relaxed) + 1;
    if (value < now_ns)
        value = now_ns;
    return pwrite(generation->fd, &value, sizeof(value), (off_t)(place * sizeof(value))) == (ssize_t)sizeof(value);
}

void jt_store_generation_bump(struct jt_store_generation *generation, const char *path, int64_t shard)
{
    const size_t place =
        shard == JT_STORE_ALL_SHARDS ? GENERATION_ALL : GENERATION_FIRST + (size_t)shard % JT_NAME_SHARDS;

    (void)pthread_mutex_lock(&generation->mutex);
    generation_renew_due(generation, path);
    /* Readers notice within a few seconds that a page is gone, but not that it stands still. */
    if (!generation_write(generation, place) && path != NULL) {
        JT_AUTO_STR char *file = jt_printf("%s-gen", path);

        if (file != NULL)
            (void)unlink(file);
        (void)atomic_fetch_add(&generation->epoch, 1);
    }
    (void)pthread_mutex_unlock(&generation->mutex);
}
