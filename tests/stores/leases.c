/* SPDX-License-Identifier: MIT */
/* Leases among the threads and openings of one process. */
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "threads.h"
#include <stdatomic.h>
#include <stdio.h>

#define A row_key(JETON_KIND_TOKEN, "lease/a", "")
#define B row_key(JETON_KIND_TOKEN, "lease/b", "")

/* Takes the lease within the time; NULL: somebody else has it. */
static void *take(struct store *store, int64_t wait_ms, struct jeton_row_key key, int64_t *ret_fence)
{
    void *lease = NULL;
    int64_t fence = 0;

    CHECK_INT(store_lease(store, wait_ms, key, &lease, &fence), JETON_OK);
    if (lease != NULL)
        CHECK_TRUE(fence > 0);
    if (lease != NULL && ret_fence != NULL)
        *ret_fence = fence;
    return lease;
}

static void test_one_holder(void)
{
    STORE store = store_new();
    STORE other = store_open();
    void *lease = take(store, PATIENT, A, NULL), *second;

    CHECK_TRUE(lease != NULL);
    CHECK_TRUE(take(store, 0, A, NULL) == NULL);
    CHECK_TRUE(take(other, 0, A, NULL) == NULL);
    CHECK_TRUE(take(other, -1000, A, NULL) == NULL);
    store_release(store, lease);
    second = take(other, 0, A, NULL);
    CHECK_TRUE(second != NULL);
    CHECK_TRUE(take(store, 0, A, NULL) == NULL);
    store_release(other, second);
}

static void test_two_keys(void)
{
    STORE store = store_new();
    void *leases[200];
    char name[32];

    for (size_t i = 0; i < 200; i++) {
        (void)snprintf(name, sizeof(name), "lease/%zu", i);
        leases[i] = take(store, 0, row_key(JETON_KIND_TOKEN, name, i % 2 == 0 ? "" : "variant"), NULL);
        CHECK_TRUE(leases[i] != NULL);
    }
    for (size_t i = 0; i < 200; i++)
        if (leases[i] != NULL)
            store_release(store, leases[i]);
}

static void test_no_row_needed(void)
{
    STORE store = store_new();
    void *lease = take(store, 0, A, NULL);

    CHECK_TRUE(lease != NULL);
    CHECK_INT(easy_version(store, "lease/a"), 0);
    CHECK_INT(easy_put(store, "lease/a", 0, "a lease hinders no write"), 1);
    store_release(store, lease);
    lease = take(store, 0, A, NULL);
    CHECK_TRUE(lease != NULL);
    store_release(store, lease);
}

static void test_fences_grow(void)
{
    STORE store = store_new();
    STORE other = store_open();
    int64_t last = 0, fence = 0;

    for (unsigned i = 0; i < 10; i++) {
        struct store *one = i % 3 == 0 ? other : store;
        void *lease = take(one, 0, A, &fence);

        CHECK_TRUE(fence > last);
        last = fence;
        store_release(one, lease);
    }
    store_close(&store);
    store_close(&other);
    store = store_open();
    store_release(store, take(store, 0, A, &fence));
    CHECK_TRUE(fence > last);
}

static void test_fence_of_row(void)
{
    STORE store = store_new();
    int64_t fence = 0, last;

    CHECK_INT(easy_put_fenced(store, "lease/a", 0, 1000000), 1);
    store_release(store, take(store, 0, A, &fence));
    CHECK_TRUE(fence > 1000000);
    CHECK_INT(easy_put_fenced(store, "lease/a", 1, fence), 1);
    CHECK_INT(easy_remove(store, "lease/a", 2), 1);
    last = fence;
    store_release(store, take(store, 0, A, &fence));
    CHECK_TRUE(fence > last);
}

static void test_late_writer(void)
{
    STORE store = store_new();
    int64_t early = 0, late = 0;

    store_release(store, take(store, 0, A, &early));
    store_release(store, take(store, 0, A, &late));
    CHECK_INT(easy_put_fenced(store, "lease/a", 0, late), 1);
    CHECK_INT(easy_put_fenced(store, "lease/a", 1, early), 0);
    CHECK_INT(easy_put_fenced(store, "lease/a", 1, late), 1);
}

static void test_deadlines(void)
{
    STORE store = store_new();
    void *lease = take(store, 0, A, NULL);
    int64_t began = host_machine_ms(), took;

    CHECK_TRUE(take(store, 0, A, NULL) == NULL);
    CHECK_TRUE(take(store, -100000, A, NULL) == NULL);
    took = host_machine_ms() - began;
    CHECK_TRUE(took < 500);
    began = host_machine_ms();
    CHECK_TRUE(take(store, 50, A, NULL) == NULL);
    took = host_machine_ms() - began;
    CHECK_TRUE(took >= 45);
    CHECK_TRUE(took < 1000);
    store_release(store, lease);
}

/* Waits without a deadline, and tells how long it was without the lease after it was free. */
struct waiter {
    struct store *store;
    atomic_bool waiting, had;
    _Atomic int64_t freed_ms, late_ms;
};

