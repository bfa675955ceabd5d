/* SPDX-License-Identifier: MIT */
/* Leases and races: one holder a name, one winner a put, and nothing that was acknowledged is lost, among threads and
 * processes that are killed. Times are printed, not judged, except where waiting itself is what is tested. */
#include "tests/unit/store/test_store_help.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

static const struct jeton_store_engine *engine;

static int64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void nap_ms(long ms)
{
    struct timespec nap = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&nap, NULL);
}

/* The lease, or NULL where somebody else has it. */
static void *lease(void *store, const char *name, int64_t timeout_ms, int64_t *ret_fence)
{
    void *held = NULL;
    int64_t fence = -1;

    why[0] = '\0';
    CHECK_INT(engine->lease(store, name, "", timeout_ms, &held, &fence, why, sizeof(why)), JETON_OK);
    CHECK_STR(why, "");
    if (ret_fence != NULL)
        *ret_fence = fence;
    return held;
}

static void test_one_holder(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1);
    void *other = open_store(path, 0);
    int64_t one = -1, two = -1, three = -1;
    void *held = lease(store, "a/b", 0, &one);

    CHECK_TRUE(held != NULL);
    CHECK_TRUE(lease(store, "a/b", 0, NULL) == NULL);
    CHECK_TRUE(lease(other, "a/b", 0, NULL) == NULL);
    engine->release(store, held);
    held = lease(other, "a/b", 0, &two);
    CHECK_TRUE(held != NULL);
    CHECK_TRUE(lease(store, "a/b", 0, NULL) == NULL);
    engine->release(other, held);
    held = lease(store, "a/b", 0, &three);
    engine->release(store, held);
    CHECK_INT(one, 0);
    CHECK_INT(two, 0);
    CHECK_INT(three, 0);
    engine->close(store);
    engine->close(other);
}

static void test_names_are_free_of_each_other(void)
{
    void *store = open_store(new_path(), 1);
    void *held[100];
    char name[16];

    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof(name), "a/n%d", i);
        held[i] = lease(store, name, 0, NULL);
        CHECK_TRUE(held[i] != NULL);
    }
    for (int i = 0; i < 100; i++)
        engine->release(store, held[i]);
    engine->close(store);
}

static void test_timeout(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1);
    void *other = open_store(path, 0);
    void *held = lease(store, "a/b", 0, NULL);
    int64_t before = now_us();

    CHECK_TRUE(lease(store, "a/b", 60, NULL) == NULL);
    CHECK_TRUE(now_us() - before >= 60000);
    before = now_us();
    CHECK_TRUE(lease(other, "a/b", 60, NULL) == NULL);
    CHECK_TRUE(now_us() - before >= 60000);
    engine->release(store, held);
    engine->close(store);
    engine->close(other);
}

struct waiter {
    void *store;
    int64_t timeout_ms;
    atomic_bool got;
    int64_t at_us;
};

static void *wait_for_it(void *data)
{
    struct waiter *waiter = data;
    void *held = NULL;
    int64_t fence;

    if (engine->lease(waiter->store, "a/b", "", waiter->timeout_ms, &held, &fence, NULL, 0) == JETON_OK &&
        held != NULL) {
        waiter->got = true;
        waiter->at_us = now_us();
        engine->release(waiter->store, held);
    }
    return NULL;
}

static void test_handed_on(void)
{
    const char *path = new_path();
    struct waiter waiters[3] = {{.timeout_ms = -1}, {.timeout_ms = 20000}, {.timeout_ms = INT64_MAX}};
    pthread_t threads[3];
    void *held;
    int64_t released;

    waiters[0].store = open_store(path, 1);
    waiters[1].store = waiters[0].store;
    waiters[2].store = open_store(path, 0);
    held = lease(waiters[0].store, "a/b", 0, NULL);
    for (int i = 0; i < 3; i++)
        (void)pthread_create(&threads[i], NULL, wait_for_it, &waiters[i]);
    nap_ms(50);
    released = now_us();
    engine->release(waiters[0].store, held);
    for (int i = 0; i < 3; i++) {
        (void)pthread_join(threads[i], NULL);
        CHECK_TRUE(waiters[i].got);
        (void)printf("   waiter %d after %lld us\n", i, (long long)(waiters[i].at_us - released));
    }
    engine->close(waiters[0].store);
    engine->close(waiters[2].store);
}

