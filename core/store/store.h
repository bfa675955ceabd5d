/* SPDX-License-Identifier: MIT */
/* The face of this room: the store as the broker sees it. Entries are sealed into rows and opened again here; an engine
 * keeps the rows. */
#ifndef JT_STORE_H
#define JT_STORE_H

#include "base/base.h"
#include "secret/secret.h"
#include "token/token.h"
#include <jeton/store.h>

struct jt_store; /* thread-safe */

/* The state of a token's row. Stored rows contain these numbers: a number never changes its meaning. */
#define JT_ROW_TOKEN    1u /* a token set */
#define JT_ROW_INTENT   2u /* a request that spends something was begun, and has not ended */
#define JT_ROW_REVOKING 3u /* a revocation is queued; the token may not be handed out                  */
#define JT_ROW_EMPTY    4u /* no token, only a failure */
#define JT_ROW_INVALID  5u /* the access token may not be handed out, the refresh token is good         */

#define JT_ROW_REFRESHABLE_FLAG 1u /* there is a refresh token */

/* One row, opened. Zero it (JT_ENTRY_INIT) first. */
struct jt_entry {
    uint32_t state;           /* JT_ROW_*; 0: there is no row */
    int64_t version;          /* 0: there is no row */
    int64_t fence;            /* of the lease under which it was or will be written */
    struct jt_tokenset token; /* access_token NULL: there is none */
    int64_t due_at;
    int64_t failed_at;
    int64_t retry_at;
    int32_t failures;
    int failure_status;
    char *failure; /* the words of the failure, in the broker's form */
    uint64_t config_digest;
    bool unreadable; /* the blob did not open; `failure` says why, token is empty */
};
#define JT_ENTRY_INIT                                                                                                  \
    ((struct jt_entry){.token = {.expires_at = JT_NEVER, .refresh_expires_at = JT_NEVER}, .due_at = JT_NEVER})
void jt_entry_done(struct jt_entry *entry);
#define JT_AUTO_ENTRY JT_CLEANUP(jt_entry_done)

/* What a store is opened with. */
struct jt_store_options {
    const struct jeton_store_engine *engine; /* from jt_store_engine_load; copied */
    const struct jt_fields *settings;        /* the engine's, resolved; borrowed during the call */
    struct jt_secret_spec key;               /* its texts are borrowed until jt_store_free */
    const char *key_written_in;              /* the file that says where the key is, or NULL */
    struct jt_log *log;                      /* borrowed until jt_store_free; NULL: none */
};

/* Loads jeton_store_<name>.so: one that comes with jeton, else one from the configured plugin directory. JETON_CONFIG,
 * JETON_NOT_PERMITTED: it is refused; the error names the rule and the path. */
int JT_MUST_CHECK jt_store_engine_load(const char *plugindir, const char *name, struct jeton_store_engine *ret_engine,
                                       jeton_error **ret_error);

/* Opens the store and fetches its key. That there is no store is no error until something is put: gets find nothing.
 * JETON_CONFIG (wrong key, or a newer version, which is left untouched), JETON_NOT_PERMITTED, JETON_TRY_LATER: the
 * error names path and rule. */
int JT_MUST_CHECK jt_store_open(const struct jt_store_options *options, struct jt_store **ret_store,
                                jeton_error **ret_error);
void jt_store_free(struct jt_store **store);
#define JT_AUTO_STORE JT_CLEANUP(jt_store_free)
const char *jt_store_place(const struct jt_store *store); /* for messages */
/* JETON_OK: there is a store. JETON_CONFIG: there is none; the error says to run `jeton init`. */
int JT_MUST_CHECK jt_store_require(struct jt_store *store, jeton_error **ret_error);

/* `jeton init`: makes directories (0700), a key file (0600, 64 hex digits) and the store. What exists is kept.
 * *ret_what receives a line for each thing that was made or found; the caller frees. */
int JT_MUST_CHECK jt_store_init(const struct jt_store_options *options, char **ret_what, jeton_error **ret_error);

/* `jeton rekey`: seals all rows anew with another key. If the process is killed at any moment, the store still opens,
 * with the former key or the new one. new_key_file NULL: with a fresh key; then the store key must come from key_file.
 * ret_what: as above. */
