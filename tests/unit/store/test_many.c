/* SPDX-License-Identifier: MIT */
/* Several rows in one transaction: all or none, with the key that the store has by then. */
#include "test_store_help.h"

static char store_path[4096], key_path[4096];

static struct jt_store *new_store(void)
{
    (void)snprintf(store_path, sizeof(store_path), "%s", new_path());
    (void)snprintf(key_path, sizeof(key_path), "%.3000s/store.key", dir_of(store_path));
    use_sqlite(store_path);
    use_key_file(key_path);
    return make_store();
}

struct batch {
    const char *const *names;
    size_t len, at;
    int64_t expected;  /* of all */
    const char *error; /* said at the end */
};

static int next(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                int64_t *ret_expected_version, jeton_error **ret_error)
{
    struct batch *batch = data;

    if (batch->at == batch->len)
        return batch->error != NULL ? jt_error_set(ret_error, JETON_BAD_ANSWER, "%s", batch->error) : JETON_OK;
    *ret_name = batch->names[batch->at++];
    *ret_variant = "";
    ret_entry->state = JT_ROW_TOKEN;
    ret_entry->token.access_token = jt_strdup(*ret_name);
    *ret_expected_version = batch->expected;
    return JETON_OK;
}

static void token_is(struct jt_store *store, const char *name, const char *access_token, int64_t version)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_get(store, name, "", &entry, &error), &error);
    CHECK_STR(entry.token.access_token, access_token);
    CHECK_INT(entry.version, version);
}

static bool put_all(struct jt_store *store, struct batch *batch)
{
    jeton_error *error = NULL;
    bool done = false;

    batch->at = 0;
    CHECK_OK(jt_store_put_all(store, next, batch, true, &done, &error), &error);
    return done;
}

static const char *const names[] = {"a/b", "a/c", "a/d"};

static void test_all_or_none(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    struct batch two = {names, 2, 0, 0, NULL}, three = {names, 3, 0, 0, NULL}, again = {names, 2, 0, 1, NULL};

    CHECK_TRUE(put_all(store, &two));
    token_is(store, "a/b", "a/b", 1);
    CHECK_TRUE(!put_all(store, &three));
    token_is(store, "a/d", NULL, 0);
    CHECK_TRUE(put_all(store, &again));
    token_is(store, "a/c", "a/c", 2);
}

static void test_under_a_new_key(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    JT_AUTO_STR char *what = NULL;
    struct batch batch = {names, 3, 0, 0, NULL};
    jeton_error *error = NULL;

    token_is(store, "a/b", NULL, 0);
    CHECK_OK(jt_store_rekey(&options, NULL, &what, &error), &error);
    /* The first try is sealed with the former key, and must not get in. */
    CHECK_TRUE(!put_all(store, &batch));
    token_is(store, "a/b", NULL, 0);
    CHECK_TRUE(put_all(store, &batch));
    jt_store_free(&store);
    store = open_store();
    token_is(store, "a/d", "a/d", 1);
}

static void test_refusals(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    struct batch fails = {names, 2, 0, 0, "the third is no good"}, odd = {names, 1, 0, -1, NULL},
                 good = {names, 1, 0, 0, NULL};
    jeton_error *error = NULL;
    bool done = false;

    CHECK_FAILS(jt_store_put_all(store, next, &fails, true, &done, &error), JETON_BAD_ANSWER, "the third is no good",
                &error);
    CHECK_FAILS(jt_store_put_all(store, next, &odd, true, &done, &error), JETON_INTERNAL, "version -1", &error);
    token_is(store, "a/b", NULL, 0);
    CHECK_INT(unlink(store_path), 0);
    CHECK_FAILS(jt_store_put_all(store, next, &good, true, &done, &error), JETON_CONFIG, "jeton init", &error);
    CHECK_TRUE(!done);
}

static const struct jt_store_name wanted[] = {{"a/b", ""}, {"never/put", ""}, {"a/d", ""}};

static void entries_come_in_their_order(struct jt_store *store)
{
    struct jt_entry entries[JT_LEN(wanted)];
    jeton_error *error = NULL;

    if (!CHECK_OK(jt_store_get_many(store, wanted, JT_LEN(wanted), entries, &error), &error))
        return;
    CHECK_STR(entries[0].token.access_token, "a/b");
    CHECK_INT(entries[1].version, 0);
    CHECK_STR(entries[2].token.access_token, "a/d");
    for (size_t i = 0; i < JT_LEN(wanted); i++)
        jt_entry_done(&entries[i]);
}

static void test_many_are_read(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    struct batch three = {names, 3, 0, 0, NULL};

    CHECK_TRUE(put_all(store, &three));
    entries_come_in_their_order(store);
}

static struct jt_entry entry_of(struct jt_store *store, const char *variant)
{
    struct jt_entry entry = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_get(store, "a/b", variant, &entry, &error), &error);
    return entry;
}

static bool move(struct jt_store *store, const char *from_variant, const char *to_variant, struct jt_entry *entry,
                 int64_t expected_version)
{
    jeton_error *error = NULL;
    bool done = false;

    CHECK_OK(jt_store_move(store, "a/b", from_variant, to_variant, entry, expected_version, &done, &error), &error);
    return done;
}

static void test_move(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT, moved = JT_ENTRY_INIT, stale = JT_ENTRY_INIT;
    JT_AUTO_STR char *what = NULL;
    struct batch one = {names, 1, 0, 0, NULL};
    jeton_error *error = NULL;

    CHECK_TRUE(put_all(store, &one));
    entry = entry_of(store, "");
    stale = entry_of(store, "");
    CHECK_TRUE(!move(store, "", "scope=x", &entry, 1)); /* there is no such row yet */
    token_is(store, "a/b", "a/b", 1);
    CHECK_TRUE(move(store, "", "scope=x", &entry, 0));
    CHECK_INT(entry.version, 1);
    token_is(store, "a/b", NULL, 0);
    CHECK_TRUE(!move(store, "", "scope=y", &stale, 0)); /* it is gone */
    jt_entry_done(&stale);
    stale = entry_of(store, "scope=y");
    CHECK_INT(stale.version, 0);
    /* It is sealed with the key that the store has by then. */
    CHECK_OK(jt_store_rekey(&options, NULL, &what, &error), &error);
    CHECK_TRUE(move(store, "scope=x", "scope=y", &entry, 0));
    moved = entry_of(store, "scope=y");
    CHECK_STR(moved.token.access_token, "a/b");
}

static const struct check_case cases[] = {
    {"entries are written all or none", test_all_or_none},
    {"what was sealed with the former key is not written under the new one", test_under_a_new_key},
    {"a batch that fails writes nothing and says why", test_refusals},
    {"an entry moves to another variant in one step, or stays where it is", test_move},
    {"many are read in one go, in the order of their names", test_many_are_read},
};

CHECK_MAIN("store_many", cases)