static void hold_until_killed(void *store, const int *ready)
{
    void *held = NULL;
    int64_t fence;
    char done = engine->lease(store, "a/b", "", 0, &held, &fence, NULL, 0) == JETON_OK && held != NULL ? 'y' : 'n';

    (void)!write(ready[1], &done, 1);
    for (;;)
        (void)pause();
}

static void test_killed_holder(void)
{
    char path[4096];
    void *store;
    void *held;
    int ready[2];
    char done = 'n';
    pid_t child;
    int64_t killed;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    CHECK_INT(pipe(ready), 0);
    if ((child = fork()) == 0)
        hold_until_killed(open_store(path, 0), ready);
    CHECK_INT(read(ready[0], &done, 1), 1);
    CHECK_INT(done, 'y');
    store = open_store(path, 0);
    CHECK_TRUE(lease(store, "a/b", 0, NULL) == NULL);
    CHECK_INT(kill(child, SIGKILL), 0);
    killed = now_us();
    held = lease(store, "a/b", 10000, NULL);
    CHECK_TRUE(held != NULL);
    (void)printf("   free %lld us after kill -9\n", (long long)(now_us() - killed));
    engine->release(store, held);
    (void)waitpid(child, NULL, 0);
    (void)close(ready[0]);
    (void)close(ready[1]);
    engine->close(store);
}

static void test_released_in_spite_of_a_child(void)
{
    void *store = open_store(new_path(), 1);
    void *held = lease(store, "a/b", 0, NULL);
    pid_t child = fork();

    if (child == 0)
        for (;;)
            (void)pause();
    engine->release(store, held);
    held = lease(store, "a/b", 0, NULL);
    CHECK_TRUE(held != NULL);
    engine->release(store, held);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    engine->close(store);
}

/* In a child: takes the lease, or becomes the writer, and forks a child that goes on when it is killed. Says who that
 * is. */
static void hold_with_a_child(const char *path, bool writes, const int *ready)
{
    void *store = open_store(path, 0), *held = NULL;
    struct jt_store_conn *conn = NULL;
    int64_t fence;
    pid_t child;

    if (!writes)
        (void)engine->lease(store, "a/b", "", 0, &held, &fence, NULL, 0);
    else if (jt_store_write_begin(store, 0, false, &conn, JT_WHY(why, sizeof(why))) == JETON_OK)
        held = conn;
    child = fork();
    if (child != 0 && held != NULL)
        (void)!write(ready[1], &child, sizeof(child));
    for (;;)
        (void)pause();
}

static void test_killed_beside_a_child(void)
{
    for (int writes = 0; writes < 2; writes++) {
        struct jeton_row row = token_row("a/b", "", "x");
        char path[4096];
        void *store, *held;
        int ready[2];
        pid_t holder, child = 0;

        (void)snprintf(path, sizeof(path), "%s", new_path());
        engine->close(open_store(path, 1));
        CHECK_INT(pipe(ready), 0);
        if ((holder = fork()) == 0)
            hold_with_a_child(path, writes != 0, ready);
        CHECK_INT(read(ready[0], &child, sizeof(child)), sizeof(child));
        CHECK_INT(kill(holder, SIGKILL), 0);
        (void)waitpid(holder, NULL, 0);
        store = open_store(path, 0);
        held = lease(store, "a/b", 1000, NULL);
        CHECK_TRUE(held != NULL);
        CHECK_INT(put(store, &row, 0, 0), JETON_OK);
        CHECK_INT(kill(child, SIGKILL), 0); /* it was there all the time */
        engine->release(store, held);
        (void)close(ready[0]);
        (void)close(ready[1]);
        engine->close(store);
    }
}

