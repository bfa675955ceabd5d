/* SPDX-License-Identifier: MIT */
/* Deadlines: whatever a function waits for, it returns in time. */
#include "cases.h"
#include "easy.h"
#include "process.h"
#include "settings.h"
#include "threads.h"
#include <stdatomic.h>
#include <stdio.h>

#define A        row_key(JETON_KIND_TOKEN, "lease/a", "")
#define SLACK_MS 1000 /* for a loaded machine */

/* A writer in the middle of its transaction: it waits in next until it is told to go on. */
struct writer {
    struct process *other;
    unsigned given;
};

static int writer_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct writer *writer = data;

    *ret_more = writer->given == 0;
    if (writer->given++ == 0) {
        *ret_change = change_put(row_make(JETON_KIND_TOKEN, "slow/row", "", "x"), 0);
        return JETON_OK;
    }
    process_tell(writer->other, 0);
    (void)process_hear(writer->other);
    return JETON_OK;
}

static void writer_run(struct process *other, void *data)
{
    struct writer writer = {.other = other};
    STORE store = store_open();
    int done = 0;

    (void)data;
    CHECK_INT(store_write_next(store, HOST_NEVER, writer_next, &writer, &done), JETON_OK);
    CHECK_INT(done, 1);
    process_tell(other, 1);
}

/* All functions that can wait, each as one call. */

static int call_open(struct store *store, int64_t wait_ms)
{
    struct store *other = NULL;
    int status = store_try_open(wait_ms, &other);

    (void)store;
    store_close(&other);
    return status;
}

static int call_exists(struct store *store, int64_t wait_ms)
{
    int exists;

    return store_exists(store, wait_ms, &exists);
}

static int call_get(struct store *store, int64_t wait_ms)
{
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    ROWS rows = ROWS_NONE;

    return store_get(store, wait_ms, &key, 1, JETON_STORE_BLOBS, &rows);
}

static int call_scan(struct store *store, int64_t wait_ms)
{
    ROWS rows = ROWS_NONE;

    return store_scan(store, wait_ms, JETON_KIND_TOKEN, "", "", 10, 0, &rows);
}

static int call_due(struct store *store, int64_t wait_ms)
{
    ROWS rows = ROWS_NONE;

    return store_due(store, wait_ms, JETON_KIND_TOKEN, 10, 10, 0, &rows);
}

static int call_claim(struct store *store, int64_t wait_ms)
{
    ROWS rows = ROWS_NONE;

    return store_claim(store, wait_ms, JETON_KIND_TOKEN, 10, 20, 10, 0, &rows);
}

static int call_write(struct store *store, int64_t wait_ms)
{
    struct jeton_store_change change = change_check(row_key(JETON_KIND_TOKEN, "a/b", ""), 0);
    int done;

    return store_write(store, wait_ms, 0, &change, 1, &done);
}

static int call_put(struct store *store, int64_t wait_ms)
{
    struct jeton_store_change change = change_put(row_make(JETON_KIND_LOGIN, "a/b", "", "x"), 0);
    int done;

    return store_write(store, wait_ms, JETON_STORE_DURABLE, &change, 1, &done);
}

static int call_lease(struct store *store, int64_t wait_ms)
{
    void *lease = NULL;
    int64_t fence;
    int status = store_lease(store, wait_ms, A, &lease, &fence);

    if (status == JETON_OK && lease != NULL)
        store_release(store, lease);
    return status;
}

static int call_seems_writable(struct store *store, int64_t wait_ms)
{
    return engine.seems_writable != NULL ? store_seems_writable(store, wait_ms) : JETON_OK;
}

static int leave_blob(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len)
{
    (void)data;
    (void)row;
    (void)ret_blob_len;
    *ret_blob = NULL;
    return JETON_OK;
}

static int call_rewrite(struct store *store, int64_t wait_ms)
{
    struct jeton_store_change value = change_put(row_make(JETON_KIND_STORE, "value", "", "x"), 5);
    int done;

    return engine.rewrite != NULL ? store_rewrite(store, wait_ms, &value, leave_blob, NULL, &done) : JETON_OK;
}

