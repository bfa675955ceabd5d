/* SPDX-License-Identifier: MIT */
/* The SQLite engine's rows: what is put is there, for one writer only, whatever happens to the writers or the disk. It
 * drives the engine's table as the library does. */
#include "tests/unit/store/test_store_help.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <time.h>

static const struct jeton_store_engine *engine;

static void test_no_store_yet(void)
{
    const char *path = new_path();
    void *store = open_store(path, 0);
    struct jeton_row row = token_row("a/b", "", "x");
    void *lease = NULL;
    int64_t fence;

    CHECK_INT(version_of(store, "a/b", ""), 0);
    CHECK_INT(put(store, &row, 0, 0), JETON_CONFIG);
    CHECK_CONTAINS(why, "run `jeton init`");
    CHECK_CONTAINS(why, path);
    CHECK_INT(engine->lease(store, "a/b", "", 0, &lease, &fence, why, sizeof(why)), JETON_CONFIG);
    CHECK_INT(engine->probe(store, why, sizeof(why)), JETON_CONFIG);
    CHECK_CONTAINS(why, "run `jeton init`");
    CHECK_TRUE(access(path, F_OK) != 0 && access(beside(path, "-lease"), F_OK) != 0);

    /* Somebody makes it while this process runs. */
    engine->close(open_store(path, 1));
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    CHECK_INT(version_of(store, "a/b", ""), 1);
    engine->close(store);
}

static void test_directory_missing(void)
{
    open_refused("/nonexistent-jeton/deeper/tokens.db", 1, JETON_CONFIG, "directory does not exist");
    engine->close(open_store("/nonexistent-jeton/deeper/tokens.db", 0));
}

static void test_every_column(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1);
    struct jeton_row row = token_row("line/bot/ü", "scope=a b\naudience=x", "b\0lob"), back = {0};

    row.state = JT_ROW_REVOKING;
    row.blob_len = 5;
    row.shard = 1023;
    row.flags = JT_ROW_REFRESHABLE_FLAG;
    row.fence = 41;
    row.expires_at = 1;
    row.due_at = -5;
    row.failed_at = 3;
    row.retry_at = JETON_STORE_NEVER;
    row.failures = 7;
    row.failure_status = 69;
    row.failure = "refused: no";
    row.config_digest = UINT64_MAX - 1;
    CHECK_INT(put(store, &row, 0, JETON_DURABLE), JETON_OK);
    engine->close(store);
    store = open_store(path, 0);
    CHECK_INT(engine->get(store, row.name, row.variant, &back, why, sizeof(why)), JETON_OK);
    CHECK_STR(back.name, row.name);
    CHECK_STR(back.variant, row.variant);
    CHECK_INT(back.state, JT_ROW_REVOKING);
    CHECK_INT(back.shard, 1023);
    CHECK_INT(back.flags, 1);
    CHECK_INT(back.version, 1);
    CHECK_INT(back.fence, 41);
    CHECK_INT(back.expires_at, 1);
    CHECK_INT(back.due_at, -5);
    CHECK_INT(back.failed_at, 3);
    CHECK_INT(back.retry_at, JETON_STORE_NEVER);
    CHECK_INT(back.failures, 7);
    CHECK_INT(back.failure_status, 69);
    CHECK_STR(back.failure, "refused: no");
    CHECK_TRUE(back.config_digest == UINT64_MAX - 1);
    CHECK_MEM(back.blob, back.blob_len, "b\0lob", 5);
    engine->free_row(store, &back);
    CHECK_INT(version_of(store, "line/bot/ü", ""), 0);
    engine->close(store);
}

static void test_compare_and_put(void)
{
    void *store = open_store(new_path(), 1);
    struct jeton_row row = token_row("a/b", "", "1");

    CHECK_INT(put(store, &row, 3, 0), -1);
    CHECK_INT(version_of(store, "a/b", ""), 0);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    CHECK_INT(put(store, &row, 0, 0), -1);
    CHECK_INT(put(store, &row, 1, 0), JETON_OK);
    CHECK_INT(put(store, &row, 1, 0), -1);
    CHECK_INT(version_of(store, "a/b", ""), 2);
    CHECK_INT(put(store, &row, -1, 0), JETON_INTERNAL);
    engine->close(store);
}

