/* SPDX-License-Identifier: MIT */
/* Rows, keys and changes as tests make them, and rows as an engine gave them. */
#ifndef STORES_ROWS_H
#define STORES_ROWS_H

#include "check.h"
#include <jeton/store.h>
#include <pthread.h>

/* Rows that were visited, copied with all that they point to. */
struct rows {
    struct jeton_row *at;
    size_t count;
    size_t stop_behind; /* visit says stop with this row, counted from 1; 0: never */
    pthread_t caller;
    const char *breach; /* what was wrong with a visit; NULL: nothing */
};
void rows_free(struct rows *rows);
#define ROWS __attribute__((cleanup(rows_free))) struct rows
#define ROWS_NONE                                                                                                      \
    {                                                                                                                  \
        .caller = pthread_self()                                                                                       \
    }
int rows_visit(void *data, size_t index, const struct jeton_row *row);

/* The shard that the suite gives to a name and variant. */
uint32_t row_shard(const char *name, const char *variant);
struct jeton_row_key row_key(uint32_t kind, const char *name, const char *variant);
/* A row with a text as its blob; NULL: none. Due and ending never. */
struct jeton_row row_make(uint32_t kind, const char *name, const char *variant, const char *text);

struct jeton_store_change change_put(struct jeton_row row, int64_t expected_version);
struct jeton_store_change change_remove(struct jeton_row_key key, int64_t expected_version);
struct jeton_store_change change_check(struct jeton_row_key key, int64_t expected_version);

bool row_key_is(const struct jeton_row *row, const struct jeton_row_key *key);
bool row_blob_is(const struct jeton_row *row, const char *text);

/* Every member of a row is as expected; blob_too: the blob as well. */
#define CHECK_ROW(actual, expected, blob_too) check_row((actual), (expected), (blob_too), __FILE__, __LINE__)
void check_row(const struct jeton_row *actual, const struct jeton_row *expected, bool blob_too, const char *file,
               unsigned line);
/* The rows have these names, in this order; the list ends with NULL. */
#define CHECK_NAMES(rows, ...) check_names((rows), (const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
void check_names(const struct rows *rows, const char *const *names, const char *file, unsigned line);

#endif