static const struct {
    const char *name;
    int (*call)(struct store *store, int64_t wait_ms);
} calls[] = {
    {"open", call_open},
    {"exists", call_exists},
    {"create", store_create},
    {"get", call_get},
    {"scan", call_scan},
    {"due", call_due},
    {"claim", call_claim},
    {"write of a check", call_write},
    {"write of a row", call_put},
    {"lease", call_lease},
    {"seems_writable", call_seems_writable},
    {"prove_writable", store_prove_writable},
    {"rewrite", call_rewrite},
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static void check_in_time(struct store *store, size_t which, int64_t wait_ms)
{
    int64_t began = host_machine_ms(), took;
    int status = calls[which].call(store, wait_ms);

    took = host_machine_ms() - began;
    if (status != JETON_OK && status != JETON_TRY_LATER)
        check_int(status, JETON_TRY_LATER, calls[which].name, __FILE__, __LINE__);
    if (took > SLACK_MS + (wait_ms > 0 ? wait_ms : 0))
        check_int(took, wait_ms, calls[which].name, __FILE__, __LINE__);
}

static void check_all_in_time(struct store *store)
{
    for (size_t i = 0; i < CALLS; i++) {
        check_in_time(store, i, 0);
        check_in_time(store, i, -100000);
        check_in_time(store, i, 50);
    }
}

/* Then the writer goes on, and what waits for it without a deadline gets its turn. */
static void check_beside_writer(struct store *store, struct process *writer)
{
    (void)process_hear(writer);
    check_all_in_time(store);
    process_tell(writer, 0);
    CHECK_INT(call_put(store, HOST_NEVER), JETON_OK);
    CHECK_INT(process_hear(writer), 1);
    CHECK_INT(easy_version(store, "slow/row"), 1);
}

static void test_process(void)
{
    struct process writer;
    STORE store = NULL;

    if (!process_possible())
        return;
    store = store_new();
    writer = process_start(writer_run, NULL);
    check_beside_writer(store, &writer);
    process_end(&writer);
}

static void writer_thread(void *data, unsigned which)
{
    (void)which;
    writer_run(data, NULL);
}

static void test_thread(void)
{
    struct process here, there;
    struct threads threads;
    STORE store = store_new();

    process_pair(&here, &there);
    threads = threads_start(1, writer_thread, &there);
    check_beside_writer(store, &here);
    threads_join(&threads);
    process_pair_close(&here, &there);
}

static void test_past(void)
{
    STORE store = store_new();
    void *lease = NULL;
    int64_t fence;

    for (size_t i = 0; i < CALLS; i++)
        check_int(calls[i].call(store, -100000), JETON_OK, calls[i].name, __FILE__, __LINE__);
    CHECK_INT(store_lease(store, -100000, A, &lease, &fence), JETON_OK);
    CHECK_TRUE(lease != NULL);
    if (lease != NULL)
        store_release(store, lease);
    CHECK_INT(easy_version_of(store, row_key(JETON_KIND_LOGIN, "a/b", "")), 1);
}

/* The clock of a host is not the machine's: an engine that asks the machine returns at once, or too late. */

struct holder {
    struct store *store;
    void *lease;
    atomic_bool let_go;
};

static void hold_for_two_seconds(void *data, unsigned which)
{
    struct holder *holder = data;

    (void)which;
    for (unsigned i = 0; i < 200 && !holder->let_go; i++)
        sleep_ms(10);
    store_release(holder->store, holder->lease);
}

static void check_with_clock(int64_t ahead_ms)
{
    struct holder holder = {.store = store_new()};
    STORE store = store_open_ahead(ahead_ms);
    void *lease = &holder;
    int64_t fence, began, took;
    struct threads threads;

    CHECK_INT(store_lease(holder.store, 0, A, &holder.lease, &fence), JETON_OK);
    threads = threads_start(1, hold_for_two_seconds, &holder);
    began = host_machine_ms();
    CHECK_INT(store_lease(store, 100, A, &lease, &fence), JETON_OK);
    took = host_machine_ms() - began;
    CHECK_TRUE(lease == NULL);
    CHECK_TRUE(took >= 90);
    CHECK_TRUE(took < SLACK_MS);
    holder.let_go = true;
    threads_join(&threads);
    if (lease != NULL)
        store_release(store, lease);
    store_close(&holder.store);
}

static void test_clock(void)
{
    check_with_clock(3600000);
    check_with_clock(-host_machine_ms() / 2);
}

const struct check_case deadlines_cases[] = {
    {"no function waits behind its deadline for a transaction of another process", test_process},
    {"no function waits behind its deadline for a transaction of another thread", test_thread},
    {"with a deadline that is past, what can be done at once is done", test_past},
    {"a deadline is on the host's clock", test_clock},
    {NULL, NULL},
};
