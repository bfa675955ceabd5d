/* SPDX-License-Identifier: MIT */
/* Rows that are due, found by an index. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include <stdio.h>
#include <time.h>

static void put_due(struct store *store, const char *name, int64_t expected_version, int64_t due_at)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, name, "", "due");

    row.due_at = due_at;
    CHECK_INT(easy_write_one(store, change_put(row, expected_version)), 1);
}

static void due_at(struct store *store, int64_t now, size_t limit, struct rows *ret_rows)
{
    CHECK_INT(store_due(store, PATIENT, JETON_KIND_TOKEN, now, limit, JETON_STORE_BLOBS, ret_rows), JETON_OK);
}

static struct store *store_with_due(void)
{
    struct store *store = store_new();

    put_due(store, "d/third", 0, 300);
    put_due(store, "a/never", 0, JETON_STORE_NEVER);
    put_due(store, "e/first", 0, -5);
    put_due(store, "c/second", 0, 100);
    put_due(store, "b/last", 0, JETON_STORE_NEVER - 1);
    return store;
}

static void test_order(void)
{
    STORE store = store_with_due();
    ROWS early = ROWS_NONE, at = ROWS_NONE, later = ROWS_NONE, all = ROWS_NONE;

    due_at(store, -6, 10, &early);
    CHECK_INT(early.count, 0);
    due_at(store, 100, 10, &at);
    CHECK_NAMES(&at, "e/first", "c/second");
    due_at(store, 299, 10, &later);
    CHECK_NAMES(&later, "e/first", "c/second");
    due_at(store, JETON_STORE_NEVER - 1, 10, &all);
    CHECK_NAMES(&all, "e/first", "c/second", "d/third", "b/last");
}

static void test_never(void)
{
    STORE store = store_with_due();
    ROWS rows = ROWS_NONE;

    due_at(store, JETON_STORE_NEVER, 10, &rows);
    CHECK_NAMES(&rows, "e/first", "c/second", "d/third", "b/last");
}

static void test_limit(void)
{
    STORE store = store_with_due();
    ROWS none = ROWS_NONE, one = ROWS_NONE, stopped = ROWS_NONE;

    due_at(store, 1000, 0, &none);
    CHECK_INT(none.count, 0);
    due_at(store, 1000, 1, &one);
    CHECK_NAMES(&one, "e/first");
    CHECK_TRUE(one.count == 1 && row_blob_is(&one.at[0], "due"));
    stopped.stop_behind = 2;
    CHECK_INT(store_due(store, PATIENT, JETON_KIND_TOKEN, 1000, 10, 0, &stopped), JETON_OK);
    CHECK_NAMES(&stopped, "e/first", "c/second");
}

/* The index follows every change of a row. */
static void test_follows(void)
{
    STORE store = store_with_due();
    ROWS moved = ROWS_NONE, removed = ROWS_NONE, again = ROWS_NONE, reopened = ROWS_NONE;

    put_due(store, "e/first", 1, 400);
    put_due(store, "a/never", 1, 50);
    put_due(store, "c/second", 1, JETON_STORE_NEVER);
    due_at(store, 1000, 10, &moved);
    CHECK_NAMES(&moved, "a/never", "d/third", "e/first");
    CHECK_INT(easy_remove(store, "a/never", 2), 1);
    due_at(store, 1000, 10, &removed);
    CHECK_NAMES(&removed, "d/third", "e/first");
    put_due(store, "a/never", 0, 1);
    due_at(store, 1000, 10, &again);
    CHECK_NAMES(&again, "a/never", "d/third", "e/first");
    store_close(&store);
    store = store_open();
    due_at(store, 1000, 10, &reopened);
    CHECK_NAMES(&reopened, "a/never", "d/third", "e/first");
}

static void test_ended(void)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, "a/ended", "", "x");
    STORE store = store_new();
    ROWS scanned = ROWS_NONE, due = ROWS_NONE;

    row.expires_at = 1;
    row.due_at = 1;
    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 10, 0, &scanned), JETON_OK);
    CHECK_NAMES(&scanned, "a/ended");
    due_at(store, 1000, 10, &due);
    CHECK_NAMES(&due, "a/ended");
    CHECK_INT(easy_version(store, "a/ended"), 1);
}

/* How long reads of what is due take: the best of some. */

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t price_ns(struct store *store)
{
    int64_t best = INT64_MAX;

    for (unsigned i = 0; i < 30; i++) {
        int64_t began = now_ns(), took;
        ROWS rows = ROWS_NONE;

        due_at(store, 1000, 10, &rows);
        took = now_ns() - began;
        best = took < best ? took : best;
        CHECK_INT(rows.count, 10);
    }
    return best;
}

static int64_t claim_price_ns(struct store *store)
{
    int64_t best = INT64_MAX;

    for (unsigned i = 0; i < 10; i++) {
        int64_t began = now_ns(), took;
        ROWS rows = ROWS_NONE;

        CHECK_INT(store_claim(store, PATIENT, JETON_KIND_TOKEN, 1000, 1000, 10, 0, &rows), JETON_OK);
        took = now_ns() - began;
        best = took < best ? took : best;
        CHECK_INT(rows.count, 10);
    }
    return best;
}

static void fill_due(struct jeton_row *row, size_t index)
{
    row->due_at = (int64_t)index;
}

/* Half of them never, half of them later. */
static void fill_not_due(struct jeton_row *row, size_t index)
{
    row->due_at = index % 2 == 0 ? JETON_STORE_NEVER : 100000 + (int64_t)(index * 7919 % 100003);
}

#define FEW           1000u
#define MANY          100000u
#define PRICE_MORE    8 /* a look at every row would cost a hundred times as much */
#define PRICE_FREE_NS 50000

static void test_price(void)
{
    STORE store = store_new();
    int64_t few, many, claim_few, claim_many;

    bulk_put(store, JETON_KIND_TOKEN, "due", 20, fill_due);
    bulk_put(store, JETON_KIND_TOKEN, "a/few", FEW, fill_not_due);
    few = price_ns(store);
    claim_few = claim_price_ns(store);
    bulk_put(store, JETON_KIND_TOKEN, "b/many", MANY - FEW, fill_not_due);
    many = price_ns(store);
    claim_many = claim_price_ns(store);
    printf("# ten due rows: %lld us beside %u others, %lld us beside %u; claimed: %lld us, %lld us\n",
           (long long)few / 1000, FEW, (long long)many / 1000, MANY, (long long)claim_few / 1000,
           (long long)claim_many / 1000);
    CHECK_TRUE(many <= PRICE_FREE_NS || many / few < PRICE_MORE);
    CHECK_TRUE(claim_many <= PRICE_FREE_NS || claim_many / claim_few < PRICE_MORE);
}

const struct check_case due_cases[] = {
    {"due rows come with the longest due first, and those that are due later do not", test_order},
    {"a row that is due never is not due at any time", test_never},
    {"no more due rows come than the limit, or than visit wants", test_limit},
    {"what is due follows puts, removes and openings", test_follows},
    {"a row that has ended is kept, and is found like any other", test_ended},
    {"due rows are found by an index: a hundred times as many others cost no more", test_price},
    {NULL, NULL},
};
