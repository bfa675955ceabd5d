/* SPDX-License-Identifier: MIT */
/* Versions of a store and files that are no store: older ones are brought up to date, everything else is refused
 * untouched. It fabricates each of them. */
#include "tests/unit/store/test_store_help.h"

static const struct jeton_store_engine *engine;

static void make_store(char *path, size_t size)
{
    struct jeton_row row = token_row("a/b", "", "x");
    void *store;

    (void)snprintf(path, size, "%s", new_path());
    store = open_store(path, 1);
    for (int i = 0; i < 40; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "a/n%d", i);
        row.name = name;
        CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    }
    engine->close(store);
    run_sql(path, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static int64_t number(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t value = -1;

    if (sqlite3_open(path, &db) == SQLITE_OK && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return value;
}

/* The file is refused in every way it can be opened, and stays as it is to the last byte. */
static void refused_untouched(const char *path, int status, const char *part)
{
    size_t before_len, after_len;
    char *before = snapshot(path, &before_len), *after;

    open_refused(path, 0, status, part);
    open_refused(path, 1, status, part);
    after = snapshot(path, &after_len);
    CHECK_MEM(after, after_len, before, before_len);
    free(before);
    free(after);
}

static void test_fresh_store(void)
{
    char path[4096];

    make_store(path, sizeof(path));
    CHECK_INT(number(path, "PRAGMA user_version"), 1);
    CHECK_INT(number(path, "PRAGMA application_id"), 0x6a65746f);
    CHECK_INT(number(path, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    CHECK_INT(number(path, "SELECT count(*) FROM pragma_table_list('token') WHERE wr = 1 AND strict = 1"), 1);
}

static void test_newer_store(void)
{
    char path[4096];

    make_store(path, sizeof(path));
    run_sql(path, "ALTER TABLE token ADD COLUMN colour TEXT; PRAGMA user_version = 2; PRAGMA wal_checkpoint(TRUNCATE)");
    refused_untouched(path, JETON_CONFIG, "written by a newer jeton (store version 2, this one knows 1)");
}

static void test_other_program(void)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s", new_path());
    run_sql(path, "CREATE TABLE addresses (name TEXT); PRAGMA application_id = 7");
    CHECK_INT(chmod(path, 0600), 0);
    refused_untouched(path, JETON_CONFIG, "an SQLite database of another program (application id 0x00000007)");
    run_sql(path, "PRAGMA application_id = 0");
    refused_untouched(path, JETON_CONFIG, "an SQLite database of another program");
}

static void test_no_database(void)
{
    static const char text[] =
        "# a configuration file, say, whose path was mistaken for the store's; it is long enough to hold "
        "what an SQLite header would hold, so that it is looked at";
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s", new_path());
    write_file(path, text, sizeof(text), 0600);
    refused_untouched(path, JETON_CONFIG, "is not a jeton store");
    write_file(path, "x", 1, 0600);
    refused_untouched(path, JETON_CONFIG, "is not a jeton store");
}

static void test_empty_file(void)
{
    char path[4096];
    struct jeton_row row = token_row("a/b", "", "x");
    void *store;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    write_file(path, "", 0, 0600);
    store = open_store(path, 0);
    CHECK_INT(put(store, &row, 0, 0), JETON_CONFIG);
    CHECK_CONTAINS(why, "run `jeton init`");
    engine->close(open_store(path, 1));
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    engine->close(store);
}

/* Died after the file became a WAL database, before its tables were there. */
static void test_half_made_store(void)
{
    char path[4096];
    void *store;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    run_sql(path, "PRAGMA journal_mode = WAL");
    CHECK_INT(chmod(path, 0600), 0);
    store = open_store(path, 0);
    CHECK_INT(version_of(store, "a/b", ""), 0);
    engine->close(store);
    engine->close(open_store(path, 1));
    CHECK_INT(number(path, "PRAGMA user_version"), 1);
}

static void test_damaged_page(void)
{
    char path[4096];
    struct jeton_row row = {0};
    FILE *file;
    void *store;
    int status = JETON_OK;

    make_store(path, sizeof(path));
    file = fopen(path, "r+b");
    for (long page = 1; page < 8; page++) {
        (void)fseek(file, page * 4096, SEEK_SET);
        for (int i = 0; i < 4096; i++)
            (void)fputc(0xa5, file);
    }
    (void)fclose(file);
    store = open_store(path, 0);
    for (int i = 0; i < 40 && status == JETON_OK; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "a/n%d", i);
        status = engine->get(store, name, "", &row, why, sizeof(why));
        if (status == JETON_OK)
            engine->free_row(store, &row);
    }
    CHECK_INT(status, JETON_CONFIG);
    CHECK_CONTAINS(why, "is damaged");
    CHECK_CONTAINS(why, "restore it from a backup");
    engine->close(store);
}

static void test_cut_file(void)
{
    char path[4096];
    struct jeton_row row = {0};
    void *store = NULL;
    int status;

    make_store(path, sizeof(path));
    CHECK_INT(truncate(path, 4096), 0);
    status = engine->open(path, 0, &store, why, sizeof(why));
    if (status == JETON_OK)
        status = engine->get(store, "a/n1", "", &row, why, sizeof(why));
    CHECK_INT(status, JETON_CONFIG);
    CHECK_CONTAINS(why, "is damaged");
    engine->close(store);
}

static const struct jt_store_step two_steps[] = {
    {"CREATE TABLE token (name TEXT)"},
    {"ALTER TABLE token ADD COLUMN colour TEXT; CREATE TABLE palette (colour TEXT)"},
};
static const struct jt_store_step bad_steps[] = {
    {"CREATE TABLE token (name TEXT)"},
    {"CREATE TABLE palette (colour TEXT); CREATE TABLE token (again TEXT)"},
};

static int migrate(const char *path, const struct jt_store_step *steps, int known)
{
    sqlite3 *db = NULL;
    int status = JETON_INTERNAL;

    if (sqlite3_open(path, &db) == SQLITE_OK)
        status = jt_store_schema_migrate(db, path, steps, known, JT_WHY(why, sizeof(why)));
    (void)sqlite3_close(db);
    return status;
}

static void test_next_step(void)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s", new_path());
    CHECK_INT(migrate(path, two_steps, 1), JETON_OK);
    run_sql(path, "INSERT INTO token VALUES ('kept')");
    CHECK_INT(migrate(path, two_steps, 2), JETON_OK);
    CHECK_INT(number(path, "PRAGMA user_version"), 2);
    CHECK_INT(number(path, "SELECT count(*) FROM token WHERE name = 'kept' AND colour IS NULL"), 1);
    CHECK_INT(migrate(path, two_steps, 2), JETON_OK);
    CHECK_INT(migrate(path, two_steps, 1), JETON_CONFIG);
}

static void test_both_steps_at_once(void)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s", new_path());
    CHECK_INT(migrate(path, two_steps, 2), JETON_OK);
    CHECK_INT(number(path, "SELECT count(*) FROM palette"), 0);
    CHECK_INT(number(path, "PRAGMA user_version"), 2);
}

