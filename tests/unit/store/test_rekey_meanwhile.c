/* SPDX-License-Identifier: MIT */
/* Those who have the store open while another process rekeys it: handles, threads and processes that read and write. */
#include "test_rekey_help.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

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
    size_t len;

    new_store();
    fill(2);
    made = snapshot(key_path, &len);
    (void)snprintf(former, sizeof(former), "%.64s", made);
    use_key(former);
    store = open_store();
    what = rekey(given_key(KEY_B "\n", 0600));
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

static const struct check_case cases[] = {
    {"a process that has the store open goes on with the new key", test_open_meanwhile},
    {"a rekey between any two looks at the key is noticed", test_between_two_looks},
    {"a process that cannot read the new key says so", test_stale_inline_key},
    {"processes read and write all through twelve rekeys", test_traffic},
    {"threads that share an open store go on through ten rekeys", test_threads},
};

CHECK_MAIN("rekey_meanwhile", cases)
