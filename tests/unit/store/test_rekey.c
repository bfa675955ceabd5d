/* SPDX-License-Identifier: MIT */
/* `jeton rekey`: what it changes, what a killed one leaves, and what other processes see of it. It works below the
 * temporary directory. */
#include "test_store_help.h"

#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>

#define KILL_ROWS   3000
#define KILL_ROUNDS 20

static char store_path[4096], key_path[4096];

/* A store with its key in a file, made as `jeton init` makes it. */
static void new_store(void)
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
static int put_token(struct jt_store *store, const char *name, const char *access_token, int64_t expected)
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

static void get_token(struct jt_store *store, const char *name, const char *access_token)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    if (!CHECK_TRUE(store != NULL))
        return;
    CHECK_OK(jt_store_get(store, name, "", &entry, &error), &error);
    CHECK_STR(entry.failure, NULL);
    CHECK_STR(entry.token.access_token, access_token);
}

static void fill(int count)
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
static int count_good(int count)
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
static char *rekey(const char *new_key_file)
{
    char *what = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_rekey(&options, new_key_file, &what, &error), &error);
    return what;
}

static void rekey_fails(const char *new_key_file, int status, const char *part)
{
    char *what = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jt_store_rekey(&options, new_key_file, &what, &error), status, part, &error);
    CHECK_TRUE(what == NULL);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

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
    char file[8192];
    size_t len;

    new_store();
    fill(3);
    made = snapshot(key_path, &len);
    (void)snprintf(former, sizeof(former), "%.64s", made);
    use_key(former);
    rekey_fails(NULL, JETON_CONFIG, "--new-key-file");
    CHECK_INT(count_good(3), 3);
    (void)snprintf(file, sizeof(file), "%s", beside(store_path, ".key-b"));
    write_file(file, KEY_B "\n", 65, 0600);
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
    char file[8192];
    size_t len;

    new_store();
    fill(3);
    (void)snprintf(file, sizeof(file), "%s", beside(store_path, ".key-b"));
    write_file(file, KEY_B, 64, 0600);
    what = rekey(file);
    now = snapshot(key_path, &len);
    CHECK_MEM(now, 64, KEY_B, 64);
    CHECK_INT(count_good(3), 3);
}