int JT_MUST_CHECK jt_store_rekey(const struct jt_store_options *options, const char *new_key_file, char **ret_what,
                                 jeton_error **ret_error);

/* A damaged row is an entry that is `unreadable`, not an error. */
int JT_MUST_CHECK jt_store_get(struct jt_store *store, const char *name, const char *variant,
                               struct jt_entry *ret_entry, jeton_error **ret_error);
struct jt_store_name {
    const char *name;
    const char *variant;
};
/* Reads many rows as of one moment. ret_entries has room for count entries; on failure none is filled in. */
int JT_MUST_CHECK jt_store_get_many(struct jt_store *store, const struct jt_store_name *names, size_t count,
                                    struct jt_entry *ret_entries, jeton_error **ret_error);

/* Seals the entry and writes it if the stored row still has expected_version. *ret_done false: another writer was
 * first. On success entry->version is the new version. durable: the write survives a loss of power. */
int JT_MUST_CHECK jt_store_put(struct jt_store *store, const char *name, const char *variant, struct jt_entry *entry,
                               int64_t expected_version, bool durable, bool *ret_done, jeton_error **ret_error);
int JT_MUST_CHECK jt_store_remove(struct jt_store *store, const char *name, const char *variant,
                                  int64_t expected_version, bool *ret_done, jeton_error **ret_error);
/* Puts the entry, which was read under from_variant, under another variant of the name, and removes it where it was:
 * one durable transaction. expected_version: of the row at to_variant. *ret_done and entry->version: as for a put. */
int JT_MUST_CHECK jt_store_move(struct jt_store *store, const char *name, const char *from_variant,
                                const char *to_variant, struct jt_entry *entry, int64_t expected_version,
                                bool *ret_done, jeton_error **ret_error);
/* Puts many entries, all or none. Each call of next gives one, and a name of NULL at the end; name and variant live
 * until the next call. *ret_done false: one of the rows has another version by now, and nothing was written. */
int JT_MUST_CHECK jt_store_put_all(struct jt_store *store,
                                   int (*next)(void *data, const char **ret_name, const char **ret_variant,
                                               struct jt_entry *ret_entry, int64_t *ret_expected_version,
                                               jeton_error **ret_error),
                                   void *data, bool durable, bool *ret_done, jeton_error **ret_error);

/* Two checks whether a put would work now. The first costs next to nothing and may be wrong; the second is proof, and
 * costs as much as a put. */
int JT_MUST_CHECK jt_store_seems_writable(struct jt_store *store, jeton_error **ret_error);
int JT_MUST_CHECK jt_store_prove_writable(struct jt_store *store, jeton_error **ret_error);

/* Visits the rows behind (after_name, after_variant) in order. opened: their blobs are opened; else entry->token has
 * expires_at only. visit returns non-zero to stop, and must not call the store. */
typedef int (*jt_store_visit)(void *data, const char *name, const char *variant, uint32_t flags,
                              const struct jt_entry *entry);
int JT_MUST_CHECK jt_store_scan(struct jt_store *store, const char *after_name, const char *after_variant, size_t limit,
                                bool opened, jt_store_visit visit, void *data, jeton_error **ret_error);
/* Visits the rows whose due_at has come, the longest due first. Their blobs are not opened. */
int JT_MUST_CHECK jt_store_scan_due(struct jt_store *store, int64_t now, size_t limit, jt_store_visit visit, void *data,
                                    jeton_error **ret_error);

/* Takes the lease on a name and variant; among all threads, processes and machines it has one holder. *ret_lease NULL:
 * it could not be had within timeout_ms (negative: waits for ever). The holder puts the fence into entry->fence of what
 * it writes. */
struct jt_store_lease;
int JT_MUST_CHECK jt_store_lease(struct jt_store *store, const char *name, const char *variant, int64_t timeout_ms,
                                 struct jt_store_lease **ret_lease, int64_t *ret_fence, jeton_error **ret_error);
void jt_store_release(struct jt_store *store, struct jt_store_lease **lease);

/* A number that changes with every write to a row of the shard (jt_name_shard) by any process; costs one atomic read.
 * If the engine has no numbers, it changes every four seconds. */
uint64_t jt_store_number(struct jt_store *store, uint32_t shard);

#endif
