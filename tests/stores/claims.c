/* SPDX-License-Identifier: MIT */
/* Claims: of those who look for due rows at the same time, no row goes to two. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include "notices.h"
#include "process.h"
#include "threads.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct jeton_row row_due(const char *name, int64_t due_at)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, name, "", "claimed");

    row.due_at = due_at;
    row.fence = 4;
    row.state = 3;
    return row;
}

static void claim(struct store *store, int64_t now, int64_t until, size_t limit, struct rows *ret_rows)
{
    CHECK_INT(store_claim(store, PATIENT, JETON_KIND_TOKEN, now, until, limit, JETON_STORE_BLOBS, ret_rows), JETON_OK);
}

static void test_moves(void)
{
    STORE store = store_new();
    ROWS first = ROWS_NONE, again = ROWS_NONE, later = ROWS_NONE;

    CHECK_INT(easy_write_one(store, change_put(row_due("b/2", 200), 0)), 1);
    CHECK_INT(easy_write_one(store, change_put(row_due("a/3", 300), 0)), 1);
    CHECK_INT(easy_write_one(store, change_put(row_due("c/1", 100), 0)), 1);
    CHECK_INT(easy_write_one(store, change_put(row_due("a/never", JETON_STORE_NEVER), 0)), 1);
    claim(store, 200, 1000, 10, &first);
    CHECK_NAMES(&first, "c/1", "b/2");
    claim(store, 200, 1000, 10, &again);
    CHECK_INT(again.count, 0);
    claim(store, 1000, 2000, 10, &later);
    CHECK_INT(later.count, 3);
    CHECK_TRUE(later.count == 3 && strcmp(later.at[0].key.name, "a/3") == 0);
}

static void test_keeps_the_rest(void)
{
    struct jeton_row row = row_due("a/b", 100);
    STORE store = store_new();
    ROWS claimed = ROWS_NONE, read = ROWS_NONE;

    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    claim(store, 100, 500, 10, &claimed);
    row.version = 1;
    row.due_at = 500;
    easy_read(store, row.key, &read);
    if (!CHECK_INT(claimed.count, 1) || !CHECK_INT(read.count, 1))
        return;
    CHECK_ROW(&read.at[0], &row, true);
    claimed.at[0].due_at = 500; /* as it was, or as it is */
    CHECK_ROW(&claimed.at[0], &row, true);
    CHECK_INT(easy_put(store, "a/b", 1, "the version is the expected one still"), 1);
}

