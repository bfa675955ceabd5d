/* SPDX-License-Identifier: MIT */
/* A store's files seen from outside. */
#include "help.h"
#include "engine.h"
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int help_main(int argc, char **argv, const char *suite, const struct check_case *cases, size_t count)
{
    static char pair[] = "path={dir}/tokens.db", path[4096];
    char *pairs[] = {pair};
    const char *top = getenv("builddir"), *why = "";

    (void)snprintf(path, sizeof(path), "%s/plugins/stores/sqlite/.libs/jeton_store_sqlite.so", top != NULL ? top : ".");
    if (!engine_load(path, &engine) || !settings_given(engine.settings, pairs, 1, &why)) {
        (void)fprintf(stderr, "%s: %s\n", path, engine_refused() != NULL ? engine_refused() : why);
        return 1;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return check_main(argc, argv, suite, cases, count);
}

const char *help_file(const char *suffix)
{
    static char files[4][8192];
    static unsigned turn;
    char *file = files[++turn % 4];

    (void)snprintf(file, sizeof(files[0]), "%s%s", settings_file(), suffix);
    return file;
}

const char *help_dir(void)
{
    return settings_dir();
}

int64_t help_len(const char *suffix)
{
    struct stat info;

    return lstat(help_file(suffix), &info) == 0 ? info.st_size : -1;
}

unsigned help_mode(const char *suffix)
{
    struct stat info;

    return lstat(help_file(suffix), &info) == 0 ? info.st_mode & 07777u : 0;
}

void help_write_file(const char *file, const void *data, size_t len, mode_t mode)
{
    FILE *stream = fopen(file, "wb");

    if (stream == NULL || fwrite(data, 1, len, stream) != len || fclose(stream) != 0 || chmod(file, mode) != 0)
        abort();
}

char *help_snapshot(size_t *ret_len)
{
    const size_t most = 8u << 20;
    FILE *stream = fopen(help_file(""), "rb");
    char *data = malloc(most);

    if (stream == NULL || data == NULL)
        abort();
    *ret_len = fread(data, 1, most, stream);
    (void)fclose(stream);
    return data;
}

int help_put(struct store *store, const char *name, int64_t expected_version, uint32_t flags, const void *blob,
             size_t blob_len)
{
    struct jeton_store_change change = change_put(row_make(JETON_KIND_TOKEN, name, "", NULL), expected_version);
    int done = 0, status;

    change.row.blob = blob;
    change.row.blob_len = blob_len;
    status = store_write(store, PATIENT, flags, &change, 1, &done);
    return status == JETON_OK && !done ? -1 : status;
}

void help_check_refused(int status, const char *part, const char *file, unsigned line)
{
    STORE store = NULL;
    int actual = store_try_open(PATIENT, &store);

    (void)check_int(actual, status, "opening", file, line);
    (void)check_contains(store_sentence(), part, "the sentence", file, line);
}

static sqlite3 *sql_open(void)
{
    sqlite3 *db = NULL;

    CHECK_INT(sqlite3_open(help_file(""), &db), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 10000);
    return db;
}

void help_sql(const char *sql)
{
    sqlite3 *db = sql_open();
    char *why = NULL;

    (void)sqlite3_exec(db, sql, NULL, NULL, &why);
    CHECK_STR(why != NULL ? why : "", "");
    sqlite3_free(why);
    CHECK_INT(sqlite3_close(db), SQLITE_OK);
}

int64_t help_number(const char *sql)
{
    sqlite3 *db = sql_open();
    sqlite3_stmt *stmt = NULL;
    int64_t number = -1;

    CHECK_INT(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    CHECK_INT(sqlite3_close(db), SQLITE_OK);
    return number;
}

void help_version_1(const char *rows)
{
    char sql[4096];

    help_sql("PRAGMA journal_mode = WAL; BEGIN;"
             "CREATE TABLE token (name TEXT NOT NULL, variant TEXT NOT NULL, shard INTEGER NOT NULL,"
             " state INTEGER NOT NULL, flags INTEGER NOT NULL, version INTEGER NOT NULL CHECK (version > 0),"
             " fence INTEGER NOT NULL, expires_at INTEGER NOT NULL, due_at INTEGER NOT NULL,"
             " failed_at INTEGER NOT NULL, retry_at INTEGER NOT NULL, failures INTEGER NOT NULL,"
             " failure_status INTEGER NOT NULL, failure TEXT, config_digest INTEGER NOT NULL, blob BLOB,"
             " PRIMARY KEY (name, variant)) WITHOUT ROWID, STRICT;"
             "CREATE INDEX token_due ON token (due_at) WHERE due_at < 9223372036854775807;"
             "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;"
             "INSERT INTO meta VALUES ('key_check', CAST('0123456789abcdef' AS BLOB)), ('engine.probe', 5);"
             "PRAGMA user_version = 1; PRAGMA application_id = 0x6a65746f; COMMIT");
    CHECK_INT(chmod(help_file(""), 0600), 0);
    if (rows == NULL)
        return;
    (void)snprintf(sql, sizeof(sql), "INSERT INTO token VALUES %s", rows);
    help_sql(sql);
}

void help_become(unsigned uid)
{
    if (setgroups(0, NULL) != 0 || setgid(uid) != 0 || setuid(uid) != 0)
        process_give_up("another user", strerror(errno));
}

bool help_is_root(void)
{
    if (geteuid() != 0)
        check_skip("it needs root");
    return geteuid() == 0;
}