static void wait_for_lease(void *data, unsigned which)
{
    struct waiter *waiter = data;
    void *lease;

    (void)which;
    waiter->waiting = true;
    lease = take(waiter->store, HOST_NEVER, A, NULL);
    waiter->late_ms = host_machine_ms() - waiter->freed_ms;
    waiter->had = lease != NULL && waiter->freed_ms != 0;
    if (lease != NULL)
        store_release(waiter->store, lease);
}

static void check_woken(struct store *holder, struct store *waiting)
{
    struct waiter waiter = {.store = waiting};
    void *lease = take(holder, 0, A, NULL);
    struct threads threads = threads_start(1, wait_for_lease, &waiter);

    while (!waiter.waiting)
        sleep_ms(1);
    sleep_ms(100);
    CHECK_TRUE(!waiter.had);
    waiter.freed_ms = host_machine_ms();
    store_release(holder, lease);
    threads_join(&threads);
    CHECK_TRUE(waiter.had);
    CHECK_TRUE(waiter.late_ms < 500);
}

static void test_woken(void)
{
    STORE store = store_new();
    STORE other = store_open();

    check_woken(store, store);
    check_woken(store, other);
}

/* Each counts up a number under the lease, with time for others to come between. */
#define CROWD 8u
#define TURNS 50u

struct crowd {
    struct store *stores[2];
    atomic_uint count, inside;
};

static void crowd_run(void *data, unsigned which)
{
    struct crowd *crowd = data;
    struct store *store = crowd->stores[which % 2];

    for (unsigned i = 0; i < TURNS; i++) {
        void *lease = take(store, PATIENT, A, NULL);
        unsigned seen = crowd->count;

        CHECK_TRUE(lease != NULL);
        CHECK_INT(crowd->inside++, 0);
        sleep_us(100);
        crowd->count = seen + 1;
        crowd->inside--;
        if (lease != NULL)
            store_release(store, lease);
    }
}

static void test_crowd(void)
{
    struct crowd crowd = {.stores = {store_new(), store_open()}};
    struct threads threads = threads_start(CROWD, crowd_run, &crowd);

    threads_join(&threads);
    CHECK_INT(crowd.count, CROWD * TURNS);
    store_close(&crowd.stores[0]);
    store_close(&crowd.stores[1]);
}

static void release_elsewhere(void *data, unsigned which)
{
    void **both = data;

    (void)which;
    store_release(both[0], both[1]);
}

static void test_other_thread(void)
{
    STORE store = store_new();
    void *both[2] = {store, take(store, 0, A, NULL)};
    struct threads threads = threads_start(1, release_elsewhere, both);
    void *lease;

    threads_join(&threads);
    lease = take(store, 0, A, NULL);
    CHECK_TRUE(lease != NULL);
    store_release(store, lease);
}

static void test_close(void)
{
    STORE store = store_new();
    STORE other = store_open();
    void *lease;

    CHECK_TRUE(take(store, 0, A, NULL) != NULL);
    CHECK_TRUE(take(store, 0, B, NULL) != NULL);
    lease = take(other, 0, row_key(JETON_KIND_TOKEN, "lease/c", ""), NULL);
    store_close(&store);
    store = store_open();
    CHECK_TRUE(take(store, 0, A, NULL) != NULL);
    CHECK_TRUE(take(other, 0, B, NULL) != NULL);
    CHECK_TRUE(take(store, 0, row_key(JETON_KIND_TOKEN, "lease/c", ""), NULL) == NULL);
    store_release(other, lease);
}

static void test_keep(void)
{
    STORE store = store_new();
    void *lease;
    int64_t until = 0;

    if (engine.keep == NULL) {
        check_skip("a living holder cannot lose its lease");
        return;
    }
    lease = take(store, PATIENT, A, NULL);
    CHECK_INT(store_keep(store, PATIENT, lease, &until), JETON_OK);
    CHECK_TRUE(until > store->host.table.boot_ms(&store->host.table));
    store_release(store, lease);
}

const struct check_case leases_cases[] = {
    {"a lease has one holder among the threads and openings of a process", test_one_holder},
    {"two keys never wait for each other", test_two_keys},
    {"a lease needs no row, and hinders no read or write", test_no_row_needed},
    {"fences of a key grow, in every opening", test_fences_grow},
    {"a fence is greater than that of the row, and than those before the row was removed", test_fence_of_row},
    {"a late holder's fence stops its write", test_late_writer},
    {"waiting for a lease ends at the deadline: at once, and after 50 ms", test_deadlines},
    {"a lease that is given back goes to the next in the queue at once", test_woken},
    {"a crowd under one lease is one at a time", test_crowd},
    {"a lease may be given back by another thread", test_other_thread},
    {"close gives back every lease of its opening, and no other", test_close},
    {"a lease that is kept is held until a time that is to come", test_keep},
    {NULL, NULL},
};
