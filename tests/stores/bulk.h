/* SPDX-License-Identifier: MIT */
/* Many rows at once, in transactions that keep the limits of the store. */
#ifndef STORES_BULK_H
#define STORES_BULK_H

#include "store.h"

/* How many small changes one transaction of this store may hold, at most `wanted`. */
size_t bulk_batch(struct store *store, size_t wanted);

/* How many bytes one blob may have that is written alone, at most `wanted`. */
size_t bulk_blob(struct store *store, size_t wanted);

/* Puts `count` new rows: row 0, 1, 2, ... named "<prefix>/0000000", each as `fill` (NULL: not at all) leaves it. */
void bulk_put(struct store *store, uint32_t kind, const char *prefix, size_t count,
              void (*fill)(struct jeton_row *row, size_t index));
/* The name of a row that bulk_put made, in a buffer of 64 bytes. */
const char *bulk_name(char *buffer, const char *prefix, size_t index);

/* No kind has a row. */
void check_scan_is_empty(struct store *store);

#endif
