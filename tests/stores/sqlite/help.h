/* SPDX-License-Identifier: MIT */
/* What the tests of the SQLite engine share: its files seen from outside, SQL as an administrator runs it, other users.
 * They drive the engine through its table, as the contract suite does. */
#ifndef STORES_SQLITE_HELP_H
#define STORES_SQLITE_HELP_H

#include "easy.h"
#include "process.h"
#include "settings.h"
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/types.h>

#define NOBODY 65534u

/* Runs the cases on the engine of this build, each with a store of its own: path={dir}/tokens.db. */
int help_main(int argc, char **argv, const char *suite, const struct check_case *cases, size_t count);
#define HELP_MAIN(suite, cases)                                                                                        \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        return help_main(argc, argv, suite, cases, sizeof(cases) / sizeof((cases)[0]));                                \
    }

/* The database file, and others of the store. The text lives until the fourth call after this one. */
const char *help_file(const char *suffix);
/* Its directory. */
const char *help_dir(void);
int64_t help_len(const char *suffix); /* -1: it is not there */
unsigned help_mode(const char *suffix);
void help_write_file(const char *file, const void *data, size_t len, mode_t mode);
/* The whole database file, to be freed. */
char *help_snapshot(size_t *ret_len);

/* One put of a token row with a blob: the status, or -1 where its condition did not hold. */
int help_put(struct store *store, const char *name, int64_t expected_version, uint32_t flags, const void *blob,
             size_t blob_len);
/* Opening fails with this status, and with this in its sentence. */
#define CHECK_REFUSED(status, part) help_check_refused((status), (part), __FILE__, __LINE__)
void help_check_refused(int status, const char *part, const char *file, unsigned line);
/* The last call of this thread failed with a sentence that has this part. */
#define CHECK_SENTENCE(part) CHECK_CONTAINS(store_sentence(), (part))

/* As an administrator with sqlite3(1). */
void help_sql(const char *sql);
int64_t help_number(const char *sql); /* of the first row; -1: there is none */
/* Makes a store of version 1 with these rows of `token`, as jeton 0.1 did, and its key_check "0123456789abcdef". */
void help_version_1(const char *rows);

/* In this process, which then cannot go back. */
void help_become(unsigned uid);
bool help_is_root(void); /* false: records the skip */

#endif
