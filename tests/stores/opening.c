/* SPDX-License-Identifier: MIT */
/* Openings: of a store that is not there, of one that is made meanwhile, and several of one store. */
#include "bulk.h"
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "settings.h"
#include "threads.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct store *store_missing(void)
{
    settings_fresh();
    return store_open();
}

static int exists(struct store *store)
{
    int ret = -1;

    CHECK_INT(store_exists(store, PATIENT, &ret), JETON_OK);
    return ret;
}

static void test_missing_reads(void)
{
    STORE store = store_missing();
    ROWS due = ROWS_NONE;

    CHECK_INT(exists(store), 0);
    CHECK_INT(easy_version(store, "a/b"), 0);
    check_scan_is_empty(store);
    CHECK_INT(store_due(store, PATIENT, JETON_KIND_TOKEN, 10, 10, 0, &due), JETON_OK);
    CHECK_INT(due.count, 0);
    CHECK_INT(exists(store), 0);
}

static int leave_blob(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len)
{
    (void)data;
    (void)row;
    (void)ret_blob_len;
    *ret_blob = NULL;
    return JETON_OK;
}

static void test_missing_writes(void)
{
    struct jeton_store_change change = change_put(row_make(JETON_KIND_TOKEN, "a/b", "", "x"), 0);
    struct jeton_store_change value = change_put(row_make(JETON_KIND_STORE, "value", "", "x"), 0);
    STORE store = store_missing();
    void *lease = NULL;
    int64_t fence;
    int done = 0;

    CHECK_INT(store_write(store, PATIENT, 0, &change, 1, &done), JETON_CONFIG);
    CHECK_INT(store_write(store, PATIENT, JETON_STORE_DURABLE, &change, 1, &done), JETON_CONFIG);
    CHECK_INT(store_lease(store, PATIENT, change.row.key, &lease, &fence), JETON_CONFIG);
    CHECK_INT(store_prove_writable(store, PATIENT), JETON_CONFIG);
    if (engine.seems_writable != NULL)
        CHECK_INT(store_seems_writable(store, PATIENT), JETON_CONFIG);
    if (engine.rewrite != NULL)
        CHECK_INT(store_rewrite(store, PATIENT, &value, leave_blob, NULL, &done), JETON_CONFIG);
    CHECK_INT(exists(store), 0);
}

static void test_create(void)
{
    STORE store = store_missing();

    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    CHECK_INT(exists(store), 1);
    check_scan_is_empty(store);
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    CHECK_BLOB(store, "a/b", "one");
    store_close(&store);
    store = store_open();
    CHECK_INT(exists(store), 1);
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    CHECK_BLOB(store, "a/b", "one");
}

static void test_created_by_other(void)
{
    STORE store = store_missing();
    STORE other = store_open();
    void *lease = NULL;
    int64_t fence;

    CHECK_INT(exists(store), 0);
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(store_create(other, PATIENT), JETON_OK);
    CHECK_INT(easy_put(other, "a/b", 0, "one"), 1);
    CHECK_INT(exists(store), 1);
    CHECK_BLOB(store, "a/b", "one");
    CHECK_INT(easy_put(store, "a/b", 1, "two"), 1);
    CHECK_BLOB(other, "a/b", "two");
    CHECK_INT(store_lease(store, 0, row_key(JETON_KIND_TOKEN, "a/b", ""), &lease, &fence), JETON_OK);
    if (CHECK_TRUE(lease != NULL))
        store_release(store, lease);
}

static void create_run(void *data, unsigned which)
{
    STORE store = store_open();
    char name[16];

    (void)data;
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    (void)snprintf(name, sizeof(name), "by/%u", which);
    CHECK_INT(easy_put(store, name, 0, "mine"), 1);
}

static void test_created_at_once(void)
{
    for (unsigned round = 0; round < 5; round++) {
        STORE store = store_missing();
        struct threads threads = threads_start(6, create_run, NULL);
        char name[16];

        threads_join(&threads);
        for (unsigned i = 0; i < 6; i++) {
            (void)snprintf(name, sizeof(name), "by/%u", i);
            CHECK_INT(easy_version(store, name), 1);
        }
    }
}

static void create_process(struct process *parent, void *data)
{
    process_tell(parent, 0);
    (void)process_hear(parent);
    create_run(data, (unsigned)process_hear(parent));
}

static void test_created_by_processes(void)
{
    struct process makers[3];
    STORE store = NULL;
    char name[16];

    if (!process_possible())
        return;
    settings_fresh();
    for (unsigned i = 0; i < 3; i++) {
        makers[i] = process_start(create_process, NULL);
        (void)process_hear(&makers[i]);
    }
    for (unsigned i = 0; i < 3; i++) {
        process_tell(&makers[i], 0);
        process_tell(&makers[i], i);
    }
    for (unsigned i = 0; i < 3; i++)
        process_end(&makers[i]);
    store = store_open();
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof(name), "by/%u", i);
        CHECK_INT(easy_version(store, name), 1);
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    return where->level > 0 ? remove(path) : 0;
}

