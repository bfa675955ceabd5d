/* SPDX-License-Identifier: MIT */
/* Numbers, one a shard, that change with every commit: in <path>-gen, which every process maps for reading. Without the
 * file a number is another one at every look. Nothing depends on them but how soon a reader reads again. */
#include "sqlite.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* In numbers of eight bytes: one that stands for all shards, then, in a cache line of their own, the shards'. Former
 * versions of jeton read and write them as well. */
#define NUMBER_ALL   0u
#define NUMBER_FIRST 8u
#define PAGE_LEN     12288
/* How long a reader may go by a page that is not the file's any more. The library reads a row again after five seconds
 * whatever its number is, so there is always somebody who looks. */
#define LOOK_MS 4000
#define EPOCH   UINT64_C(0x9e3779b97f4a7c15)
/* A transaction that wrote to more shards changes the number that stands for all. */
#define SHARDS_MAX 16u

_Static_assert((NUMBER_FIRST + JETON_STORE_SHARDS) * sizeof(uint64_t) <= PAGE_LEN, "the page has room");

void jt_sqlite_numbers_init(struct jt_sqlite_numbers *numbers)
{
    *numbers = (struct jt_sqlite_numbers){.fd = -1};
}

void jt_sqlite_numbers_done(struct jt_sqlite_numbers *numbers)
{
    void *page = (void *)(uintptr_t)atomic_load(&numbers->page);

    if (page != NULL)
        (void)munmap(page, PAGE_LEN);
    jt_sqlite_fd_close(&numbers->fd);
}

uint64_t jt_sqlite_number(void *store, uint32_t shard)
{
    struct jt_sqlite_numbers *numbers = &((struct jt_sqlite_store *)store)->numbers;
    const size_t place = NUMBER_FIRST + shard % JETON_STORE_SHARDS;
    const _Atomic uint64_t *page;

    if (!atomic_load_explicit(&numbers->usable, memory_order_acquire))
        return atomic_fetch_add_explicit(&numbers->epoch, 1, memory_order_relaxed) * EPOCH;
    page = atomic_load_explicit(&numbers->page, memory_order_relaxed);
    /* Factors that are odd and not alike: no change of one of the three is undone by one of another. */
    return atomic_load_explicit(&page[place], memory_order_acquire) +
           3 * atomic_load_explicit(&page[NUMBER_ALL], memory_order_acquire) +
           atomic_load_explicit(&numbers->epoch, memory_order_relaxed) * EPOCH;
}

/* Readers in other threads never stop to look: the address stays, what lies behind it is replaced in one step. */
static bool page_map(struct jt_sqlite_numbers *numbers)
{
    void *place = (void *)(uintptr_t)atomic_load(&numbers->page);
    void *page = mmap(place, PAGE_LEN, PROT_READ, MAP_SHARED | (place != NULL ? MAP_FIXED : 0), numbers->fd, 0);

    if (page != MAP_FAILED)
        atomic_store(&numbers->page, page);
    return page != MAP_FAILED;
}

/* Opens the file, which may be missing, too short, or not ours to write. -1: it cannot be used. */
static int page_open(struct jt_sqlite_store *store, jeton_store_call *call, const char *path, struct stat *ret_info)
{
    AUTO_FD int fd = -1;
    int mine;

    if (jt_sqlite_files_open(store, call, path, "-gen", O_RDWR | O_CREAT, &fd) != JETON_OK &&
        jt_sqlite_files_open(store, call, path, "-gen", O_RDONLY, &fd) != JETON_OK)
        return -1;
    if (fstat(fd, ret_info) != 0)
        return -1;
    /* The block is taken now, so that a full disk does not stop the numbers later. */
    if (ret_info->st_size < PAGE_LEN && (posix_fallocate(fd, 0, PAGE_LEN) != 0 || fstat(fd, ret_info) != 0))
        return -1;
    mine = fd;
    fd = -1;
    return mine;
}

static bool page_is_current(const struct jt_sqlite_numbers *numbers, const char *path)
{
    struct stat info;

    return atomic_load(&numbers->usable) && jt_sqlite_files_stat(path, "-gen", &info) && info.st_dev == numbers->dev &&
           info.st_ino == numbers->ino && info.st_size >= PAGE_LEN;
}

/* With the mutex held. Where there is no store, the next look comes at once. */
static void page_look(struct jt_sqlite_store *store, jeton_store_call *call)
{
    struct jt_sqlite_numbers *numbers = &store->numbers;
    const char *path = atomic_load(&store->path);
    const int64_t now_ms = store->host->boot_ms(store->host);
    struct stat info;

    if (now_ms < atomic_load(&numbers->look_at_ms) || jt_sqlite_files_len(path, "") == 0)
        return;
    atomic_store(&numbers->look_at_ms, now_ms + LOOK_MS);
    if (page_is_current(numbers, path))
        return;
    jt_sqlite_fd_close(&numbers->fd);
    atomic_store(&numbers->usable, false);
    (void)atomic_fetch_add(&numbers->epoch, 1);
    numbers->fd = page_open(store, call, path, &info);
    if (numbers->fd < 0 || !page_map(numbers))
        return;
    numbers->dev = info.st_dev;
    numbers->ino = info.st_ino;
    atomic_store_explicit(&numbers->usable, true, memory_order_release);
}

void jt_sqlite_numbers_look(struct jt_sqlite_store *store, jeton_store_call *call)
{
    if (store->host->boot_ms(store->host) < atomic_load_explicit(&store->numbers.look_at_ms, memory_order_relaxed))
        return;
    jt_sqlite_lock();
    page_look(store, call);
    jt_sqlite_unlock();
}

/* Written with pwrite, not through the map: on a full disk that is an error, where the map would be a signal that kills
 * the program. The time in it keeps two writers that did not see each other from writing the same number. */
static bool number_write(const struct jt_sqlite_numbers *numbers, size_t place)
{
    const _Atomic uint64_t *page = atomic_load_explicit(&numbers->page, memory_order_acquire);
    struct timespec now;
    uint64_t value, now_ns;

    if (!atomic_load(&numbers->usable))
        return false;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    value = atomic_load_explicit(&page[place], memory_order_relaxed) + 1;
    if (value < now_ns)
        value = now_ns;
    return pwrite(numbers->fd, &value, sizeof(value), (off_t)(place * sizeof(value))) == (ssize_t)sizeof(value);
}

static bool numbers_write(const struct jt_sqlite_numbers *numbers, const struct jt_sqlite_shards *shards)
{
    unsigned count = 0;

    for (size_t i = 0; i < LEN(shards->bits); i++)
        count += (unsigned)__builtin_popcountll(shards->bits[i]);
    if (shards->all || count > SHARDS_MAX)
        return number_write(numbers, NUMBER_ALL);
    for (size_t i = 0; i < LEN(shards->bits); i++)
        for (uint64_t bits = shards->bits[i]; bits != 0; bits &= bits - 1)
            if (!number_write(numbers, NUMBER_FIRST + i * 64 + (size_t)__builtin_ctzll(bits)))
                return false;
    return true;
}

void jt_sqlite_numbers_change(struct jt_sqlite_store *store, jeton_store_call *call,
                              const struct jt_sqlite_shards *shards)
{
    jt_sqlite_lock();
    page_look(store, call);
    /* Readers in other processes notice within seconds that a page is gone, but not that it stands still. */
    if (!numbers_write(&store->numbers, shards)) {
        jt_sqlite_files_remove(jt_sqlite_place(store), "-gen");
        atomic_store(&store->numbers.usable, false);
    }
    jt_sqlite_unlock();
}
