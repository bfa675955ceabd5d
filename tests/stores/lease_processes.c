/* SPDX-License-Identifier: MIT */
/* Leases among processes, and of holders that die. */
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "settings.h"

#define A row_key(JETON_KIND_TOKEN, "lease/a", "")
#define B row_key(JETON_KIND_TOKEN, "lease/b", "")

/* How long a dead holder's lease may be held still: until its end, where the engine cannot know. */
#define DEAD_MS 2000
#define LOST_MS 40000

static void *take(struct store *store, int64_t wait_ms, struct jeton_row_key key, int64_t *ret_fence)
{
    void *lease = NULL;

    CHECK_INT(store_lease(store, wait_ms, key, &lease, ret_fence), JETON_OK);
    return lease;
}

static bool take_and_release(struct store *store, int64_t wait_ms, struct jeton_row_key key)
{
    int64_t fence;
    void *lease = take(store, wait_ms, key, &fence);

    if (lease != NULL)
        store_release(store, lease);
    return lease != NULL;
}

/* Another process: takes the lease, tells its fence, waits, and gives it back. */
static void holder_run(struct process *parent, void *data)
{
    STORE store = store_open();
    int64_t fence = 0;
    void *lease = take(store, PATIENT, A, &fence);

    (void)data;
    CHECK_TRUE(lease != NULL);
    process_tell(parent, fence);
    (void)process_hear(parent);
    if (lease != NULL)
        store_release(store, lease);
    process_tell(parent, 0);
    (void)process_hear(parent);
}

/* A new store, and a process that has the lease on A in it. */
static struct process holder_start(struct store **ret_store, int64_t *ret_fence)
{
    struct store *store = store_new();
    struct process holder;

    store_close(&store); /* the other process shall find nothing of this one */
    holder = process_start(holder_run, NULL);
    *ret_fence = process_hear(&holder);
    *ret_store = store_open();
    return holder;
}

static void test_processes(void)
{
    struct process holder;
    STORE store = NULL;
    int64_t theirs = 0, fence = 0;
    void *lease;

    if (!process_possible())
        return;
    holder = holder_start(&store, &theirs);
    CHECK_TRUE(!take_and_release(store, 0, A));
    CHECK_TRUE(!take_and_release(store, 50, A));
    CHECK_TRUE(take_and_release(store, 0, B));
    process_tell(&holder, 0);
    (void)process_hear(&holder);
    lease = take(store, DEAD_MS, A, &fence);
    CHECK_TRUE(lease != NULL);
    CHECK_TRUE(fence > theirs);
    process_tell(&holder, 0);
    process_end(&holder);
    CHECK_TRUE(!take_and_release(store, 0, A));
    store_release(store, lease);
}

/* Tells what it saw of a lease that this process has. */
static void looker_run(struct process *parent, void *data)
{
    STORE store = store_open();

    (void)data;
    process_tell(parent, take_and_release(store, 0, A));
    process_tell(parent, take_and_release(store, PATIENT, A));
}

static void test_waits_for_process(void)
{
    struct process looker;
    STORE store = NULL;
    int64_t fence;
    void *lease;

    if (!process_possible())
        return;
    settings_fresh();
    store = store_open();
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    lease = take(store, 0, A, &fence);
    looker = process_start(looker_run, NULL);
    CHECK_INT(process_hear(&looker), false);
    sleep_ms(100);
    store_release(store, lease);
    CHECK_INT(process_hear(&looker), true);
    process_end(&looker);
}

/* Kernel locks of a process may go with any descriptor of the same file that it closes. */
static void test_other_closed(void)
{
    struct process looker;
    STORE store = NULL;
    int64_t fence;
    void *lease;

    if (!process_possible())
        return;
    store = store_new();
    lease = take(store, 0, A, &fence);
    for (unsigned i = 0; i < 3; i++) {
        STORE other = store_open();

        CHECK_INT(easy_version(other, "lease/a"), 0);
        CHECK_TRUE(!take_and_release(other, 0, A));
        CHECK_TRUE(take_and_release(other, 0, B));
    }
    looker = process_start(looker_run, NULL);
    CHECK_INT(process_hear(&looker), false);
    store_release(store, lease);
    CHECK_INT(process_hear(&looker), true);
    process_end(&looker);
}

