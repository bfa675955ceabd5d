/* SPDX-License-Identifier: MIT */
/* The store as the broker sees it: rows opened and sealed, over an engine. It never talks to a provider and never
 * decides whether a token is good enough. */
#ifndef JT_STORE_H
#define JT_STORE_H

#include "base/base.h"
#include "config/config.h"
#include "token/tokenset.h"
#include <jeton/store.h>

struct jt_store; /* thread-safe */

/* One row, opened. Zero it (JT_ENTRY_INIT) first. */
struct jt_entry {
    uint32_t state;  /* JETON_ROW_*; 0: there is no row */
    int64_t version; /* 0: there is no row */
    int64_t fence;
    /* State TOKEN, INTENT, REVOKING, INVALID: what is (still) there; access_token NULL: nothing. */
    struct jt_tokenset token;
    int64_t due_at;
    int64_t failed_at;
    int64_t retry_at;
    int32_t failures;
    int failure_status;
    char *failure;
    uint64_t config_digest;
    bool unreadable; /* the blob did not open: `failure` says why; token is empty */
};
#define JT_ENTRY_INIT                                                                                                  \
    ((struct jt_entry){.token = {.expires_at = JT_NEVER, .refresh_expires_at = JT_NEVER}, .due_at = JT_NEVER})
void jt_entry_done(struct jt_entry *entry);
/* What is written from now on is written under the lease with this fence, as jt_store_lease gave it; 0: the engine's
 * leases end with their holder, and the row counts for itself. */
void jt_entry_fence(struct jt_entry *entry, int64_t fence);
#define JT_AUTO_ENTRY JT_CLEANUP(jt_entry_done)

/* Opens the store that jeton.conf names, with its key. config is borrowed until jt_store_free. create: for `jeton init`
 * only. A store that is not there is not an error until something is put: gets find nothing (and jt_store_missing is
 * true). Errors name path and rule: JETON_CONFIG (wrong key, newer version: untouched), JETON_NOT_PERMITTED,
 * JETON_TRY_LATER. */
int JT_MUST_CHECK jt_store_open(const struct jt_main_config *config, bool create, struct jt_store **ret_store,
                                jeton_error **ret_error);
void jt_store_free(struct jt_store **store);
#define JT_AUTO_STORE JT_CLEANUP(jt_store_free)
const char *jt_store_place(const struct jt_store *store);
bool jt_store_missing(struct jt_store *store);
int jt_store_fail_missing(const struct jt_store *store, jeton_error **ret_error); /* JETON_CONFIG: run jeton init */

/* `jeton init`: directories (0700) and key file (0600, 64 hex digits), then the store. Existing ones are kept. what
 * receives a line for each thing made or found; the caller frees. */
int JT_MUST_CHECK jt_store_init(const struct jt_main_config *config, char **ret_what, jeton_error **ret_error);

/* `jeton rekey`: a new key for the store, whose rows are all sealed anew. Killed at any moment, the store opens with
 * the former key or the new one. new_key_file: NULL for a fresh key, which needs a store key from key_file. what: as
 * above. */
int JT_MUST_CHECK jt_store_rekey(const struct jt_main_config *config, const char *new_key_file, char **ret_what,
                                 jeton_error **ret_error);

/* A damaged row is an entry that is `unreadable`, not an error. */
int JT_MUST_CHECK jt_store_get(struct jt_store *store, const char *name, const char *variant,
                               struct jt_entry *ret_entry, jeton_error **ret_error);
/* Many rows, of which ret_entries has room for each. On failure none is filled in. */
int JT_MUST_CHECK jt_store_get_many(struct jt_store *store, const struct jeton_row_key *keys, size_t count,
                                    struct jt_entry *ret_entries, jeton_error **ret_error);
/* Seals and writes if the stored row still has expected_version; *ret_done false: another writer was first. On success
 * entry->version is the new one. */
int JT_MUST_CHECK jt_store_put(struct jt_store *store, const char *name, const char *variant, struct jt_entry *entry,
                               int64_t expected_version, bool durable, bool *ret_done, jeton_error **ret_error);
int JT_MUST_CHECK jt_store_remove(struct jt_store *store, const char *name, const char *variant,
                                  int64_t expected_version, bool *ret_done, jeton_error **ret_error);
/* Puts many entries, all or none. next fills in one after the other, with a name of NULL at the end; name and
 * variant live until the next call. *ret_done false: one of the rows has another version by now, nothing was written.
 * JETON_NOT_SUPPORTED: the engine cannot. */
int JT_MUST_CHECK jt_store_put_all(struct jt_store *store,
                                   int (*next)(void *data, const char **ret_name, const char **ret_variant,
                                               struct jt_entry *ret_entry, int64_t *ret_expected_version,
                                               jeton_error **ret_error),
                                   void *data, bool durable, bool *ret_done, jeton_error **ret_error);
/* Whether a put would seem to work now; jt_store_probe proves it, and costs as much as one. */
int JT_MUST_CHECK jt_store_glance(struct jt_store *store, jeton_error **ret_error);
int JT_MUST_CHECK jt_store_probe(struct jt_store *store, jeton_error **ret_error);

/* The rows behind (after_name, after_variant), without opening blobs: entry->token holds expires_at only. */
int JT_MUST_CHECK jt_store_scan(struct jt_store *store, const char *after_name, const char *after_variant, size_t limit,
                                int (*visit)(void *data, const char *name, const char *variant, uint32_t flags,
                                             const struct jt_entry *entry),
                                void *data, jeton_error **ret_error);
int JT_MUST_CHECK jt_store_scan_due(struct jt_store *store, int64_t now, size_t limit,
                                    int (*visit)(void *data, const char *name, const char *variant, uint32_t flags,
                                                 const struct jt_entry *entry),
                                    void *data, jeton_error **ret_error);

/* The lease on a name, among threads and processes. *ret_lease NULL: not within timeout_ms. */
int JT_MUST_CHECK jt_store_lease(struct jt_store *store, const char *name, const char *variant, int64_t timeout_ms,
                                 void **ret_lease, int64_t *ret_fence, jeton_error **ret_error);
void jt_store_release(struct jt_store *store, void **lease);

uint64_t jt_store_generation(struct jt_store *store, uint32_t shard); /* jt_name_shard; one atomic read */

#endif