/* What SQLite's connection commits with: 2 waits for the disk, 1 does not. */
static int64_t synchronous(void *store)
{
    sqlite3_stmt *stmt = NULL;
    int64_t value = -1;

    CHECK_INT(sqlite3_prepare_v2(((struct jt_store_sqlite *)store)->idle->db, "PRAGMA synchronous", -1, &stmt, NULL),
              SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return value;
}

static void test_durability(void)
{
    void *store = open_store(new_path(), 1);
    struct jeton_row row = token_row("a/b", "", "1");
    int done;

    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    CHECK_INT(synchronous(store), 1);
    CHECK_INT(put(store, &row, 1, JETON_DURABLE), JETON_OK);
    CHECK_INT(synchronous(store), 2);
    CHECK_INT(put(store, &row, 2, 0), JETON_OK);
    CHECK_INT(synchronous(store), 1);
    CHECK_INT(engine->remove(store, "a/b", "", 3, &done, why, sizeof(why)), JETON_OK);
    CHECK_INT(synchronous(store), 2);
    engine->close(store);
}

static void test_lower_fence(void)
{
    void *store = open_store(new_path(), 1);
    struct jeton_row row = token_row("a/b", "", "new holder");

    row.fence = 9;
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    row.fence = 8;
    CHECK_INT(put(store, &row, 1, 0), -1);
    row.fence = 9;
    CHECK_INT(put(store, &row, 1, 0), JETON_OK);
    engine->close(store);
}

static void test_remove(void)
{
    void *store = open_store(new_path(), 1);
    struct jeton_row row = token_row("a/b", "", "1");
    int done = -1;

    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    CHECK_INT(engine->remove(store, "a/b", "", 2, &done, why, sizeof(why)), JETON_OK);
    CHECK_INT(done, 0);
    CHECK_INT(engine->remove(store, "a/b", "", 1, &done, why, sizeof(why)), JETON_OK);
    CHECK_INT(done, 1);
    CHECK_INT(version_of(store, "a/b", ""), 0);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    engine->close(store);
}

static int gather(void *data, const struct jeton_row *row)
{
    char *text = data;

    (void)snprintf(text + strlen(text), 256 - strlen(text), "%s|%s ", row->name, row->variant);
    return strcmp(row->name, "stop") == 0;
}

static void test_scan(void)
{
    static const char *const rows[][2] = {{"b", ""}, {"a", "y"}, {"a", ""}, {"stop", ""}, {"a", "x"}, {"z", ""}};
    void *store = open_store(new_path(), 1);
    char text[256] = "";

    for (size_t i = 0; i < JT_LEN(rows); i++) {
        struct jeton_row row = token_row(rows[i][0], rows[i][1], "blob");

        CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    }
    CHECK_INT(engine->scan(store, "", "", 3, gather, text, why, sizeof(why)), JETON_OK);
    CHECK_STR(text, "a| a|x a|y ");
    text[0] = '\0';
    CHECK_INT(engine->scan(store, "a", "x", SIZE_MAX, gather, text, why, sizeof(why)), JETON_OK);
    CHECK_STR(text, "a|y b| stop| ");
    engine->close(store);
}

static void test_scan_due(void)
{
    static const struct {
        const char *name;
        int64_t due_at;
    } rows[] = {{"late", 50}, {"never", JETON_STORE_NEVER}, {"first", -1}, {"then", 10}, {"and", 10}, {"on time", 60},
                {"later", 61}};
    void *store = open_store(new_path(), 1);
    char text[256] = "";

    for (size_t i = 0; i < JT_LEN(rows); i++) {
        struct jeton_row row = token_row(rows[i].name, "", "blob");

        row.due_at = rows[i].due_at;
        CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    }
    CHECK_INT(engine->scan_due(store, 60, 10, gather, text, why, sizeof(why)), JETON_OK);
    CHECK_STR(text, "first| and| then| late| on time| ");
    text[0] = '\0';
    CHECK_INT(engine->scan_due(store, INT64_MAX, 2, gather, text, why, sizeof(why)), JETON_OK);
    CHECK_STR(text, "first| and| ");
    engine->close(store);
}

static int plan_line(void *data, int count, char **values, char **names)
{
    (void)names;
    (void)strncat(data, values[count - 1], 255 - strlen(data));
    (void)strncat(data, "; ", 255 - strlen(data));
    return 0;
}

/* Whatever the engine asks of a million rows, an index answers; it is the engine's own statements that are explained.
 */
static void test_indexes(void)
{
    static const struct {
        enum jt_store_stmt which;
        const char *plan;
    } rows[] = {
        {JT_STMT_GET, "SEARCH token USING PRIMARY KEY (name=? AND variant=?); "},
        {JT_STMT_UPDATE, "SEARCH token USING PRIMARY KEY (name=? AND variant=?); "},
        {JT_STMT_REMOVE, "SEARCH token USING PRIMARY KEY (name=? AND variant=?); "},
        {JT_STMT_RESEAL, "SEARCH token USING PRIMARY KEY (name=? AND variant=?); "},
        {JT_STMT_SCAN, "SEARCH token USING PRIMARY KEY ((name,variant)>(?,?)); "},
        {JT_STMT_SCAN_BLOB, "SEARCH token USING PRIMARY KEY ((name,variant)>(?,?)); "},
        {JT_STMT_SCAN_DUE, "SEARCH token USING INDEX token_due (due_at<?); "},
    };
    void *store = open_store(new_path(), 1);
    struct jt_store_conn *conn = NULL;

    CHECK_INT(jt_store_conn_take(store, false, &conn, JT_WHY(why, sizeof(why))), JETON_OK);
    for (size_t i = 0; i < JT_LEN(rows); i++) {
        char sql[1024], plan[256] = "";
        sqlite3_stmt *stmt = NULL;

        CHECK_INT(jt_store_conn_prepare(conn, rows[i].which, &stmt, JT_WHY(why, sizeof(why))), JETON_OK);
        (void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", sqlite3_sql(stmt));
        CHECK_INT(sqlite3_exec(conn->db, sql, plan_line, plan, NULL), SQLITE_OK);
        CHECK_TRUE(strncmp(plan, rows[i].plan, strlen(rows[i].plan)) == 0);
        CHECK_TRUE(strstr(plan, "SCAN") == NULL && strstr(plan, "TEMP B-TREE") == NULL);
    }
    jt_store_conn_give(&conn);
    engine->close(store);
}

static void test_meta(void)
{
    void *store = open_store(new_path(), 1);
    char value[8] = "";
    size_t len = 9;

    CHECK_INT(engine->meta_get(store, "key", value, sizeof(value), &len, why, sizeof(why)), JETON_OK);
    CHECK_INT(len, 0);
    CHECK_INT(engine->meta_put(store, "key", "12345678", 8, why, sizeof(why)), JETON_OK);
    CHECK_INT(engine->meta_put(store, "key", "abcdefgh", 8, why, sizeof(why)), JETON_OK);
    CHECK_INT(engine->meta_get(store, "key", value, sizeof(value), &len, why, sizeof(why)), JETON_OK);
    CHECK_MEM(value, len, "abcdefgh", 8);
    CHECK_INT(engine->meta_get(store, "key", value, 7, &len, why, sizeof(why)), JETON_CONFIG);
    engine->close(store);
}

static void test_replaced_store(void)
{
    char path[4096];
    void *store;
    struct jeton_row row = token_row("a/b", "", "1");

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 1);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(unlink(beside(path, "-wal")), 0);
    CHECK_INT(unlink(beside(path, "-shm")), 0);
    CHECK_INT(version_of(store, "a/b", ""), 0);
    CHECK_INT(put(store, &row, 1, 0), JETON_CONFIG);
    engine->close(open_store(path, 1));
    CHECK_INT(version_of(store, "a/b", ""), 0);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    engine->close(store);
}

static void write_and_die(struct report *report, void *data)
{
    void *store = NULL;
    char blob[2000];

    memset(blob, 'x', sizeof(blob) - 1);
    blob[sizeof(blob) - 1] = '\0';
    if (engine->open(data, 0, &store, report->text, sizeof(report->text)) != JETON_OK)
        return;
    for (int i = 0; i < 100; i++) {
        char name[16];
        struct jeton_row row = token_row(name, "", blob);

        (void)snprintf(name, sizeof(name), "n/%d", i);
        report->status = put(store, &row, 0, 0);
    }
}

static void test_emptied_store(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1);
    struct jeton_row row = token_row("a/b", "", "x");

    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    CHECK_INT(truncate(path, 0), 0);
    CHECK_INT(put(store, &row, 1, 0), JETON_CONFIG);
    CHECK_CONTAINS(why, "jeton init");
    CHECK_INT(engine->probe(store, why, sizeof(why)), JETON_CONFIG);
    CHECK_CONTAINS(why, "jeton init");
    engine->close(store);
}

