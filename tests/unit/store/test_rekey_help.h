/* SPDX-License-Identifier: MIT */
/* What the tests of `jeton rekey` share: a store with its key in a file, rows in it, and a rekey. */
#ifndef TEST_REKEY_HELP_H
#define TEST_REKEY_HELP_H

#include "test_store_help.h"

static char store_path[4096], key_path[4096];

/* A file with a key that an administrator gives. */
__attribute__((unused)) static const char *given_key(const char *text, mode_t mode)
{
    static char path[8192];

    (void)snprintf(path, sizeof(path), "%s", beside(store_path, ".key-b"));
    write_file(path, text, strlen(text), mode);
    return path;
}

/* A store with its key in a file, made as `jeton init` makes it. */
__attribute__((unused)) static void new_store(void)
{
    JT_AUTO_STR char *what = NULL;
    jeton_error *error = NULL;

    (void)snprintf(store_path, sizeof(store_path), "%s", new_path());
    (void)snprintf(key_path, sizeof(key_path), "%.3000s/store.key", dir_of(store_path));
    use_sqlite(store_path);
    use_key_file(key_path);
    CHECK_OK(jt_store_init(&options, &what, &error), &error);
}

/* The status; -1: another writer was first. */
__attribute__((unused)) static int put_token(struct jt_store *store, const char *name, const char *access_token,
                                             int64_t expected)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    bool done = false;
    int status;

    entry.state = JT_ROW_TOKEN;
    entry.token.access_token = jt_strdup(access_token);
    status = jt_store_put(store, name, "", &entry, expected, expected == 0, &done, &error);
    return status == JETON_OK && !done ? -1 : status;
}

__attribute__((unused)) static void get_token(struct jt_store *store, const char *name, const char *access_token)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    if (!CHECK_TRUE(store != NULL))
        return;
    CHECK_OK(jt_store_get(store, name, "", &entry, &error), &error);
    CHECK_STR(entry.failure, NULL);
    CHECK_STR(entry.token.access_token, access_token);
}

__attribute__((unused)) static void fill(int count)
{
    JT_AUTO_STORE struct jt_store *store = open_store();
    int failed = 0;

    for (int i = 0; i < count; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "a/b/%d", i);
        failed += put_token(store, name, name, 0) != JETON_OK;
    }
    CHECK_INT(failed, 0);
}

/* How many of the rows hold what they were filled with. */
__attribute__((unused)) static int count_good(int count)
{
    JT_AUTO_STORE struct jt_store *store = open_store();
    int good = 0;

    for (int i = 0; store != NULL && i < count; i++) {
        JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
        char name[64];

        (void)snprintf(name, sizeof(name), "a/b/%d", i);
        good += jt_store_get(store, name, "", &entry, NULL) == JETON_OK && entry.token.access_token != NULL &&
                strcmp(entry.token.access_token, name) == 0;
    }
    return good;
}

/* What it says; the caller frees. */
__attribute__((unused)) static char *rekey(const char *new_key_file)
{
    char *what = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_rekey(&options, new_key_file, &what, &error), &error);
    return what;
}

__attribute__((unused)) static void rekey_fails(const char *new_key_file, int status, const char *part)
{
    char *what = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jt_store_rekey(&options, new_key_file, &what, &error), status, part, &error);
    CHECK_TRUE(what == NULL);
}

__attribute__((unused)) static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

#endif