static void test_bad_given_keys(void)
{
    char file[8192];

    new_store();
    fill(2);
    (void)snprintf(file, sizeof(file), "%s", beside(store_path, ".key-b"));
    rekey_fails(file, JETON_CONFIG, "cannot be found");
    write_file(file, "short", 5, 0600);
    rekey_fails(file, JETON_CONFIG, "64 hexadecimal digits");
    write_file(file, KEY_B, 64, 0644);
    rekey_fails(file, JETON_NOT_PERMITTED, "chmod 600");
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

/* Killed behind the commit: the former key is at key_file still. */
static void test_left_behind_commit(void)
{
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STR char *former = NULL;
    JT_AUTO_STR char *now = NULL;
    size_t former_len, now_len;
    char next[8192];

    new_store();
    fill(5);
    former = snapshot(key_path, &former_len);
    what = rekey(NULL);
    (void)snprintf(next, sizeof(next), "%s", beside(key_path, ".new"));
    CHECK_INT(rename(key_path, next), 0);
    write_file(key_path, former, former_len, 0600);
    CHECK_INT(count_good(5), 5);
    CHECK_TRUE(!is_there(next));
    now = snapshot(key_path, &now_len);
    CHECK_TRUE(memcmp(now, former, 64) != 0);
    /* The same with the former key gone. */
    CHECK_INT(rename(key_path, next), 0);
    CHECK_INT(count_good(5), 5);
    CHECK_TRUE(!is_there(next));
}

/* Killed before the commit, or in the middle of the write. */
static void test_left_before_commit(void)
{
    static const char *const left[] = {KEY_B "\n", "ff11", ""};

    for (size_t i = 0; i < JT_LEN(left); i++) {
        JT_AUTO_STR char *what = NULL;
        char next[8192];

        new_store();
        fill(5);
        (void)snprintf(next, sizeof(next), "%s", beside(key_path, ".new"));
        write_file(next, left[i], strlen(left[i]), 0600);
        CHECK_INT(count_good(5), 5);
        CHECK_TRUE(is_there(next));
        what = rekey(NULL);
        CHECK_TRUE(!is_there(next));
        CHECK_INT(count_good(5), 5);
    }
}

static void test_two_at_once(void)
{
    JT_AUTO_FD int fd = -1;
    char next[8192];

    new_store();
    fill(1);
    (void)snprintf(next, sizeof(next), "%s", beside(key_path, ".new"));
    write_file(next, KEY_B "\n", 65, 0600);
    fd = open(next, O_RDONLY);
    CHECK_INT(flock(fd, LOCK_EX), 0);
    rekey_fails(NULL, JETON_TRY_LATER, "another process is changing the store key");
    CHECK_TRUE(is_there(next));
    CHECK_INT(count_good(1), 1);
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

/* The store stays open in one handle while another rekeys it. */
static void test_open_meanwhile(void)
{
    JT_AUTO_STORE struct jt_store *reader = NULL;
    JT_AUTO_STORE struct jt_store *writer = NULL;
    JT_AUTO_STR char *first = NULL;
    JT_AUTO_STR char *second = NULL;

    new_store();
    fill(3);
    reader = open_store();
    writer = open_store();
    get_token(reader, "a/b/1", "a/b/1");
    get_token(writer, "a/b/1", "a/b/1");
    first = rekey(NULL);
    get_token(reader, "a/b/1", "a/b/1");
    CHECK_INT(put_token(writer, "a/b/1", "fresh", 1), JETON_OK); /* with the former key in hand */
    get_token(reader, "a/b/1", "fresh");
    CHECK_INT(put_token(writer, "a/b/new", "new", 0), JETON_OK);
    CHECK_INT(put_token(writer, "a/b/new", "late", 0), -1);
    second = rekey(NULL);
    CHECK_CONTAINS(second, "sealed 4 rows");
    CHECK_TRUE(strstr(second, "damaged") == NULL);
    get_token(reader, "a/b/new", "new");
    get_token(writer, "a/b/2", "a/b/2");
}

/* An engine that lets a whole rekey happen right behind one look at the key check. */
static int looks_before;

static int get_and_rekey(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count,
                         uint32_t flags, jeton_store_visit visit, void *data)
{
    int status = engine.get(store, call, keys, count, flags, visit, data);

    if (keys[0].kind == JETON_KIND_STORE && looks_before-- == 0)
        free(rekey(NULL));
    return status;
}

static void test_between_two_looks(void)
{
    for (int at = 0; at < 3; at++) {
        JT_AUTO_STORE struct jt_store *store = NULL;
        jeton_error *error = NULL;

        new_store();
        fill(2);
        CHECK_OK(jt_store_opened_new(&options, &store, &error), &error);
        store->engine.get = get_and_rekey;
        looks_before = at;
        get_token(store, "a/b/1", "a/b/1"); /* the key is resolved now, and read before or behind the rekey */
        get_token(store, "a/b/1", "a/b/1");
        CHECK_INT(put_token(store, "a/b/1", "fresh", 1), JETON_OK);
        get_token(store, "a/b/1", "fresh");
        CHECK_INT(count_good(1), 1);
    }
}

/* A handle whose key cannot be read again says so, and takes no row for damaged. */
static void test_stale_inline_key(void)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STR char *made = NULL;
    static char former[128];
    jeton_error *error = NULL;
    bool done = false;
    char file[8192];
    size_t len;

    new_store();
    fill(2);
    made = snapshot(key_path, &len);
    (void)snprintf(former, sizeof(former), "%.64s", made);
    use_key(former);
    store = open_store();
    (void)snprintf(file, sizeof(file), "%s", beside(store_path, ".key-b"));
    write_file(file, KEY_B "\n", 65, 0600);
    what = rekey(file);
    CHECK_FAILS(jt_store_get(store, "a/b/1", "", &entry, &error), JETON_CONFIG, "does not fit this store", &error);
    entry.state = JT_ROW_TOKEN;
    entry.token.access_token = jt_strdup("x");
    CHECK_FAILS(jt_store_put(store, "a/b/9", "", &entry, 0, true, &done, &error), JETON_CONFIG,
                "does not fit this store", &error);
    CHECK_TRUE(!done);
    use_key(KEY_B);
    CHECK_INT(count_good(2), 2);
}

static void nap_ms(long ms)
{
    const struct timespec nap = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&nap, NULL);
}

/* Reads and writes rows until it is told to stop; the first thing that went wrong is the report. */
static void body_traffic(struct report *report, void *data)
{
    JT_AUTO_STORE struct jt_store *store = open_store();
    const char *stop = data;

    report->status = JETON_OK;
    for (unsigned turn = 0; report->status == JETON_OK && !is_there(stop); turn++) {
        JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
        JT_AUTO_ERROR jeton_error *error = NULL;
        bool done = false;
        char name[64];

        (void)snprintf(name, sizeof(name), "a/b/%u", (turn * 7 + (unsigned)getpid()) % 200);
        report->status = jt_store_get(store, name, "", &entry, &error);
        if (report->status == JETON_OK && (entry.unreadable || entry.token.access_token == NULL))
            report->status = 1;
        if (report->status == JETON_OK && turn % 4 == 0)
            report->status = jt_store_put(store, name, "", &entry, entry.version, turn % 8 == 0, &done, &error);
        report->number += report->status == JETON_OK;
        if (report->status != JETON_OK)
            (void)snprintf(report->text, sizeof(report->text), "%s",
                           entry.failure != NULL ? entry.failure
                           : error != NULL       ? jeton_error_message(error)
                                                 : "no token");
    }
}

