/* SPDX-License-Identifier: MIT */
/* What reaches the disk, and what happens when it is full, read-only or slow; the length of the log; a store whose file
 * is replaced or emptied under those who use it. */
#include "help.h"
#include "bulk.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static char blob[4000];

/* In the place of the C library's: how often the log was synced. */
static unsigned syncs;

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    char link[64], name[4096];
    ssize_t len;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, name, sizeof(name) - 1);
    syncs += len > 4 && memcmp(name + len - 4, "-wal", 4) == 0;
    return (int)syscall(SYS_fdatasync, fd);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
    return fdatasync(fd);
}

static unsigned syncs_of(struct store *store, uint32_t flags, int64_t version)
{
    unsigned before = syncs;

    CHECK_INT(help_put(store, "a/b", version, flags, "x", 1), JETON_OK);
    return syncs - before;
}

static void test_durable(void)
{
    STORE store = store_new();
    struct jeton_store_change removal = change_remove(row_key(JETON_KIND_TOKEN, "a/b", ""), 4);
    unsigned before;
    int done = 0;

    CHECK_INT(syncs_of(store, 0, 0), 0);
    CHECK_TRUE(syncs_of(store, JETON_STORE_DURABLE, 1) > 0);
    CHECK_INT(syncs_of(store, 0, 2), 0);
    CHECK_TRUE(syncs_of(store, JETON_STORE_DURABLE, 3) > 0);
    before = syncs;
    CHECK_INT(store_write(store, PATIENT, JETON_STORE_DURABLE, &removal, 1, &done), JETON_OK);
    CHECK_TRUE(done && syncs > before);
    before = syncs;
    CHECK_INT(store_prove_writable(store, PATIENT), JETON_OK);
    CHECK_TRUE(syncs > before);
}

static int put_number(struct store *store, int64_t number, uint32_t flags)
{
    char name[16];

    (void)snprintf(name, sizeof(name), "n/%d", (int)number);
    return help_put(store, name, 0, flags, blob, sizeof(blob) / 2);
}

/* A tenth of a megabyte is more than a file may hold here: from some put on, the log cannot grow. */
static void fill_file(struct process *parent, void *data)
{
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    STORE store = store_open();
    int64_t count = 0;
    char name[16];
    int status;

    (void)parent;
    (void)data;
    (void)signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
    while (count < 200 && (status = put_number(store, count, JETON_STORE_DURABLE)) == JETON_OK)
        count++;
    CHECK_INT(status, JETON_TRY_LATER);
    CHECK_SENTENCE("free some space");
    CHECK_TRUE(count > 3 && count < 200);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (int64_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof(name), "n/%d", (int)i);
        CHECK_INT(easy_version(store, name), 1);
    }
    CHECK_INT(put_number(store, count, 0), JETON_OK);
}

static void run_other(void (*run)(struct process *parent, void *data))
{
    struct process other = process_start(run, NULL);

    process_end(&other);
}

static void test_full_file(void)
{
    STORE store = store_new();

    CHECK_TRUE(store != NULL);
    run_other(fill_file);
}

static int own_mounts(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 0 : -1;
}

/* The parent is told whether a file system can be mounted here at all. */
static void fill_disk(struct process *parent, void *data)
{
    STORE store = NULL;
    int proof = JETON_OK, status = JETON_OK;

    (void)data;
    if (own_mounts() != 0 || mount("none", help_dir(), "tmpfs", 0, "size=1m,mode=700") != 0) {
        process_tell(parent, 0);
        return;
    }
    process_tell(parent, 1);
    store = store_open();
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    for (int64_t i = 0; i < 2000 && proof == JETON_OK; i++) {
        proof = store_prove_writable(store, PATIENT);
        if (proof != JETON_OK)
            CHECK_SENTENCE("free some space");
        status = put_number(store, i, JETON_STORE_DURABLE);
        /* The proof does not promise what the put cannot keep. */
        if (proof == JETON_OK)
            CHECK_INT(status, JETON_OK);
    }
    CHECK_INT(proof, JETON_TRY_LATER);
    for (int64_t i = 0; i < 2000 && status == JETON_OK; i++)
        status = put_number(store, 2000 + i, JETON_STORE_DURABLE);
    CHECK_INT(status, JETON_TRY_LATER);
    CHECK_INT(store_seems_writable(store, PATIENT), JETON_TRY_LATER);
    CHECK_SENTENCE("free some space");
    CHECK_INT(easy_version(store, "n/0"), 1);
    CHECK_INT(easy_version(store, "n/1"), 1);
}

static void run_mounted(void (*run)(struct process *parent, void *data))
{
    struct process other = process_start(run, NULL);

    if (process_hear(&other) == 0)
        check_skip("no file system can be mounted here");
    process_end(&other);
}

static void test_full_disk(void)
{
    settings_fresh();
    run_mounted(fill_disk);
}

