/* SPDX-License-Identifier: MIT */
/* Many at the same time: no write is lost, and no read is torn. */
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "threads.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTERS 5u
#define THREADS  6u
#define RUN_MS   1500
#define LEN_MOST 3000u

static const char *const counter_names[COUNTERS] = {"storm/a", "storm/b", "storm/c", "storm/d", "storm/e"};

/* A blob whose every byte follows from its version: a torn one is found out. */
static size_t blob_make(unsigned char *blob, int64_t version)
{
    size_t len = (size_t)(version * 7919 % LEN_MOST) + 8;

    for (size_t i = 0; i < len; i++)
        blob[i] = (unsigned char)((uint64_t)version * 31 + i);
    return len;
}

static bool blob_is_good(const struct jeton_row *row)
{
    unsigned char blob[LEN_MOST + 8];
    size_t len = blob_make(blob, row->version);

    return row->version == 0 || (row->blob_len == len && memcmp(row->blob, blob, len) == 0);
}

/* Reads one counter, and puts the next version if nobody was first. 1: it was made. */
static int count_up(struct store *store, const char *name)
{
    unsigned char blob[LEN_MOST + 8];
    struct jeton_row row = row_make(JETON_KIND_TOKEN, name, "", NULL);
    ROWS rows = ROWS_NONE;

    easy_read(store, row.key, &rows);
    if (rows.count != 1)
        return 0;
    CHECK_TRUE(blob_is_good(&rows.at[0]));
    row.blob = blob;
    row.blob_len = blob_make(blob, rows.at[0].version + 1);
    return easy_write_one(store, change_put(row, rows.at[0].version)) == 1;
}

static void check_sum(struct store *store, int64_t sum)
{
    int64_t stored = 0;

    for (size_t i = 0; i < COUNTERS; i++)
        stored += easy_version(store, counter_names[i]);
    CHECK_INT(stored, sum);
    CHECK_TRUE(sum > 0);
}

struct storm {
    struct store *stores[2];
    _Atomic int64_t made;
};

static void storm_run(void *data, unsigned which)
{
    struct storm *storm = data;
    int64_t made = 0;

    for (int64_t end = host_machine_ms() + RUN_MS; host_machine_ms() < end;)
        made += count_up(storm->stores[which % 2], counter_names[(size_t)(which + made) % COUNTERS]);
    storm->made += made;
}

static void test_threads(void)
{
    struct storm storm = {.stores = {store_new(), NULL}};
    struct threads threads;

    storm.stores[1] = store_open();
    threads = threads_start(THREADS, storm_run, &storm);
    threads_join(&threads);
    check_sum(storm.stores[0], storm.made);
    store_close(&storm.stores[0]);
    store_close(&storm.stores[1]);
}

static void process_run(struct process *parent, void *data)
{
    struct storm storm = {.stores = {store_open(), store_open()}};
    struct threads threads;

    (void)data;
    process_tell(parent, 0);
    (void)process_hear(parent);
    threads = threads_start(2, storm_run, &storm);
    threads_join(&threads);
    process_tell(parent, storm.made);
    store_close(&storm.stores[0]);
    store_close(&storm.stores[1]);
}

static void test_processes(void)
{
    struct process others[3];
    int64_t sum = 0;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    for (size_t i = 0; i < 3; i++) {
        others[i] = process_start(process_run, NULL);
        (void)process_hear(&others[i]);
    }
    for (size_t i = 0; i < 3; i++)
        process_tell(&others[i], 0);
    for (size_t i = 0; i < 3; i++)
        sum += process_hear(&others[i]);
    for (size_t i = 0; i < 3; i++)
        process_end(&others[i]);
    check_sum(store, sum);
}

/* Rows come and go while others scan: each scan is in order, and has those rows that are always there. */
struct churn {
    struct store *store;
    atomic_bool ended;
};

static void churn_run(void *data, unsigned which)
{
    struct churn *churn = data;
    char name[32];

    (void)snprintf(name, sizeof(name), "churn/%u/comes", which);
    while (!churn->ended) {
        CHECK_INT(easy_put(churn->store, name, 0, "x"), 1);
        CHECK_INT(easy_remove(churn->store, name, 1), 1);
    }
}

static size_t scan_once(struct store *store)
{
    size_t stays = 0;
    ROWS rows = ROWS_NONE;

    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 1000, JETON_STORE_BLOBS, &rows), JETON_OK);
    for (size_t i = 0; i < rows.count; i++) {
        stays += strstr(rows.at[i].key.name, "stays") != NULL;
        if (i > 0 && strcmp(rows.at[i - 1].key.name, rows.at[i].key.name) >= 0)
            CHECK_STR(rows.at[i].key.name, "a name behind the one before it");
    }
    return stays;
}

static void test_scans(void)
{
    struct churn churn = {.store = store_new()};
    struct threads threads;
    char name[32];

    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof(name), "churn/%u/stays", i);
        CHECK_INT(easy_put(churn.store, name, 0, "x"), 1);
    }
    threads = threads_start(4, churn_run, &churn);
    for (int64_t end = host_machine_ms() + 500; host_machine_ms() < end;)
        CHECK_INT(scan_once(churn.store), 20);
    churn.ended = true;
    threads_join(&threads);
    store_close(&churn.store);
}

/* Openings that come and go beside one that is used. */
static void visitor_run(void *data, unsigned which)
{
    struct churn *churn = data;

    (void)which;
    while (!churn->ended) {
        STORE store = store_open();

        CHECK_TRUE(easy_version(store, "storm/a") >= 0);
    }
}

static void test_openings(void)
{
    struct churn churn = {.store = store_new()};
    struct threads threads = threads_start(3, visitor_run, &churn);
    int64_t made = 0;

    for (int64_t end = host_machine_ms() + 700; host_machine_ms() < end;)
        made += count_up(churn.store, "storm/a");
    churn.ended = true;
    threads_join(&threads);
    CHECK_INT(easy_version(churn.store, "storm/a"), made);
    CHECK_TRUE(made > 0);
    store_close(&churn.store);
}

const struct check_case storms_cases[] = {
    {"a storm of threads over two openings loses no write and tears no blob", test_threads},
    {"a storm of processes with threads loses no write and tears no blob", test_processes},
    {"openings that come and go disturb none that is used", test_openings},
    {"scans beside rows that come and go are in order and miss none that stays", test_scans},
    {NULL, NULL},
};
