/* SPDX-License-Identifier: MIT */
/* Whether a write would work: asked before something is spent. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include "notices.h"

static void test_prove(void)
{
    STORE store = store_new();

    CHECK_INT(store_prove_writable(store, PATIENT), JETON_OK);
    check_scan_is_empty(store);
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    for (unsigned i = 0; i < 20; i++)
        CHECK_INT(store_prove_writable(store, PATIENT), JETON_OK);
    CHECK_INT(easy_version(store, "a/b"), 1);
    CHECK_BLOB(store, "a/b", "one");
}

static void test_seems(void)
{
    STORE store = store_new();

    if (engine.seems_writable == NULL) {
        check_skip("the engine cannot say");
        return;
    }
    for (unsigned i = 0; i < 100; i++)
        CHECK_INT(store_seems_writable(store, PATIENT), JETON_OK);
    check_scan_is_empty(store);
}

static void test_number(void)
{
    uint64_t before;
    STORE store = store_new();

    if (engine.number == NULL) {
        check_skip("the engine has no numbers");
        return;
    }
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    before = notices_number(store, row_shard("a/b", ""));
    CHECK_INT(store_prove_writable(store, PATIENT), JETON_OK);
    CHECK_INT(notices_number(store, row_shard("a/b", "")), before);
}

const struct check_case writable_cases[] = {
    {"the proof that a write works leaves nothing that a reader sees", test_prove},
    {"the look whether a write would work leaves nothing either", test_seems},
    {"the proof leaves the numbers", test_number},
    {NULL, NULL},
};
