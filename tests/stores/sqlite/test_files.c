/* SPDX-License-Identifier: MIT */
/* Who may touch a store's files. The rules are the host's; that they hold for every file is the engine's business. */
#include "help.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void make_store(void)
{
    STORE store = store_new();

    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    store_release(store, NULL);
}

static void *take_lease(struct store *store)
{
    void *lease = NULL;
    int64_t fence;

    CHECK_INT(store_lease(store, 0, row_key(JETON_KIND_TOKEN, "a/b", ""), &lease, &fence), JETON_OK);
    return lease;
}

static void test_made_private(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-gen", "-lease"};
    mode_t mask = umask(0);
    STORE store = NULL;

    make_store();
    store = store_open();
    store_release(store, take_lease(store));
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        CHECK_INT(help_mode(suffixes[i]), 0600);
    CHECK_INT(help_len("-recent"), -1);
    (void)umask(mask);
}

static void test_writable_by_others(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    STORE store = NULL;

    make_store();
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(chmod(help_file(suffixes[i]), 0620), 0);
        CHECK_REFUSED(JETON_NOT_PERMITTED, help_file(suffixes[i]));
        CHECK_INT(chmod(help_file(suffixes[i]), 0644), 0); /* for reading, others do no harm */
        store = store_open();
        store_close(&store);
        CHECK_INT(chmod(help_file(suffixes[i]), 0600), 0);
    }
    CHECK_INT(chmod(help_dir(), 0702), 0);
    CHECK_REFUSED(JETON_NOT_PERMITTED, help_dir());
    CHECK_INT(chmod(help_dir(), 0755), 0);
    store = store_open();
}

static void test_lease_file_of_all(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    STORE store = NULL;
    void *lease = NULL;
    int64_t fence;

    make_store();
    help_write_file(help_file("-lease"), "", 0, 0666);
    store = store_open();
    CHECK_INT(store_lease(store, 0, key, &lease, &fence), JETON_NOT_PERMITTED);
    CHECK_SENTENCE("-lease");
    CHECK_INT(unlink(help_file("-lease")), 0);
    store_release(store, take_lease(store));
}

static void test_links(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    STORE store = NULL;

    make_store();
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(rename(help_file(suffixes[i]), help_file("-elsewhere")), 0);
        CHECK_INT(symlink(help_file("-elsewhere"), help_file(suffixes[i])), 0);
        CHECK_REFUSED(JETON_NOT_PERMITTED, "is a symbolic link");
        CHECK_INT(unlink(help_file(suffixes[i])), 0);
        CHECK_INT(rename(help_file("-elsewhere"), help_file(suffixes[i])), 0);
    }
    store = store_open();
    CHECK_INT(easy_version(store, "a/b"), 1);
}

/* What is at the path is a link to the directory in which the store is; everybody meets at one store. */
static void test_link_to_directory(void)
{
    char real[8192];
    STORE store = NULL;
    STORE other = NULL;
    void *lease;

    make_store();
    (void)snprintf(real, sizeof(real), "%s-real", help_dir());
    CHECK_INT(rename(help_dir(), real), 0);
    CHECK_INT(symlink(real, help_dir()), 0);
    store = store_open();
    CHECK_INT(easy_version(store, "a/b"), 1);
    lease = take_lease(store);
    CHECK_TRUE(lease != NULL);
    CHECK_INT(unlink(help_dir()), 0);
    CHECK_INT(rename(real, help_dir()), 0);
    other = store_open();
    CHECK_TRUE(take_lease(other) == NULL); /* it is the same file, wherever it lies */
    CHECK_INT(help_put(store, "a/b", 1, 0, "y", 1), JETON_CONFIG);
    store_release(store, lease);
}

static void test_no_file(void)
{
    settings_fresh();
    CHECK_INT(mkdir(help_file(""), 0700), 0);
    CHECK_REFUSED(JETON_CONFIG, help_file(""));
    CHECK_INT(rmdir(help_file("")), 0);
    CHECK_INT(mkfifo(help_file(""), 0600), 0);
    CHECK_REFUSED(JETON_CONFIG, help_file(""));
}

static void test_directory_missing(void)
{
    STORE store = NULL;
    int exists = 1;

    settings_fresh();
    CHECK_INT(rmdir(help_dir()), 0);
    store = store_open();
    CHECK_INT(store_exists(store, PATIENT, &exists), JETON_OK);
    CHECK_INT(exists, 0);
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(store_create(store, PATIENT), JETON_CONFIG);
    CHECK_SENTENCE("directory does not exist");
    CHECK_INT(mkdir(help_dir(), 0700), 0); /* while this process runs */
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
}

