/* SPDX-License-Identifier: MIT */
/* The store as the broker uses it: sealed entries, damaged rows, keys that do not fit, engines that break their
 * contract. It damages rows as an administrator with sqlite3(1) could. */
#include "test_store_help.h"

#include <pthread.h>

static char path[4096];

/* A fresh store, empty. */
static struct jt_store *new_store(void)
{
    (void)snprintf(path, sizeof(path), "%s", new_path());
    use_sqlite(path);
    return make_store();
}

static struct jt_entry token_entry(const char *access_token)
{
    struct jt_entry entry = JT_ENTRY_INIT;

    entry.state = JT_ROW_TOKEN;
    entry.token.access_token = jt_strdup(access_token);
    return entry;
}

static void put_token(struct jt_store *store, const char *name, const char *variant, const char *access_token,
                      int64_t expected)
{
    JT_AUTO_ENTRY struct jt_entry entry = token_entry(access_token);
    jeton_error *error = NULL;
    bool done = false;

    CHECK_OK(jt_store_put(store, name, variant, &entry, expected, true, &done, &error), &error);
    CHECK_TRUE(done);
    CHECK_INT(entry.version, expected + 1);
}

static void get_entry(struct jt_store *store, const char *name, struct jt_entry *ret_entry)
{
    jeton_error *error = NULL;

    CHECK_OK(jt_store_get(store, name, "", ret_entry, &error), &error);
}

static void get_unreadable(struct jt_store *store, const char *name, const char *part)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;

    get_entry(store, name, &entry);
    CHECK_TRUE(entry.unreadable);
    CHECK_CONTAINS(entry.failure, part);
    CHECK_CONTAINS(entry.failure, name);
    CHECK_CONTAINS(entry.failure, path);
    CHECK_STR(entry.token.access_token, NULL);
}

static void test_round_trip(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    JT_AUTO_ENTRY struct jt_entry entry = token_entry("secret-access"), back = JT_ENTRY_INIT, none = JT_ENTRY_INIT;
    jeton_error *error = NULL;
    bool done = false;
    size_t len;
    char *bytes;

    entry.token.refresh_token = jt_strdup("secret-refresh");
    entry.token.expires_at = 2000000000;
    entry.due_at = 1999990000;
    entry.fence = 3;
    entry.failed_at = 17;
    entry.retry_at = JT_NEVER;
    entry.failures = 2;
    entry.failure_status = JETON_TRY_LATER;
    entry.failure = jt_strdup("the provider slept");
    entry.config_digest = UINT64_MAX;
    CHECK_OK(jt_store_put(store, "line/bot", "", &entry, 0, false, &done, &error), &error);
    CHECK_TRUE(done);
    jt_store_free(&store);
    store = open_store();
    get_entry(store, "line/bot", &back);
    CHECK_INT(back.state, JT_ROW_TOKEN);
    CHECK_INT(back.version, 1);
    CHECK_STR(back.token.access_token, "secret-access");
    CHECK_STR(back.token.refresh_token, "secret-refresh");
    CHECK_INT(back.token.expires_at, 2000000000);
    CHECK_INT(back.due_at, 1999990000);
    CHECK_INT(back.fence, 3);
    CHECK_INT(back.failed_at, 17);
    CHECK_INT(back.retry_at, JT_NEVER);
    CHECK_INT(back.failures, 2);
    CHECK_INT(back.failure_status, JETON_TRY_LATER);
    CHECK_STR(back.failure, "the provider slept");
    CHECK_TRUE(back.config_digest == UINT64_MAX);
    CHECK_TRUE(!back.unreadable);
    get_entry(store, "line/other", &none);
    CHECK_INT(none.version, 0);
    CHECK_INT(none.state, 0);
    jt_store_free(&store);
    for (int i = 0; i < 2; i++) {
        bytes = snapshot(i == 0 ? path : beside(path, "-wal"), &len);
        CHECK_TRUE(memmem(bytes, len, "secret-", 7) == NULL);
        CHECK_TRUE(memmem(bytes, len, KEY_A, 16) == NULL);
        free(bytes);
    }
}

