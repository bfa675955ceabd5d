/* SPDX-License-Identifier: MIT */
/* The number of a shard: another one after every write to a row of it. */
#include "cases.h"
#include "easy.h"
#include "notices.h"
#include "process.h"
#include "settings.h"
#include "threads.h"
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STRICT 77

static bool numbers_possible(void)
{
    if (engine.number == NULL)
        check_skip("the engine has no numbers");
    return engine.number != NULL;
}

static uint64_t number_of(struct store *store, struct jeton_row_key key)
{
    return notices_number(store, key.shard);
}

/* After each change, the number is none of those before. */
static void test_every_change(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    uint64_t seen[8];
    STORE store = NULL;

    if (!numbers_possible())
        return;
    store = store_new();
    seen[0] = number_of(store, key);
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    seen[1] = number_of(store, key);
    CHECK_INT(easy_put(store, "a/b", 1, "one"), 1);
    seen[2] = number_of(store, key);
    CHECK_INT(easy_put_fenced(store, "a/b", 2, 9), 1);
    seen[3] = number_of(store, key);
    CHECK_INT(easy_remove(store, "a/b", 3), 1);
    seen[4] = number_of(store, key);
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    seen[5] = number_of(store, key);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < i; j++)
            CHECK_TRUE(seen[i] != seen[j]);
}

static void test_kinds(void)
{
    STORE store = NULL;

    if (!numbers_possible())
        return;
    store = store_new();
    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++) {
        struct jeton_row row = row_make(kind, "same/name", "", "x");
        uint64_t before = number_of(store, row.key);

        CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
        CHECK_TRUE(number_of(store, row.key) != before);
    }
}

static void test_shards(void)
{
    uint64_t before[JETON_STORE_SHARDS];
    char names[JETON_STORE_SHARDS][16];
    struct jeton_store_change changes[64];
    STORE store = NULL;

    if (!numbers_possible())
        return;
    store = store_new();
    for (uint32_t shard = 0; shard < JETON_STORE_SHARDS; shard++)
        before[shard] = notices_number(store, shard);
    for (uint32_t from = 0; from < JETON_STORE_SHARDS; from += 64) {
        for (uint32_t i = 0; i < 64; i++) {
            (void)snprintf(names[from + i], sizeof(names[0]), "shard/%u", from + i);
            changes[i] = change_put(row_make(JETON_KIND_TOKEN, names[from + i], "", "x"), 0);
            changes[i].row.key.shard = from + i;
        }
        CHECK_INT(easy_write(store, changes, 64), 1);
        for (uint32_t i = 0; i < 64; i++)
            if (notices_number(store, from + i) == before[from + i])
                CHECK_STR(names[from + i], "a shard with another number");
    }
}

static void test_stays(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    uint64_t before;
    STORE store = NULL;

    if (!numbers_possible())
        return;
    store = store_new();
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    before = number_of(store, key);
    for (unsigned i = 0; i < 100; i++) {
        CHECK_INT(easy_version(store, "a/b"), 1);
        CHECK_INT(number_of(store, key), before);
    }
}

static void test_openings(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    uint64_t before;
    STORE store = NULL;
    STORE other = NULL;

    if (!numbers_possible())
        return;
    store = store_new();
    other = store_open();
    for (int64_t version = 0; version < 20; version++) {
        before = number_of(store, key);
        CHECK_INT(easy_put(other, "a/b", version, "one"), 1);
        CHECK_TRUE(notices_change(store, key.shard, before));
        CHECK_INT(easy_version(store, "a/b"), version + 1);
    }
}

/* Another process puts a new version whenever it is asked to. */
static void writer_run(struct process *parent, void *data)
{
    STORE store = store_open();
    int64_t version;

    (void)data;
    process_tell(parent, 0);
    while ((version = process_hear(parent)) >= 0) {
        CHECK_INT(easy_put(store, "a/b", version, "one"), 1);
        process_tell(parent, 0);
    }
}

static void test_processes(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    struct process writer;
    uint64_t before;
    STORE store = NULL;

    if (!numbers_possible() || !process_possible())
        return;
    store = store_new();
    store_close(&store);
    writer = process_start(writer_run, NULL);
    (void)process_hear(&writer);
    store = store_open();
    for (int64_t version = 0; version < 50; version++) {
        before = number_of(store, key);
        process_tell(&writer, version);
        (void)process_hear(&writer);
        CHECK_TRUE(notices_change(store, key.shard, before));
        CHECK_INT(easy_version(store, "a/b"), version + 1);
    }
    process_tell(&writer, -1);
    process_end(&writer);
}

