/* SPDX-License-Identifier: MIT */
/* Forked children that go on with what their parent has opened. */
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "threads.h"
#include <stdatomic.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#define A row_key(JETON_KIND_TOKEN, "lease/a", "")
#define B row_key(JETON_KIND_TOKEN, "lease/b", "")

static void *take(struct store *store, int64_t wait_ms, struct jeton_row_key key)
{
    void *lease = NULL;
    int64_t fence;

    CHECK_INT(store_lease(store, wait_ms, key, &lease, &fence), JETON_OK);
    return lease;
}

/* How long the lease of a dead holder is waited for: until its end, where the engine cannot know. */
static int64_t dead_ms(void)
{
    return (engine.capabilities & JETON_STORE_CAP_HOLDS) != 0 ? 2000 : 40000;
}

/* Uses its parent's store, closes it, and stays. */
static void child_uses(struct process *parent, void *data)
{
    struct store *store = data;

    CHECK_BLOB(store, "a/b", "parent's");
    CHECK_INT(easy_put(store, "a/b", 1, "child's"), 1);
    CHECK_INT(easy_put(store, "a/c", 0, "child's"), 1);
    process_tell(parent, 0);
    (void)process_hear(parent);
    CHECK_BLOB(store, "a/b", "parent's again");
    store_close(&store);
    process_tell(parent, 0);
    (void)process_hear(parent);
}

static void test_goes_on(void)
{
    struct process child;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    CHECK_INT(easy_put(store, "a/b", 0, "parent's"), 1);
    child = process_start(child_uses, store);
    (void)process_hear(&child);
    CHECK_BLOB(store, "a/b", "child's");
    CHECK_INT(easy_version(store, "a/c"), 1);
    CHECK_INT(easy_put(store, "a/b", 2, "parent's again"), 1);
    process_tell(&child, 0);
    (void)process_hear(&child);
    CHECK_BLOB(store, "a/b", "parent's again");
    CHECK_INT(easy_put(store, "a/b", 3, "after the child has closed"), 1);
    process_tell(&child, 0);
    process_end(&child);
    CHECK_BLOB(store, "a/b", "after the child has closed");
}

/* Tells whether it gets A, which its parent has; closes, and stays. */
static void child_wants(struct process *parent, void *data)
{
    struct store *store = data;

    process_tell(parent, take(store, 0, A) != NULL);
    process_tell(parent, take(store, 0, B) != NULL); /* and keeps it */
    (void)process_hear(parent);
    store_close(&store);
    process_tell(parent, 0);
    (void)process_hear(parent);
}

static void test_leases(void)
{
    struct process child;
    STORE store = NULL;
    STORE other = NULL;
    void *lease;

    if (!process_possible())
        return;
    store = store_new();
    other = store_open();
    lease = take(store, 0, A);
    child = process_start(child_wants, store);
    CHECK_INT(process_hear(&child), false);
    CHECK_INT(process_hear(&child), true);
    CHECK_TRUE(take(store, 0, B) == NULL);
    process_tell(&child, 0); /* it closes */
    (void)process_hear(&child);
    CHECK_TRUE(take(other, 0, A) == NULL);
    CHECK_TRUE(take(other, PATIENT, B) != NULL);
    store_release(store, lease);
    CHECK_TRUE(take(other, 0, A) != NULL); /* though the child lives */
    process_tell(&child, 0);
    process_end(&child);
    CHECK_TRUE(take(store, 0, A) == NULL);
}

/* Does nothing with its parent's store, and closes it if it is told 1. */
static void child_stays(struct process *parent, void *data)
{
    struct store *store = data;

    process_tell(parent, 0);
    if (process_hear(parent) == 1)
        store_close(&store);
    process_tell(parent, 0);
    (void)process_hear(parent);
}

static void test_idle(void)
{
    struct process child;
    STORE store = NULL;
    STORE other = NULL;

    if (!process_possible())
        return;
    store = store_new();
    CHECK_TRUE(take(store, 0, A) != NULL);
    child = process_start(child_stays, store);
    (void)process_hear(&child);
    store_close(&store);
    other = store_open();
    CHECK_TRUE(take(other, 0, A) != NULL); /* the child does not keep it from being given back */
    process_tell(&child, 1);
    (void)process_hear(&child);
    CHECK_TRUE(take(other, 0, A) == NULL);
    store = store_open();
    CHECK_TRUE(take(store, 0, A) == NULL);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    process_tell(&child, 0);
    process_end(&child);
}

