/* SPDX-License-Identifier: MIT */
/* Engines that are not what they should be: tables that break the contract, and functions that do. Each is the engine
 * in memory with one fault. */
#include "store/engine.h"
#include "store/key_check.h"
#include "test_store_help.h"

static struct jeton_store_engine good; /* the engine without the fault */

static void use_memory(void)
{
    static int count;
    char name[32];

    (void)snprintf(name, sizeof(name), "%d-%d", (int)getpid(), ++count);
    use_engine(TEST_FIXTURES, "memory", "name", name);
    good = engine;
}

static int put(struct jt_store *store, const char *name, const char *access_token, int64_t expected,
               jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    bool done = false;

    entry.state = JT_ROW_TOKEN;
    entry.token.access_token = jt_strdup(access_token);
    return jt_store_put(store, name, "", &entry, expected, true, &done, ret_error);
}

/* A store with the rows a/b and a/c, opened with the engine as it was changed by then. */
static struct jt_store *two_rows(void)
{
    struct jt_store *store = make_store();
    jeton_error *error = NULL;

    CHECK_OK(put(store, "a/b", "one", 0, &error), &error);
    CHECK_OK(put(store, "a/c", "other", 0, &error), &error);
    return store;
}

static void test_tables(void)
{
    struct jeton_store_engine table, copy = {0};
    struct {
        struct jeton_store_engine table;
        void *more[4];
    } longer;
    jeton_error *error = NULL;

    use_memory();
    table = good;
    CHECK_OK(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), &error);
    longer.table = table;
    longer.table.struct_size = sizeof(longer);
    CHECK_OK(jt_store_engine_accept(&longer.table, "memory", "/p", &copy, &error), &error);
    CHECK_INT(copy.struct_size, sizeof(copy));
    CHECK_FAILS(jt_store_engine_accept(NULL, "memory", "/p", &copy, &error), JETON_CONFIG, "returned no table", &error);
    CHECK_FAILS(jt_store_engine_accept(&table, "etcd", "/p", &copy, &error), JETON_CONFIG, "calls itself \"memory\"",
                &error);
    table.struct_size = 24;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "24 bytes long", &error);
    table.struct_size = 70000;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "70000 bytes long",
                &error);
    table = good;
    table.needs_minor = 7;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "needs version 1.7",
                &error);
    table = good;
    table.capabilities |= UINT64_C(1) << 40;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "0x10000000000", &error);
    table = good;
    table.number = NULL;
    table.seems_writable = NULL;
    table.rewrite = NULL;
    CHECK_OK(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), &error);
    table.lease = NULL;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "lacks lease", &error);
    table = good;
    table.keep = NULL;
    table.capabilities &= ~JETON_STORE_CAP_HOLDS;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "lacks keep", &error);
}

static void test_settings_that_are_jetons(void)
{
    static const struct jeton_setting taken[] = {{.name = "key_file", .type = JETON_STRING}, {0}};
    static const struct jeton_setting unknown[] = {{.name = "colour", .type = 99}, {0}};
    struct jeton_store_engine table, copy;
    jeton_error *error = NULL;

    use_memory();
    table = good;
    table.settings = taken;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "\"key_file\"", &error);
    table.settings = unknown;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "\"colour\"", &error);
    table.setting_size = 8;
    CHECK_FAILS(jt_store_engine_accept(&table, "memory", "/p", &copy, &error), JETON_CONFIG, "8 bytes long", &error);
}

static void test_names(void)
{
    struct jeton_store_engine found;
    jeton_error *error = NULL;

    CHECK_FAILS(jt_store_engine_load(TEST_FIXTURES, "../evil", &found, &error), JETON_CONFIG,
                "`store.engine` is \"../evil\"", &error);
    CHECK_FAILS(jt_store_engine_load(TEST_FIXTURES, "nosuch", &found, &error), JETON_CONFIG, TEST_FIXTURES, &error);
}

/* Which rows a get gives, by their index; ends with SIZE_MAX. The rows are the ones that were asked for. */
static const size_t *order;

static int get_in_order(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count,
                        uint32_t flags, jeton_store_visit visit, void *data)
{
    if (keys[0].kind == JETON_KIND_STORE)
        return good.get(store, call, keys, count, flags, visit, data);
    for (const size_t *at = order; *at != SIZE_MAX; at++) {
        const struct jeton_row row = {.struct_size = sizeof(row), .key = keys[*at < count ? *at : 0]};

        (void)visit(data, *at, &row); /* whatever it says */
    }
    return JETON_OK;
}