static void test_failing_step(void)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s", new_path());
    CHECK_INT(migrate(path, bad_steps, 1), JETON_OK);
    CHECK_TRUE(migrate(path, bad_steps, 2) != JETON_OK);
    CHECK_INT(number(path, "PRAGMA user_version"), 1);
    CHECK_INT(number(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'palette'"), 0);
}

static const struct check_case cases[] = {
    {"a fresh store has its version, its mark and a write-ahead log", test_fresh_store},
    {"a newer store is refused and stays as it is to the last byte", test_newer_store},
    {"another program's database is refused and stays as it is", test_other_program},
    {"a file that is no database is refused and stays as it is", test_no_database},
    {"an empty file is a store that is not there yet", test_empty_file},
    {"a store whose making was interrupted is completed", test_half_made_store},
    {"damaged pages are an error that says what to do", test_damaged_page},
    {"a file that was cut short is an error that says what to do", test_cut_file},
    {"a store of the version before is brought up to date with what it holds", test_next_step},
    {"a new store climbs all steps at once", test_both_steps_at_once},
    {"a step that fails leaves the store at the version before", test_failing_step},
};

int main(int argc, char **argv)
{
    engine = jt_store_sqlite_engine();
    return check_main(argc, argv, "store_schema", cases, sizeof(cases) / sizeof(cases[0]));
}
