/* SPDX-License-Identifier: MIT */
/* What a row holds comes back as it was given. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include <stdlib.h>
#include <string.h>

static const struct jeton_row ordinary = {
    .struct_size = sizeof(struct jeton_row),
    .state = 2,
    .fence = 17,
    .expires_at = 1900000000,
    .due_at = 1899990000,
    .failed_at = 1890000001,
    .retry_at = 1890000002,
    .failures = 3,
    .failure_status = 75,
    .config_digest = UINT64_C(0x0123456789abcdef),
    .flags = 5,
    .blob = "sealed",
    .blob_len = 6,
};

/* All bits set, and the ends of what is signed. */
static const struct jeton_row greatest = {
    .struct_size = sizeof(struct jeton_row),
    .state = UINT32_MAX,
    .fence = INT64_MAX,
    .expires_at = INT64_MAX,
    .due_at = INT64_MAX,
    .failed_at = INT64_MAX,
    .retry_at = INT64_MAX,
    .failures = INT32_MAX,
    .failure_status = INT32_MAX,
    .config_digest = UINT64_MAX,
    .flags = UINT32_MAX,
};

static const struct jeton_row least = {
    .struct_size = sizeof(struct jeton_row),
    .expires_at = INT64_MIN,
    .due_at = INT64_MIN,
    .failed_at = INT64_MIN,
    .retry_at = INT64_MIN,
    .failures = INT32_MIN,
    .failure_status = INT32_MIN,
    .config_digest = UINT64_C(1) << 63,
    .state = UINT32_C(1) << 31,
    .flags = UINT32_C(1) << 31,
};

/* Puts the row, and reads it in every way there is. */
static void check_kept(struct store *store, struct jeton_row row, int64_t expected_version)
{
    ROWS read = ROWS_NONE, scanned = ROWS_NONE;

    CHECK_INT(easy_write_one(store, change_put(row, expected_version)), 1);
    row.version = expected_version + 1;
    easy_read(store, row.key, &read);
    if (read.count == 1)
        CHECK_ROW(&read.at[0], &row, true);
    CHECK_INT(store_scan(store, PATIENT, row.key.kind, "", "", 10, JETON_STORE_BLOBS, &scanned), JETON_OK);
    if (CHECK_INT(scanned.count, 1))
        CHECK_ROW(&scanned.at[0], &row, true);
}

static struct jeton_row named(struct jeton_row row, uint32_t kind)
{
    row.key = row_key(kind, "line/bot", "scope=a b\naudience=x");
    return row;
}

static void test_members(void)
{
    STORE store = store_new();

    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++)
        check_kept(store, named(ordinary, kind), 0);
}

static void test_extremes(void)
{
    STORE store = store_new();

    check_kept(store, named(greatest, JETON_KIND_TOKEN), 0);
    check_kept(store, named(least, JETON_KIND_CHAIN), 0);
    check_kept(store, named((struct jeton_row){.struct_size = sizeof(struct jeton_row)}, JETON_KIND_LOGIN), 0);
}

static void test_replaced(void)
{
    struct jeton_row row = named(ordinary, JETON_KIND_TOKEN), last = named(least, JETON_KIND_TOKEN);
    STORE store = store_new();

    check_kept(store, row, 0);
    row.fence = greatest.fence;
    last.fence = 0; /* leaves the stored one */
    check_kept(store, named(greatest, JETON_KIND_TOKEN), 1);
    CHECK_INT(easy_write_one(store, change_put(last, 2)), 1);
    last.fence = greatest.fence;
    last.version = 3;
    ROWS read = ROWS_NONE;
    easy_read(store, last.key, &read);
    if (read.count == 1)
        CHECK_ROW(&read.at[0], &last, true);
}

static void test_shards(void)
{
    static const uint32_t shards[] = {0, 1, 511, 1022, 1023};
    STORE store = store_new();

    for (size_t i = 0; i < sizeof(shards) / sizeof(shards[0]); i++) {
        const char name[] = {'s', (char)('a' + (char)i), '\0'};
        struct jeton_row row = row_make(JETON_KIND_TOKEN, name, "", "x");
        ROWS read = ROWS_NONE;

        row.key.shard = shards[i];
        CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
        easy_read(store, row.key, &read);
        row.version = 1;
        if (read.count == 1)
            CHECK_ROW(&read.at[0], &row, true);
    }
}

static void check_blob(struct store *store, const void *blob, size_t len, int64_t expected_version)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, "a/b", "", NULL);
    ROWS read = ROWS_NONE;

    row.blob = blob;
    row.blob_len = len;
    CHECK_INT(easy_write_one(store, change_put(row, expected_version)), 1);
    row.version = expected_version + 1;
    easy_read(store, row.key, &read);
    if (read.count == 1)
        CHECK_ROW(&read.at[0], &row, true);
}

static void test_blobs(void)
{
    unsigned char bytes[512];
    STORE store = store_new();

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i % 256);
    check_blob(store, bytes, sizeof(bytes), 0);
    check_blob(store, "\0", 1, 1);
    check_blob(store, NULL, 0, 2);
    check_blob(store, bytes, 1, 3);
    check_blob(store, "", 0, 4);
    check_blob(store, "SELECT 'x'; --", 14, 5);
    check_blob(store, "", 0, 6);
    check_blob(store, NULL, 0, 7);
}

static void test_large(void)
{
    static const size_t lens[] = {4095, 4096, 4097, 65536, 1 << 20, 3, 200000};
    unsigned char *bytes = malloc(1 << 20);
    STORE store = store_new();

    if (bytes == NULL)
        abort();
    for (size_t i = 0; i < 1 << 20; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
        check_blob(store, bytes, bulk_blob(store, lens[i]), (int64_t)i);
    free(bytes);
}

static void test_without_blobs(void)
{
    struct jeton_row row = named(ordinary, JETON_KIND_TOKEN);
    STORE store = store_new();
    ROWS rows = ROWS_NONE;

    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    CHECK_INT(store_get(store, PATIENT, &row.key, 1, 0, &rows), JETON_OK);
    row.version = 1;
    if (!CHECK_INT(rows.count, 1))
        return;
    CHECK_ROW(&rows.at[0], &row, false);
    if (rows.at[0].blob != NULL) /* it may come all the same */
        CHECK_MEM(rows.at[0].blob, rows.at[0].blob_len, row.blob, row.blob_len);
}

const struct check_case kept_cases[] = {
    {"every member of a row of every kind is kept as it was given", test_members},
    {"members are kept at the ends of their ranges", test_extremes},
    {"a put replaces every member of the row", test_replaced},
    {"a row is kept with its shard, from 0 to 1023", test_shards},
    {"a blob has any bytes, and an empty one is not none", test_blobs},
    {"a blob of a megabyte is kept, and one that grows and shrinks", test_large},
    {"a row that was read without its blob is whole but for it", test_without_blobs},
    {NULL, NULL},
};
