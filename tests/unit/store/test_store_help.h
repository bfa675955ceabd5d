/* SPDX-License-Identifier: MIT */
/* What the tests of the store share: a store of the SQLite engine with a key, and what an administrator can do to its
 * file. */
#ifndef TEST_STORE_HELP_H
#define TEST_STORE_HELP_H

#include "store/key.h"
#include "tests/lib/check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534u
#define KEY_A  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_B  "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct jeton_store_engine engine;
static struct jt_fields settings;
static struct jt_store_options options;

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

/* The options for an engine of these names, whose store is at the path and whose key is KEY_A. */
__attribute__((unused)) static void use_engine(const char *dir, const char *name, const char *setting, const char *path)
{
    jeton_error *error = NULL;

    CHECK_OK(jt_store_engine_load(dir, name, &engine, &error), &error);
    jt_fields_done(&settings);
    for (const struct jeton_setting *row = engine.settings; row != NULL && row->name != NULL; row++)
        if (row->default_value != NULL)
            CHECK_OK(jt_fields_set(&settings, row->name, row->default_value, 0, &error), &error);
    CHECK_OK(jt_fields_set(&settings, setting, path, 0, &error), &error);
    options = (struct jt_store_options){.engine = &engine,
                                        .settings = &settings,
                                        .key = {.source = JT_SECRET_INLINE, .name = "key", .text = KEY_A},
                                        .key_written_in = "/etc/jeton/jeton.conf"};
}

__attribute__((unused)) static void use_sqlite(const char *path)
{
    use_engine(TEST_ENGINES, "sqlite", "path", path);
}

__attribute__((unused)) static void use_key(const char *hex)
{
    options.key = (struct jt_secret_spec){.source = JT_SECRET_INLINE, .name = "key", .text = hex};
}

__attribute__((unused)) static void use_key_file(const char *path)
{
    options.key = (struct jt_secret_spec){.source = JT_SECRET_FILE, .name = "key_file", .text = path};
}

__attribute__((unused)) static struct jt_store *open_store(void)
{
    struct jt_store *store = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_open(&options, &store, &error), &error);
    return store;
}

__attribute__((unused)) static struct jt_store *make_store(void)
{
    JT_AUTO_STR char *what = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_init(&options, &what, &error), &error);
    return open_store();
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
