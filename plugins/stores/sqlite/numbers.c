/* SPDX-License-Identifier: MIT */
/*
 * Numbers that change with every commit, one for each shard. They are in the file
 * <path>-gen, which every process maps for reading. A reader that caches a row
 * also remembers the number, and reads the row again when the number has changed.
 *
 * A writer marks the numbers of its shards before its commit, and gives them new
 * values without the mark after it. While a number is marked, a reader gets a
 * different value each time it asks, so nothing that it reads can be cached. The
 * same is true when there is no page. A mark that a dead writer left is removed
 * by the next write to its shard.
 */
#include "sqlite.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Places in the file, counted in numbers of eight bytes: first one number for all shards, then, from the next cache
 * line on, one for each shard. Former versions of jeton read and write them too, without marks. */
#define NUMBER_ALL   0u
#define NUMBER_FIRST 8u
#define PAGE_LEN     12288
#define MARK         (UINT64_C(1) << 63)
/* How long a reader may use a page after its file was replaced. The library reads every row again after five seconds,
 * whatever its number, so this check is made often enough. */
#define PAGE_CHECK_MS 4000
#define EPOCH         UINT64_C(0x9e3779b97f4a7c15)
/* A transaction that writes to more shards changes the number for all shards instead. */
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

static uint64_t page_read(const struct jt_sqlite_numbers *numbers, size_t place)
{
    const _Atomic uint64_t *page = atomic_load_explicit(&numbers->page, memory_order_relaxed);

    return atomic_load_explicit(&page[place], memory_order_acquire);
}

uint64_t jt_sqlite_number(void *store, uint32_t shard)
{
    struct jt_sqlite_numbers *numbers = &((struct jt_sqlite_store *)store)->numbers;
    uint64_t all = MARK, one = 0;

    if (atomic_load_explicit(&numbers->usable, memory_order_acquire)) {
        all = page_read(numbers, NUMBER_ALL);
        one = page_read(numbers, NUMBER_FIRST + shard % JETON_STORE_SHARDS);
    }
    if (((all | one) & MARK) != 0)
        (void)atomic_fetch_add_explicit(&numbers->epoch, 1, memory_order_relaxed);
    /* Different odd factors, so that changes of two of the three do not cancel each other out. */
    return one + 3 * all + atomic_load_explicit(&numbers->epoch, memory_order_relaxed) * EPOCH;
}

/* Readers in other threads use the mapping without a lock, so its address stays; a new file is mapped over the old one
 * in one step. */
static bool page_map(struct jt_sqlite_numbers *numbers)
{
    void *place = (void *)(uintptr_t)atomic_load(&numbers->page);
    void *page = mmap(place, PAGE_LEN, PROT_READ, MAP_SHARED | (place != NULL ? MAP_FIXED : 0), numbers->fd, 0);

    if (page != MAP_FAILED)
        atomic_store(&numbers->page, page);
    return page != MAP_FAILED;
}

