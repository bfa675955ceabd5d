/* SPDX-License-Identifier: MIT */
/* The copies of recent rows: they answer without the database, and never with anything but what the database holds.
 * Every way in which they could be out of date is tried. */
#include "tests/unit/store/test_store_help.h"

#include "token/name.h"
#include "plugins/stores/sqlite/recent.h"

#include <fcntl.h>

static const struct jeton_store_engine *engine;
static char path[4096];

/* Whether a get by a fresh handle was answered without the database; the version it gave comes with it. */
static bool from_copy(const char *name, int64_t *ret_version)
{
    void *store = open_store(path, 0);
    bool copied;

    *ret_version = version_of(store, name, "");
    copied = ((struct jt_store_sqlite *)store)->idle == NULL;
    engine->close(store);
    return copied;
}

static void expect_copy(const char *name, int64_t version)
{
    int64_t got = -1;

    CHECK_TRUE(from_copy(name, &got));
    CHECK_INT(got, version);
}

static void expect_database(const char *name, int64_t version)
{
    int64_t got = -1;

    CHECK_TRUE(!from_copy(name, &got));
    CHECK_INT(got, version);
}

static void put_as(void *store, const char *name, const char *blob, int64_t expected)
{
    struct jeton_row row = token_row(name, "", blob);

    CHECK_INT(put(store, &row, expected, 0), JETON_OK);
}

/* A store with the value that the copies are worth keeping for, and one row. */
static void *new_store(void)
{
    void *store;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 1);
    CHECK_INT(engine->meta_put(store, "key_check", "0123456789abcdef", 16, why, sizeof(why)), JETON_OK);
    put_as(store, "a/b", "one", 0);
    return store;
}

static void test_without_database(void)
{
    void *store = new_store();
    void *other;
    struct jeton_row row = {0};
    char value[64];
    size_t len = 0;

    expect_copy("a/b", 1);
    other = open_store(path, 0);
    CHECK_INT(engine->meta_get(other, "key_check", value, sizeof(value), &len, why, sizeof(why)), JETON_OK);
    CHECK_MEM(value, len, "0123456789abcdef", 16);
    CHECK_INT(engine->get(other, "a/b", "", &row, why, sizeof(why)), JETON_OK);
    CHECK_STR(row.name, "a/b");
    CHECK_MEM(row.blob, row.blob_len, "one", 3);
    CHECK_TRUE(((struct jt_store_sqlite *)other)->idle == NULL);
    engine->free_row(other, &row);
    engine->close(other);
    engine->close(store);
}

static void test_every_column(void)
{
    void *store = new_store();
    struct jeton_row row = token_row("c/d/ü", "scope=a", "b\0lob"), back = {0};

    row.state = JT_ROW_INVALID;
    row.shard = 1023;
    row.flags = 1;
    row.fence = 5;
    row.blob_len = 5;
    row.expires_at = 6;
    row.due_at = -7;
    row.failed_at = 8;
    row.retry_at = JETON_STORE_NEVER;
    row.failures = 9;
    row.failure_status = 75;
    row.failure = "asleep";
    row.config_digest = UINT64_MAX;
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    engine->close(store);
    store = open_store(path, 0);
    CHECK_INT(engine->get(store, "c/d/ü", "scope=a", &back, why, sizeof(why)), JETON_OK);
    CHECK_TRUE(((struct jt_store_sqlite *)store)->idle == NULL);
    CHECK_INT(back.version, 1);
    CHECK_INT(back.state, JT_ROW_INVALID);
    CHECK_INT(back.shard, 1023);
    CHECK_INT(back.flags, 1);
    CHECK_INT(back.fence, 5);
    CHECK_INT(back.expires_at, 6);
    CHECK_INT(back.due_at, -7);
    CHECK_INT(back.failed_at, 8);
    CHECK_INT(back.retry_at, JETON_STORE_NEVER);
    CHECK_INT(back.failures, 9);
    CHECK_INT(back.failure_status, 75);
    CHECK_STR(back.failure, "asleep");
    CHECK_TRUE(back.config_digest == UINT64_MAX);
    CHECK_MEM(back.blob, back.blob_len, "b\0lob", 5);
    engine->free_row(store, &back);
    engine->close(store);
}

