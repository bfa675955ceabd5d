/* SPDX-License-Identifier: MIT */
/* Scans: the order of keys, where a scan begins, and where it ends. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include <stdlib.h>
#include <string.h>

struct name {
    const char *name, *variant;
};

/* In the order of their bytes: name first, then variant. */
static const struct name ordered[] = {
    {"\x01", ""},
    {"\n", ""},
    {" ", ""},
    {"%", ""},
    {"-", ""},
    {"/", ""},
    {"0", ""},
    {"A", ""},
    {"Z", "z"},
    {"_", ""},
    {"a", ""},
    {"a", "\x01"},
    {"a", "b"},
    {"a", "b\n"},
    {"a", "b\naudience=x"},
    {"a", "b "},
    {"a", "c"},
    {"a", "\xff"},
    {"a\x01", ""},
    {"a ", ""},
    {"a/", ""},
    {"a/b", ""},
    {"a/b", "B"},
    {"a/b", "b"},
    {"a/b/c", ""},
    {"a0", ""},
    {"ab", ""},
    {"b", ""},
    {"z", ""},
    {"~", ""},
    {"\x7f", ""},
    {"\x80", ""},
    {"\xc2\xa0", ""},
    {"\xc3\xa4", ""},
    {"\xc3\xbc", ""},
    {"\xe2\x82\xac", ""},
    {"\xf0\x9f\x94\x91", ""},
    {"\xfe", ""},
    {"\xff", ""},
    {"\xff\xff", ""},
};
#define ORDERED (sizeof(ordered) / sizeof(ordered[0]))

/* Puts them in another order. */
static struct store *store_ordered(void)
{
    struct store *store = store_new();

    for (size_t i = 0; i < ORDERED; i++) {
        const struct name *one = &ordered[i * 17 % ORDERED];

        CHECK_INT(easy_write_one(store, change_put(row_make(JETON_KIND_TOKEN, one->name, one->variant, "x"), 0)), 1);
    }
    return store;
}

static void check_from(const struct rows *rows, size_t first, size_t count)
{
    CHECK_INT(rows->count, count);
    for (size_t i = 0; i < rows->count && i < count; i++) {
        struct jeton_row_key key = row_key(JETON_KIND_TOKEN, ordered[first + i].name, ordered[first + i].variant);

        if (!row_key_is(&rows->at[i], &key)) {
            CHECK_STR(rows->at[i].key.name, key.name);
            CHECK_STR(rows->at[i].key.variant, key.variant);
        }
    }
}

static void test_order(void)
{
    STORE store = store_ordered();
    ROWS rows = ROWS_NONE;

    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 1000, 0, &rows), JETON_OK);
    check_from(&rows, 0, ORDERED);
}

static void test_behind(void)
{
    STORE store = store_ordered();

    for (size_t i = 0; i < ORDERED; i++) {
        ROWS rows = ROWS_NONE;

        CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, ordered[i].name, ordered[i].variant, 3, 0, &rows),
                  JETON_OK);
        check_from(&rows, i + 1, ORDERED - i - 1 < 3 ? ORDERED - i - 1 : 3);
    }
}

static void test_behind_nothing(void)
{
    STORE store = store_ordered();
    static const struct {
        struct name after;
        const char *next;
    } cases[] = {
        {{"a/a", "zzz"}, "a/b"},
        {{"a/b", "A"}, "a/b"},
        {{"a/b", "zz"}, "a/b/c"},
        {{"B", ""}, "Z"},
        {{"\xf0", ""}, "\xf0\x9f\x94\x91"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ROWS rows = ROWS_NONE;

        CHECK_INT(
            store_scan(store, PATIENT, JETON_KIND_TOKEN, cases[i].after.name, cases[i].after.variant, 1, 0, &rows),
            JETON_OK);
        CHECK_NAMES(&rows, cases[i].next);
    }
}

static void test_limits(void)
{
    static const size_t limits[] = {0, 1, 2, ORDERED - 1, ORDERED, ORDERED + 1, SIZE_MAX};
    STORE store = store_ordered();

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        ROWS rows = ROWS_NONE;

        CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", limits[i], 0, &rows), JETON_OK);
        check_from(&rows, 0, limits[i] < ORDERED ? limits[i] : ORDERED);
    }
}

