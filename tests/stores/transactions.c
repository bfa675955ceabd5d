/* SPDX-License-Identifier: MIT */
/* Transactions of several changes: all are made, or none. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include <stdio.h>
#include <string.h>

#define MANY 100u

static void test_mixture(void)
{
    STORE store = store_new();
    struct jeton_store_change changes[4];

    CHECK_INT(easy_put(store, "old/replaced", 0, "one"), 1);
    CHECK_INT(easy_put(store, "old/removed", 0, "one"), 1);
    CHECK_INT(easy_put(store, "old/checked", 0, "one"), 1);
    changes[0] = change_put(row_make(JETON_KIND_TOKEN, "old/replaced", "", "two"), 1);
    changes[1] = change_remove(row_key(JETON_KIND_TOKEN, "old/removed", ""), 1);
    changes[2] = change_check(row_key(JETON_KIND_TOKEN, "old/checked", ""), 1);
    changes[3] = change_put(row_make(JETON_KIND_CHAIN, "new", "", "chain"), 0);
    CHECK_INT(easy_write(store, changes, 4), 1);
    CHECK_INT(easy_version(store, "old/replaced"), 2);
    CHECK_BLOB(store, "old/replaced", "two");
    CHECK_INT(easy_version(store, "old/removed"), 0);
    CHECK_INT(easy_version(store, "old/checked"), 1);
    CHECK_INT(easy_version_of(store, row_key(JETON_KIND_CHAIN, "new", "")), 1);
}

/* Puts of many rows of version 1, to become version 2. */
static void many_changes(struct store *store, struct jeton_store_change *changes, char names[][16])
{
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "many/%u", i);
        changes[i] = change_put(row_make(JETON_KIND_TOKEN, names[i], "", "one"), 0);
    }
    CHECK_INT(easy_write(store, changes, MANY), 1);
    for (unsigned i = 0; i < MANY; i++) {
        changes[i].expected_version = 1;
        changes[i].row.blob = "two";
    }
}

static void check_nothing_changed(struct store *store)
{
    ROWS rows = ROWS_NONE;

    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", MANY * 2, JETON_STORE_BLOBS, &rows), JETON_OK);
    CHECK_INT(rows.count, MANY);
    for (size_t i = 0; i < rows.count; i++)
        if (rows.at[i].version != 1 || !row_blob_is(&rows.at[i], "one"))
            CHECK_STR(rows.at[i].key.name, "a row as it was");
}

static void check_one_fails(unsigned which, void (*spoil)(struct jeton_store_change *change))
{
    struct jeton_store_change changes[MANY];
    char names[MANY][16];
    STORE store = store_new();

    many_changes(store, changes, names);
    spoil(&changes[which]);
    CHECK_INT(easy_write(store, changes, MANY), 0);
    check_nothing_changed(store);
}

static void spoil_version(struct jeton_store_change *change)
{
    change->expected_version = 2;
}

static void spoil_check(struct jeton_store_change *change)
{
    change->what = JETON_STORE_CHECK;
    change->expected_version = 0;
}

static void spoil_remove(struct jeton_store_change *change)
{
    change->what = JETON_STORE_REMOVE;
    change->expected_version = 3;
}

static void spoil_new(struct jeton_store_change *change)
{
    change->row.key = row_key(JETON_KIND_TOKEN, "not/there", "");
}

static void test_one_of_many(void)
{
    check_one_fails(0, spoil_version);
    check_one_fails(MANY / 2, spoil_version);
    check_one_fails(MANY - 1, spoil_version);
    check_one_fails(MANY - 1, spoil_check);
    check_one_fails(MANY - 1, spoil_remove);
    check_one_fails(MANY - 1, spoil_new);
}

static void test_fence_of_many(void)
{
    struct jeton_store_change changes[MANY];
    char names[MANY][16];
    STORE store = store_new();

    many_changes(store, changes, names);
    CHECK_INT(easy_put_fenced(store, "fenced", 0, 7), 1);
    changes[MANY - 1] = change_put(row_make(JETON_KIND_TOKEN, "fenced", "", "two"), 1);
    changes[MANY - 1].row.fence = 6;
    CHECK_INT(easy_write(store, changes, MANY), 0);
    CHECK_INT(easy_version(store, "fenced"), 1);
    CHECK_INT(easy_version(store, names[0]), 1);
    changes[MANY - 1].row.fence = 7;
    CHECK_INT(easy_write(store, changes, MANY), 1);
    CHECK_INT(easy_version(store, "fenced"), 2);
    CHECK_INT(easy_version(store, names[0]), 2);
}

/* Gives so many changes, and then a status. */
struct ending {
    struct jeton_store_change *changes;
    unsigned before, passed;
    int status;
};

static int ending_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct ending *ending = data;

    if (ending->passed == ending->before)
        return ending->status;
    *ret_more = 1;
    *ret_change = ending->changes[ending->passed++];
    return JETON_OK;
}

static void test_next_ends(void)
{
    static const int statuses[] = {JETON_TRY_LATER, JETON_BAD_ANSWER, JETON_INTERNAL, JETON_LOGIN_NEEDED, 1};
    struct jeton_store_change changes[MANY];
    char names[MANY][16];
    STORE store = store_new();

    many_changes(store, changes, names);
    for (unsigned i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct ending ending = {changes, i * MANY / 4, 0, statuses[i]};
        int done = -1;

        CHECK_INT(store_write_next(store, PATIENT, ending_next, &ending, &done), statuses[i]);
        CHECK_STR(store_sentence(), "");
        check_nothing_changed(store);
    }
    CHECK_INT(easy_write(store, changes, MANY), 1); /* nobody was left locked out */
}

static void test_empty(void)
{
    STORE store = store_new();

    CHECK_INT(easy_write(store, NULL, 0), 1);
    check_scan_is_empty(store);
}

static void test_reopened(void)
{
    struct jeton_store_change change = change_put(row_make(JETON_KIND_TOKEN, "a/b", "", "kept"), 0);
    STORE store = store_new();
    int done = 0;

    CHECK_INT(store_write(store, PATIENT, JETON_STORE_DURABLE, &change, 1, &done), JETON_OK);
    CHECK_INT(done, 1);
    CHECK_INT(easy_put(store, "a/c", 0, "kept too"), 1);
    store_close(&store);
    store = store_open();
    CHECK_BLOB(store, "a/b", "kept");
    CHECK_BLOB(store, "a/c", "kept too");
    CHECK_INT(easy_version(store, "a/b"), 1);
}

const struct check_case transactions_cases[] = {
    {"puts, removes and checks of several kinds are made in one transaction", test_mixture},
    {"one condition of a hundred that does not hold: nothing was written", test_one_of_many},
    {"one fence of a hundred that is too low: nothing was written", test_fence_of_many},
    {"a transaction whose next ends with a status writes nothing and returns that status", test_next_ends},
    {"a transaction without changes is no error", test_empty},
    {"what was written is there when the store is opened again", test_reopened},
    {NULL, NULL},
};