static void test_every_write_is_seen(void)
{
    void *store = new_store();
    void *reader = open_store(path, 0);
    int done = 0;

    for (int64_t version = 1; version < 50; version++) {
        put_as(store, "a/b", "again", version);
        CHECK_INT(version_of(reader, "a/b", ""), version + 1);
    }
    expect_copy("a/b", 50);
    CHECK_INT(engine->probe(store, why, sizeof(why)), JETON_OK);
    expect_copy("a/b", 50);
    put_as(store, "other", "row", 0);
    expect_copy("a/b", 50);
    CHECK_INT(engine->remove(store, "a/b", "", 50, &done, why, sizeof(why)), JETON_OK);
    CHECK_INT(version_of(reader, "a/b", ""), 0);
    expect_database("a/b", 0);
    expect_copy("other", 1);
    engine->close(reader);
    engine->close(store);
}

static void test_foreign_writer(void)
{
    engine->close(new_store());
    expect_copy("a/b", 1);
    run_sql(path, "UPDATE token SET version = 8");
    expect_database("a/b", 8);
    expect_copy("a/b", 8); /* the first reader has made the copy anew */
    run_sql(path, "DELETE FROM token; PRAGMA wal_checkpoint(TRUNCATE)");
    expect_database("a/b", 0);
}

static void test_foreign_log(void)
{
    sqlite3 *db = NULL;

    engine->close(new_store());
    expect_copy("a/b", 1);
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, "UPDATE token SET version = 9", NULL, NULL, NULL), SQLITE_OK);
    expect_database("a/b", 9); /* which stands in the log alone so far */
    CHECK_INT(sqlite3_close(db), SQLITE_OK);
}

/* Another program commits between a writer's commit and what the writer notes of the files. */
static void test_foreign_writer_at_the_heels(void)
{
    struct jt_store_sqlite *store = new_store();
    struct jt_store_conn *conn = NULL;
    struct jeton_row row = token_row("a/b", "", "two");
    struct jeton_row after = row;
    bool done = false;

    expect_copy("a/b", 1);
    CHECK_INT(jt_store_write_begin(store, 0, false, &conn, JT_WHY(why, sizeof(why))), JETON_OK);
    CHECK_INT(jt_store_rows_write(conn, &row, 1, &done, JT_WHY(why, sizeof(why))), JETON_OK);
    CHECK_INT(jt_store_write_commit(conn, JT_WHY(why, sizeof(why))), JETON_OK);
    CHECK_TRUE(done);
    after.version = 2;
    jt_store_recent_written(conn, "a/b", "", &after);
    run_sql(path, "UPDATE token SET version = 9");
    jt_store_write_end(&conn);
    expect_database("a/b", 9);
    expect_copy("a/b", 9);
    engine->close(store);
}

static void die_in_the_middle(struct report *report, void *data)
{
    struct jt_store_conn *conn = NULL;
    void *store = NULL;

    report->status = engine->open(path, 0, &store, report->text, sizeof(report->text));
    if (report->status == JETON_OK)
        report->status = jt_store_write_begin(store, 0, false, &conn, JT_WHY(report->text, sizeof(report->text)));
    if (report->status == JETON_OK)
        report->status = jt_store_conn_exec(conn, data, JT_WHY(report->text, sizeof(report->text)));
}

static void test_killed_writer(void)
{
    engine->close(new_store());
    expect_copy("a/b", 1);
    CHECK_INT(in_child(0, die_in_the_middle, (void *)(uintptr_t) "UPDATE token SET version = 2; COMMIT").status,
              JETON_OK);
    expect_database("a/b", 2);
    expect_copy("a/b", 2);
    CHECK_INT(in_child(0, die_in_the_middle, (void *)(uintptr_t) "SELECT 1").status, JETON_OK);
    expect_database("a/b", 2);
}