static void test_long_log(void)
{
    char path[4096];
    void *store;
    struct jeton_row row = token_row("a/b", "", "1");
    int64_t len;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    CHECK_INT(in_child(0, write_and_die, path).status, JETON_OK);
    len = jt_store_files_len(path, "-wal");
    CHECK_TRUE(len > 100 * 2000);
    store = open_store(path, 0);
    CHECK_INT(version_of(store, "n/99", ""), 1);
    engine->close(store);
    CHECK_INT(jt_store_files_len(path, "-wal"), len);
    store = open_store(path, 0);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    engine->close(store);
    CHECK_INT(jt_store_files_len(path, "-wal"), 0);
    store = open_store(path, 0);
    CHECK_INT(version_of(store, "n/99", ""), 1);
    CHECK_INT(version_of(store, "a/b", ""), 1);
    engine->close(store);
}

static void test_get_beside_a_writer(void)
{
    const char *path = new_path();
    void *store = open_store(path, 1);
    struct jeton_row row = token_row("a/b", "", "1");
    struct timespec before, after;
    sqlite3 *db = NULL;

    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, "BEGIN IMMEDIATE; DELETE FROM token", NULL, NULL, NULL), SQLITE_OK);
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK_INT(version_of(store, "a/b", ""), 1);
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK_TRUE(after.tv_sec - before.tv_sec < 3); /* less than the time for which a put would wait */
    CHECK_INT(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    CHECK_INT(sqlite3_close(db), SQLITE_OK);
    engine->close(store);
}