/* A number from before the last opening was closed does not come back for other rows. */
static void test_reopened(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    uint64_t before;
    STORE store = NULL;
    STORE other = NULL;

    if (!numbers_possible())
        return;
    store = store_new();
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    for (int64_t version = 1; version < 10; version++) {
        before = number_of(store, key);
        other = store_open();
        CHECK_INT(easy_put(other, "a/b", version, "one"), 1);
        store_close(&other);
        CHECK_TRUE(notices_change(store, key.shard, before));
    }
}

/* Whoever looked before there was a store is told of the first write too. */
static void test_created_later(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    uint64_t before;
    STORE store = NULL;
    STORE other = NULL;

    if (!numbers_possible())
        return;
    settings_fresh();
    store = store_open();
    other = store_open();
    CHECK_INT(easy_version(store, "a/b"), 0);
    before = number_of(store, key);
    CHECK_INT(store_create(other, PATIENT), JETON_OK);
    CHECK_INT(easy_put(other, "a/b", 0, "one"), 1);
    CHECK_TRUE(notices_change(store, key.shard, before));
}

/* In strict mode, the kernel kills whoever makes a system call but read, write, _exit and sigreturn. */
static void strict_run(struct process *parent, void *data)
{
    struct store *store = data;
    volatile uint64_t seen = engine.number(store->store, 0);

    (void)parent;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        _exit(NOT_STRICT);
    for (uint32_t i = 0; i < 100000; i++)
        seen = seen + engine.number(store->store, i % JETON_STORE_SHARDS);
    (void)syscall(SYS_exit, 0);
}

static void test_no_system_call(void)
{
    STORE store = NULL;
    struct process strict;
    int state;

    if (!numbers_possible())
        return;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    check_skip("sanitizers make system calls of their own");
    return;
#endif
    store = store_new();
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    strict = process_start(strict_run, store);
    state = process_wait(&strict);
    if (WIFEXITED(state) && WEXITSTATUS(state) == NOT_STRICT)
        check_skip("this kernel has no strict mode");
    else
        CHECK_INT(state, 0);
}

/* Asked beside a writer that is in the middle of its transaction; without a lock there is nothing to wait for. */
static int slow_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    atomic_int *stage = data;

    *ret_more = *stage == 0;
    *ret_change = change_put(row_make(JETON_KIND_TOKEN, "a/b", "", "x"), 0);
    if ((*stage)++ == 1)
        while (*stage == 2)
            sleep_ms(1);
    return JETON_OK;
}

struct slow {
    struct store *store;
    atomic_int stage;
};

static void slow_run(void *data, unsigned which)
{
    struct slow *slow = data;
    int done;

    (void)which;
    CHECK_INT(store_write_next(slow->store, PATIENT, slow_next, &slow->stage, &done), JETON_OK);
}

static void test_no_lock(void)
{
    struct slow slow = {0};
    struct threads threads;
    int64_t began;

    if (!numbers_possible())
        return;
    slow.store = store_new();
    threads = threads_start(1, slow_run, &slow);
    while (slow.stage < 2)
        sleep_ms(1);
    began = host_machine_ms();
    for (uint32_t shard = 0; shard < JETON_STORE_SHARDS; shard++)
        (void)engine.number(slow.store->store, shard);
    CHECK_TRUE(host_machine_ms() - began < 500);
    slow.stage = 3;
    threads_join(&threads);
    store_close(&slow.store);
}

const struct check_case numbers_cases[] = {
    {"a number is another one after every put and remove", test_every_change},
    {"a number changes with rows of every kind", test_kinds},
    {"every shard of a transaction has another number", test_shards},
    {"a number stays while nobody writes", test_stays},
    {"a number changes with writes by another opening", test_openings},
    {"a number changes with writes by another process", test_processes},
    {"a number does not come back when openings come and go", test_reopened},
    {"asking for a number makes no system call", test_no_system_call},
    {"asking for a number takes no lock: a busy writer does not delay it", test_no_lock},
    {"a number changes with the first write to a store that was not there before", test_created_later},
    {NULL, NULL},
};