static void test_lost_race_distrusts(void)
{
    void *store = new_store();
    struct jeton_row row = token_row("a/b", "", "late");

    CHECK_INT(put(store, &row, 7, 0), -1);
    expect_database("a/b", 1);
    expect_copy("a/b", 1);
    engine->close(store);
}

/* Changes bytes of the copies' file. */
static void poke(size_t offset, const void *data, size_t len)
{
    int fd = open(beside(path, "-recent"), O_WRONLY | O_CLOEXEC);

    CHECK_INT(pwrite(fd, data, len, (off_t)offset), (ssize_t)len);
    (void)close(fd);
}

/* What the database holds, however it was had. */
static void expect_row(size_t offset)
{
    struct jeton_row row = {.struct_size = sizeof(row)};
    void *store = open_store(path, 0);
    char value[64], what[64];
    size_t len = 0;

    (void)snprintf(what, sizeof(what), "the row, with a bit changed at %zu", offset);

    CHECK_INT(engine->get(store, "a/b", "", &row, why, sizeof(why)), JETON_OK);
    check_true(row.version == 1 && row.state == JT_ROW_TOKEN && row.blob_len == 3 && row.blob != NULL &&
                   memcmp(row.blob, "one", 3) == 0 && row.due_at == JETON_STORE_NEVER && row.failures == 0 &&
                   row.failure == NULL,
               what, __FILE__, __LINE__);
    engine->free_row(store, &row);
    CHECK_INT(engine->meta_get(store, "key_check", value, sizeof(value), &len, why, sizeof(why)), JETON_OK);
    CHECK_MEM(value, len, "0123456789abcdef", 16);
    engine->close(store);
}

/* A copy that a disk has altered must not pass for the row: what does not open would be taken for lost. */
static void test_altered_copy(void)
{
    const size_t slot = 4096 + jt_name_hash("a/b", "") % 256 * 8192;
    size_t len;
    char *file;

    engine->close(new_store());
    expect_copy("a/b", 1);
    file = snapshot(beside(path, "-recent"), &len);
    CHECK_TRUE(len > slot);
    for (size_t offset = 0; offset < len; offset++) {
        const char altered = (char)(file[offset] ^ 4);

        if (offset == sizeof(struct jt_recent_header))
            offset = slot;
        poke(0, file, sizeof(struct jt_recent_header));
        poke(slot, file + slot, len - slot);
        poke(offset, &altered, 1);
        expect_row(offset);
    }
    free(file);
}

/* With a sum that is right: what is said is what counts. */
static void poke_header(size_t offset, const void *data, size_t len)
{
    struct jt_recent_header header;
    int fd = open(beside(path, "-recent"), O_RDONLY | O_CLOEXEC);

    CHECK_INT(pread(fd, &header, sizeof(header), 0), (ssize_t)sizeof(header));
    (void)close(fd);
    memcpy((char *)&header + offset, data, len);
    header.sum = jt_store_recent_sum(&header, offsetof(struct jt_recent_header, sum));
    poke(0, &header, sizeof(header));
}

static void test_other_times(void)
{
    static const int32_t newer = 2;

    engine->close(new_store());
    expect_copy("a/b", 1);
    poke_header(offsetof(struct jt_recent_header, epoch), "", 0);
    expect_copy("a/b", 1);
    poke_header(offsetof(struct jt_recent_header, boot_id), "another boot", 12);
    expect_database("a/b", 1);
    expect_copy("a/b", 1);
    poke_header(offsetof(struct jt_recent_header, schema_version), &newer, sizeof(newer));
    expect_database("a/b", 1);
    expect_copy("a/b", 1);
    poke_header(offsetof(struct jt_recent_header, magic), "X", 1);
    expect_database("a/b", 1);
}