static void test_get_loses_count(void)
{
    static const size_t orders[][5] = {
        {SIZE_MAX}, {0, 1, SIZE_MAX}, {1, 0, 2, SIZE_MAX}, {0, 1, 1000000, SIZE_MAX}, {0, 1, 2, 3, SIZE_MAX}};
    static const struct jt_store_name wanted[] = {{"a/b", ""}, {"a/x", ""}, {"a/c", ""}};

    for (size_t i = 0; i < JT_LEN(orders); i++) {
        struct jt_store *store;
        struct jt_entry entries[3];
        jeton_error *error = NULL;

        use_memory();
        engine.get = get_in_order;
        store = two_rows();
        order = orders[i];
        CHECK_FAILS(jt_store_get_many(store, wanted, 3, entries, &error), JETON_INTERNAL, "the store engine memory",
                    &error);
        jt_store_free(&store);
    }
}

static int get_another(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count,
                       uint32_t flags, jeton_store_visit visit, void *data)
{
    struct jeton_row_key key = keys[0];

    if (count == 1 && strcmp(key.name, "a/b") == 0)
        key.name = "a/c";
    return good.get(store, call, count == 1 ? &key : keys, count, flags, visit, data);
}

static void test_another_row(void)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct jt_store *store;
    jeton_error *error = NULL;

    use_memory();
    engine.get = get_another;
    store = two_rows();
    CHECK_FAILS(jt_store_get(store, "a/b", "", &entry, &error), JETON_INTERNAL,
                "the store engine memory gives another row", &error);
    CHECK_STR(entry.token.access_token, NULL);
    jt_store_free(&store);
}

struct standing {
    jeton_store_visit visit;
    void *data;
};

static int standing_row(void *data, size_t index, const struct jeton_row *row)
{
    const struct standing *standing = data;
    struct jeton_row still = *row;

    if (row->key.kind == JETON_KIND_TOKEN && row->version > 1)
        still.version = 1;
    return standing->visit(standing->data, index, &still);
}

static int get_standing(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count,
                        uint32_t flags, jeton_store_visit visit, void *data)
{
    struct standing standing = {visit, data};

    return good.get(store, call, keys, count, flags, standing_row, &standing);
}

static void test_version_that_stands_still(void)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct jt_store *store;
    jeton_error *error = NULL;

    use_memory();
    engine.get = get_standing;
    store = two_rows();
    CHECK_OK(put(store, "a/b", "next", 1, &error), &error);
    CHECK_FAILS(jt_store_get(store, "a/b", "", &entry, &error), JETON_INTERNAL, "does not raise a row's version",
                &error);
    jt_store_free(&store);
}

static int lease_to_all(void *store, jeton_store_call *call, const struct jeton_row_key *key, void **ret_lease,
                        int64_t *ret_fence)
{
    static int lease;

    (void)store, (void)call, (void)key;
    *ret_lease = &lease;
    *ret_fence = 1;
    return JETON_OK;
}

static int lease_without_fence(void *store, jeton_store_call *call, const struct jeton_row_key *key, void **ret_lease,
                               int64_t *ret_fence)
{
    int status = lease_to_all(store, call, key, ret_lease, ret_fence);

    *ret_fence = 0;
    return status;
}

static void release_nothing(void *store, void *lease)
{
    (void)store, (void)lease;
}

static void test_leases(void)
{
    struct jt_store_lease *one = NULL, *other = NULL;
    struct jt_store *store;
    jeton_error *error = NULL;
    int64_t fence = 0;

    use_memory();
    engine.release = release_nothing;
    engine.lease = lease_to_all;
    store = make_store();
    CHECK_OK(jt_store_lease(store, "a/b", "", 0, &one, &fence, &error), &error);
    CHECK_FAILS(jt_store_lease(store, "a/b", "", 0, &other, &fence, &error), JETON_INTERNAL, "one lease to two holders",
                &error);
    CHECK_OK(jt_store_lease(store, "a/b", "scope=x", 0, &other, &fence, &error), &error);
    jt_store_release(store, &other);
    jt_store_release(store, &one);
    CHECK_OK(jt_store_lease(store, "a/b", "", 0, &one, &fence, &error), &error);
    jt_store_release(store, &one);
    jt_store_free(&store);
    use_memory();
    engine.release = release_nothing;
    engine.lease = lease_without_fence;
    store = make_store();
    CHECK_FAILS(jt_store_lease(store, "a/b", "", 0, &one, &fence, &error), JETON_INTERNAL, "fence", &error);
    jt_store_free(&store);
}

static int write_in_silence(void *store, jeton_store_call *call, uint32_t flags, jeton_store_next next, void *data,
                            int *ret_done)
{
    (void)store, (void)call, (void)flags, (void)next, (void)data, (void)ret_done;
    return JETON_TRY_LATER;
}

static int write_unread(void *store, jeton_store_call *call, uint32_t flags, jeton_store_next next, void *data,
                        int *ret_done)
{
    (void)store, (void)call, (void)flags, (void)next, (void)data;
    *ret_done = 1;
    return JETON_OK;
}

