/* SPDX-License-Identifier: MIT */
/* The kind is part of the key: two kinds never meet. */
#include "cases.h"
#include "easy.h"

static const char *const texts[] = {"", "token", "chain", "memory", "login", "answer", "store"};

/* One row of every kind under one name, all due. */
static struct store *store_of_kinds(void)
{
    struct store *store = store_new();

    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++) {
        struct jeton_row row = row_make(kind, "same/name", "same", texts[kind]);

        row.due_at = 100;
        CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    }
    return store;
}

static void check_kind(struct store *store, uint32_t kind, int64_t version)
{
    ROWS rows = ROWS_NONE;

    easy_read(store, row_key(kind, "same/name", "same"), &rows);
    if (rows.count != 1)
        return;
    CHECK_INT(rows.at[0].version, version);
    if (version > 0)
        CHECK_TRUE(row_blob_is(&rows.at[0], texts[kind]));
}

static void test_same_name(void)
{
    STORE store = store_of_kinds();

    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++)
        check_kind(store, kind, 1);
}

static void test_removed(void)
{
    STORE store = store_of_kinds();

    for (uint32_t gone = JETON_KIND_TOKEN; gone <= JETON_KIND_STORE; gone++) {
        CHECK_INT(easy_write_one(store, change_remove(row_key(gone, "same/name", "same"), 1)), 1);
        for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++)
            check_kind(store, kind, kind > gone);
    }
}

static void test_lists(void)
{
    STORE store = store_of_kinds();

    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++) {
        ROWS scanned = ROWS_NONE, due = ROWS_NONE, claimed = ROWS_NONE;

        CHECK_INT(store_scan(store, PATIENT, kind, "", "", 10, 0, &scanned), JETON_OK);
        CHECK_INT(store_due(store, PATIENT, kind, 100, 10, 0, &due), JETON_OK);
        CHECK_INT(store_claim(store, PATIENT, kind, 100, 200, 10, 0, &claimed), JETON_OK);
        CHECK_INT(scanned.count, 1);
        CHECK_INT(due.count, 1);
        CHECK_INT(claimed.count, 1);
        CHECK_TRUE(scanned.count == 1 && scanned.at[0].key.kind == kind);
        CHECK_TRUE(due.count == 1 && due.at[0].key.kind == kind);
        CHECK_TRUE(claimed.count == 1 && claimed.at[0].key.kind == kind);
    }
}

static void test_leases(void)
{
    STORE store = store_of_kinds();
    void *leases[JETON_KIND_STORE + 1] = {NULL};
    int64_t fence;

    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++) {
        CHECK_INT(store_lease(store, 0, row_key(kind, "same/name", "same"), &leases[kind], &fence), JETON_OK);
        CHECK_TRUE(leases[kind] != NULL);
    }
    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++)
        if (leases[kind] != NULL)
            store_release(store, leases[kind]);
}

static void test_one_read(void)
{
    struct jeton_row_key keys[JETON_KIND_STORE];
    STORE store = store_of_kinds();
    ROWS rows = ROWS_NONE;

    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++)
        keys[JETON_KIND_STORE - kind] = row_key(kind, "same/name", "same");
    CHECK_INT(store_get(store, PATIENT, keys, JETON_KIND_STORE, JETON_STORE_BLOBS, &rows), JETON_OK);
    CHECK_INT(rows.count, JETON_KIND_STORE);
    for (size_t i = 0; i < rows.count; i++) {
        CHECK_TRUE(row_key_is(&rows.at[i], &keys[i]));
        CHECK_TRUE(row_blob_is(&rows.at[i], texts[keys[i].kind]));
    }
}

const struct check_case kinds_cases[] = {
    {"rows of six kinds under one name are six rows", test_same_name},
    {"a row of one kind is removed alone", test_removed},
    {"scan, due and claim give rows of their kind only", test_lists},
    {"leases on one name of different kinds do not wait for each other", test_leases},
    {"one read gives rows of several kinds", test_one_read},
    {NULL, NULL},
};
