/* SPDX-License-Identifier: MIT */
/* `jeton init`: what it makes, what it leaves alone, and when it refuses. It works below the temporary directory. */
#include "test_store_help.h"

#include <pthread.h>

static char store_path[4096], key_path[4096];

/* Nothing is there yet: neither the store's directory nor the key's. */
static void new_config(void)
{
    const char *base = dir_of(new_path());

    (void)snprintf(store_path, sizeof(store_path), "%.3000s/var/lib/jeton/tokens.db", base);
    (void)snprintf(key_path, sizeof(key_path), "%.3000s/etc/jeton/store.key", base);
    use_sqlite(store_path);
    use_key_file(key_path);
}

/* The lines that it says; the caller frees. */
static char *init(void)
{
    char *what = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_init(&options, &what, &error), &error);
    return what;
}

static void put_a_token(void)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    jeton_error *error = NULL;
    bool done = false;

    entry.state = JT_ROW_TOKEN;
    entry.token.access_token = jt_strdup("t");
    CHECK_OK(jt_store_open(&options, &store, &error), &error);
    CHECK_OK(jt_store_put(store, "a/b", "", &entry, 0, true, &done, &error), &error);
}

static unsigned mode_of(const char *file)
{
    struct stat info;

    return stat(file, &info) == 0 ? info.st_mode & 07777u : 0;
}

static void test_from_nothing(void)
{
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STR char *text = NULL;
    size_t len = 0;

    new_config();
    what = init();
    CHECK_CONTAINS(what, "made directory");
    CHECK_CONTAINS(what, "made store key");
    CHECK_CONTAINS(what, key_path);
    CHECK_CONTAINS(what, "made store ");
    CHECK_CONTAINS(what, store_path);
    CHECK_INT(mode_of(key_path), 0600);
    CHECK_INT(mode_of(store_path), 0600);
    CHECK_INT(mode_of(dir_of(store_path)), 0700);
    CHECK_INT(mode_of(dir_of(key_path)), 0700);
    text = snapshot(key_path, &len);
    CHECK_INT(len, 65);
    CHECK_TRUE(memmem(what, strlen(what), text, 16) == NULL);
    put_a_token();
}

static void test_again(void)
{
    JT_AUTO_STR char *first = NULL;
    JT_AUTO_STR char *second = NULL;
    JT_AUTO_STR char *before = NULL;
    JT_AUTO_STR char *after = NULL;
    size_t before_len, after_len;

    new_config();
    first = init();
    put_a_token();
    before = snapshot(key_path, &before_len);
    second = init();
    after = snapshot(key_path, &after_len);
    CHECK_MEM(after, after_len, before, before_len);
    CHECK_TRUE(strstr(second, "made") == NULL);
    CHECK_CONTAINS(second, "found store key");
    CHECK_CONTAINS(second, "found store ");
}

static void test_lost_key(void)
{
    JT_AUTO_STR char *what = NULL;
    jeton_error *error = NULL;
    char *said = NULL;

    new_config();
    what = init();
    put_a_token();
    CHECK_INT(unlink(key_path), 0);
    CHECK_FAILS(jt_store_init(&options, &said, &error), JETON_CONFIG, "holds tokens that are sealed with it", &error);
    CHECK_TRUE(access(key_path, F_OK) != 0);
    CHECK_TRUE(said == NULL);
}

static void test_lost_key_of_empty_store(void)
{
    JT_AUTO_STR char *first = NULL;
    JT_AUTO_STR char *second = NULL;

    new_config();
    first = init();
    CHECK_INT(unlink(key_path), 0);
    second = init();
    CHECK_CONTAINS(second, "made store key");
    put_a_token();
}

static void test_key_of_another_store(void)
{
    JT_AUTO_STR char *what = NULL;
    jeton_error *error = NULL;
    char *said = NULL;

    new_config();
    what = init();
    put_a_token();
    write_file(key_path, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 65, 0600);
    CHECK_FAILS(jt_store_init(&options, &said, &error), JETON_CONFIG, "does not fit this store", &error);
}

static void test_broken_key(void)
{
    JT_AUTO_STR char *text = NULL;
    jeton_error *error = NULL;
    char *said = NULL;
    size_t len;

    new_config();
    free(init());
    write_file(key_path, "half a k", 8, 0600);
    CHECK_FAILS(jt_store_init(&options, &said, &error), JETON_CONFIG, "64 hexadecimal digits", &error);
    text = snapshot(key_path, &len);
    CHECK_MEM(text, len, "half a k", 8);
}

