/* SPDX-License-Identifier: MIT */
/* Reads of one row and of many. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "threads.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define MANY 500u

static void test_missing(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_MEMORY, "no/such", "row");
    STORE store = store_new();
    ROWS rows = ROWS_NONE;

    easy_read(store, key, &rows);
    if (rows.count != 1)
        return;
    CHECK_INT(rows.at[0].version, 0);
    CHECK_TRUE(rows.at[0].blob == NULL);
    CHECK_INT(rows.at[0].key.shard, key.shard);
}

static void test_none(void)
{
    STORE store = store_new();
    ROWS rows = ROWS_NONE;

    CHECK_INT(store_get(store, PATIENT, NULL, 0, JETON_STORE_BLOBS, &rows), JETON_OK);
    CHECK_INT(rows.count, 0);
}

/* Every other one of these names is there, and they are asked for from the last to the first. */
static void many_keys(struct jeton_row_key *keys, char names[][64])
{
    for (size_t i = 0; i < MANY; i++)
        keys[i] = row_key(JETON_KIND_TOKEN, bulk_name(names[i], i % 2 == 0 ? "there" : "not", (MANY - 1 - i) / 2), "");
}

static void test_many(void)
{
    struct jeton_row_key keys[MANY];
    char names[MANY][64];
    STORE store = store_new();
    ROWS rows = ROWS_NONE;

    bulk_put(store, JETON_KIND_TOKEN, "there", MANY / 2, NULL);
    many_keys(keys, names);
    CHECK_INT(store_get(store, PATIENT, keys, MANY, JETON_STORE_BLOBS, &rows), JETON_OK);
    CHECK_INT(rows.count, MANY);
    for (size_t i = 0; i < rows.count; i++) {
        if (!row_key_is(&rows.at[i], &keys[i]))
            CHECK_STR(rows.at[i].key.name, keys[i].name);
        if (rows.at[i].version != (i % 2 == 0))
            CHECK_STR(rows.at[i].key.name, "a row with its version");
    }
}

static void test_twice(void)
{
    struct jeton_row_key keys[3];
    STORE store = store_new();
    ROWS rows = ROWS_NONE;

    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    keys[0] = keys[2] = row_key(JETON_KIND_TOKEN, "a/b", "");
    keys[1] = row_key(JETON_KIND_TOKEN, "a/c", "");
    CHECK_INT(store_get(store, PATIENT, keys, 3, JETON_STORE_BLOBS, &rows), JETON_OK);
    CHECK_NAMES(&rows, "a/b", "a/c", "a/b");
    for (size_t i = 0; i < rows.count; i++)
        CHECK_INT(rows.at[i].version, i != 1);
}

static void test_stops(void)
{
    struct jeton_row_key keys[MANY];
    char names[MANY][64];
    STORE store = store_new();

    bulk_put(store, JETON_KIND_TOKEN, "there", MANY / 2, NULL);
    many_keys(keys, names);
    for (size_t behind = 1; behind < 5; behind += 3) {
        ROWS rows = ROWS_NONE;

        rows.stop_behind = behind;
        CHECK_INT(store_get(store, PATIENT, keys, MANY, JETON_STORE_BLOBS, &rows), JETON_OK);
        CHECK_INT(rows.count, behind);
    }
    CHECK_INT(easy_put(store, "a/b", 0, "the store is not held up"), 1);
}

/* Key by key: name and variant are two texts, not one. */
static void test_apart(void)
{
    static const struct {
        const char *name, *variant;
    } keys[] = {{"ab", "c"}, {"a", "bc"}, {"abc", ""},  {"ab", "C"},
                {"AB", "c"}, {"ab", ""},  {"ab ", "c"}, {"a", "b\nc"}};
    STORE store = store_new();

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char text[] = {(char)('0' + (char)i), '\0'};

        CHECK_INT(easy_write_one(store, change_put(row_make(JETON_KIND_TOKEN, keys[i].name, keys[i].variant, text), 0)),
                  1);
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char text[] = {(char)('0' + (char)i), '\0'};
        ROWS rows = ROWS_NONE;

        easy_read(store, row_key(JETON_KIND_TOKEN, keys[i].name, keys[i].variant), &rows);
        CHECK_TRUE(rows.count == 1 && rows.at[0].version == 1 && row_blob_is(&rows.at[0], text));
    }
}

/* A writer gives all rows of a group one version after the other; no read sees two versions. */
#define GROUP 40u

struct moment {
    struct store *store;
    struct jeton_row_key keys[GROUP];
    char names[GROUP][64];
    atomic_bool ended;
};

static void moment_write(void *data, unsigned which)
{
    struct moment *moment = data;
    struct jeton_store_change changes[GROUP];
    int64_t version = 1;

    (void)which;
    while (!moment->ended) {
        for (size_t i = 0; i < GROUP; i++)
            changes[i] = change_put(row_make(JETON_KIND_TOKEN, moment->names[i], "", "again"), version);
        CHECK_INT(easy_write(moment->store, changes, GROUP), 1);
        version++;
    }
}

static void test_one_moment(void)
{
    struct moment moment = {.store = store_new()};
    int64_t last = 0;
    struct threads threads;

    bulk_put(moment.store, JETON_KIND_TOKEN, "group", GROUP, NULL);
    for (size_t i = 0; i < GROUP; i++)
        moment.keys[i] = row_key(JETON_KIND_TOKEN, bulk_name(moment.names[i], "group", i), "");
    threads = threads_start(1, moment_write, &moment);
    for (int64_t end = host_machine_ms() + 500; host_machine_ms() < end;) {
        ROWS rows = ROWS_NONE;

        CHECK_INT(store_get(moment.store, PATIENT, moment.keys, GROUP, 0, &rows), JETON_OK);
        for (size_t i = 1; i < rows.count; i++)
            if (rows.at[i].version != rows.at[0].version)
                CHECK_INT(rows.at[i].version, rows.at[0].version);
        CHECK_TRUE(rows.count > 0 && rows.at[0].version >= last);
        last = rows.count > 0 ? rows.at[0].version : last;
    }
    moment.ended = true;
    threads_join(&threads);
    CHECK_TRUE(last > 1);
    store_close(&moment.store);
}

const struct check_case get_cases[] = {
    {"a row that is not there comes with version 0 and the key that was asked for", test_missing},
    {"a read of no rows visits none", test_none},
    {"many rows come in the order of the keys, those that are not there too", test_many},
    {"a key that is asked for twice comes twice", test_twice},
    {"a visit that says stop is the last, and the read has succeeded", test_stops},
    {"keys are compared whole, byte by byte", test_apart},
    {"many rows are all as of one moment", test_one_moment},
    {NULL, NULL},
};
