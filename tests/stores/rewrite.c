/* SPDX-License-Identifier: MIT */
/* Rewrite: every row has another blob, in one transaction with one value of the store. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include "notices.h"
#include "settings.h"
#include "threads.h"
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MANY 300u
#define FORMER    "the former blob, which shall not be found any more"

static bool rewrite_possible(void)
{
    if (engine.rewrite == NULL)
        check_skip("the engine has no rewrite");
    return engine.rewrite != NULL;
}

/* Gives every blob another end; counts the rows, and ends with a status at one of them. */
struct sealer {
    char blob[128];
    size_t count, end_at;
    int status;
    bool store_row, leaves;
};

static int reseal(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len)
{
    struct sealer *sealer = data;

    sealer->store_row = sealer->store_row || row->key.kind == JETON_KIND_STORE || row->blob == NULL;
    if (++sealer->count == sealer->end_at)
        return sealer->status;
    *ret_blob = NULL;
    if (sealer->leaves)
        return JETON_OK;
    (void)snprintf(sealer->blob, sizeof(sealer->blob), "%s/%s/new", row->key.name, row->key.variant);
    *ret_blob = sealer->blob;
    *ret_blob_len = strlen(sealer->blob);
    return JETON_OK;
}

static void fill_former(struct jeton_row *row, size_t index)
{
    row->blob = FORMER;
    row->blob_len = strlen(FORMER);
    row->fence = 3;
    row->due_at = (int64_t)index;
}

static struct store *store_filled(void)
{
    struct store *store = store_new();

    bulk_put(store, JETON_KIND_TOKEN, "row", ROWS_MANY, fill_former);
    CHECK_INT(easy_write_one(store, change_put(row_make(JETON_KIND_CHAIN, "chain", "v", FORMER), 0)), 1);
    CHECK_INT(easy_write_one(store, change_put(row_make(JETON_KIND_LOGIN, "empty", "", NULL), 0)), 1);
    CHECK_INT(easy_write_one(store, change_put(row_make(JETON_KIND_STORE, "value", "", "one"), 0)), 1);
    CHECK_INT(easy_write_one(store, change_put(row_make(JETON_KIND_STORE, "other", "", "stays"), 0)), 1);
    return store;
}

static struct jeton_store_change value_of(int64_t expected_version)
{
    return change_put(row_make(JETON_KIND_STORE, "value", "", "two"), expected_version);
}

static void check_store_row(struct store *store, const char *name, int64_t version, const char *text)
{
    ROWS rows = ROWS_NONE;

    easy_read(store, row_key(JETON_KIND_STORE, name, ""), &rows);
    CHECK_TRUE(rows.count == 1 && rows.at[0].version == version && row_blob_is(&rows.at[0], text));
}

/* Every row is as it was put but for its blob. */
static void check_rows(struct store *store, bool renewed)
{
    char name[64], blob[128];
    ROWS rows = ROWS_NONE;

    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 1000, JETON_STORE_BLOBS, &rows), JETON_OK);
    CHECK_INT(rows.count, ROWS_MANY);
    for (size_t i = 0; i < rows.count; i++) {
        struct jeton_row row = row_make(JETON_KIND_TOKEN, bulk_name(name, "row", i), "", NULL);

        fill_former(&row, i);
        row.version = 1;
        (void)snprintf(blob, sizeof(blob), "%s//new", name);
        if (renewed) {
            row.blob = blob;
            row.blob_len = strlen(blob);
        }
        CHECK_ROW(&rows.at[i], &row, true);
    }
}

static void test_every_row(void)
{
    struct jeton_store_change value = value_of(1);
    struct sealer sealer = {0};
    STORE store = NULL;
    ROWS chain = ROWS_NONE, empty = ROWS_NONE;
    int done = 0;

    if (!rewrite_possible())
        return;
    store = store_filled();
    CHECK_INT(store_rewrite(store, PATIENT, &value, reseal, &sealer, &done), JETON_OK);
    CHECK_INT(done, 1);
    CHECK_INT(sealer.count, ROWS_MANY + 1);
    CHECK_TRUE(!sealer.store_row);
    check_rows(store, true);
    check_store_row(store, "value", 2, "two");
    check_store_row(store, "other", 1, "stays");
    easy_read(store, row_key(JETON_KIND_CHAIN, "chain", "v"), &chain);
    CHECK_TRUE(chain.count == 1 && chain.at[0].version == 1 && row_blob_is(&chain.at[0], "chain/v/new"));
    easy_read(store, row_key(JETON_KIND_LOGIN, "empty", ""), &empty);
    CHECK_TRUE(empty.count == 1 && empty.at[0].version == 1 && empty.at[0].blob == NULL);
}

static void test_condition(void)
{
    struct jeton_store_change value = value_of(7);
    struct sealer sealer = {0};
    STORE store = NULL;
    int done = -1;

    if (!rewrite_possible())
        return;
    store = store_filled();
    CHECK_INT(store_rewrite(store, PATIENT, &value, reseal, &sealer, &done), JETON_OK);
    CHECK_INT(done, 0);
    check_rows(store, false);
    check_store_row(store, "value", 1, "one");
}