static void test_second_writer(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    JT_AUTO_ENTRY struct jt_entry loser = token_entry("loser"), back = JT_ENTRY_INIT;
    jeton_error *error = NULL;
    bool done = true;

    put_token(store, "a/b", "", "winner", 0);
    CHECK_OK(jt_store_put(store, "a/b", "", &loser, 0, true, &done, &error), &error);
    CHECK_TRUE(!done);
    CHECK_INT(loser.version, 0);
    get_entry(store, "a/b", &back);
    CHECK_STR(back.token.access_token, "winner");
}

static void test_states_without_token(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    JT_AUTO_ENTRY struct jt_entry intent = JT_ENTRY_INIT, back = JT_ENTRY_INIT, bare = JT_ENTRY_INIT;
    jeton_error *error = NULL;
    bool done = false;

    intent.state = JT_ROW_INTENT;
    CHECK_OK(jt_store_put(store, "a/b", "", &intent, 0, true, &done, &error), &error);
    get_entry(store, "a/b", &back);
    CHECK_INT(back.state, JT_ROW_INTENT);
    CHECK_STR(back.token.access_token, NULL);
    CHECK_TRUE(!back.unreadable);
    bare.state = JT_ROW_TOKEN;
    CHECK_FAILS(jt_store_put(store, "a/c", "", &bare, 0, true, &done, &error), JETON_INTERNAL, "without a token",
                &error);
    bare.state = 0;
    CHECK_FAILS(jt_store_put(store, "a/c", "", &bare, 0, true, &done, &error), JETON_INTERNAL, "state 0", &error);
}

static void test_damaged_rows(void)
{
    static const struct {
        const char *sql;
        const char *part;
    } damages[] = {
        {"UPDATE row SET blob = substr(blob, 1, 30) WHERE name = 'a/hurt'", "cut short: 30 bytes"},
        {"UPDATE row SET blob = substr(blob, 1, length(blob) - 1) WHERE name = 'a/hurt'", "altered"},
        {"UPDATE row SET blob = CAST(substr(blob, 1, 60) || zeroblob(length(blob) - 60) AS BLOB) WHERE name = "
         "'a/hurt'",
         "altered"},
        {"UPDATE row SET blob = CAST(x'07' || substr(blob, 2) AS BLOB) WHERE name = 'a/hurt'", "format is 7"},
        {"UPDATE row SET blob = CAST(substr(blob, 1, 1) || x'0102030405060708' || substr(blob, 10) AS BLOB) WHERE "
         "name = 'a/hurt'",
         "sealed with another key (id 0807060504030201"},
        {"UPDATE row SET blob = NULL WHERE name = 'a/hurt'", "sealed part is gone"},
        {"UPDATE row SET blob = x'' WHERE name = 'a/hurt'", "cut short: 0 bytes"},
        {"UPDATE row SET blob = zeroblob(20000000) WHERE name = 'a/hurt'", "format is 0"},
        {"UPDATE row SET blob = (SELECT blob FROM row WHERE name = 'a/well') WHERE name = 'a/hurt'", "another row"},
        {"UPDATE row SET version = 2 WHERE name = 'a/hurt'", "older version"},
        {"UPDATE row SET state = 5 WHERE name = 'a/hurt'", "altered"},
        {"UPDATE row SET state = 77 WHERE name = 'a/hurt'", "state is 77"},
    };

    for (size_t i = 0; i < JT_LEN(damages); i++) {
        JT_AUTO_STORE struct jt_store *store = new_store();
        JT_AUTO_ENTRY struct jt_entry well = JT_ENTRY_INIT, hurt = JT_ENTRY_INIT;

        put_token(store, "a/well", "", "well", 0);
        put_token(store, "a/hurt", "", "hurt", 0);
        run_sql(path, damages[i].sql);
        get_unreadable(store, "a/hurt", damages[i].part);
        get_entry(store, "a/well", &well);
        CHECK_STR(well.token.access_token, "well");
        /* It is replaced as any other row. */
        get_entry(store, "a/hurt", &hurt);
        put_token(store, "a/hurt", "", "healed", hurt.version);
        jt_entry_done(&hurt);
        get_entry(store, "a/hurt", &hurt);
        CHECK_STR(hurt.token.access_token, "healed");
    }
}

