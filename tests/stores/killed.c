/* SPDX-License-Identifier: MIT */
/* Writers that are killed at any moment: a transaction is then made or not made. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include "notices.h"
#include "process.h"
#include <stdio.h>
#include <stdlib.h>

#define GROUP    20u
#define RUN_MS   2500
#define MOST_US  20000
#define LEASE_MS 2000

static void group_keys(struct jeton_row_key *keys, char names[][64])
{
    for (size_t i = 0; i < GROUP; i++)
        keys[i] = row_key(i % 2 == 0 ? JETON_KIND_TOKEN : JETON_KIND_CHAIN, bulk_name(names[i], "group", i), "");
}

/* The version of all rows of the group, which must agree, and whose blobs say it. -1: they do not. */
static int64_t group_version(struct store *store)
{
    struct jeton_row_key keys[GROUP];
    char names[GROUP][64], text[32];
    ROWS rows = ROWS_NONE;

    group_keys(keys, names);
    if (!CHECK_INT(store_get(store, PATIENT, keys, GROUP, JETON_STORE_BLOBS, &rows), JETON_OK))
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)rows.at[i].version);
        if (rows.at[i].version != rows.at[0].version || (rows.at[i].version > 0 && !row_blob_is(&rows.at[i], text)))
            return -1;
    }
    return rows.count == GROUP ? rows.at[0].version : -1;
}

static void write_group(struct store *store, int64_t version, uint32_t flags)
{
    struct jeton_store_change changes[GROUP];
    struct jeton_row_key keys[GROUP];
    char names[GROUP][64], text[32];
    int done = 0;

    group_keys(keys, names);
    (void)snprintf(text, sizeof(text), "%lld", (long long)version + 1);
    for (size_t i = 0; i < GROUP; i++)
        changes[i] = change_put(row_make(keys[i].kind, keys[i].name, "", text), version);
    CHECK_INT(store_write(store, PATIENT, flags, changes, GROUP, &done), JETON_OK);
    CHECK_INT(done, 1);
}

/* Writes the group until it is killed. Tells once, in the middle of its work. */
static void writer_run(struct process *parent, void *data)
{
    STORE store = store_open();
    int64_t version = group_version(store);

    (void)data;
    process_tell(parent, version);
    for (uint32_t i = 0;; i++)
        write_group(store, version++, i % 5 == 4 ? JETON_STORE_DURABLE : 0);
}

/* Kills one writer at a random moment. A reader who was there all the time and another one see the same. */
static int64_t kill_one(struct store *store, int64_t before)
{
    struct process writer = process_start(writer_run, NULL);
    STORE fresh = NULL;
    int64_t after;

    CHECK_INT(process_hear(&writer), before);
    sleep_us(random() % MOST_US);
    process_kill(&writer);
    after = group_version(store);
    CHECK_TRUE(after >= before);
    fresh = store_open();
    CHECK_INT(group_version(fresh), after);
    return after;
}

static void test_all_or_nothing(void)
{
    STORE store = NULL;
    int64_t version = 0, end;
    unsigned killed = 0;

    if (!process_possible())
        return;
    store = store_new();
    srandom(20240601);
    for (end = host_machine_ms() + RUN_MS; host_machine_ms() < end && version >= 0; killed++)
        version = kill_one(store, version);
    printf("# %u writers were killed over %lld transactions\n", killed, (long long)version);
    CHECK_TRUE(killed > 5);
    CHECK_TRUE(version > 5);
    if (version < 0)
        return;
    write_group(store, version, 0);
    CHECK_INT(group_version(store), version + 1);
}

/* A reader who remembers the rows asks for nothing but the number. It reads number and rows while the writer works. */
static bool number_tells(struct store *store)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "group/0000000", "");
    struct process writer = process_start(writer_run, NULL);
    uint64_t number;
    int64_t remembered, after;

    (void)process_hear(&writer);
    sleep_us(random() % MOST_US);
    number = engine.number(store->store, key.shard);
    remembered = group_version(store);
    process_kill(&writer);
    after = group_version(store);
    return after == remembered || notices_change(store, key.shard, number);
}

static void test_number(void)
{
    STORE store = NULL;
    unsigned killed = 0, stale = 0;
    int64_t end = host_machine_ms() + RUN_MS;

    if (engine.number == NULL) {
        check_skip("the engine has no numbers");
        return;
    }
    if (!process_possible())
        return;
    store = store_new();
    srandom(11);
    for (; host_machine_ms() < end; killed++)
        stale += !number_tells(store);
    printf("# %u of %u killed writers left the number as it was\n", stale, killed);
    CHECK_TRUE(killed > 5);
    CHECK_INT(stale, 0);
}

/* The killed writer had everything locked, in the middle of its transaction. */

static int stuck_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct process *parent = data;

    *ret_more = 1;
    *ret_change = change_put(row_make(JETON_KIND_TOKEN, "stuck", "", "x"), 0);
    process_tell(parent, 0);
    (void)process_hear(parent); /* never */
    return JETON_OK;
}

static void stuck_run(struct process *parent, void *data)
{
    STORE store = store_open();
    int done;

    (void)data;
    (void)store_write_next(store, PATIENT, stuck_next, parent, &done);
}

static void test_in_the_middle(void)
{
    struct process writer;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    writer = process_start(stuck_run, NULL);
    (void)process_hear(&writer);
    process_kill(&writer);
    CHECK_INT(easy_put(store, "a/b", 1, "two"), 1);
    CHECK_BLOB(store, "a/b", "two");
    CHECK_INT(easy_version(store, "stuck"), 0);
}

/* Claims until it is killed. */
static void claimer_run(struct process *parent, void *data)
{
    STORE store = store_open();

    (void)data;
    process_tell(parent, 0);
    for (int64_t until = 2000;; until++) {
        ROWS rows = ROWS_NONE;

        CHECK_INT(store_claim(store, PATIENT, JETON_KIND_TOKEN, until - 1, until, 50, 0, &rows), JETON_OK);
    }
}

static void fill_due(struct jeton_row *row, size_t index)
{
    row->due_at = (int64_t)index;
}

static void test_claimer(void)
{
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    bulk_put(store, JETON_KIND_TOKEN, "due", 100, fill_due);
    srandom(7);
    for (unsigned i = 0; i < 20; i++) {
        struct process claimer = process_start(claimer_run, NULL);
        ROWS due = ROWS_NONE, scanned = ROWS_NONE;

        (void)process_hear(&claimer);
        sleep_us(random() % MOST_US);
        process_kill(&claimer);
        CHECK_INT(store_due(store, PATIENT, JETON_KIND_TOKEN, INT64_MAX - 1, 1000, 0, &due), JETON_OK);
        CHECK_INT(due.count, 100);
        CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 1000, 0, &scanned), JETON_OK);
        CHECK_INT(scanned.count, 100);
    }
}

const struct check_case killed_cases[] = {
    {"writers that are killed at any moment leave transactions that are made or not made", test_all_or_nothing},
    {"a killed writer's transaction has changed the number", test_number},
    {"a writer that is killed in the middle of its transaction is in nobody's way", test_in_the_middle},
    {"claimers that are killed lose no row", test_claimer},
    {NULL, NULL},
};