static void test_traffic(void)
{
    char stop[8192];
    pid_t children[3];
    int pipes[3][2];

    new_store();
    fill(200);
    (void)snprintf(stop, sizeof(stop), "%s", beside(store_path, ".stop"));
    for (size_t i = 0; i < JT_LEN(children); i++) {
        if (pipe(pipes[i]) != 0 || (children[i] = fork()) < 0)
            abort();
        if (children[i] == 0) {
            struct report report = {.status = -1};

            body_traffic(&report, stop);
            _exit(write(pipes[i][1], &report, sizeof(report)) == (ssize_t)sizeof(report) ? 0 : 1);
        }
    }
    for (int i = 0; i < 12; i++) {
        JT_AUTO_STR char *what = NULL;

        nap_ms(30);
        what = rekey(NULL);
        CHECK_CONTAINS(what, "sealed 200 rows");
        CHECK_TRUE(strstr(what, "damaged") == NULL);
    }
    write_file(stop, "", 0, 0600);
    for (size_t i = 0; i < JT_LEN(children); i++) {
        struct report report = {.status = -1};

        CHECK_INT(read(pipes[i][0], &report, sizeof(report)), (ssize_t)sizeof(report));
        CHECK_INT(report.status, JETON_OK);
        CHECK_STR(report.text, "");
        CHECK_TRUE(report.number > 50);
        (void)close(pipes[i][0]);
        (void)close(pipes[i][1]);
        (void)waitpid(children[i], NULL, 0);
    }
    CHECK_INT(count_good(200), 200);
}

/* One handle, many threads: each uses the key that it took, for as long as it needs it. */
struct shared {
    struct jt_store *store;
    atomic_bool stop;
    atomic_int bad;
    atomic_int good;
};

static void *thread_traffic(void *data)
{
    struct shared *shared = data;

    for (unsigned turn = 0; !atomic_load(&shared->stop); turn++) {
        JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
        bool done = false;
        char name[64];
        int status;

        (void)snprintf(name, sizeof(name), "a/b/%u", turn % 50);
        status = jt_store_get(shared->store, name, "", &entry, NULL);
        if (status == JETON_OK && !entry.unreadable && turn % 5 == 0)
            status = jt_store_put(shared->store, name, "", &entry, entry.version, false, &done, NULL);
        (void)atomic_fetch_add(status == JETON_OK && !entry.unreadable ? &shared->good : &shared->bad, 1);
    }
    return NULL;
}

static void test_threads(void)
{
    JT_AUTO_STORE struct jt_store *store = NULL;
    struct shared shared = {0};
    pthread_t threads[4];

    new_store();
    fill(50);
    store = open_store();
    shared.store = store;
    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, thread_traffic, &shared), 0);
    for (int i = 0; i < 10; i++) {
        JT_AUTO_STR char *what = NULL;

        nap_ms(20);
        what = rekey(NULL);
    }
    atomic_store(&shared.stop, true);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    CHECK_INT(atomic_load(&shared.bad), 0);
    CHECK_TRUE(atomic_load(&shared.good) > 100);
    CHECK_INT(count_good(50), 50);
}

static int64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* How long a rekey takes when nothing stops it. */
static int64_t whole_rekey_us(void)
{
    int64_t least_us = INT64_MAX;

    for (int i = 0; i < 3; i++) {
        const int64_t began_us = now_us();
        JT_AUTO_STR char *what = NULL;

        what = rekey(NULL);
        if (now_us() - began_us < least_us)
            least_us = now_us() - began_us;
    }
    return least_us;
}