static void test_rolled_back_row(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();

    put_token(store, "a/b", "", "old", 0);
    run_sql(path, "CREATE TABLE kept AS SELECT * FROM row");
    put_token(store, "a/b", "", "new", 1);
    run_sql(path, "UPDATE row SET blob = (SELECT blob FROM kept WHERE kept.kind = row.kind)");
    get_unreadable(store, "a/b", "older version");
}

static void test_altered_columns(void)
{
    static const char *const alterations[] = {
        "UPDATE row SET expires_at = 9999999999 WHERE kind = 1",
        "UPDATE row SET state = 5 WHERE kind = 1",
        "UPDATE row SET version = 7 WHERE kind = 1",
    };

    for (size_t i = 0; i < JT_LEN(alterations); i++) {
        JT_AUTO_STORE struct jt_store *store = new_store();

        put_token(store, "a/b", "", "t", 0);
        run_sql(path, alterations[i]);
        get_unreadable(store, "a/b", "altered");
    }
}

/* The token "former" of a/b, version 1, sealed with KEY_A by a jeton that knew no kinds of rows. */
static const unsigned char former_blob[] = {
    0x01, 0x82, 0x7b, 0x06, 0x5d, 0xf8, 0x8a, 0x9f, 0x23, 0xcc, 0x54, 0x08, 0x4b, 0x6c, 0xbd, 0x00, 0x91,
    0xa7, 0xbe, 0x15, 0xd8, 0xdb, 0x7f, 0x43, 0x4b, 0x75, 0xac, 0xe6, 0x6f, 0xfd, 0xa3, 0x8f, 0x2f, 0x27,
    0x63, 0xed, 0x22, 0xa6, 0xdc, 0x36, 0x66, 0x5f, 0x94, 0x66, 0x7d, 0xfc, 0x65, 0xf2, 0xea, 0x86, 0xde,
    0x16, 0x94, 0x66, 0x8e, 0xd2, 0x38, 0x6a, 0x6c, 0xa7, 0x7e, 0xca, 0x6c, 0x8c, 0xc3, 0xe8, 0x94, 0x80,
    0x94, 0x66, 0xe2, 0xaa, 0xb4, 0xff, 0xcd, 0x5d, 0x2a, 0x3c, 0xd5, 0x8b, 0x57, 0xde, 0xcc, 0xa6, 0xd2,
    0x50, 0xe2, 0x4a, 0x9e, 0x51, 0x2c, 0x15, 0x2f, 0x6c, 0x63, 0x28, 0x80, 0x60, 0xf0, 0x0c};

/* As an earlier jeton sealed it: neither kind nor expiry bound, nothing but the token set inside. */
static void test_former_form(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    JT_AUTO_ENTRY struct jt_entry back = JT_ENTRY_INIT;
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    put_token(store, "a/b", "", "new", 0);
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_prepare_v2(db, "UPDATE row SET blob = ? WHERE kind = 1", -1, &stmt, NULL), SQLITE_OK);
    CHECK_INT(sqlite3_bind_blob(stmt, 1, former_blob, sizeof(former_blob), SQLITE_STATIC), SQLITE_OK);
    CHECK_INT(sqlite3_step(stmt), SQLITE_DONE);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    get_entry(store, "a/b", &back);
    CHECK_STR(back.failure, NULL);
    CHECK_STR(back.token.access_token, "former");
    put_token(store, "a/b", "", "next", 1);
    jt_entry_done(&back);
    get_entry(store, "a/b", &back);
    CHECK_STR(back.token.access_token, "next");
}

