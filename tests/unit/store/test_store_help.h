/* SPDX-License-Identifier: MIT */
/* What the tests of the store share: opening an engine, rows to put, bodies that run in another process. It checks
 * nothing by itself but that these work. */
#ifndef TEST_STORE_HELP_H
#define TEST_STORE_HELP_H

#include "plugins/stores/sqlite/sqlite.h"
#include "tests/lib/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534u

static char why[2048];

/* A path of its own below the temporary directory, in a fresh 0700 directory. */
__attribute__((unused)) static const char *new_path(void)
{
    static char path[4096];
    static int count;

    (void)snprintf(path, sizeof(path), "%s/%d-%d", check_tmpdir(), (int)getpid(), ++count);
    if (mkdir(path, 0700) != 0)
        abort();
    (void)strncat(path, "/tokens.db", sizeof(path) - strlen(path) - 1);
    return path;
}

__attribute__((unused)) static const char *beside(const char *path, const char *suffix)
{
    static char other[2][8192];
    static int turn;

    turn = !turn;
    (void)snprintf(other[turn], sizeof(other[turn]), "%s%s", path, suffix);
    return other[turn];
}

__attribute__((unused)) static const char *dir_of(const char *path)
{
    static char dir[4096];

    (void)snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
    return dir;
}

__attribute__((unused)) static void *open_store(const char *path, int create)
{
    void *store = NULL;

    why[0] = '\0';
    CHECK_INT(jt_store_sqlite_engine()->open(path, create, &store, why, sizeof(why)), JETON_OK);
    CHECK_STR(why, "");
    return store;
}

__attribute__((unused)) static void open_refused(const char *path, int create, int status, const char *part)
{
    void *store = NULL;

    why[0] = '\0';
    CHECK_INT(jt_store_sqlite_engine()->open(path, create, &store, why, sizeof(why)), status);
    CHECK_CONTAINS(why, part);
    CHECK_CONTAINS(why, "/");
    CHECK_TRUE(store == NULL);
    if (store != NULL)
        jt_store_sqlite_engine()->close(store);
}

__attribute__((unused)) static struct jeton_row token_row(const char *name, const char *variant, const char *blob)
{
    return (struct jeton_row){
        .struct_size = sizeof(struct jeton_row),
        .state = JETON_ROW_TOKEN,
        .name = name,
        .variant = variant,
        .expires_at = JETON_STORE_NEVER,
        .due_at = JETON_STORE_NEVER,
        .blob = blob,
        .blob_len = strlen(blob),
    };
}

/* The status, or -1 where another writer was first. */
__attribute__((unused)) static int put(void *store, const struct jeton_row *row, int64_t expected, uint32_t durability)
{
    int done = -1;
    int status;

    why[0] = '\0';
    status = jt_store_sqlite_engine()->put(store, row, expected, durability, &done, why, sizeof(why));
    return status == JETON_OK && !done ? -1 : status;
}

__attribute__((unused)) static int64_t version_of(void *store, const char *name, const char *variant)
{
    struct jeton_row row = {.struct_size = sizeof(row)};
    int64_t version;

    if (jt_store_sqlite_engine()->get(store, name, variant, &row, why, sizeof(why)) != JETON_OK)
        return -1;
    version = row.version;
    jt_store_sqlite_engine()->free_row(store, &row);
    return version;
}

/* What a body in another process found out. */
struct report {
    int status;
    int64_t number;
    char text[2048];
};

/* Runs the body in a child; uid 0: as this user. The status is -1 when it did not come back. */
__attribute__((unused)) static struct report in_child(unsigned uid, void (*body)(struct report *report, void *data),
                                                      void *data)
{
    struct report report = {.status = -1};
    int ends[2], state;
    pid_t child;

    if (pipe(ends) != 0 || (child = fork()) < 0)
        abort();
    if (child == 0) {
        if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
            _exit(1);
        body(&report, data);
        if (write(ends[1], &report, sizeof(report)) != (ssize_t)sizeof(report))
            _exit(1);
        _exit(0);
    }
    (void)close(ends[1]);
    if (read(ends[0], &report, sizeof(report)) != (ssize_t)sizeof(report))
        report.status = -1;
    (void)close(ends[0]);
    (void)waitpid(child, &state, 0);
    return report;
}

/* The whole file, for holding it against itself later. */
__attribute__((unused)) static char *snapshot(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *data = malloc(8u << 20);

    if (file == NULL || data == NULL)
        abort();
    *ret_len = fread(data, 1, 8u << 20, file);
    (void)fclose(file);
    return data;
}

__attribute__((unused)) static void write_file(const char *path, const void *data, size_t len, mode_t mode)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(data, 1, len, file) != len || fclose(file) != 0 || chmod(path, mode) != 0)
        abort();
}

/* Runs SQL on a store as an administrator with sqlite3(1) would. */
__attribute__((unused)) static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    CHECK_INT(sqlite3_close(db), SQLITE_OK);
}

#endif
