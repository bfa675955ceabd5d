/* SPDX-License-Identifier: MIT */
/* The page with the numbers, <path>-gen: one that is missing, strange, replaced or not to be written does no harm. Time
 * is moved by hand, not waited for. */
#include "help.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGE_LEN 12288

static uint64_t number(struct store *store)
{
    return engine.number(store->store, row_shard("a/b", ""));
}

static void put_next(struct store *store)
{
    CHECK_INT(easy_put(store, "a/b", easy_version(store, "a/b"), "x"), 1);
}

/* The seconds after which the page is looked at again are over, and a row is read. */
static void let_time_pass(struct store *store)
{
    store->host.boot_ahead_ms += 5000;
    (void)easy_version(store, "no/row");
}

static void check_seen_at_once(struct store *writer, struct store *reader)
{
    for (int i = 0; i < 3; i++) {
        uint64_t before = number(reader);

        CHECK_INT(number(reader), before);
        put_next(writer);
        CHECK_TRUE(number(reader) != before);
    }
}

static void test_strange_pages(void)
{
    static const size_t lens[] = {0, 1, 4096, PAGE_LEN - 1, PAGE_LEN, 13000};
    char page[13000];

    memset(page, 0xff, sizeof(page));
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        STORE store = store_new();
        STORE other = NULL;

        store_close(&store);
        (void)unlink(help_file("-gen"));
        help_write_file(help_file("-gen"), page, lens[i], 0600);
        store = store_open();
        other = store_open();
        put_next(other); /* what is no number of this engine's goes with the first write */
        check_seen_at_once(other, store);
    }
}

static void test_replaced_page(void)
{
    char zeros[PAGE_LEN] = "";
    STORE store = store_new();
    STORE other = store_open();
    uint64_t before = number(store);

    CHECK_INT(unlink(help_file("-gen")), 0);
    let_time_pass(other); /* it makes another page */
    put_next(other);
    let_time_pass(store);
    CHECK_TRUE(number(store) != before);
    check_seen_at_once(other, store);
    /* A copy in its place has the same numbers, but what happened meanwhile is not known. */
    before = number(store);
    help_write_file(help_file("-copy"), zeros, sizeof(zeros), 0600);
    CHECK_INT(rename(help_file("-copy"), help_file("-gen")), 0);
    let_time_pass(store);
    CHECK_TRUE(number(store) != before);
    let_time_pass(other);
    check_seen_at_once(other, store);
}

static void test_page_of_others(void)
{
    STORE store = store_new();
    uint64_t before;

    store_close(&store);
    CHECK_INT(chmod(help_file("-gen"), 0666), 0);
    store = store_open();
    before = number(store);
    CHECK_TRUE(number(store) != before); /* nothing is known, so nothing that is remembered is good */
    put_next(store);
    CHECK_INT(help_len("-gen"), -1); /* the others shall not go by it either */
    let_time_pass(store);
    check_seen_at_once(store, store);
}

/* A process that may read the page and not write it, as root's store for another user. */
static void read_page(struct process *parent, void *data)
{
    STORE store = NULL;
    uint64_t before;

    (void)data;
    help_become(NOBODY);
    store = store_open();
    before = number(store);
    process_tell(parent, (int64_t)number(store) == (int64_t)before);
    (void)process_hear(parent);
    process_tell(parent, number(store) != before);
}

static void test_reader_of_page(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-gen"};
    struct process reader;
    STORE store = NULL;

    if (!help_is_root())
        return;
    store = store_new();
    put_next(store);
    CHECK_INT(chmod(check_tmpdir(), 0711), 0);
    CHECK_INT(chmod(help_dir(), 0755), 0);
    for (size_t i = 0; i < 4; i++)
        CHECK_INT(chmod(help_file(suffixes[i]), 0644), 0);
    reader = process_start(read_page, NULL);
    CHECK_INT(process_hear(&reader), 1);
    put_next(store);
    process_tell(&reader, 0);
    CHECK_INT(process_hear(&reader), 1);
    process_end(&reader);
    CHECK_INT(chmod(check_tmpdir(), 0700), 0);
}

/* A process that may read the page and not write it, as after a chmod, and that may write everything else. */
static void write_beside_page(struct process *parent, void *data)
{
    STORE store = NULL;
    STORE reader = NULL;
    uint64_t before;

    (void)parent;
    (void)data;
    if (geteuid() == 0) /* whom no mode keeps out */
        help_become(NOBODY);
    store = store_open();
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    put_next(store);
    store_close(&store);
    CHECK_INT(chmod(help_file("-gen"), 0400), 0);
    store = store_open();
    reader = store_open();
    before = number(reader);
    CHECK_INT(number(reader), before);
    put_next(store);
    CHECK_INT(help_len("-gen"), -1); /* a page that stands still would be believed for ever */
    let_time_pass(reader);
    CHECK_TRUE(number(reader) != before);
    let_time_pass(store);
    check_seen_at_once(store, reader);
}

static void test_writer_without_page(void)
{
    struct process writer;

    settings_fresh();
    CHECK_INT(chmod(check_tmpdir(), 0711), 0);
    if (geteuid() == 0)
        CHECK_INT(chown(help_dir(), NOBODY, NOBODY), 0);
    writer = process_start(write_beside_page, NULL);
    process_end(&writer);
    CHECK_INT(chmod(check_tmpdir(), 0700), 0);
}

static void test_later_store(void)
{
    STORE store = NULL;
    STORE other = NULL;

    settings_fresh();
    store = store_open();
    (void)number(store);
    CHECK_INT(help_len("-gen"), -1);
    other = store_open();
    CHECK_INT(store_create(other, PATIENT), JETON_OK);
    (void)easy_version(store, "a/b");
    check_seen_at_once(other, store);
}

static const struct check_case cases[] = {
    {"a page of any length and content is used or mended", test_strange_pages},
    {"a page that was replaced is noticed within seconds", test_replaced_page},
    {"a page that others can write is not used, and removed by a writer", test_page_of_others},
    {"who may only read the page goes by it", test_reader_of_page},
    {"a page that a writer cannot write is removed, so that no reader goes by it", test_writer_without_page},
    {"a store that is made later has its page at the first read", test_later_store},
};

HELP_MAIN("stores/sqlite/numbers", cases)