static void test_number(void)
{
    struct jeton_row row = row_due("a/b", 100);
    uint64_t before;
    STORE store = store_new();
    ROWS rows = ROWS_NONE;

    if (engine.number == NULL) {
        check_skip("the engine has no numbers");
        return;
    }
    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    before = notices_number(store, row.key.shard);
    claim(store, 100, 500, 10, &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(notices_number(store, row.key.shard), before);
}

static void test_limit(void)
{
    STORE store = store_new();
    ROWS none = ROWS_NONE, first = ROWS_NONE, rest = ROWS_NONE, stopped = ROWS_NONE;

    for (char i = 0; i < 5; i++)
        CHECK_INT(easy_write_one(store, change_put(row_due((char[]){(char)('a' + i), '\0'}, i), 0)), 1);
    claim(store, 10, 100, 0, &none);
    CHECK_INT(none.count, 0);
    claim(store, 10, 100, 2, &first);
    CHECK_NAMES(&first, "a", "b");
    stopped.stop_behind = 1;
    CHECK_INT(store_claim(store, PATIENT, JETON_KIND_TOKEN, 10, 100, 1, 0, &stopped), JETON_OK);
    CHECK_NAMES(&stopped, "c");
    claim(store, 10, 100, 10, &rest);
    CHECK_NAMES(&rest, "d", "e");
}

/* Claims until nothing is due, and counts how often each row came. */
#define ROWS_TO_CLAIM 400u

struct claimers {
    struct store *stores[4];
    atomic_uint times[ROWS_TO_CLAIM];
    atomic_uint total;
};

static void fill_due(struct jeton_row *row, size_t index)
{
    row->due_at = (int64_t)index;
}

static size_t claim_some(struct store *store, atomic_uint *times)
{
    ROWS rows = ROWS_NONE;

    claim(store, 1000, 100000, 7, &rows);
    for (size_t i = 0; i < rows.count; i++)
        times[strtoul(strrchr(rows.at[i].key.name, '/') + 1, NULL, 10) % ROWS_TO_CLAIM]++;
    return rows.count;
}

static void claim_all(void *data, unsigned which)
{
    struct claimers *claimers = data;
    size_t count;

    while (claimers->total <= ROWS_TO_CLAIM && (count = claim_some(claimers->stores[which], claimers->times)) > 0)
        claimers->total += (unsigned)count;
}

static void check_each_once(const atomic_uint *times)
{
    for (size_t i = 0; i < ROWS_TO_CLAIM; i++)
        if (times[i] != 1) {
            printf("# row %zu came %u times\n", i, times[i]);
            CHECK_INT(times[i], 1);
        }
}

static void test_threads(void)
{
    struct claimers claimers = {.stores = {store_new(), NULL, NULL, NULL}};
    struct threads threads;

    bulk_put(claimers.stores[0], JETON_KIND_TOKEN, "row", ROWS_TO_CLAIM, fill_due);
    claimers.stores[1] = claimers.stores[0]; /* two threads of one opening, and another opening for each of two more */
    claimers.stores[2] = store_open();
    claimers.stores[3] = store_open();
    threads = threads_start(4, claim_all, &claimers);
    threads_join(&threads);
    CHECK_INT(claimers.total, ROWS_TO_CLAIM);
    check_each_once(claimers.times);
    store_close(&claimers.stores[0]);
    store_close(&claimers.stores[2]);
    store_close(&claimers.stores[3]);
}

/* Another process tells the number of every row that it got, and -1 at last. */
static void claim_and_tell(struct process *parent, void *data)
{
    STORE store = store_open();
    atomic_uint times[ROWS_TO_CLAIM] = {0};

    (void)data;
    process_tell(parent, 0);
    (void)process_hear(parent);
    for (unsigned i = 0; i < ROWS_TO_CLAIM && claim_some(store, times) > 0;)
        i++;
    for (size_t i = 0; i < ROWS_TO_CLAIM; i++)
        for (unsigned came = 0; came < times[i]; came++)
            process_tell(parent, (int64_t)i);
    process_tell(parent, -1);
}

static void test_processes(void)
{
    struct process claimers[3];
    atomic_uint times[ROWS_TO_CLAIM] = {0};
    STORE store = NULL;
    int64_t row;

    if (!process_possible())
        return;
    store = store_new();
    bulk_put(store, JETON_KIND_TOKEN, "row", ROWS_TO_CLAIM, fill_due);
    for (size_t i = 0; i < 3; i++) {
        claimers[i] = process_start(claim_and_tell, NULL);
        (void)process_hear(&claimers[i]);
    }
    for (size_t i = 0; i < 3; i++)
        process_tell(&claimers[i], 0);
    for (size_t i = 0; i < 3; i++) {
        while ((row = process_hear(&claimers[i])) >= 0)
            times[row]++;
        process_end(&claimers[i]);
    }
    check_each_once(times);
}

const struct check_case claims_cases[] = {
    {"a claim gives what is due, the longest due first, and moves it", test_moves},
    {"a claim changes due_at alone: version, fence and blob stay", test_keeps_the_rest},
    {"a claim leaves the shard's number", test_number},
    {"a claim takes no more rows than its limit", test_limit},
    {"of claims by several threads and openings, no row goes to two and none is left", test_threads},
    {"of claims by several processes, no row goes to two and none is left", test_processes},
    {NULL, NULL},
};