static void read_only_disk(struct process *parent, void *data)
{
    const char *dir = help_dir();
    uint64_t number;
    STORE store = NULL;

    (void)data;
    if (own_mounts() != 0 || mount(dir, dir, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
        process_tell(parent, 0);
        return;
    }
    process_tell(parent, 1);
    store = store_open();
    CHECK_INT(easy_version(store, "a/b"), 1);
    CHECK_INT(help_put(store, "a/b", 1, 0, "x", 1), JETON_NOT_PERMITTED);
    CHECK_SENTENCE("mounted read-only");
    CHECK_INT(store_seems_writable(store, PATIENT), JETON_NOT_PERMITTED);
    CHECK_SENTENCE("mounted read-only");
    number = engine.number(store->store, 0);
    CHECK_INT(engine.number(store->store, 0), number);
}

static void test_read_only_disk(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    store_close(&store);
    run_mounted(read_only_disk);
}

static void write_and_die(struct process *parent, void *data)
{
    STORE store = store_open();

    (void)data;
    for (int64_t i = 0; i < 100; i++)
        CHECK_INT(put_number(store, i, 0), JETON_OK);
    process_tell(parent, 0);
    (void)process_hear(parent);
}

static void test_long_log(void)
{
    STORE store = store_new();
    struct process writer;
    int64_t len;

    store_close(&store);
    writer = process_start(write_and_die, NULL);
    (void)process_hear(&writer);
    process_kill(&writer);
    len = help_len("-wal");
    CHECK_TRUE(len > 100 * 2000);
    store = store_open();
    CHECK_INT(easy_version(store, "n/99"), 1);
    store_close(&store);
    CHECK_INT(help_len("-wal"), len);
    store = store_open();
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    store_close(&store);
    CHECK_INT(help_len("-wal"), 0);
    store = store_open();
    CHECK_INT(easy_version(store, "n/99"), 1);
    CHECK_INT(easy_version(store, "a/b"), 1);
}

static int put_large(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    static char name[32], large[100000];
    int *left = data;

    *ret_more = --*left >= 0;
    (void)snprintf(name, sizeof(name), "large/%d", *left);
    *ret_change = change_put(row_make(JETON_KIND_TOKEN, name, "", NULL), 0);
    ret_change->row.blob = large;
    ret_change->row.blob_len = sizeof(large);
    return JETON_OK;
}

/* A store that is never closed must not keep the log of a large import for ever. */
static void test_log_shrinks(void)
{
    STORE store = store_new();
    int left = 200, done = 0;

    CHECK_INT(store_write_next(store, PATIENT, put_large, &left, &done), JETON_OK);
    CHECK_INT(done, 1);
    CHECK_TRUE(help_len("-wal") > 16 * 1024 * 1024);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    CHECK_INT(easy_put(store, "a/c", 0, "x"), 1);
    CHECK_TRUE(help_len("-wal") <= 4 * 1024 * 1024);
    CHECK_BLOB(store, "a/b", "x");
}

static void test_get_beside_a_writer(void)
{
    STORE store = store_new();
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    sqlite3 *db = NULL;
    ROWS rows = ROWS_NONE;

    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    CHECK_INT(sqlite3_open(help_file(""), &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, "BEGIN IMMEDIATE; DELETE FROM row", NULL, NULL, NULL), SQLITE_OK);
    CHECK_INT(store_get(store, 0, &key, 1, 0, &rows), JETON_OK); /* it does not wait at all */
    if (CHECK_INT(rows.count, 1))
        CHECK_INT(rows.at[0].version, 1);
    CHECK_INT(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    CHECK_INT(sqlite3_close(db), SQLITE_OK);
}

static void test_replaced(void)
{
    STORE store = store_new();
    STORE other = NULL;

    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    CHECK_INT(unlink(help_file("")), 0);
    CHECK_INT(unlink(help_file("-wal")), 0);
    CHECK_INT(unlink(help_file("-shm")), 0);
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(help_put(store, "a/b", 1, 0, "x", 1), JETON_CONFIG);
    CHECK_SENTENCE("run `jeton init`");
    other = store_open();
    CHECK_INT(store_create(other, PATIENT), JETON_OK);
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(easy_put(store, "a/b", 0, "y"), 1);
    CHECK_BLOB(other, "a/b", "y");
}

static void test_emptied(void)
{
    STORE store = store_new();
    int exists = 1;

    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    CHECK_INT(truncate(help_file(""), 0), 0);
    CHECK_INT(help_put(store, "a/b", 1, 0, "x", 1), JETON_CONFIG);
    CHECK_SENTENCE("run `jeton init`");
    CHECK_INT(store_prove_writable(store, PATIENT), JETON_CONFIG);
    CHECK_INT(store_exists(store, PATIENT, &exists), JETON_OK);
    CHECK_INT(exists, 0);
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
}

static const struct check_case cases[] = {
    {"a commit waits for the disk where it was asked to, and only there", test_durable},
    {"a full file is TRY_LATER, what was acknowledged stays, and writing goes on afterwards", test_full_file},
    {"a full disk is noticed by the proof before a put fails", test_full_disk},
    {"a read-only file system can be read and says why it is not written", test_read_only_disk},
    {"a long log is emptied when a writer closes, not when a reader does", test_long_log},
    {"the log of many rows shrinks again", test_log_shrinks},
    {"a get does not wait for a writer", test_get_beside_a_writer},
    {"a store that was taken away and made again is noticed", test_replaced},
    {"a store whose file somebody emptied is none, and not written", test_emptied},
};

HELP_MAIN("stores/sqlite/disk", cases)