static void test_writes(void)
{
    struct jt_store *store;
    jeton_error *error = NULL;

    use_memory();
    store = two_rows();
    store->engine.write = write_in_silence;
    CHECK_FAILS(put(store, "a/b", "next", 1, &error), JETON_INTERNAL, "did not say why", &error);
    store->engine.write = write_unread;
    CHECK_FAILS(put(store, "a/b", "next", 1, &error), JETON_INTERNAL, "before it had all of its changes", &error);
    jt_store_free(&store);
}

static int scan_beyond(void *store, jeton_store_call *call, uint32_t kind, const char *after_name,
                       const char *after_variant, size_t limit, uint32_t flags, jeton_store_visit visit, void *data)
{
    return good.scan(store, call, kind, after_name, after_variant, limit + 1, flags, visit, data);
}

static int scan_another_kind(void *store, jeton_store_call *call, uint32_t kind, const char *after_name,
                             const char *after_variant, size_t limit, uint32_t flags, jeton_store_visit visit,
                             void *data)
{
    (void)kind;
    return good.scan(store, call, JETON_KIND_STORE, after_name, after_variant, limit, flags, visit, data);
}

static int scan_from_the_start(void *store, jeton_store_call *call, uint32_t kind, const char *after_name,
                               const char *after_variant, size_t limit, uint32_t flags, jeton_store_visit visit,
                               void *data)
{
    (void)after_name, (void)after_variant;
    return good.scan(store, call, kind, "", "", limit, flags, visit, data);
}

static int visit_nothing(void *data, const char *name, const char *variant, uint32_t flags,
                         const struct jt_entry *entry)
{
    (void)data, (void)name, (void)variant, (void)flags, (void)entry;
    return 0;
}

static void test_scans(void)
{
    struct jt_store *store;
    jeton_error *error = NULL;

    use_memory();
    store = two_rows();
    store->engine.scan = scan_beyond;
    CHECK_OK(jt_store_scan(store, "", "", 2, false, visit_nothing, NULL, &error), &error);
    CHECK_FAILS(jt_store_scan(store, "", "", 1, false, visit_nothing, NULL, &error), JETON_INTERNAL,
                "gives rows that it was not asked for", &error);
    store->engine.scan = scan_another_kind;
    CHECK_FAILS(jt_store_scan(store, "", "", 10, true, visit_nothing, NULL, &error), JETON_INTERNAL,
                "gives rows that it was not asked for", &error);
    /* Whoever scans page by page would never come to an end. */
    store->engine.scan = scan_from_the_start;
    CHECK_FAILS(jt_store_scan(store, "a/c", "", 1, false, visit_nothing, NULL, &error), JETON_INTERNAL,
                "gives rows that it was not asked for", &error);
    jt_store_free(&store);
}

static int get_no_row(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count,
                      uint32_t flags, jeton_store_visit visit, void *data)
{
    (void)store, (void)call, (void)keys, (void)count, (void)flags;
    (void)visit(data, 0, NULL);
    return JETON_OK;
}

static int check_other(void *data, size_t index, const struct jeton_row *row)
{
    const struct standing *standing = data;
    struct jeton_row other = *row;

    if (other.key.kind == JETON_KIND_STORE)
        other.key.name = "other";
    return standing->visit(standing->data, index, &other);
}

static int get_other_check(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count,
                           uint32_t flags, jeton_store_visit visit, void *data)
{
    struct standing standing = {visit, data};

    return good.get(store, call, keys, count, flags, check_other, &standing);
}

static void test_the_row_of_the_key(void)
{
    static const struct {
        int (*get)(void *, jeton_store_call *, const struct jeton_row_key *, size_t, uint32_t, jeton_store_visit,
                   void *);
        const char *part;
    } gets[] = {{get_no_row, "gives another row"}, {get_other_check, "gives another row"}};

    for (size_t i = 0; i < JT_LEN(gets); i++) {
        struct jt_store *store;
        struct jt_key_check check;
        jeton_error *error = NULL;

        use_memory();
        store = two_rows();
        store->engine.get = gets[i].get;
        CHECK_FAILS(jt_store_key_check_read(store, &check, &error), JETON_INTERNAL, gets[i].part, &error);
        jt_store_free(&store);
    }
}

static const struct check_case cases[] = {
    {"a table is held against the contract before anything in it is called", test_tables},
    {"an engine's settings have known types, and names that are not jeton's own", test_settings_that_are_jetons},
    {"an engine is a bare name, and a missing one is told with the place", test_names},
    {"a get that gives other rows than those asked for, in their order, is an error", test_get_loses_count},
    {"a row under another name than the one asked for is never handed out", test_another_row},
    {"a version that does not move with a write is noticed at the next read", test_version_that_stands_still},
    {"a lease that is given twice, or has no fence, is noticed", test_leases},
    {"a write that fails in silence, or is done before its end, is an error", test_writes},
    {"a scan that gives more rows or others than asked for is an error", test_scans},
    {"the row that names the store's key is no other row, and there is one", test_the_row_of_the_key},
};

CHECK_MAIN("store_engine", cases)