static void test_newer_store(void)
{
    jeton_error *error = NULL;
    char *said = NULL;

    new_config();
    free(init());
    run_sql(store_path, "PRAGMA user_version = 9");
    CHECK_INT(unlink(key_path), 0);
    CHECK_FAILS(jt_store_init(&options, &said, &error), JETON_CONFIG, "newer jeton", &error);
    CHECK_TRUE(access(key_path, F_OK) != 0);
}

static void test_other_sources(void)
{
    JT_AUTO_STR char *what = NULL;
    jeton_error *error = NULL;
    char *said = NULL;

    new_config();
    options.key = (struct jt_secret_spec){.source = JT_SECRET_ENV, .name = "key_env", .text = "JETON_TEST_STORE_KEY"};
    CHECK_INT(unsetenv("JETON_TEST_STORE_KEY"), 0);
    CHECK_FAILS(jt_store_init(&options, &said, &error), JETON_CONFIG, "environment variable JETON_TEST_STORE_KEY",
                &error);
    CHECK_INT(setenv("JETON_TEST_STORE_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 1), 0);
    what = init();
    CHECK_CONTAINS(what, "environment variable JETON_TEST_STORE_KEY");
    put_a_token();
    CHECK_INT(unsetenv("JETON_TEST_STORE_KEY"), 0);
}

static void *init_thread(void *data)
{
    char *what = NULL;

    jeton_error *error = NULL;

    *(int *)data = jt_store_init(&options, &what, &error);
    if (error != NULL)
        printf("init: %s\n", jeton_error_message(error));
    jeton_error_free(&error);
    free(what);
    return NULL;
}

/* Looks at the key file all the while: once there is one, it is the one. */
static void *watch_key(void *data)
{
    char first[66] = "", now[66];
    atomic_int *state = data; /* 0: go on; 1: stop; 2: it has changed */

    while (atomic_load(state) == 0) {
        FILE *file = fopen(key_path, "re");
        size_t len = file != NULL ? fread(now, 1, 65, file) : 0;

        if (file != NULL)
            (void)fclose(file);
        if (file != NULL && first[0] == '\0')
            memcpy(first, now, len);
        if (file != NULL && (len != 65 || memcmp(first, now, 65) != 0))
            atomic_store(state, 2);
    }
    return NULL;
}

static void test_many_at_once(void)
{
    for (int round = 0; round < 20; round++) {
        pthread_t threads[8], watcher;
        int statuses[8], changed;
        atomic_int state = 0;

        new_config();
        (void)pthread_create(&watcher, NULL, watch_key, &state);
        for (int i = 0; i < 8; i++)
            (void)pthread_create(&threads[i], NULL, init_thread, &statuses[i]);
        for (int i = 0; i < 8; i++) {
            (void)pthread_join(threads[i], NULL);
            CHECK_INT(statuses[i], JETON_OK);
        }
        changed = atomic_exchange(&state, 1);
        (void)pthread_join(watcher, NULL);
        CHECK_INT(changed, 0);
        put_a_token();
    }
}

static void init_as_nobody(struct report *report, void *data)
{
    jeton_error *error = NULL;
    char *what = NULL;

    (void)data;
    report->status = jt_store_init(&options, &what, &error);
    (void)snprintf(report->text, sizeof(report->text), "%s", error != NULL ? jeton_error_message(error) : "");
}

static void test_not_permitted(void)
{
    struct report report;

    if (!check_root())
        return;
    new_config();
    CHECK_INT(chmod(check_tmpdir(), 0711), 0);
    report = in_child(NOBODY, init_as_nobody, NULL);
    CHECK_INT(chmod(check_tmpdir(), 0700), 0);
    CHECK_INT(report.status, JETON_NOT_PERMITTED);
    CHECK_CONTAINS(report.text, "Permission denied for user 65534 (run this as the owner");
}

static const struct check_case cases[] = {
    {"init makes directories, key and store, for the owner alone", test_from_nothing},
    {"init a second time finds everything and changes nothing", test_again},
    {"init makes no new key where tokens are sealed with the lost one", test_lost_key},
    {"init makes a new key for a store that holds nothing", test_lost_key_of_empty_store},
    {"init says when key and store do not belong together", test_key_of_another_store},
    {"init does not overwrite a key that cannot be read", test_broken_key},
    {"init leaves a newer store alone", test_newer_store},
    {"init takes a key from elsewhere, and says where when it is not there", test_other_sources},
    {"many inits at once make one key", test_many_at_once},
    {"init says when the user may not", test_not_permitted},
};

CHECK_MAIN("store_init", cases)