static void test_wrong_key(void)
{
    struct jt_store *store = new_store(), *other = NULL;
    jeton_error *error = NULL;
    char *before, *after, *what = NULL;
    size_t before_len, after_len;

    put_token(store, "a/b", "", "t", 0);
    jt_store_free(&store);
    use_key(KEY_B);
    CHECK_FAILS(jt_store_open(&options, &other, &error), JETON_CONFIG, "the store key does not fit this store", &error);
    run_sql(path, "PRAGMA wal_checkpoint(TRUNCATE)");
    before = snapshot(path, &before_len);
    use_key(KEY_B);
    CHECK_FAILS(jt_store_open(&options, &other, &error), JETON_CONFIG, "the store key does not fit this store", &error);
    CHECK_FAILS(jt_store_open(&options, &other, &error), JETON_CONFIG, path, &error);
    CHECK_FAILS(jt_store_init(&options, &what, &error), JETON_CONFIG, "nothing was changed", &error);
    CHECK_TRUE(other == NULL);
    after = snapshot(path, &after_len);
    CHECK_MEM(after, after_len, before, before_len);
    free(before);
    free(after);
    use_key("not a key");
    CHECK_FAILS(jt_store_open(&options, &other, &error), JETON_CONFIG, "64 hexadecimal digits", &error);
    CHECK_FAILS(jt_store_open(&options, &other, &error), JETON_CONFIG, "`key` in /etc/jeton/jeton.conf", &error);
    use_key(KEY_A);
    store = open_store();
    jt_store_free(&store);
}

static void test_missing_store(void)
{
    static char key[80] = "nobody looks at the key of a store that is not there";
    struct jt_store *store = new_store();
    JT_AUTO_ENTRY struct jt_entry entry = token_entry("t"), back = JT_ENTRY_INIT;
    jeton_error *error = NULL;
    struct jt_store_lease *lease = NULL;
    int64_t fence;
    bool done;

    jt_store_free(&store);
    (void)snprintf(path, sizeof(path), "%s", new_path());
    use_sqlite(path);
    use_key(key);
    store = open_store();
    CHECK_FAILS(jt_store_require(store, &error), JETON_CONFIG, "run `jeton init`", &error);
    get_entry(store, "a/b", &back);
    CHECK_INT(back.version, 0);
    CHECK_FAILS(jt_store_put(store, "a/b", "", &entry, 0, true, &done, &error), JETON_CONFIG, "run `jeton init`",
                &error);
    CHECK_FAILS(jt_store_prove_writable(store, &error), JETON_CONFIG, "run `jeton init`", &error);
    CHECK_FAILS(jt_store_lease(store, "a/b", "", 0, &lease, &fence, &error), JETON_CONFIG, "run `jeton init`", &error);
    (void)snprintf(key, sizeof(key), "%s", KEY_A);
    jt_store_free(&(struct jt_store *){make_store()});
    CHECK_OK(jt_store_require(store, &error), &error);
    put_token(store, "a/b", "", "t", 0);
    CHECK_OK(jt_store_prove_writable(store, &error), &error);
    jt_store_free(&store);
}

static int visit(void *data, const char *name, const char *variant, uint32_t flags, const struct jt_entry *entry)
{
    char *text = data;

    (void)snprintf(text + strlen(text), 512 - strlen(text), "%s|%s|%u|%lld|%s ", name, variant, flags,
                   (long long)entry->token.expires_at, entry->failure != NULL ? entry->failure : "-");
    return 0;
}