/* A tenth of a megabyte is more than a file may hold here: from some put on, the log cannot grow. */
static void fill_up(struct report *report, void *data)
{
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    void *store = NULL;
    char blob[2000];
    int64_t there = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    memset(blob, 'x', sizeof(blob) - 1);
    blob[sizeof(blob) - 1] = '\0';
    if (engine->open(data, 0, &store, report->text, sizeof(report->text)) != JETON_OK ||
        setrlimit(RLIMIT_FSIZE, &small) != 0)
        return;
    for (int i = 0; i < 200; i++) {
        char name[16];
        struct jeton_row row = token_row(name, "", blob);

        (void)snprintf(name, sizeof(name), "n/%d", i);
        report->status = put(store, &row, 0, JETON_DURABLE);
        if (report->status != JETON_OK)
            break;
        report->number++;
    }
    (void)snprintf(report->text, sizeof(report->text), "%s", why);
    (void)setrlimit(RLIMIT_FSIZE, &none);
    for (int64_t i = 0; i < report->number; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "n/%d", (int)i);
        there += version_of(store, name, "") == 1;
    }
    if (there != report->number)
        report->status = -2;
    struct jeton_row row = token_row("after", "", blob);

    if (put(store, &row, 0, 0) != JETON_OK)
        report->status = -3;
    engine->close(store);
}

static void test_full_file(void)
{
    char path[4096];
    struct report report;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    report = in_child(0, fill_up, path);
    CHECK_INT(report.status, JETON_TRY_LATER);
    CHECK_CONTAINS(report.text, "free some space");
    CHECK_TRUE(report.number > 3 && report.number < 200);
}