/* Opens the file. It may be missing, too short, or read-only for this user. -1: it cannot be used. */
static int page_open(struct jt_sqlite_store *store, jeton_store_call *call, const char *path, struct stat *ret_info)
{
    AUTO_FD int fd = -1;
    int mine;

    if (jt_sqlite_files_open(store, call, path, "-gen", O_RDWR | O_CREAT, &fd) != JETON_OK &&
        jt_sqlite_files_open(store, call, path, "-gen", O_RDONLY, &fd) != JETON_OK)
        return -1;
    if (fstat(fd, ret_info) != 0)
        return -1;
    /* The disk block is allocated now, so that a full disk does not stop the numbers later. */
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

/* Called with the mutex held. If there is no store, the next call checks again at once. */
static void page_check(struct jt_sqlite_store *store, jeton_store_call *call)
{
    struct jt_sqlite_numbers *numbers = &store->numbers;
    const char *path = atomic_load(&store->path);
    const int64_t now_ms = store->host->boot_ms(store->host);
    struct stat info;

    if (now_ms < atomic_load(&numbers->check_at_ms) || jt_sqlite_files_len(path, "") == 0)
        return;
    atomic_store(&numbers->check_at_ms, now_ms + PAGE_CHECK_MS);
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

void jt_sqlite_numbers_check(struct jt_sqlite_store *store, jeton_store_call *call)
{
    if (store->host->boot_ms(store->host) < atomic_load_explicit(&store->numbers.check_at_ms, memory_order_relaxed))
        return;
    jt_sqlite_lock();
    page_check(store, call);
    jt_sqlite_unlock();
}

/* The places of the numbers that a transaction changes; returns how many. */
static size_t shards_list(const struct jt_sqlite_shards *shards, size_t ret_places[SHARDS_MAX])
{
    size_t count = 0;

    ret_places[0] = NUMBER_ALL;
    if (shards->all)
        return 1;
    for (size_t i = 0; i < LEN(shards->bits); i++)
        for (uint64_t bits = shards->bits[i]; bits != 0; bits &= bits - 1) {
            if (count == SHARDS_MAX) {
                ret_places[0] = NUMBER_ALL;
                return 1;
            }
            ret_places[count++] = NUMBER_FIRST + i * 64 + (size_t)__builtin_ctzll(bits);
        }
    return count;
}

/* Writes with pwrite, not through the mapping: on a full disk pwrite returns an error, while the mapping would raise
 * SIGBUS. */
static bool page_write(const struct jt_sqlite_numbers *numbers, size_t place, uint64_t value)
{
    return pwrite(numbers->fd, &value, sizeof(value), (off_t)(place * sizeof(value))) == (ssize_t)sizeof(value);
}

/* A new value: greater than the present ones, and different from one that a writer with another page would write. */
static uint64_t page_next(const struct jt_sqlite_numbers *numbers, const size_t *places, size_t count)
{
    struct timespec now;
    uint64_t value;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    value = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    for (size_t i = 0; i < count; i++) {
        uint64_t before = page_read(numbers, places[i]) & ~MARK;

        if (before >= value)
            value = before + 1;
    }
    return value & ~MARK;
}

/* Sets the marks. No other writer is before its commit now, so a mark that is found on the number for all shards was
 * left by a dead writer, or is no longer needed. */
static bool page_mark(struct jt_sqlite_numbers *numbers, struct jt_sqlite_shards *shards)
{
    size_t places[SHARDS_MAX], count = shards_list(shards, places);
    bool written = count == 0 || atomic_load(&numbers->usable);

    if (count == 0 || !written)
        return written;
    shards->value = page_next(numbers, places, count);
    for (size_t i = 0; i < count; i++)
        written = page_write(numbers, places[i], shards->value | MARK) && written;
    if ((page_read(numbers, NUMBER_ALL) & MARK) != 0 && places[0] != NUMBER_ALL)
        written = page_write(numbers, NUMBER_ALL, shards->value) && written;
    return written;
}

void jt_sqlite_numbers_mark(struct jt_sqlite_store *store, jeton_store_call *call, struct jt_sqlite_shards *shards)
{
    jt_sqlite_lock();
    page_check(store, call);
    /* If the marks cannot be written, the file is removed: readers in other processes notice within seconds that it is
     * gone, but would never notice that its numbers stand still. */
    if (!page_mark(&store->numbers, shards)) {
        jt_sqlite_files_remove(jt_sqlite_place(store), "-gen");
        atomic_store(&store->numbers.usable, false);
    }
    jt_sqlite_unlock();
}

/* Gives the numbers new values without the mark, except those that another writer has marked meanwhile. */
void jt_sqlite_numbers_change(struct jt_sqlite_store *store, const struct jt_sqlite_shards *shards)
{
    size_t places[SHARDS_MAX], count = shards_list(shards, places);

    jt_sqlite_lock();
    for (size_t i = 0; i < count && atomic_load(&store->numbers.usable); i++)
        if (page_read(&store->numbers, places[i]) == (shards->value | MARK))
            (void)page_write(&store->numbers, places[i], shards->value);
    jt_sqlite_unlock();
}
