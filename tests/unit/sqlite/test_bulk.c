/* SPDX-License-Identifier: MIT */
/* Many rows in one transaction of the SQLite engine: all of them, or none, and nobody else in between. It knows nothing
 * of keys: blobs are bytes here. */
#include "plugins/stores/sqlite/recent.h"
#include "tests/unit/store/test_store_help.h"

struct rewriting {
    unsigned calls;
    unsigned fails_at; /* 0: never */
    char blob[32];
    char order[256];
};

static int visit(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len)
{
    struct rewriting *rewriting = data;

    if (++rewriting->calls == rewriting->fails_at)
        return JETON_BAD_ANSWER;
    (void)snprintf(rewriting->order + strlen(rewriting->order), sizeof(rewriting->order) - strlen(rewriting->order),
                   "%s|%s;", row->name, row->variant);
    if (strcmp(row->name, "keep/me") == 0)
        return JETON_OK;
    (void)snprintf(rewriting->blob, sizeof(rewriting->blob), "new-%.*s", (int)row->blob_len, (const char *)row->blob);
    *ret_blob = rewriting->blob;
    *ret_blob_len = strlen(rewriting->blob);
    return JETON_OK;
}

/* 1: done, 0: another key_check, -1: the status is not JETON_OK. */
static int rewrite_rows(void *store, const char *old_check, const char *new_check, struct rewriting *rewriting)
{
    int done = -1;

    why[0] = '\0';
    return jt_store_sqlite_engine()->rewrite(store, old_check, new_check, rewriting != NULL ? visit : NULL, rewriting,
                                             &done, why, sizeof(why)) == JETON_OK
               ? done
               : -1;
}

static void blob_is(void *store, const char *name, const char *blob)
{
    struct jeton_row row = {.struct_size = sizeof(row)};

    CHECK_INT(jt_store_sqlite_engine()->get(store, name, "", &row, why, sizeof(why)), JETON_OK);
    CHECK_MEM(row.blob != NULL ? row.blob : "", row.blob_len, blob, strlen(blob));
    jt_store_sqlite_engine()->free_row(store, &row);
}

static void check_is(void *store, const char *expected)
{
    char value[64] = "";
    size_t len = 0;

    CHECK_INT(jt_store_sqlite_engine()->meta_get(store, "key_check", value, sizeof(value) - 1, &len, why, sizeof(why)),
              JETON_OK);
    CHECK_STR(value, expected);
}

static void put_row(void *store, const char *name, const char *variant, const char *blob)
{
    struct jeton_row row = token_row(name, variant, blob);

    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
}

static void test_rewrite(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1), *other = open_store(path, 0);
    struct jeton_row empty = token_row("no/blob", "", "");
    struct rewriting rewriting = {0};

    empty.state = JT_ROW_EMPTY;
    empty.blob = NULL;
    put_row(store, "c/d", "", "three");
    put_row(store, "a/b", "scope=x", "two");
    put_row(store, "a/b", "", "one");
    put_row(store, "keep/me", "", "four");
    CHECK_INT(put(store, &empty, 0, 0), JETON_OK);
    CHECK_INT(rewrite_rows(store, NULL, "first", &rewriting), 1);
    CHECK_STR(rewriting.order, "a/b|;a/b|scope=x;c/d|;keep/me|;");
    blob_is(other, "a/b", "new-one");
    blob_is(other, "c/d", "new-three");
    blob_is(other, "keep/me", "four");
    check_is(other, "first");
    CHECK_INT(version_of(other, "a/b", ""), 1);
    jt_store_sqlite_engine()->close(store);
    jt_store_sqlite_engine()->close(other);
}

static void test_rewrite_condition(void)
{
    void *store = open_store(new_path(), 1);
    struct rewriting rewriting = {0};

    put_row(store, "a/b", "", "one");
    CHECK_INT(rewrite_rows(store, "some", "other", &rewriting), 0);
    CHECK_INT(rewrite_rows(store, NULL, "first", NULL), 1);
    CHECK_INT(rewrite_rows(store, NULL, "second", NULL), 0);
    CHECK_INT(rewrite_rows(store, "firs", "second", &rewriting), 0);
    CHECK_INT(rewrite_rows(store, "second", "third", &rewriting), 0);
    CHECK_INT(rewriting.calls, 0);
    check_is(store, "first");
    blob_is(store, "a/b", "one");
    CHECK_INT(rewrite_rows(store, "first", "second", &rewriting), 1);
    check_is(store, "second");
    jt_store_sqlite_engine()->close(store);
}

static void test_rewrite_gives_up(void)
{
    void *store = open_store(new_path(), 1);
    struct rewriting rewriting = {.fails_at = 2};

    put_row(store, "a/b", "", "one");
    put_row(store, "c/d", "", "two");
    CHECK_INT(rewrite_rows(store, NULL, "first", &rewriting), -1);
    CHECK_STR(why, "");
    blob_is(store, "a/b", "one");
    check_is(store, "");
    put_row(store, "e/f", "", "three"); /* the door is open again */
    jt_store_sqlite_engine()->close(store);
}

