/* SPDX-License-Identifier: MIT */
/* The store under test: openings of it, and its functions, each called with a deadline. Every call checks what the
 * contract asks of all: a failure has a sentence, the sentence names the place and nothing of a row, and callbacks come
 * from the caller's thread, with rows that are whole. */
#ifndef STORES_STORE_H
#define STORES_STORE_H

#include "check.h"
#include "host.h"
#include "rows.h"

/* The engine's table; later minor versions are cut off, what it lacks is zero. */
extern struct jeton_store_engine engine;

/* One opening. */
struct store {
    struct host host;
    void *store;
};
void store_close(struct store **store); /* NULL is allowed */
#define STORE __attribute__((cleanup(store_close))) struct store *

/* How long calls may take that do not wait for anything but a loaded machine. */
#define PATIENT 20000

/* Opens the store of the running test's place. A test that cannot open one ends here. */
struct store *store_open(void);
/* As store_open, and its host's clock is boot_ahead_ms before the machine's. */
struct store *store_open_ahead(int64_t boot_ahead_ms);
/* As store_open, and its host is one of a later minor version. */
struct store *store_open_later(void);
/* A new place, opened and created: what nearly every test begins with. */
struct store *store_new(void);
/* As store_open; a failure is returned. */
int store_try_open(int64_t wait_ms, struct store **ret_store);

/* The last failure's sentence of this thread; "": it failed without one. */
const char *store_sentence(void);

int store_exists(struct store *store, int64_t wait_ms, int *ret_exists);
int store_create(struct store *store, int64_t wait_ms);
int store_get(struct store *store, int64_t wait_ms, const struct jeton_row_key *keys, size_t count, uint32_t flags,
              struct rows *ret_rows);
int store_write(struct store *store, int64_t wait_ms, uint32_t flags, const struct jeton_store_change *changes,
                size_t count, int *ret_done);
int store_write_next(struct store *store, int64_t wait_ms, jeton_store_next next, void *data, int *ret_done);
int store_scan(struct store *store, int64_t wait_ms, uint32_t kind, const char *after_name, const char *after_variant,
               size_t limit, uint32_t flags, struct rows *ret_rows);
int store_due(struct store *store, int64_t wait_ms, uint32_t kind, int64_t now, size_t limit, uint32_t flags,
              struct rows *ret_rows);
int store_claim(struct store *store, int64_t wait_ms, uint32_t kind, int64_t now, int64_t until, size_t limit,
                uint32_t flags, struct rows *ret_rows);
int store_seems_writable(struct store *store, int64_t wait_ms);
int store_prove_writable(struct store *store, int64_t wait_ms);
int store_lease(struct store *store, int64_t wait_ms, struct jeton_row_key key, void **ret_lease, int64_t *ret_fence);
void store_release(struct store *store, void *lease);
int store_keep(struct store *store, int64_t wait_ms, void *lease, int64_t *ret_until_ms);
int store_rewrite(struct store *store, int64_t wait_ms, const struct jeton_store_change *value,
                  jeton_store_reseal reseal, void *data, int *ret_done);

#endif