/* Deleting the file frees the name for others while its holder still works; from then on, it is one holder again. */
static void test_deleted_lock_file(void)
{
    char path[4096];
    struct waiter waiter = {.timeout_ms = 20000};
    pthread_t thread;
    void *store, *third, *held, *held_third;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 1);
    waiter.store = open_store(path, 0);
    third = open_store(path, 0);
    held = lease(store, "a/b", 0, NULL);
    (void)pthread_create(&thread, NULL, wait_for_it, &waiter);
    nap_ms(20);
    CHECK_INT(unlink(beside(path, "-lease")), 0);
    held_third = lease(third, "a/b", 0, NULL);
    CHECK_TRUE(held != NULL && held_third != NULL);
    engine->release(store, held); /* of the deleted file, on which the waiter waits */
    nap_ms(30);
    CHECK_TRUE(!waiter.got);
    engine->release(third, held_third);
    (void)pthread_join(thread, NULL);
    CHECK_TRUE(waiter.got);
    engine->close(store);
    engine->close(waiter.store);
    engine->close(third);
}

/* Shared with the processes of the races. */
struct race {
    atomic_int go;
    atomic_int wins[64];
    atomic_int inside;
    atomic_int overlaps;
};

static struct race *new_race(void)
{
    void *memory = mmap(NULL, sizeof(struct race), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory != MAP_FAILED ? memory : NULL;
}

struct racer {
    struct race *race;
    void *store;
};

static void *race_rounds(void *data)
{
    struct racer *racer = data;
    struct jeton_row row = token_row("a/b", "", "x");

    while (atomic_load(&racer->race->go) == 0)
        (void)sched_yield();
    for (int round = 0; round < 64; round++) {
        int done = 0;

        /* Not there yet: the round before has no winner so far. */
        while (version_of(racer->store, "a/b", "") < round)
            (void)sched_yield();
        if (engine->put(racer->store, &row, round, 0, &done, NULL, 0) == JETON_OK && done)
            atomic_fetch_add(&racer->race->wins[round], 1);
    }
    return NULL;
}

static void *race_leases(void *data)
{
    struct racer *racer = data;

    for (int round = 0; round < 25; round++) {
        void *held = NULL;
        int64_t fence;

        if (engine->lease(racer->store, "a/b", "", -1, &held, &fence, NULL, 0) != JETON_OK || held == NULL)
            continue;
        if (atomic_fetch_add(&racer->race->inside, 1) != 0)
            atomic_fetch_add(&racer->race->overlaps, 1);
        atomic_fetch_add(&racer->race->wins[0], 1);
        (void)sched_yield();
        atomic_fetch_sub(&racer->race->inside, 1);
        engine->release(racer->store, held);
    }
    return NULL;
}

/* Three processes with three threads each. */
static void run_race(const char *path, struct race *race, void *(*body)(void *))
{
    pid_t children[3];

    for (int i = 0; i < 3; i++) {
        if ((children[i] = fork()) != 0)
            continue;
        struct racer racer = {race, NULL};
        pthread_t threads[3];

        if (engine->open(path, 0, &racer.store, NULL, 0) != JETON_OK)
            _exit(1);
        for (int j = 0; j < 3; j++)
            (void)pthread_create(&threads[j], NULL, body, &racer);
        for (int j = 0; j < 3; j++)
            (void)pthread_join(threads[j], NULL);
        _exit(0);
    }
    nap_ms(20);
    atomic_store(&race->go, 1);
    for (int i = 0; i < 3; i++) {
        int state = -1;

        (void)waitpid(children[i], &state, 0);
        CHECK_INT(state, 0);
    }
}

static void test_put_race(void)
{
    char path[4096];
    struct race *race = new_race();
    int wrong = 0;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    run_race(path, race, race_rounds);
    for (int round = 0; round < 64; round++)
        wrong += atomic_load(&race->wins[round]) != 1;
    CHECK_INT(wrong, 0);
    (void)munmap(race, sizeof(*race));
}

static void test_lease_race(void)
{
    char path[4096];
    struct race *race = new_race();

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    run_race(path, race, race_leases);
    CHECK_INT(atomic_load(&race->overlaps), 0);
    CHECK_INT(atomic_load(&race->wins[0]), 3 * 3 * 25);
    (void)munmap(race, sizeof(*race));
}

/* Puts the same row again and again, and says each version aloud once it is acknowledged. */
static void write_for_ever(const char *path, int who, int fd)
{
    void *store = NULL;
    char name[16];

    (void)snprintf(name, sizeof(name), "w/%d", who);
    if (engine->open(path, 0, &store, NULL, 0) != JETON_OK)
        _exit(1);
    for (;;) {
        struct jeton_row row = token_row(name, "", "some bytes that stand for a sealed token");
        int64_t version = version_of(store, name, "");
        int64_t said[2] = {who, version + 1};
        int done = 0;

        if (version < 0 ||
            engine->put(store, &row, version, (uint32_t)version & JETON_DURABLE, &done, NULL, 0) != JETON_OK || !done ||
            write(fd, said, sizeof(said)) != (ssize_t)sizeof(said))
            _exit(1);
    }
}

static void kill_round(const char *path, int64_t *acknowledged, int *ret_failed)
{
    int64_t said[2];
    pid_t children[4];
    int ends[2];

    if (pipe(ends) != 0)
        abort();
    for (int i = 0; i < 4; i++) {
        if ((children[i] = fork()) != 0)
            continue;
        (void)close(ends[0]);
        write_for_ever(path, i, ends[1]);
    }
    (void)close(ends[1]);
    nap_ms(25);
    for (int i = 0; i < 4; i++)
        (void)kill(children[i], SIGKILL);
    while (read(ends[0], said, sizeof(said)) == (ssize_t)sizeof(said))
        acknowledged[said[0]] = said[1];
    for (int i = 0; i < 4; i++) {
        int state = 0;

        (void)waitpid(children[i], &state, 0);
        *ret_failed += !WIFSIGNALED(state);
    }
    (void)close(ends[0]);
}

static void test_kill_rounds(void)
{
    char path[4096];
    int64_t acknowledged[4] = {0}, slowest = 0;
    int lost = 0, failed = 0;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    for (int round = 0; round < 20; round++) {
        int64_t before;
        void *store;

        kill_round(path, acknowledged, &failed);
        before = now_us();
        store = open_store(path, 0);
        (void)version_of(store, "w/0", "");
        if (now_us() - before > slowest)
            slowest = now_us() - before;
        for (int i = 0; i < 4; i++) {
            char name[16];

            (void)snprintf(name, sizeof(name), "w/%d", i);
            lost += version_of(store, name, "") < acknowledged[i];
        }
        engine->close(store);
    }
    CHECK_INT(lost, 0);
    CHECK_INT(failed, 0);
    for (int i = 0; i < 4; i++)
        CHECK_TRUE(acknowledged[i] > 0);
    (void)printf("   %lld puts acknowledged, slowest open after a kill %lld us\n",
                 (long long)(acknowledged[0] + acknowledged[1] + acknowledged[2] + acknowledged[3]),
                 (long long)slowest);
}

static const struct check_case cases[] = {
    {"a lease has one holder, and needs no fence", test_one_holder},
    {"names never wait for each other", test_names_are_free_of_each_other},
    {"a lease is waited for as long as was asked, and no longer", test_timeout},
    {"a lease that is given back goes on to those who wait", test_handed_on},
    {"a lease is free when its holder is killed", test_killed_holder},
    {"a lease that is given back is free in spite of a forked child", test_released_in_spite_of_a_child},
    {"what a killed process had locked is free in spite of its forked child", test_killed_beside_a_child},
    {"a lock file that was deleted does not make two holders", test_deleted_lock_file},
    {"of many puts of one version exactly one wins, among processes and threads", test_put_race},
    {"no two threads of any process hold a lease at once", test_lease_race},
    {"no acknowledged put is lost by kill -9", test_kill_rounds},
};

int main(int argc, char **argv)
{
    engine = jt_store_sqlite_engine();
    return check_main(argc, argv, "store_lease", cases, sizeof(cases) / sizeof(cases[0]));
}
