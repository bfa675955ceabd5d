/* SPDX-License-Identifier: MIT */
/* SQLite's locks and those on <path>-lease, as the kernel sees them: in forked children, and when the file is deleted.
 */
#include "help.h"
#include "threads.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* Where SQLite's readers lock a database file: part of its file format. */
#define SQLITE_SHARED_FIRST 0x40000002
#define SQLITE_SHARED_LEN   510

static void *take(struct store *store, int64_t wait_ms)
{
    void *lease = NULL;
    int64_t fence;

    CHECK_INT(store_lease(store, wait_ms, row_key(JETON_KIND_TOKEN, "a/b", ""), &lease, &fence), JETON_OK);
    return lease;
}

/* Which process keeps this one from locking the database; 0: none. Nothing of this process may have it open. */
static pid_t who_has_it_open(void)
{
    struct flock range = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SQLITE_SHARED_FIRST, .l_len = SQLITE_SHARED_LEN};
    int fd = open(help_file(""), O_RDWR | O_CLOEXEC);

    CHECK_INT(fcntl(fd, F_GETLK, &range), 0);
    (void)close(fd);
    return range.l_type == F_UNLCK ? 0 : range.l_pid;
}

/* Reads with its parent's store, or with one of its own, and stays. */
static void child_reads(struct process *parent, void *data)
{
    struct store *store = data != NULL ? data : store_open();

    CHECK_INT(easy_version(store, "a/b"), 1);
    process_tell(parent, 0);
    (void)process_hear(parent);
}

static void check_child(bool has_its_own)
{
    STORE store = store_new();
    struct process child;

    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    child = process_start(child_reads, has_its_own ? NULL : store);
    (void)process_hear(&child);
    CHECK_INT(easy_version(store, "a/b"), 1);
    store_close(&store);
    CHECK_INT(who_has_it_open(), child.pid);
    process_tell(&child, 0);
    process_end(&child);
    CHECK_INT(who_has_it_open(), 0);
}

static void test_child_with_its_own(void)
{
    check_child(true);
}

static void test_child_with_its_parents(void)
{
    check_child(false);
}

/* Forks where no other thread can be waited for: in a callback, with a connection in use. */
struct forking {
    struct store *store;
    struct process child;
};

static void child_of_callback(struct process *parent, void *data)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    ROWS rows = ROWS_NONE;

    CHECK_INT(store_get(data, 0, &key, 1, 0, &rows), JETON_TRY_LATER);
    CHECK_SENTENCE("executed a program");
    process_tell(parent, 0);
}

static int fork_in_visit(void *data, size_t index, const struct jeton_row *row)
{
    struct forking *forking = data;

    (void)index;
    (void)row;
    forking->child = process_start(child_of_callback, forking->store);
    return 0;
}

static void test_fork_in_callback(void)
{
    struct store *store = store_new();
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    struct forking forking = {.store = store};
    struct jeton_store_call call = host_call(&store->host, PATIENT);
    int64_t began = host_machine_ms();

    CHECK_INT(engine.get(store->store, &call, &key, 1, 0, fork_in_visit, &forking), JETON_OK);
    CHECK_TRUE(host_machine_ms() - began < 900);
    (void)process_hear(&forking.child);
    process_end(&forking.child);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1); /* the parent goes on */
    host_call_done(&call);
    store_close(&store);
}

struct waiter {
    struct store *store;
    atomic_bool got;
};

static void wait_for_it(void *data, unsigned which)
{
    struct waiter *waiter = data;
    void *lease = take(waiter->store, PATIENT);

    (void)which;
    atomic_store(&waiter->got, lease != NULL);
    store_release(waiter->store, lease);
}

/* Deleting the file frees the key for others while its holder still works; from then on, it is one holder again. */
static void test_deleted_lock_file(void)
{
    STORE store = store_new();
    STORE other = store_open();
    STORE third = store_open();
    struct waiter waiter = {.store = other};
    struct threads threads;
    void *held = take(store, 0), *held_third;

    threads = threads_start(1, wait_for_it, &waiter);
    sleep_ms(20);
    CHECK_INT(unlink(help_file("-lease")), 0);
    held_third = take(third, 0);
    CHECK_TRUE(held != NULL && held_third != NULL);
    store_release(store, held); /* of the deleted file, on which the waiter waits */
    sleep_ms(30);
    CHECK_TRUE(!atomic_load(&waiter.got));
    store_release(third, held_third);
    threads_join(&threads);
    CHECK_TRUE(atomic_load(&waiter.got));
}

static const struct check_case cases[] = {
    {"a forked child locks the store that it opens", test_child_with_its_own},
    {"a forked child that goes on with its parent's store locks it", test_child_with_its_parents},
    {"a child that was forked in a callback is told that it cannot use the store", test_fork_in_callback},
    {"a lock file that was deleted does not make two holders", test_deleted_lock_file},
};

HELP_MAIN("stores/sqlite/locks", cases)