static void test_scans(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    JT_AUTO_ENTRY struct jt_entry entry = token_entry("t");
    jeton_error *error = NULL;
    char text[512] = "";
    bool done;

    entry.token.refresh_token = jt_strdup("r");
    entry.token.expires_at = 100;
    entry.due_at = 50;
    entry.failure = jt_strdup("asleep");
    CHECK_OK(jt_store_put(store, "b/c", "scope=x", &entry, 0, false, &done, &error), &error);
    put_token(store, "a/b", "", "t", 0);
    run_sql(path, "UPDATE row SET blob = x'00' WHERE name = 'a/b'"); /* a damaged row is listed like any other */
    CHECK_OK(jt_store_scan(store, "", "", 10, false, visit, text, &error), &error);
    CHECK_STR(text, "a/b||0|9223372036854775807|- b/c|scope=x|1|100|- ");
    text[0] = '\0';
    CHECK_OK(jt_store_scan(store, "", "", 10, true, visit, text, &error), &error);
    CHECK_CONTAINS(text, "cut short");
    CHECK_CONTAINS(text, "b/c|scope=x|1|100|asleep ");
    text[0] = '\0';
    CHECK_OK(jt_store_scan_due(store, 50, 10, visit, text, &error), &error);
    CHECK_STR(text, "b/c|scope=x|1|100|- ");
}

static void *use_store(void *data)
{
    struct jt_store *store = data;
    intptr_t bad = 0;

    for (int i = 0; i < 100; i++) {
        JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
        bool done;

        if (jt_store_get(store, "a/b", "", &entry, NULL) != JETON_OK || entry.unreadable) {
            bad++;
            continue;
        }
        entry.state = JT_ROW_TOKEN;
        if (entry.token.access_token == NULL)
            entry.token.access_token = jt_strdup("t");
        bad += jt_store_put(store, "a/b", "", &entry, entry.version, (i & 7) == 0, &done, NULL) != JETON_OK;
        (void)jt_store_number(store, 0);
    }
    return (void *)bad;
}

static void test_threads(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    pthread_t threads[6];
    void *bad;

    for (size_t i = 0; i < JT_LEN(threads); i++)
        (void)pthread_create(&threads[i], NULL, use_store, store);
    for (size_t i = 0; i < JT_LEN(threads); i++) {
        (void)pthread_join(threads[i], &bad);
        CHECK_INT((intptr_t)bad, 0);
    }
}

/* In a child: 0 where it gets the lease that its parent had at the fork and has given back since. */
static int lease_in_child(struct jt_store *store, int given_back)
{
    struct jt_store_lease *lease = NULL;
    int64_t fence = 0;
    char byte;

    if (read(given_back, &byte, 1) != 0)
        return 2;
    if (jt_store_lease(store, "a/b", "", 5000, &lease, &fence, NULL) != JETON_OK || lease == NULL)
        return 1;
    jt_store_release(store, &lease);
    return 0;
}

static void test_forked_child(void)
{
    JT_AUTO_STORE struct jt_store *store = new_store();
    struct jt_store_lease *lease = NULL;
    jeton_error *error = NULL;
    int64_t fence = 0;
    int pipes[2], status = -1;
    pid_t child;

    CHECK_OK(jt_store_lease(store, "a/b", "", 0, &lease, &fence, &error), &error);
    CHECK_INT(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        (void)close(pipes[1]);
        _exit(lease_in_child(store, pipes[0]));
    }
    jt_store_release(store, &lease);
    (void)close(pipes[1]);
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    (void)close(pipes[0]);
}

static const struct check_case cases[] = {
    {"an entry comes back in another process, and nothing secret stands in the files", test_round_trip},
    {"of two writers the second is told and loses nothing of the first's", test_second_writer},
    {"a row may be without a token where its state says so, and only there", test_states_without_token},
    {"a damaged row is an entry that says what is wrong, harms no other and can be replaced", test_damaged_rows},
    {"a row whose sealed part was rolled back does not open", test_rolled_back_row},
    {"a row with an altered expiry, state or version does not open", test_altered_columns},
    {"a row that an earlier jeton sealed opens, and is sealed in the new form when it is written", test_former_form},
    {"a wrong key is recognised at open, and the store stays as it is", test_wrong_key},
    {"a store that is not there holds nothing, says what to run, and is used once it is there", test_missing_store},
    {"scans give rows in their order, opened or not", test_scans},
    {"a store is used by many threads at once", test_threads},
    {"a forked child gets a lease that its parent had at the fork and gave back", test_forked_child},
};

CHECK_MAIN("store", cases)
