/* SPDX-License-Identifier: MIT */
/* The condition of a change: the expected version, and the fence. */
#include "cases.h"
#include "easy.h"

static void test_new(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(easy_version(store, "a/b"), 1);
    CHECK_INT(easy_put(store, "a/b", 0, "two"), 0);
    CHECK_BLOB(store, "a/b", "one");
}

static void test_by_one(void)
{
    STORE store = store_new();

    for (int64_t version = 0; version < 20; version++) {
        CHECK_INT(easy_put(store, "a/b", version, "again"), 1);
        CHECK_INT(easy_version(store, "a/b"), version + 1);
    }
    CHECK_INT(easy_put(store, "a/c", 0, "its own"), 1);
    CHECK_INT(easy_version(store, "a/c"), 1);
}

static void test_other_version(void)
{
    static const int64_t wrong[] = {0, 1, 3, 100, INT64_MAX - 1};
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(easy_put(store, "a/b", 1, "two"), 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CHECK_INT(easy_put(store, "a/b", wrong[i], "three"), 0);
        CHECK_INT(easy_remove(store, "a/b", wrong[i]), 0);
        CHECK_INT(easy_check(store, "a/b", wrong[i]), 0);
    }
    CHECK_INT(easy_version(store, "a/b"), 2);
    CHECK_BLOB(store, "a/b", "two");
}

static void test_no_row(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 1, "one"), 0);
    CHECK_INT(easy_remove(store, "a/b", 1), 0);
    CHECK_INT(easy_check(store, "a/b", 1), 0);
    CHECK_INT(easy_check(store, "a/b", 0), 1);
    CHECK_INT(easy_version(store, "a/b"), 0);
}

static void test_removed(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(easy_put(store, "a/b", 1, "two"), 1);
    CHECK_INT(easy_remove(store, "a/b", 2), 1);
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(easy_remove(store, "a/b", 2), 0);
    CHECK_INT(easy_put(store, "a/b", 2, "three"), 0);
    CHECK_INT(easy_put(store, "a/b", 0, "four"), 1);
    CHECK_INT(easy_version(store, "a/b"), 1);
    CHECK_BLOB(store, "a/b", "four");
}

static void test_removes_nothing(void)
{
    STORE store = store_new();

    CHECK_INT(easy_remove(store, "a/b", 0), 1);
    CHECK_INT(easy_version(store, "a/b"), 0);
}

static void test_check_writes_nothing(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(easy_check(store, "a/b", 1), 1);
    CHECK_INT(easy_check(store, "a/b", 0), 0);
    CHECK_INT(easy_version(store, "a/b"), 1);
    CHECK_BLOB(store, "a/b", "one");
}

static void test_version_is_not_read(void)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, "a/b", "", "one");
    STORE store = store_new();

    row.version = 77;
    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    CHECK_INT(easy_version(store, "a/b"), 1);
}

static void test_fences(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put_fenced(store, "a/b", 0, 5), 1);
    CHECK_INT(easy_fence(store, "a/b"), 5);
    CHECK_INT(easy_put_fenced(store, "a/b", 1, 4), 0);
    CHECK_INT(easy_version(store, "a/b"), 1);
    CHECK_INT(easy_put_fenced(store, "a/b", 1, 5), 1);
    CHECK_INT(easy_fence(store, "a/b"), 5);
    CHECK_INT(easy_put_fenced(store, "a/b", 2, INT64_MAX), 1);
    CHECK_INT(easy_fence(store, "a/b"), INT64_MAX);
    CHECK_INT(easy_put_fenced(store, "a/b", 3, INT64_MAX - 1), 0);
}

static void test_no_fence(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(easy_fence(store, "a/b"), 0);
    CHECK_INT(easy_put_fenced(store, "a/b", 1, 9), 1);
    CHECK_INT(easy_put(store, "a/b", 2, "without a lease"), 1);
    CHECK_INT(easy_fence(store, "a/b"), 9);
    CHECK_INT(easy_put_fenced(store, "a/b", 3, 8), 0);
    CHECK_INT(easy_remove(store, "a/b", 3), 1);
    CHECK_INT(easy_put(store, "a/b", 0, "new"), 1);
    CHECK_INT(easy_fence(store, "a/b"), 0);
}

