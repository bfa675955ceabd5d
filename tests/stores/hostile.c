/* SPDX-License-Identifier: MIT */
/* Names that mean something elsewhere, and sentences that tell nothing of a row. */
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "settings.h"
#include "store_call.h"
#include <string.h>

static const char *const names[] = {
    "'",
    "\"",
    "a'; DROP TABLE rows; --",
    "a\" OR \"1\"=\"1",
    "%",
    "_",
    "a%",
    "a_",
    "*",
    "?",
    "[a]",
    "\\",
    "\\'",
    "a\\0b",
    "\n",
    "\r\n",
    "\t",
    "a\nb",
    "\x1b[31m",
    "\x7f",
    "\xff\xfe",
    "\xc3\x28",
    "\xed\xa0\x80",
    "..",
    "../../etc/passwd",
    "/",
    "//",
    ".",
    "$HOME",
    "`id`",
    "${x}",
    "%s%n%s",
    "NULL",
    "0",
    "1e3",
    " ",
    "a ",
    " a",
    "A",
    "a",
    "\xc3\xa9",  /* e with an accent */
    "e\xcc\x81", /* the same letter in two parts */
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static struct jeton_row hostile_row(size_t name, size_t variant)
{
    return row_make(JETON_KIND_TOKEN, names[name], names[variant], names[(name + variant) % NAMES]);
}

static void test_names(void)
{
    STORE store = store_new();
    ROWS all = ROWS_NONE;

    for (size_t i = 0; i < NAMES; i++) {
        CHECK_INT(easy_write_one(store, change_put(hostile_row(i, i), 0)), 1);
        CHECK_INT(easy_write_one(store, change_put(hostile_row(i, (i + 1) % NAMES), 0)), 1);
    }
    for (size_t i = 0; i < NAMES * 2; i++) {
        struct jeton_row row = hostile_row(i / 2, (i / 2 + i % 2) % NAMES);
        ROWS rows = ROWS_NONE;

        easy_read(store, row.key, &rows);
        row.version = 1;
        if (rows.count == 1)
            CHECK_ROW(&rows.at[0], &row, true);
    }
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 1000, 0, &all), JETON_OK);
    CHECK_INT(all.count, NAMES * 2);
}

static void test_scans(void)
{
    STORE store = store_new();

    for (size_t i = 0; i < NAMES; i++)
        CHECK_INT(easy_write_one(store, change_put(hostile_row(i, i), 0)), 1);
    for (size_t i = 0; i < NAMES; i++) {
        size_t behind = 0;
        ROWS rows = ROWS_NONE;

        for (size_t j = 0; j < NAMES; j++)
            behind += strcmp(names[j], names[i]) > 0;
        CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, names[i], names[i], 1000, 0, &rows), JETON_OK);
        CHECK_INT(rows.count, behind);
    }
}

static void test_removed(void)
{
    STORE store = store_new();

    for (size_t i = 0; i < NAMES; i++)
        CHECK_INT(easy_write_one(store, change_put(hostile_row(i, i), 0)), 1);
    for (size_t i = 0; i < NAMES; i++) {
        ROWS rows = ROWS_NONE;

        CHECK_INT(easy_write_one(store, change_remove(hostile_row(i, i).key, 1)), 1);
        CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 1000, 0, &rows), JETON_OK);
        CHECK_INT(rows.count, NAMES - i - 1);
    }
}

static void test_leases(void)
{
    void *leases[NAMES] = {NULL};
    STORE store = store_new();
    int64_t fence;

    for (size_t i = 0; i < NAMES; i++) {
        CHECK_INT(store_lease(store, 0, row_key(JETON_KIND_TOKEN, names[i], names[i]), &leases[i], &fence), JETON_OK);
        CHECK_TRUE(leases[i] != NULL);
    }
    for (size_t i = 0; i < NAMES; i++)
        if (leases[i] != NULL)
            store_release(store, leases[i]);
}

/* The calls of a store that is not there fail, and those that wait for a writer: store_called looks at what they say.
 */

static struct jeton_row secret_row(void)
{
    return row_make(JETON_KIND_TOKEN, STORE_MARK "/name", STORE_MARK, STORE_MARK);
}

static void provoke(struct store *store, int64_t wait_ms)
{
    struct jeton_row row = secret_row();
    struct jeton_store_change change = change_put(row, 0);
    void *lease = NULL;
    int64_t fence;
    int done;
    ROWS got = ROWS_NONE, scanned = ROWS_NONE;

    (void)store_write(store, wait_ms, 0, &change, 1, &done);
    (void)store_get(store, wait_ms, &row.key, 1, JETON_STORE_BLOBS, &got);
    (void)store_scan(store, wait_ms, JETON_KIND_TOKEN, STORE_MARK, STORE_MARK, 1, 0, &scanned);
    if (store_lease(store, wait_ms, row.key, &lease, &fence) == JETON_OK && lease != NULL)
        store_release(store, lease);
}

static void test_sentences(void)
{
    struct store *store;

    settings_fresh();
    store = store_open();
    provoke(store, 0);
    CHECK_INT(store_write(store, PATIENT, 0, &(struct jeton_store_change){0}, 0, &(int){0}) == JETON_OK, false);
    CHECK_CONTAINS(store_sentence(), engine.place(store->store));
    store_close(&store);
}

struct blocker {
    struct process *other;
    unsigned given;
};

static int blocker_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct blocker *blocker = data;

    *ret_more = blocker->given == 0;
    if (blocker->given++ == 0) {
        *ret_change = change_put(secret_row(), 0);
        return JETON_OK;
    }
    process_tell(blocker->other, 0);
    (void)process_hear(blocker->other);
    return JETON_OK;
}

static void blocker_run(struct process *other, void *data)
{
    struct blocker blocker = {.other = other};
    STORE store = store_open();
    int done;

    (void)data;
    (void)store_write_next(store, PATIENT, blocker_next, &blocker, &done);
}

static void test_sentences_beside_writer(void)
{
    struct process blocker;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    blocker = process_start(blocker_run, NULL);
    (void)process_hear(&blocker);
    provoke(store, 0);
    provoke(store, 20);
    process_tell(&blocker, 0);
    process_end(&blocker);
}

const struct check_case hostile_cases[] = {
    {"rows with any names are kept apart", test_names},
    {"a scan begins behind any name", test_scans},
    {"a row with any name is removed alone", test_removed},
    {"leases on any names are apart", test_leases},
    {"a failure names the place and tells nothing of a row", test_sentences},
    {"a failure beside a busy writer tells nothing of a row", test_sentences_beside_writer},
    {NULL, NULL},
};
