/* SPDX-License-Identifier: MIT */
/* What one transaction may hold: as much as the engine declares. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANGES_MANY 5000u
#define BLOB_LARGE   ((size_t)4 << 20)

static struct jeton_store_limits limits_of(struct store *store)
{
    struct jeton_store_limits limits = {.struct_size = sizeof(limits)};

    if (engine.limits != NULL)
        engine.limits(store->store, &limits);
    return limits;
}

static void test_declared(void)
{
    struct jeton_store_limits limits;
    STORE store = store_new();

    if (engine.limits == NULL) {
        check_skip("the engine has no limits");
        return;
    }
    limits = limits_of(store);
    CHECK_TRUE(limits.struct_size >= sizeof(limits));
    CHECK_INT(limits.reserved, 0);
    CHECK_TRUE(limits.bytes == 0 || limits.blob == 0 || limits.blob <= limits.bytes);
}

/* Row by row in one transaction. */
struct many {
    size_t next, count;
    char name[64];
};

static int many_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct many *many = data;

    *ret_more = many->next < many->count;
    if (*ret_more != 0)
        *ret_change = change_put(row_make(JETON_KIND_MEMORY, bulk_name(many->name, "many", many->next++), "", "x"), 0);
    return JETON_OK;
}

static void test_changes(void)
{
    STORE store = store_new();
    struct many many = {0};
    char name[64];
    int done = 0;

    many.count = bulk_batch(store, CHANGES_MANY);
    CHECK_INT(store_write_next(store, PATIENT, many_next, &many, &done), JETON_OK);
    CHECK_INT(done, 1);
    CHECK_INT(many.next, many.count);
    CHECK_INT(easy_version_of(store, row_key(JETON_KIND_MEMORY, bulk_name(name, "many", 0), "")), 1);
    CHECK_INT(easy_version_of(store, row_key(JETON_KIND_MEMORY, bulk_name(name, "many", many.count - 1), "")), 1);
}

static void test_blob(void)
{
    STORE store = store_new();
    size_t len = bulk_blob(store, BLOB_LARGE);
    char *blob = malloc(len + 1);
    struct jeton_row row = row_make(JETON_KIND_TOKEN, "large", "", NULL);
    ROWS rows = ROWS_NONE;

    if (blob == NULL)
        abort();
    for (size_t i = 0; i < len; i++)
        blob[i] = (char)(i * 31 >> 3);
    row.blob = blob;
    row.blob_len = len;
    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    easy_read(store, row.key, &rows);
    if (rows.count == 1)
        CHECK_MEM(rows.at[0].blob, rows.at[0].blob_len, blob, len);
    free(blob);
}

/* What is more than the limit is not the library's to ask for; if it is, it is refused as a whole or made as a whole.
 */
static void test_above(void)
{
    STORE store = store_new();
    struct jeton_store_limits limits = limits_of(store);
    struct many many = {0};
    char name[64];
    int done = 0, status;
    ROWS rows = ROWS_NONE;

    if (limits.changes == 0 || limits.changes > 20000) {
        check_skip("the engine has no limit of changes, or one above 20000");
        return;
    }
    many.count = (size_t)limits.changes + 1;
    status = store_write_next(store, PATIENT, many_next, &many, &done);
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_MEMORY, "", "", 1, 0, &rows), JETON_OK);
    CHECK_INT(rows.count, status == JETON_OK && done);
    CHECK_INT(easy_version_of(store, row_key(JETON_KIND_MEMORY, bulk_name(name, "many", many.count - 1), "")),
              status == JETON_OK && done);
}

const struct check_case limits_cases[] = {
    {"the declared limits make sense", test_declared},
    {"a transaction of as many changes as the limit, or of 5000, is made", test_changes},
    {"a blob of as many bytes as the limit, or of four megabytes, is kept", test_blob},
    {"a transaction above the limit is not made in part", test_above},
    {NULL, NULL},
};
