/* SPDX-License-Identifier: MIT */
/* What a process has too little of, or may not do: the status says which, and nothing is left half done. */
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "settings.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE    ((size_t)1 << 20)
#define NOBODY   65534
#define FILE_MAX 4096u

static void limit_set(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit limit;

    CHECK_INT(getrlimit(what, &limit), 0);
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    CHECK_INT(setrlimit(what, &limit), 0);
}

/* How many descriptors are open: no more than these can be. */
static rlim_t lowest_free(void)
{
    int fd = dup(STDERR_FILENO);

    CHECK_TRUE(fd >= 0);
    (void)close(fd);
    return (rlim_t)fd;
}

static int read_one(struct store *store)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    ROWS rows = ROWS_NONE;
    int status = store_get(store, PATIENT, &key, 1, JETON_STORE_BLOBS, &rows);

    if (status == JETON_OK)
        CHECK_TRUE(rows.count == 1 && rows.at[0].version == 1);
    return status;
}

/* In a process of its own, whose limits are nobody else's. */
static void without_descriptors(struct process *parent, void *data)
{
    struct store *store = NULL;
    int status;

    (void)parent;
    (void)data;
    limit_set(RLIMIT_NOFILE, lowest_free());
    status = store_try_open(PATIENT, &store);
    if (status == JETON_OK)
        status = read_one(store);
    if (status != JETON_OK)
        CHECK_INT(status, JETON_TRY_LATER);
    limit_set(RLIMIT_NOFILE, RLIM_INFINITY);
    if (store == NULL)
        store = store_open();
    CHECK_INT(read_one(store), JETON_OK);
    CHECK_INT(easy_put(store, "a/c", 0, "x"), 1);
    store_close(&store);
}

static void test_descriptors(void)
{
    struct process other;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    other = process_start(without_descriptors, NULL);
    process_end(&other);
}

/* No file can grow: as on a full disk. */
static void without_room(struct process *parent, void *data)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, "large", "", NULL);
    struct jeton_store_change change;
    char *blob = malloc(LARGE);
    STORE store = store_open();
    int done = 0, status;

    (void)parent;
    (void)data;
    if (blob == NULL)
        abort();
    memset(blob, 'x', LARGE);
    row.blob = blob;
    row.blob_len = LARGE;
    change = change_put(row, 0);
    CHECK_INT(read_one(store), JETON_OK);
    (void)signal(SIGXFSZ, SIG_IGN);
    limit_set(RLIMIT_FSIZE, FILE_MAX);
    status = store_write(store, PATIENT, 0, &change, 1, &done);
    if (status != JETON_OK)
        CHECK_INT(status, JETON_TRY_LATER);
    limit_set(RLIMIT_FSIZE, RLIM_INFINITY);
    CHECK_INT(easy_version(store, "large"), status == JETON_OK);
    CHECK_INT(read_one(store), JETON_OK);
    CHECK_INT(easy_put(store, "a/c", 0, "x"), 1);
    free(blob);
}

static void test_room(void)
{
    struct process other;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    other = process_start(without_room, NULL);
    process_end(&other);
    CHECK_INT(easy_version(store, "a/c"), 1);
}

/* A user to whom the directory is closed: root becomes nobody. */
static void without_permission(struct process *parent, void *data)
{
    struct store *store = NULL;
    int status;

    (void)parent;
    (void)data;
    if (geteuid() == 0)
        CHECK_INT(setuid(NOBODY), 0);
    status = store_try_open(PATIENT, &store);
    if (status == JETON_OK)
        status = read_one(store);
    CHECK_INT(status, JETON_NOT_PERMITTED);
    store_close(&store);
}

static void test_permission(void)
{
    struct process other;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    if (settings_dir() == NULL) {
        check_skip("no setting has {dir} in its value");
        return;
    }
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    store_close(&store);
    CHECK_INT(chmod(settings_dir(), 0), 0);
    other = process_start(without_permission, NULL);
    process_end(&other);
    CHECK_INT(chmod(settings_dir(), 0700), 0);
    store = store_open();
    CHECK_INT(read_one(store), JETON_OK);
}

const struct check_case shortages_cases[] = {
    {"a process without descriptors is told to try later, and goes on when it has some", test_descriptors},
    {"a write for which there is no room is to be tried later, and nothing was written", test_room},
    {"a user whom the system refuses is told so", test_permission},
    {NULL, NULL},
};