static void test_stops(void)
{
    STORE store = store_ordered();
    ROWS rows = ROWS_NONE;

    rows.stop_behind = 7;
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 1000, 0, &rows), JETON_OK);
    check_from(&rows, 0, 7);
    CHECK_INT(easy_put(store, "new", 0, "the store is not held up"), 1);
}

static void test_pages(void)
{
    STORE store = store_new();
    char name[64] = "", expected[64];
    size_t seen = 0, page = 0;

    bulk_put(store, JETON_KIND_CHAIN, "page", 2500, NULL);
    do {
        ROWS rows = ROWS_NONE;

        CHECK_INT(store_scan(store, PATIENT, JETON_KIND_CHAIN, name, "", 700, 0, &rows), JETON_OK);
        for (page = 0; page < rows.count; page++)
            if (strcmp(rows.at[page].key.name, bulk_name(expected, "page", seen + page)) != 0)
                CHECK_STR(rows.at[page].key.name, expected);
        if (page > 0)
            memcpy(name, rows.at[page - 1].key.name, strlen(rows.at[page - 1].key.name) + 1);
        seen += page;
    } while (page > 0 && seen < 5000);
    CHECK_INT(seen, 2500);
}

static void test_blobs(void)
{
    STORE store = store_new();
    ROWS with = ROWS_NONE, without = ROWS_NONE;

    bulk_put(store, JETON_KIND_TOKEN, "row", 50, NULL);
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 100, JETON_STORE_BLOBS, &with), JETON_OK);
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 100, 0, &without), JETON_OK);
    CHECK_INT(with.count, 50);
    CHECK_INT(without.count, 50);
    for (size_t i = 0; i < with.count && i < without.count; i++) {
        CHECK_ROW(&without.at[i], &with.at[i], without.at[i].blob != NULL);
        CHECK_TRUE(row_blob_is(&with.at[i], "a blob of some thirty bytes here"));
    }
}

/* The longest name and variant, and one byte before and behind them in order. */
static void test_longest(void)
{
    char name[256], variant[65537];
    struct jeton_row row;
    STORE store = store_new();
    ROWS rows = ROWS_NONE, read = ROWS_NONE;

    memset(name, 0xff, sizeof(name));
    name[255] = '\0';
    for (size_t i = 0; i < 65536; i++)
        variant[i] = (char)(i % 255 + 1);
    variant[65536] = '\0';
    row = row_make(JETON_KIND_TOKEN, name, variant, "x");
    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    easy_read(store, row.key, &read);
    CHECK_TRUE(read.count == 1 && read.at[0].version == 1);
    variant[65535] = '\0';
    CHECK_INT(easy_version_of(store, row_key(JETON_KIND_TOKEN, name, variant)), 0);
    CHECK_INT(easy_write_one(store, change_put(row_make(JETON_KIND_TOKEN, name, variant, "y"), 0)), 1);
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, name, variant, 10, 0, &rows), JETON_OK);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.count > 0 ? strlen(rows.at[0].key.variant) : 0, 65536);
}

const struct check_case order_cases[] = {
    {"a scan gives keys in the order of their bytes, the name first", test_order},
    {"a scan begins behind the key that it is given", test_behind},
    {"a scan begins behind a key that is not there", test_behind_nothing},
    {"a scan gives no more rows than its limit", test_limits},
    {"a scan whose visit says stop has succeeded", test_stops},
    {"scan by scan, every row comes once", test_pages},
    {"a scan without blobs gives the same rows", test_blobs},
    {"a name of 255 bytes and a variant of 65536 are kept whole, and told from others", test_longest},
    {NULL, NULL},
};