/* Every round kills at another moment; one that ended before its signal came does not count. */
static void test_killed_anywhere(void)
{
    int64_t whole_us;
    int killed = 0, left = 0, round = 0;

    new_store();
    fill(KILL_ROWS);
    whole_us = whole_rekey_us();
    for (; killed < KILL_ROUNDS && round < 10 * KILL_ROUNDS; round++) {
        const int64_t after_us = (int64_t)randombytes_uniform((uint32_t)whole_us);
        const struct timespec nap = {after_us / 1000000, after_us % 1000000 * 1000};
        JT_AUTO_STORE struct jt_store *store = NULL;
        int64_t open_us;
        pid_t child = fork();
        int state = 0;

        if (child == 0) {
            char *said = NULL;

            _exit(jt_store_rekey(&options, NULL, &said, NULL) == JETON_OK ? 0 : 1);
        }
        (void)nanosleep(&nap, NULL);
        (void)kill(child, SIGKILL);
        (void)waitpid(child, &state, 0);
        killed += WIFSIGNALED(state);
        left += is_there(beside(key_path, ".new"));
        CHECK_TRUE(WIFSIGNALED(state) || WEXITSTATUS(state) == 0);
        open_us = now_us();
        store = open_store();
        get_token(store, "a/b/1", "a/b/1");
        CHECK_TRUE(now_us() - open_us < 1000000);
        jt_store_free(&store);
        CHECK_INT(count_good(KILL_ROWS), KILL_ROWS);
    }
    printf("    killed %d of %d; a next key was left %d times; a whole one takes %lld ms\n", killed, round, left,
           (long long)whole_us / 1000);
    CHECK_INT(killed, KILL_ROUNDS);
}

static void body_full_disk(struct report *report, void *data)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    const struct rlimit limit = {128 * 1024, 128 * 1024};
    char *what = NULL;

    (void)data;
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    report->status = jt_store_rekey(&options, NULL, &what, &error);
    (void)snprintf(report->text, sizeof(report->text), "%s", jeton_error_message(error));
}

static void test_full_disk(void)
{
    struct report report;

    new_store();
    fill(1000);
    report = in_child(0, body_full_disk, NULL);
    CHECK_INT(report.status, JETON_TRY_LATER);
    CHECK_CONTAINS(report.text, "full");
    CHECK_TRUE(!is_there(beside(key_path, ".new")));
    CHECK_INT(count_good(1000), 1000);
}

static void body_as_nobody(struct report *report, void *data)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    char *what = NULL;

    (void)data;
    report->status = jt_store_rekey(&options, NULL, &what, &error);
    (void)snprintf(report->text, sizeof(report->text), "%s", jeton_error_message(error));
}

/* The key's directory is one that the store's owner may not write: nothing of the store is touched. */
static void test_key_place_not_writable(void)
{
    struct report report;
    char dir[4096], moved[8192];

    if (!check_root())
        return;
    new_store();
    fill(3);
    (void)snprintf(dir, sizeof(dir), "%.3000s/etc", dir_of(store_path));
    (void)snprintf(moved, sizeof(moved), "%s/store.key", dir);
    CHECK_INT(mkdir(dir, 0755), 0);
    CHECK_INT(rename(key_path, moved), 0);
    (void)snprintf(key_path, sizeof(key_path), "%.4000s", moved);
    CHECK_INT(chmod(check_tmpdir(), 0755), 0);
    CHECK_INT(chown(key_path, NOBODY, NOBODY), 0);
    CHECK_INT(chown(dir_of(store_path), NOBODY, NOBODY), 0);
    for (size_t i = 0; i < 5; i++) {
        static const char *const suffixes[] = {"", "-wal", "-shm", "-lease", "-gen"};

        (void)!chown(beside(store_path, suffixes[i]), NOBODY, NOBODY);
    }
    report = in_child(NOBODY, body_as_nobody, NULL);
    CHECK_INT(report.status, JETON_NOT_PERMITTED);
    CHECK_CONTAINS(report.text, "store.key.new cannot be created");
    CHECK_CONTAINS(report.text, "needs to write to the directory of the key");
    CHECK_INT(chown(key_path, 0, 0), 0);
    CHECK_INT(chown(dir_of(store_path), 0, 0), 0);
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
    {"a rekey killed behind its commit is finished by the next open", test_left_behind_commit},
    {"a rekey killed before its commit leaves a key that the next one removes", test_left_before_commit},
    {"two rekeys at once do not take each other's key away", test_two_at_once},
    {"damaged rows stay as they are and are named", test_damaged_rows},
    {"a process that has the store open goes on with the new key", test_open_meanwhile},
    {"a rekey between any two looks at the key is noticed", test_between_two_looks},
    {"a process that cannot read the new key says so", test_stale_inline_key},
    {"processes read and write all through twelve rekeys", test_traffic},
    {"threads that share an open store go on through ten rekeys", test_threads},
    {"a rekey killed at any moment leaves a store that opens whole", test_killed_anywhere},
    {"a rekey on a full disk leaves the store and its key as they were", test_full_disk},
    {"a key that cannot be put in its place leaves the store as it was", test_key_place_not_writable},
};

CHECK_MAIN("rekey", cases)
