/* SPDX-License-Identifier: MIT */
/* The calls that most tests make: one token row by its name, patiently. Each checks that the function succeeds. */
#ifndef STORES_EASY_H
#define STORES_EASY_H

#include "store.h"

/* The *ret_done of a write of one change. -1: the write failed. */
int easy_write_one(struct store *store, struct jeton_store_change change);
int easy_put(struct store *store, const char *name, int64_t expected_version, const char *text);
int easy_put_fenced(struct store *store, const char *name, int64_t expected_version, int64_t fence);
int easy_remove(struct store *store, const char *name, int64_t expected_version);
int easy_check(struct store *store, const char *name, int64_t expected_version);
/* The *ret_done of a write of many. */
int easy_write(struct store *store, const struct jeton_store_change *changes, size_t count);

/* The stored row with its blob, in *ret_rows. */
void easy_read(struct store *store, struct jeton_row_key key, struct rows *ret_rows);
int64_t easy_version(struct store *store, const char *name);
int64_t easy_version_of(struct store *store, struct jeton_row_key key);
int64_t easy_fence(struct store *store, const char *name);
#define CHECK_BLOB(store, name, text) easy_check_blob((store), (name), (text), __FILE__, __LINE__)
void easy_check_blob(struct store *store, const char *name, const char *text, const char *file, unsigned line);

#endif