static void test_missing_and_replaced(void)
{
    void *store = new_store();

    put_as(store, "a/b", "two", 1);
    CHECK_INT(unlink(beside(path, "-recent")), 0);
    expect_database("a/b", 2);
    put_as(store, "a/b", "three", 2);
    expect_copy("a/b", 3);
    CHECK_INT(truncate(beside(path, "-recent"), 100), 0);
    expect_database("a/b", 3);
    CHECK_INT(truncate(beside(path, "-recent"), 4096), 0);
    expect_database("a/b", 3);
    CHECK_INT(chmod(beside(path, "-recent"), 0666), 0);
    expect_database("a/b", 3);
    expect_database("a/b", 3);
    engine->close(store);
}

static void test_long_row(void)
{
    void *store = new_store();
    char blob[9000];

    memset(blob, 'x', sizeof(blob) - 1);
    blob[sizeof(blob) - 1] = '\0';
    put_as(store, "a/b", blob, 1);
    expect_database("a/b", 2);
    put_as(store, "a/b", "short again", 2);
    expect_copy("a/b", 3);
    engine->close(store);
}

static void test_one_slot_for_two(void)
{
    void *store = new_store();
    char name[32] = "";

    for (int i = 0; i < 100000; i++) {
        (void)snprintf(name, sizeof(name), "c/d%d", i);
        if (jt_name_hash(name, "") % 256 == jt_name_hash("a/b", "") % 256)
            break;
    }
    put_as(store, name, "evicts", 0);
    expect_copy(name, 1);
    expect_database("a/b", 1); /* and takes its slot back */
    expect_copy("a/b", 1);
    expect_database(name, 1);
    engine->close(store);
}

/* Only root and the user can write the file, but a crash of anything must not follow from what is in it. */
static void test_strange_slots(void)
{
    void *store = new_store();
    size_t offset = 4096 + (size_t)(jt_name_hash("a/b", "") % 256) * 8192;
    unsigned state = 12345;

    for (int i = 0; i < 400; i++) {
        unsigned char byte;
        void *reader;
        struct jeton_row row = {0};

        state = state * 1103515245u + 12345u;
        byte = (unsigned char)(state >> 16);
        poke(offset + 8 + (state >> 8) % 200, &byte, 1);
        reader = open_store(path, 0);
        CHECK_INT(engine->get(reader, "a/b", "", &row, why, sizeof(why)), JETON_OK);
        CHECK_STR(row.name, "a/b");
        engine->free_row(reader, &row);
        engine->close(reader);
        if (i % 40 == 39)
            put_as(store, "a/b", "anew", i / 40 + 1);
    }
    engine->close(store);
}

static const struct check_case cases[] = {
    {"a row that was put is read without the database", test_without_database},
    {"every column comes back from a copy", test_every_column},
    {"every write is seen at once, and the other rows' copies stay", test_every_write_is_seen},
    {"a write by another program makes the copies worthless until they are made anew", test_foreign_writer},
    {"a write by another program that is still in the log is seen", test_foreign_log},
    {"a writer that is followed at its heels by another program leaves no copy", test_foreign_writer_at_the_heels},
    {"a writer that died in the middle leaves no copy that counts", test_killed_writer},
    {"a writer that lost a race makes the copies worthless", test_lost_race_distrusts},
    {"a copy that was altered does not count, whichever bit it is", test_altered_copy},
    {"copies of another boot, store version or format do not count", test_other_times},
    {"a file of copies may be deleted, cut or open to others", test_missing_and_replaced},
    {"a row that is too long for a copy is read from the database", test_long_row},
    {"two rows that share a place are never taken for each other", test_one_slot_for_two},
    {"strange copies do no harm", test_strange_slots},
};

int main(int argc, char **argv)
{
    engine = jt_store_sqlite_engine();
    return check_main(argc, argv, "store_recent", cases, sizeof(cases) / sizeof(cases[0]));
}