/* Remove and check of version 1, whose fence is 9, under another fence. */
static void check_under(struct store *store, uint32_t what, int64_t fence, int expected)
{
    struct jeton_store_change change = change_check(row_key(JETON_KIND_TOKEN, "a/b", ""), 1);

    change.what = what;
    change.row.fence = fence;
    CHECK_INT(easy_write_one(store, change), expected);
}

static void test_fences_of_all(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put_fenced(store, "a/b", 0, 9), 1);
    check_under(store, JETON_STORE_CHECK, 8, 0);
    check_under(store, JETON_STORE_CHECK, 9, 1);
    check_under(store, JETON_STORE_CHECK, 10, 1);
    CHECK_INT(easy_fence(store, "a/b"), 9);
    check_under(store, JETON_STORE_REMOVE, 8, 0);
    CHECK_INT(easy_version(store, "a/b"), 1);
    check_under(store, JETON_STORE_REMOVE, 10, 1);
    CHECK_INT(easy_version(store, "a/b"), 0);
}

/* Nothing but the key and the fence of a remove or a check may be looked at. */
static int garbage_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct jeton_store_change *change = data;

    *ret_more = change->what != 0;
    *ret_change = *change;
    ret_change->row.blob = (const void *)(uintptr_t)8;
    ret_change->row.blob_len = SIZE_MAX / 2;
    ret_change->row.due_at = 1;
    ret_change->row.state = 99;
    change->what = 0;
    return JETON_OK;
}

static void test_garbage(void)
{
    struct jeton_store_change check = change_check(row_key(JETON_KIND_TOKEN, "a/b", ""), 1), gone = check;
    STORE store = store_new();
    int done = 0;

    gone.what = JETON_STORE_REMOVE;
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(store_write_next(store, PATIENT, garbage_next, &check, &done), JETON_OK);
    CHECK_INT(done, 1);
    CHECK_BLOB(store, "a/b", "one");
    CHECK_INT(store_write_next(store, PATIENT, garbage_next, &gone, &done), JETON_OK);
    CHECK_INT(done, 1);
    CHECK_INT(easy_version(store, "a/b"), 0);
}

/* A library of a later minor version: its structures go on behind what this engine knows. */
static int later_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    unsigned *given = data;

    *ret_more = (*given)++ == 0;
    *ret_change = change_put(row_make(JETON_KIND_TOKEN, "a/b", "", "later"), 0);
    ret_change->struct_size += 64;
    ret_change->row.struct_size += 64;
    return JETON_OK;
}

static void test_later(void)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, "a/b", "", "later");
    STORE store = store_new();
    unsigned given = 0;
    int done = 0;
    ROWS rows = ROWS_NONE;

    CHECK_INT(store_write_next(store, PATIENT, later_next, &given, &done), JETON_OK);
    CHECK_INT(done, 1);
    easy_read(store, row.key, &rows);
    row.version = 1;
    if (rows.count == 1) {
        CHECK_ROW(&rows.at[0], &row, true);
        CHECK_INT(rows.at[0].struct_size, sizeof(row));
    }
}

const struct check_case conditions_cases[] = {
    {"a put of a new row is made where there is none, and only there", test_new},
    {"a version grows by one with every put, from 1", test_by_one},
    {"nothing is changed under another version than the expected one", test_other_version},
    {"a row that is not there has version 0 and no other", test_no_row},
    {"a removed row is gone, and a new one begins at version 1", test_removed},
    {"a remove of a row that is not there and is not expected is done", test_removes_nothing},
    {"a check changes nothing", test_check_writes_nothing},
    {"the version in a row that is put is not looked at", test_version_is_not_read},
    {"a put under a lower fence than the stored one is not made", test_fences},
    {"a put without a fence leaves the stored one as it is, and a new row has 0", test_no_fence},
    {"remove and check hold to the fence too", test_fences_of_all},
    {"remove and check read the key and the fence only", test_garbage},
    {"a change of a later minor version is read as far as it is known", test_later},
    {NULL, NULL},
};