/* The same on a disk that is really full; the probe must say so before a put finds out. */
static void fill_disk(struct report *report, void *data)
{
    char path[4096], blob[4000];
    void *store = NULL;
    int probe = JETON_OK;

    (void)snprintf(path, sizeof(path), "%s/tokens.db", (const char *)data);
    memset(blob, 'x', sizeof(blob) - 1);
    blob[sizeof(blob) - 1] = '\0';
    report->status = -4;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", data, "tmpfs", 0, "size=1m,mode=700") != 0)
        return;
    if (engine->open(path, 1, &store, report->text, sizeof(report->text)) != JETON_OK ||
        engine->probe(store, report->text, sizeof(report->text)) != JETON_OK)
        return;
    for (int i = 0; i < 2000 && probe == JETON_OK; i++) {
        char name[16];
        struct jeton_row row = token_row(name, "", blob);

        (void)snprintf(name, sizeof(name), "n/%d", i);
        probe = engine->probe(store, report->text, sizeof(report->text));
        report->status = put(store, &row, 0, JETON_DURABLE);
        if (probe == JETON_OK && report->status != JETON_OK)
            report->number = 1; /* the probe promised what the put could not keep */
    }
    report->status = probe;
    if (version_of(store, "n/0", "") != 1 || version_of(store, "n/1", "") != 1)
        report->status = -2;
    engine->close(store);
}

static void test_full_disk(void)
{
    char dir[4096];
    struct report report;

    (void)snprintf(dir, sizeof(dir), "%s", dir_of(new_path()));
    report = in_child(0, fill_disk, dir);
    if (report.status == -4) {
        (void)printf("   (left out: no file system can be mounted here)\n");
        CHECK_TRUE(true);
        return;
    }
    CHECK_INT(report.status, JETON_TRY_LATER);
    CHECK_CONTAINS(report.text, "free some space");
    CHECK_INT(report.number, 0);
}

static void read_only(struct report *report, void *data)
{
    char path[4096];
    void *store = NULL;
    struct jeton_row row = token_row("new", "", "x");

    (void)snprintf(path, sizeof(path), "%s/tokens.db", (const char *)data);
    report->status = -4;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(data, data, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, data, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0)
        return;
    report->status = engine->open(path, 0, &store, report->text, sizeof(report->text));
    if (report->status != JETON_OK)
        return;
    report->number = version_of(store, "a/b", "");
    report->status = put(store, &row, 0, 0);
    (void)snprintf(report->text, sizeof(report->text), "%s", why);
    if (engine->generation(store, 0) != engine->generation(store, 0))
        report->status = -6;
    engine->close(store);
}

static void test_read_only_disk(void)
{
    char dir[4096];
    const char *path = new_path();
    void *store = open_store(path, 1);
    struct jeton_row row = token_row("a/b", "", "x");
    struct report report;

    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    engine->close(store);
    (void)snprintf(dir, sizeof(dir), "%s", dir_of(path));
    report = in_child(0, read_only, dir);
    if (report.status == -4) {
        (void)printf("   (left out: no file system can be mounted here)\n");
        CHECK_TRUE(true);
        return;
    }
    CHECK_INT(report.number, 1);
    CHECK_INT(report.status, JETON_NOT_PERMITTED);
    CHECK_CONTAINS(report.text, "mounted read-only");
}

static const struct check_case cases[] = {
    {"where there is no store, gets find nothing and puts say what to run", test_no_store_yet},
    {"a directory that does not exist is named", test_directory_missing},
    {"every column of a row comes back in another process", test_every_column},
    {"a put succeeds for the expected version only", test_compare_and_put},
    {"a commit waits for the disk where losing it would cost something, and only there", test_durability},
    {"a holder of an older lease cannot overwrite a newer one's row", test_lower_fence},
    {"a row is removed in the expected version only", test_remove},
    {"a scan goes in order of name and variant, from anywhere, and stops when told", test_scan},
    {"what is due comes longest due first", test_scan_due},
    {"an index answers every question", test_indexes},
    {"the store's small values are kept", test_meta},
    {"a store that was taken away and made again is noticed", test_replaced_store},
    {"a store whose file somebody emptied is none, and not written", test_emptied_store},
    {"a long log is emptied when a writer closes, not when a reader does", test_long_log},
    {"a get does not wait for a writer", test_get_beside_a_writer},
    {"a full file is TRY_LATER, what was acknowledged stays, and writing goes on afterwards", test_full_file},
    {"a full disk is noticed by the probe before a put fails", test_full_disk},
    {"a read-only file system can be read and says why it is not written", test_read_only_disk},
};

int main(int argc, char **argv)
{
    engine = jt_store_sqlite_engine();
    return check_main(argc, argv, "store_sqlite", cases, sizeof(cases) / sizeof(cases[0]));
}