static void test_taken_away(void)
{
    STORE store = store_new();

    if (settings_dir() == NULL) {
        check_skip("no setting has {dir} in its value");
        return;
    }
    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_INT(exists(store), 1);
    CHECK_INT(nftw(settings_dir(), remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    CHECK_INT(exists(store), 0);
    store_close(&store);
    store = store_open();
    CHECK_INT(exists(store), 0);
    CHECK_INT(easy_version(store, "a/b"), 0);
}

static void test_two_openings(void)
{
    STORE one = store_new();
    STORE two = store_open();

    CHECK_TRUE(one->store != two->store);
    CHECK_INT(easy_put(one, "a/b", 0, "one"), 1);
    CHECK_BLOB(two, "a/b", "one");
    CHECK_INT(easy_put(two, "a/b", 0, "two"), 0);
    CHECK_INT(easy_put(two, "a/b", 1, "two"), 1);
    CHECK_BLOB(one, "a/b", "two");
    store_close(&one);
    CHECK_INT(easy_put(two, "a/b", 2, "three"), 1);
    CHECK_BLOB(two, "a/b", "three");
}

static void test_place(void)
{
    STORE one = store_new();
    STORE two = store_open();
    const char *place = engine.place(one->store);

    CHECK_TRUE(place != NULL && place[0] != '\0');
    CHECK_STR(engine.place(two->store), place);
    CHECK_TRUE(engine.place(one->store) == place);
    if (settings_file() != NULL)
        CHECK_CONTAINS(place, settings_file());
}

static void test_later_host(void)
{
    STORE store = store_new();
    STORE later = store_open_later();

    CHECK_INT(easy_put(store, "a/b", 0, "one"), 1);
    CHECK_BLOB(later, "a/b", "one");
    CHECK_INT(easy_put(later, "a/b", 1, "two"), 1);
}

/* Each opening has a host of its own, and forgets it when it is closed. */
static void test_hosts(void)
{
    STORE one = store_new();
    STORE two = store_open();
    struct jeton_store_change change = change_put(row_make(JETON_KIND_TOKEN, "a/b", "", "x"), 0);
    void *lease = NULL, *other = NULL;
    int64_t fence;
    int done = 0;

    CHECK_INT(store_lease(one, 0, change.row.key, &lease, &fence), JETON_OK);
    CHECK_INT(store_lease(two, 20, change.row.key, &other, &fence), JETON_OK);
    store_close(&one);
    CHECK_INT(store_write(two, PATIENT, 0, &change, 1, &done), JETON_OK);
    CHECK_INT(store_lease(two, 20, change.row.key, &other, &fence), JETON_OK);
    if (CHECK_TRUE(other != NULL))
        store_release(two, other);
}

static void test_close_nothing(void)
{
    STORE store = NULL;

    engine.close(NULL);
    store = store_new();
    CHECK_INT(store_prove_writable(store, PATIENT), JETON_OK);
}

/* A file of something else is refused, and left as it is. */
static void test_other_file(void)
{
    char text[8192], after[8192];
    struct store *store = NULL;
    int fd, status;

    settings_fresh();
    if (settings_file() == NULL) {
        check_skip("no setting is a file below {dir}");
        return;
    }
    memset(text, 'x', sizeof(text));
    fd = open(settings_file(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CHECK_INT(write(fd, text, sizeof(text)), sizeof(text));
    status = store_try_open(PATIENT, &store);
    if (status == JETON_OK)
        status = store_prove_writable(store, PATIENT);
    CHECK_INT(status, JETON_CONFIG);
    if (store != NULL)
        CHECK_INT(store_create(store, PATIENT), JETON_CONFIG);
    store_close(&store);
    CHECK_INT(pread(fd, after, sizeof(after), 0), sizeof(after));
    CHECK_MEM(after, sizeof(after), text, sizeof(text));
    (void)close(fd);
}

const struct check_case opening_cases[] = {
    {"a store that is not there is no error: reads find nothing, and it stays away", test_missing_reads},
    {"writes and leases of a store that is not there fail", test_missing_writes},
    {"create makes the store where there is none, and keeps what is there", test_create},
    {"an opening from before the store was made works with it", test_created_by_other},
    {"a store that several threads make at once is one store", test_created_at_once},
    {"a store that several processes make at once is one store", test_created_by_processes},
    {"a store that somebody has taken away does not exist", test_taken_away},
    {"two openings of one store are one store", test_two_openings},
    {"the place is the same for all openings, and lives as long as the store", test_place},
    {"a host of a later minor version is as good", test_later_host},
    {"an opening goes on when another one is closed, whose host is gone", test_hosts},
    {"close takes NULL", test_close_nothing},
    {"a file that is no store is refused and left as it is", test_other_file},
    {NULL, NULL},
};