/* How long the lease of a dead holder is waited for. */
static int64_t dead_ms(void)
{
    return (engine.capabilities & JETON_STORE_CAP_HOLDS) != 0 ? DEAD_MS : LOST_MS;
}

static void test_dead_holder(void)
{
    struct process holder;
    STORE store = NULL;
    int64_t theirs = 0, fence = 0;
    void *lease;

    if (!process_possible())
        return;
    holder = holder_start(&store, &theirs);
    CHECK_TRUE(!take_and_release(store, 0, A));
    process_kill(&holder);
    lease = take(store, dead_ms(), A, &fence);
    CHECK_TRUE(lease != NULL);
    CHECK_TRUE(fence > theirs);
    if (lease != NULL)
        store_release(store, lease);
}

/* Its parent has not asked for its status yet. */
static void test_dead_unreaped(void)
{
    struct process holder;
    STORE store = NULL;
    int64_t fence = 0;

    if (!process_possible())
        return;
    holder = holder_start(&store, &fence);
    process_kill_unreaped(&holder);
    CHECK_TRUE(take_and_release(store, dead_ms(), A));
    process_reap(&holder);
}

static void test_dead_waiter(void)
{
    struct process holder, waiter;
    STORE store = NULL;
    int64_t fence = 0;

    if (!process_possible())
        return;
    holder = holder_start(&store, &fence);
    waiter = process_start(looker_run, NULL);
    CHECK_INT(process_hear(&waiter), false);
    sleep_ms(50); /* it waits now */
    process_kill(&waiter);
    process_tell(&holder, 0);
    (void)process_hear(&holder);
    CHECK_TRUE(take_and_release(store, DEAD_MS, A));
    process_tell(&holder, 0);
    process_end(&holder);
}

/* Counts up a row under the lease, without looking at the version that it expects: only the lease makes it right. */
#define TURNS 25

static void turn(struct store *store)
{
    int64_t fence = 0, version;
    void *lease = take(store, PATIENT, A, &fence);

    if (!CHECK_TRUE(lease != NULL))
        return;
    version = easy_version(store, "lease/a");
    CHECK_INT(easy_put_fenced(store, "lease/a", version, fence), 1);
    store_release(store, lease);
}

static void crowd_run(struct process *parent, void *data)
{
    STORE store = store_open();

    (void)data;
    process_tell(parent, 0);
    (void)process_hear(parent);
    for (unsigned i = 0; i < TURNS; i++)
        turn(store);
}

static void test_crowd(void)
{
    struct process crowd[4];
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    for (size_t i = 0; i < 4; i++)
        crowd[i] = process_start(crowd_run, NULL);
    for (size_t i = 0; i < 4; i++)
        (void)process_hear(&crowd[i]);
    for (size_t i = 0; i < 4; i++)
        process_tell(&crowd[i], 0);
    for (size_t i = 0; i < 4; i++)
        process_end(&crowd[i]);
    CHECK_INT(easy_version(store, "lease/a"), 4 * TURNS);
}

const struct check_case lease_processes_cases[] = {
    {"a lease has one holder among processes, and its fence is greater than theirs", test_processes},
    {"a process that waits for a lease has it once it is given back", test_waits_for_process},
    {"a lease stays when other openings of its process are closed", test_other_closed},
    {"the lease of a killed process is free", test_dead_holder},
    {"the lease of a killed process is free before anybody has asked for its status", test_dead_unreaped},
    {"a process that is killed while it waits for a lease is in nobody's way", test_dead_waiter},
    {"several processes under one lease are one at a time", test_crowd},
    {NULL, NULL},
};