/* Nothing is made beside a store that is not there. */
static void test_no_store(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    STORE store = NULL;
    void *lease = NULL;
    int64_t fence;

    settings_fresh();
    store = store_open();
    CHECK_INT(easy_version(store, "a/b"), 0);
    CHECK_INT(store_lease(store, 0, key, &lease, &fence), JETON_CONFIG);
    CHECK_SENTENCE("run `jeton init`");
    CHECK_INT(help_put(store, "a/b", 0, 0, "x", 1), JETON_CONFIG);
    CHECK_INT(store_prove_writable(store, PATIENT), JETON_CONFIG);
    CHECK_INT(store_seems_writable(store, PATIENT), JETON_CONFIG);
    (void)engine.number(store->store, 0);
    CHECK_INT(rmdir(help_dir()), 0); /* it is empty */
    CHECK_INT(mkdir(help_dir(), 0700), 0);
}

static void test_owner(void)
{
    if (!help_is_root())
        return;
    make_store();
    CHECK_INT(chown(help_file(""), NOBODY, NOBODY), 0);
    CHECK_REFUSED(JETON_NOT_PERMITTED, "belongs to user 65534");
    CHECK_INT(chown(help_file(""), 0, 0), 0);
    CHECK_INT(chown(help_dir(), NOBODY, NOBODY), 0);
    CHECK_REFUSED(JETON_NOT_PERMITTED, "belongs to user 65534");
}

static void refused_to_nobody(struct process *parent, void *data)
{
    (void)parent;
    (void)data;
    help_become(NOBODY);
    CHECK_REFUSED(JETON_NOT_PERMITTED, help_file(""));
}

static void reads_as_nobody(struct process *parent, void *data)
{
    STORE store = NULL;

    (void)parent;
    (void)data;
    help_become(NOBODY);
    store = store_open();
    CHECK_INT(easy_version(store, "a/b"), 1);
    CHECK_INT(help_put(store, "new", 0, 0, "x", 1), JETON_NOT_PERMITTED);
    CHECK_SENTENCE("run jeton as the store's owner");
    CHECK_INT(store_seems_writable(store, PATIENT), JETON_NOT_PERMITTED);
    CHECK_SENTENCE("run jeton as the store's owner");
}

static void creates_as_nobody(struct process *parent, void *data)
{
    STORE store = NULL;

    (void)parent;
    (void)data;
    help_become(NOBODY);
    store = store_open();
    CHECK_INT(store_create(store, PATIENT), JETON_NOT_PERMITTED);
}

static void run_other(void (*run)(struct process *parent, void *data))
{
    struct process other = process_start(run, NULL);

    process_end(&other);
}

static void test_other_user(void)
{
    if (!help_is_root())
        return;
    make_store();
    CHECK_INT(chmod(check_tmpdir(), 0711), 0);
    run_other(refused_to_nobody);
    /* Root's store, which this user may read and not write. */
    CHECK_INT(chmod(help_dir(), 0755), 0);
    CHECK_INT(chmod(help_file(""), 0644), 0);
    CHECK_INT(chmod(help_file("-wal"), 0644), 0);
    CHECK_INT(chmod(help_file("-shm"), 0644), 0);
    CHECK_INT(chmod(help_file("-gen"), 0644), 0);
    run_other(reads_as_nobody);
    settings_fresh();
    CHECK_INT(chown(help_dir(), NOBODY, NOBODY), 0);
    CHECK_INT(chmod(help_dir(), 0500), 0);
    run_other(creates_as_nobody);
    CHECK_INT(chmod(check_tmpdir(), 0700), 0);
}

static const struct check_case cases[] = {
    {"all files of a store are made for the owner alone, whatever the umask", test_made_private},
    {"a store that others can write is refused", test_writable_by_others},
    {"a lock file that others can write is refused", test_lease_file_of_all},
    {"links in the place of a store's files are not followed", test_links},
    {"a link in the place of the directory is resolved, once", test_link_to_directory},
    {"what is no file is no store", test_no_file},
    {"a directory that does not exist is no error until a store is made", test_directory_missing},
    {"where there is no store, nothing is made", test_no_store},
    {"a store of another user is refused", test_owner},
    {"a user without rights is told so, and reads what may be read", test_other_user},
};

HELP_MAIN("stores/sqlite/files", cases)