static void test_ends(void)
{
    static const size_t ends[] = {1, ROWS_MANY / 2, ROWS_MANY + 1};
    STORE store = NULL;

    if (!rewrite_possible())
        return;
    store = store_filled();
    for (size_t i = 0; i < 3; i++) {
        struct jeton_store_change value = value_of(1);
        struct sealer sealer = {.end_at = ends[i], .status = JETON_BAD_ANSWER};
        int done = -1;

        CHECK_INT(store_rewrite(store, PATIENT, &value, reseal, &sealer, &done), JETON_BAD_ANSWER);
        check_rows(store, false);
        check_store_row(store, "value", 1, "one");
    }
    CHECK_INT(easy_put(store, "a/b", 0, "the store is not held up"), 1);
}

static void test_leaves(void)
{
    struct jeton_store_change value = value_of(1);
    struct sealer sealer = {.leaves = true};
    STORE store = NULL;
    int done = 0;

    if (!rewrite_possible())
        return;
    store = store_filled();
    CHECK_INT(store_rewrite(store, PATIENT, &value, reseal, &sealer, &done), JETON_OK);
    CHECK_INT(done, 1);
    check_rows(store, false);
    check_store_row(store, "value", 2, "two");
}

static void test_numbers(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_CHAIN, "chain", "v");
    struct jeton_store_change value = value_of(1);
    struct sealer sealer = {0};
    STORE store = NULL;
    STORE other = NULL;
    uint64_t before;
    int done = 0;

    if (!rewrite_possible())
        return;
    if (engine.number == NULL) {
        check_skip("the engine has no numbers");
        return;
    }
    store = store_filled();
    other = store_open();
    CHECK_INT(easy_version_of(other, key), 1);
    before = notices_number(other, key.shard);
    CHECK_INT(store_rewrite(store, PATIENT, &value, reseal, &sealer, &done), JETON_OK);
    CHECK_TRUE(notices_change(other, key.shard, before));
}

/* Others write rows while all are rewritten: each row is of before or of behind, none is lost. */
struct writing {
    struct store *store;
    atomic_bool ended;
    int64_t version;
};

static void write_on(void *data, unsigned which)
{
    struct writing *writing = data;

    (void)which;
    while (!writing->ended) {
        CHECK_INT(easy_put(writing->store, "beside", writing->version, "old key"), 1);
        writing->version++;
    }
}

static void test_beside_writers(void)
{
    struct writing writing = {0};
    struct threads threads;
    STORE other = NULL;

    if (!rewrite_possible())
        return;
    writing.store = store_filled();
    other = store_open();
    threads = threads_start(1, write_on, &writing);
    for (int64_t version = 1; version < 6; version++) {
        struct jeton_store_change value = value_of(version);
        struct sealer sealer = {0};
        int done = 0;

        CHECK_INT(store_rewrite(other, PATIENT, &value, reseal, &sealer, &done), JETON_OK);
        CHECK_INT(done, 1);
        CHECK_TRUE(sealer.count >= ROWS_MANY + 1);
    }
    writing.ended = true;
    threads_join(&threads);
    CHECK_INT(easy_version(other, "beside"), writing.version);
    store_close(&writing.store);
}

/* Whether a file below the directory has the text. */
static bool found_in(const char *dir, const char *text)
{
    char command[8192];

    (void)snprintf(command, sizeof(command), "grep -rqaF '%s' '%s'", text, dir);
    return system(command) == 0;
}

static void test_wiped(void)
{
    struct jeton_store_change value = value_of(1);
    struct sealer sealer = {0};
    STORE store = NULL;
    int done = 0;

    if (!rewrite_possible())
        return;
    if ((engine.capabilities & JETON_STORE_CAP_LOCAL) == 0) {
        check_skip("the rows do not lie on this machine");
        return;
    }
    store = store_filled();
    if (settings_dir() == NULL || !found_in(settings_dir(), FORMER)) {
        check_skip("the rows are in no file below {dir}");
        return;
    }
    CHECK_INT(store_rewrite(store, PATIENT, &value, reseal, &sealer, &done), JETON_OK);
    CHECK_TRUE(!found_in(settings_dir(), FORMER));
    store_close(&store);
    CHECK_TRUE(!found_in(settings_dir(), FORMER));
}

const struct check_case rewrite_cases[] = {
    {"a rewrite gives every row with a blob another one, but those of the store itself", test_every_row},
    {"a rewrite whose condition does not hold writes nothing", test_condition},
    {"a rewrite that reseal ends with a status writes nothing and returns that status", test_ends},
    {"a rewrite leaves the blobs that reseal leaves", test_leaves},
    {"a rewrite changes the numbers of the shards", test_numbers},
    {"nobody writes beside a rewrite, and no write is lost", test_beside_writers},
    {"a rewrite takes the former blobs off the disk", test_wiped},
    {NULL, NULL},
};