static void test_put_with_a_condition(void)
{
    void *store = open_store(new_path(), 1);
    struct jeton_row row = token_row("a/b", "", "one");

    row.key_check = "first";
    CHECK_INT(put(store, &row, 0, 0), -1);
    CHECK_INT(rewrite_rows(store, NULL, "first", NULL), 1);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    row.key_check = "second";
    CHECK_INT(put(store, &row, 1, 0), -1);
    row.name = "c/d";
    CHECK_INT(put(store, &row, 0, 0), -1);
    CHECK_INT(version_of(store, "c/d", ""), 0);
    row.key_check = NULL;
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    jt_store_sqlite_engine()->close(store);
}

struct putting {
    const struct jeton_row *rows;
    const int64_t *expected;
    size_t len, at;
    int status; /* at the end */
};

static int next(void *data, struct jeton_row *ret_row, int64_t *ret_expected_version)
{
    struct putting *putting = data;

    if (putting->at == putting->len)
        return putting->status;
    *ret_row = putting->rows[putting->at];
    *ret_expected_version = putting->expected[putting->at++];
    return JETON_OK;
}

static int put_rows(void *store, struct putting *putting)
{
    int done = -1;

    why[0] = '\0';
    putting->at = 0;
    return jt_store_sqlite_engine()->put_all(store, next, putting, JETON_DURABLE, &done, why, sizeof(why)) == JETON_OK
               ? done
               : -1;
}

static void test_put_all(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1), *other = open_store(path, 0);
    const struct jeton_row rows[] = {token_row("a/b", "", "fresh"), token_row("c/d", "", "two"),
                                     token_row("e/f", "", "three")};
    const int64_t expected[] = {1, 0, 0}, late[] = {2, 1, 0};
    struct putting putting = {rows, expected, 3, 0, JETON_OK};
    uint64_t generation;

    put_row(store, "a/b", "", "one");
    blob_is(other, "a/b", "one");
    generation = jt_store_sqlite_engine()->generation(other, 0);
    CHECK_INT(put_rows(store, &putting), 1);
    CHECK_TRUE(jt_store_sqlite_engine()->generation(other, 0) != generation);
    blob_is(other, "a/b", "fresh");
    blob_is(other, "e/f", "three");
    CHECK_INT(version_of(other, "a/b", ""), 2);
    CHECK_INT(version_of(other, "c/d", ""), 1);
    /* The last one's condition does not hold. */
    putting.expected = late;
    CHECK_INT(put_rows(store, &putting), 0);
    CHECK_INT(version_of(other, "a/b", ""), 2);
    CHECK_INT(version_of(other, "c/d", ""), 1);
    jt_store_sqlite_engine()->close(store);
    jt_store_sqlite_engine()->close(other);
}

static void test_put_all_gives_up(void)
{
    void *store = open_store(new_path(), 1);
    const struct jeton_row rows[] = {token_row("a/b", "", "one")};
    const int64_t expected[] = {0};
    struct putting putting = {rows, expected, 1, 0, JETON_BAD_ANSWER}, nothing = {rows, expected, 0, 0, JETON_OK};

    CHECK_INT(put_rows(store, &putting), -1);
    CHECK_STR(why, "");
    CHECK_INT(version_of(store, "a/b", ""), 0);
    CHECK_INT(put_rows(store, &nothing), 1);
    jt_store_sqlite_engine()->close(store);
}

static void test_no_store(void)
{
    const char *path = new_path();
    void *store = open_store(path, 0);
    struct putting nothing = {0};
    struct rewriting rewriting = {0};

    CHECK_INT(put_rows(store, &nothing), -1);
    CHECK_CONTAINS(why, "jeton init");
    CHECK_INT(rewrite_rows(store, NULL, "first", &rewriting), -1);
    CHECK_CONTAINS(why, "jeton init");
    CHECK_TRUE(access(path, F_OK) != 0);
    jt_store_sqlite_engine()->close(store);
}

static int next_large(void *data, struct jeton_row *ret_row, int64_t *ret_expected_version)
{
    static char name[32], blob[100000];
    int *left = data;

    *ret_expected_version = 0;
    if (--*left < 0)
        return JETON_OK;
    memset(blob, 'b', sizeof(blob) - 1);
    (void)snprintf(name, sizeof(name), "large/%d", *left);
    *ret_row = token_row(name, "", blob);
    return JETON_OK;
}

/* A store that is never closed must not keep the log of a large import for ever. */
static void test_log_shrinks(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1);
    int left = 200, done = 0;

    CHECK_INT(jt_store_sqlite_engine()->put_all(store, next_large, &left, JETON_DURABLE, &done, why, sizeof(why)),
              JETON_OK);
    CHECK_INT(done, 1);
    CHECK_TRUE(jt_store_files_len(path, "-wal") > 16 * 1024 * 1024);
    put_row(store, "a/b", "", "small");
    put_row(store, "a/c", "", "small");
    CHECK_TRUE(jt_store_files_len(path, "-wal") <= 4 * 1024 * 1024);
    blob_is(store, "a/b", "small");
    jt_store_sqlite_engine()->close(store);
}

static const struct check_case cases[] = {
    {"every blob is replaced at once, and the key check with them", test_rewrite},
    {"nothing is replaced where the key check is another", test_rewrite_condition},
    {"the log of many rows shrinks again", test_log_shrinks},
    {"a visit that gives up leaves every row as it was", test_rewrite_gives_up},
    {"a row is put only under the key check that it was sealed for", test_put_with_a_condition},
    {"rows are put all or none, each under its own condition", test_put_all},
    {"rows that come to no end are not put", test_put_all_gives_up},
    {"where there is no store, none is made", test_no_store},
};

CHECK_MAIN("store_bulk", cases)
