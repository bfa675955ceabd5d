/* SPDX-License-Identifier: MIT */
/* `jeton rekey`: what it changes, which keys it takes, and what it refuses. */
#include "test_rekey_help.h"

static void test_new_key(void)
{
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STR char *before = NULL;
    JT_AUTO_STR char *after = NULL;
    size_t before_len, after_len;
    jeton_error *error = NULL;
    struct jt_store *store = NULL;
    struct stat info;

    new_store();
    fill(20);
    before = snapshot(key_path, &before_len);
    what = rekey(NULL);
    after = snapshot(key_path, &after_len);
    CHECK_CONTAINS(what, "sealed 20 rows");
    CHECK_CONTAINS(what, store_path);
    CHECK_CONTAINS(what, key_path);
    CHECK_INT(after_len, 65);
    CHECK_TRUE(memcmp(before, after, 64) != 0);
    CHECK_TRUE(memmem(what, strlen(what), after, 16) == NULL);
    CHECK_TRUE(!is_there(beside(key_path, ".new")));
    CHECK_INT(stat(key_path, &info), 0);
    CHECK_INT(info.st_mode & 07777, 0600);
    CHECK_INT(count_good(20), 20);
    write_file(key_path, before, before_len, 0600);
    CHECK_FAILS(jt_store_open(&options, &store, &error), JETON_CONFIG, "does not fit this store", &error);
    jt_store_free(&store);
}

/* The blobs as they were: nowhere in the files of the store. */
static void test_former_blobs_are_gone(void)
{
    JT_AUTO_STR char *what = NULL;
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    unsigned char blob[64];
    static const char *const suffixes[] = {"", "-wal"};

    new_store();
    fill(200);
    CHECK_INT(sqlite3_open(store_path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_prepare_v2(db, "SELECT blob FROM row WHERE name = 'a/b/7'", -1, &stmt, NULL), SQLITE_OK);
    CHECK_INT(sqlite3_step(stmt), SQLITE_ROW);
    memcpy(blob, sqlite3_column_blob(stmt, 0), sizeof(blob));
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    what = rekey(NULL);
    for (size_t i = 0; i < JT_LEN(suffixes); i++) {
        const char *file = beside(store_path, suffixes[i]);
        JT_AUTO_STR char *data = NULL;
        size_t len = 0;

        if (!is_there(file))
            continue;
        data = snapshot(file, &len);
        CHECK_TRUE(memmem(data, len, blob, sizeof(blob)) == NULL);
    }
}

static void test_link(void)
{
    JT_AUTO_STR char *what = NULL;
    char target[8192];
    struct stat info;

    new_store();
    fill(1);
    (void)snprintf(target, sizeof(target), "%s", beside(key_path, "-elsewhere"));
    CHECK_INT(rename(key_path, target), 0);
    CHECK_INT(symlink(target, key_path), 0);
    what = rekey(NULL);
    CHECK_INT(lstat(key_path, &info), 0);
    CHECK_TRUE(S_ISLNK(info.st_mode));
    CHECK_INT(count_good(1), 1);
}

static void test_inline_key(void)
{
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STR char *again = NULL;
    JT_AUTO_STR char *made = NULL;
    struct jt_store *store = NULL;
    jeton_error *error = NULL;
    static char former[128];
    const char *file;
    size_t len;

    new_store();
    fill(3);
    made = snapshot(key_path, &len);
    (void)snprintf(former, sizeof(former), "%.64s", made);
    use_key(former);
    rekey_fails(NULL, JETON_CONFIG, "--new-key-file");
    CHECK_INT(count_good(3), 3);
    file = given_key(KEY_B "\n", 0600);
    what = rekey(file);
    CHECK_CONTAINS(what, "sealed 3 rows");
    CHECK_CONTAINS(what, "now give the new key");
    CHECK_CONTAINS(what, file);
    CHECK_FAILS(jt_store_open(&options, &store, &error), JETON_CONFIG, "jeton rekey", &error);
    again = rekey(file);
    CHECK_CONTAINS(again, "already");
    CHECK_CONTAINS(again, "now give the new key");
    use_key(KEY_B);
    CHECK_INT(count_good(3), 3);
}

static void test_given_key_for_key_file(void)
{
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STR char *now = NULL;
    size_t len;

    new_store();
    fill(3);
    what = rekey(given_key(KEY_B, 0600));
    now = snapshot(key_path, &len);
    CHECK_MEM(now, 64, KEY_B, 64);
    CHECK_INT(count_good(3), 3);
}

static void test_bad_given_keys(void)
{
    new_store();
    fill(2);
    rekey_fails(beside(store_path, ".key-b"), JETON_CONFIG, "cannot be found");
    rekey_fails(given_key("short", 0600), JETON_CONFIG, "64 hexadecimal digits");
    rekey_fails(given_key(KEY_B, 0644), JETON_NOT_PERMITTED, "chmod 600");
    CHECK_INT(count_good(2), 2);
    CHECK_TRUE(!is_there(beside(key_path, ".new")));
}

static void test_wrong_key(void)
{
    new_store();
    fill(2);
    write_file(key_path, KEY_A "\n", 65, 0600);
    rekey_fails(NULL, JETON_CONFIG, "does not fit this store");
    CHECK_TRUE(!is_there(beside(key_path, ".new")));
}

static void test_no_store(void)
{
    new_store();
    CHECK_INT(unlink(store_path), 0);
    rekey_fails(NULL, JETON_CONFIG, "jeton init");
}

static void test_damaged_rows(void)
{
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STORE struct jt_store *store = NULL;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    new_store();
    fill(4);
    run_sql(store_path, "UPDATE row SET blob = (SELECT blob FROM row WHERE name = 'a/b/1') WHERE name = 'a/b/2'");
    run_sql(store_path, "UPDATE row SET blob = x'01' WHERE name = 'a/b/3'");
    what = rekey(NULL);
    CHECK_CONTAINS(what, "sealed 2 rows");
    CHECK_CONTAINS(what, "left 2 damaged rows");
    CHECK_CONTAINS(what, "a/b/2, a/b/3");
    CHECK_INT(count_good(4), 2);
    store = open_store();
    CHECK_OK(jt_store_get(store, "a/b/2", "", &entry, &error), &error);
    CHECK_TRUE(entry.unreadable);
}

static const struct check_case cases[] = {
    {"a rekey seals every row with a new key, which alone opens the store", test_new_key},
    {"what was sealed with the former key is no longer in the files", test_former_blobs_are_gone},
    {"a link to the key stays a link", test_link},
    {"a key that is not in a file needs a new key from the administrator", test_inline_key},
    {"a given key takes the place of the one in key_file", test_given_key_for_key_file},
    {"a given key that is none is refused and nothing changes", test_bad_given_keys},
    {"with another key than the store's nothing is rekeyed", test_wrong_key},
    {"without a store there is nothing to rekey", test_no_store},
    {"damaged rows stay as they are and are named", test_damaged_rows},
};

CHECK_MAIN("rekey", cases)
