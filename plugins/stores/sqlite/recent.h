/* SPDX-License-Identifier: MIT */
/* Copies of the rows that were read and written last, for processes that read one row and end. It holds nothing that
 * the database does not hold, and may be deleted at any time. */
#ifndef JT_SQLITE_RECENT_H
#define JT_SQLITE_RECENT_H

#include "sqlite.h"

void jt_store_recent_init(struct jt_store_recent *recent);
void jt_store_recent_done(struct jt_store_recent *recent);

/* Gives a copy of the row, to be freed as one of the database's. False: ask the database. */
bool jt_store_recent_get(struct jt_store_recent *recent, const char *path, const char *name, const char *variant,
                         struct jeton_row *ret_row);
/* The store's value "key_check". False: ask the database; the copies are not those of the store as it is. */
bool jt_store_recent_key_check(struct jt_store_recent *recent, const char *path, void *value, size_t value_size,
                               size_t *ret_len);

/* Around every write, by the one writer. What was committed is said in between, and stays the caller's until the end.
 */
void jt_store_recent_begin(struct jt_store_conn *conn, const char *path);
/* name NULL: no row was changed; row NULL: it was removed. */
void jt_store_recent_written(struct jt_store_conn *conn, const char *name, const char *variant,
                             const struct jeton_row *row);
void jt_store_recent_end(struct jt_store_conn *conn, const char *path);

/* Ends a change, begun on a connection that is closed by now, that emptied the log and changed no row. */
void jt_store_recent_settle(struct jt_store_sqlite *store, const char *path, struct jt_recent_change *change);

/* Around a read from the database: watch before, fill with the row that was read. Does nothing where it would wait. */
int64_t jt_store_recent_watch(struct jt_store_conn *conn);
void jt_store_recent_fill(struct jt_store_conn *conn, const char *path, int64_t data_version,
                          const struct jeton_row *row);

/* recent_slot.c: the copies themselves. */

extern const uint32_t jt_store_recent_slot_format; /* changes with the layout of a copy */

/* A sum that tells what was written from what a disk or a stray write made of it. */
uint64_t jt_store_recent_sum(const void *data, size_t len);

/* The row of that name, written in that epoch; *ret_row is to be freed as one of the database's. */
bool jt_store_recent_slot_read(int fd, uint64_t epoch, const char *name, const char *variant,
                               struct jeton_row *ret_row);
/* row NULL, or too long for its place: the place becomes empty. False: it could not be written. */
bool jt_store_recent_slot_write(int fd, uint64_t epoch, const char *name, const char *variant,
                                const struct jeton_row *row);

#endif