static void child_sleeps(struct process *parent, void *data)
{
    (void)data;
    process_tell(parent, 0);
    sleep_ms(30000);
}

/* A parent with a lease and a child, which is killed while the child lives. */
static void parent_with_child(struct process *parent, void *data)
{
    STORE store = store_open();
    struct process child;

    (void)data;
    CHECK_TRUE(take(store, 0, A) != NULL);
    child = process_start_outliving(child_sleeps, store);
    (void)process_hear(&child);
    process_tell(parent, child.pid);
    (void)process_hear(parent);
}

static void test_dead_parent(void)
{
    struct process holder;
    STORE store = NULL;
    int64_t grandchild;

    if (!process_possible())
        return;
    store = store_new();
    store_close(&store);
    holder = process_start(parent_with_child, NULL);
    grandchild = process_hear(&holder);
    store = store_open();
    CHECK_TRUE(take(store, 0, A) == NULL);
    process_kill(&holder);
    CHECK_TRUE(process_lives((pid_t)grandchild));
    CHECK_TRUE(take(store, dead_ms(), A) != NULL);
    process_kill_other((pid_t)grandchild);
}

/* A holder that has started another program, which knows nothing of stores. */
static void holder_with_program(struct process *parent, void *data)
{
    STORE store = store_open();
    pid_t program;

    (void)data;
    CHECK_TRUE(take(store, 0, A) != NULL);
    CHECK_INT(posix_spawnp(&program, "sleep", NULL, NULL, (char *[]){(char[]){"sleep"}, (char[]){"30"}, NULL}, environ),
              0);
    process_tell(parent, program);
    (void)process_hear(parent);
}

static void test_program(void)
{
    struct process holder;
    STORE store = NULL;
    int64_t program;

    if (!process_possible())
        return;
    store = store_new();
    holder = process_start(holder_with_program, NULL);
    program = process_hear(&holder);
    CHECK_TRUE(take(store, 0, A) == NULL);
    process_kill(&holder);
    CHECK_TRUE(process_lives((pid_t)program));
    CHECK_TRUE(take(store, dead_ms(), A) != NULL);
    process_kill_other((pid_t)program);
}

/* Forks while other threads are in the middle of calls. */

struct busy {
    struct store *store;
    atomic_bool ended;
};

static void busy_run(void *data, unsigned which)
{
    struct busy *busy = data;
    char name[16];
    int64_t version = 0;

    (void)snprintf(name, sizeof(name), "busy/%u", which);
    while (!busy->ended) {
        void *lease = take(busy->store, PATIENT, A);

        CHECK_INT(easy_put(busy->store, name, version, "x"), 1);
        CHECK_INT(easy_version(busy->store, name), ++version);
        if (lease != NULL)
            store_release(busy->store, lease);
    }
}

static void child_of_busy(struct process *parent, void *data)
{
    struct store *store = data;
    void *lease = take(store, PATIENT, B);

    (void)parent;
    CHECK_TRUE(lease != NULL);
    CHECK_TRUE(easy_version(store, "busy/0") >= 0);
    CHECK_INT(easy_put(store, "child", easy_version(store, "child"), "x"), 1);
    if (lease != NULL)
        store_release(store, lease);
    store_close(&store);
}

static void test_busy(void)
{
    struct busy busy = {0};
    struct threads threads;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    check_skip("sanitizers do not support a fork beside threads");
    return;
#endif
    if (!process_possible())
        return;
    busy.store = store_new();
    threads = threads_start(3, busy_run, &busy);
    for (unsigned i = 0; i < 25; i++) {
        struct process child = process_start(child_of_busy, busy.store);

        process_end(&child);
    }
    busy.ended = true;
    threads_join(&threads);
    CHECK_INT(easy_version(busy.store, "child"), 25);
    store_close(&busy.store);
}

const struct check_case forks_cases[] = {
    {"a forked child goes on with the store, and closes its own", test_goes_on},
    {"a forked child has none of its parent's leases, and does not give them back", test_leases},
    {"a forked child that does nothing keeps no lease", test_idle},
    {"the lease of a killed parent is free while its child lives", test_dead_parent},
    {"the lease of a killed process is free while a program that it started lives", test_program},
    {"a child that was forked beside busy threads can use the store", test_busy},
    {NULL, NULL},
};
