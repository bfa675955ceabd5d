/* SPDX-License-Identifier: MIT */
/* The store as the broker sees it: rows opened and sealed, over whatever engine keeps them. */
#ifndef JT_STORE_H
#define JT_STORE_H

#include "base/base.h"
#include "secret/secret.h"
#include "token/token.h"
#include <jeton/store.h>

struct jt_store; /* thread-safe */

/* What a token's row is in. The numbers are stored: one that was in use is never given to something else. */
#define JT_ROW_TOKEN    1u /* there is a token set                                                     */
#define JT_ROW_INTENT   2u /* an exchange that spends something has begun and has not ended            */
#define JT_ROW_REVOKING 3u /* a revocation is queued; the token may not be handed out                  */
#define JT_ROW_EMPTY    4u /* no token: the row carries a failure only                                 */
#define JT_ROW_INVALID  5u /* the access token may not be handed out, the refresh token is good         */

#define JT_ROW_REFRESHABLE_FLAG 1u /* there is a refresh token */

/* One row, opened. Zero it (JT_ENTRY_INIT) first. */
struct jt_entry {
    uint32_t state;           /* JT_ROW_*; 0: there is no row */
    int64_t version;          /* 0: there is no row */
    int64_t fence;            /* of the lease under which it was written, or is to be written */
    struct jt_tokenset token; /* access_token NULL: there is none (any more) */
    int64_t due_at;
    int64_t failed_at;
    int64_t retry_at;
    int32_t failures;
    int failure_status;
    char *failure; /* what was said, as the broker wrote it down */
    uint64_t config_digest;
    bool unreadable; /* the blob did not open: `failure` says why; token is empty */
};
#define JT_ENTRY_INIT                                                                                                  \
    ((struct jt_entry){.token = {.expires_at = JT_NEVER, .refresh_expires_at = JT_NEVER}, .due_at = JT_NEVER})
void jt_entry_done(struct jt_entry *entry);
#define JT_AUTO_ENTRY JT_CLEANUP(jt_entry_done)

/* What a store is opened with. */
struct jt_store_options {
    const struct jeton_store_engine *engine; /* as jt_store_engine_load gave it; copied */
    const struct jt_fields *settings;        /* of the engine, resolved; borrowed while the store is opened */
    struct jt_secret_spec key;               /* its texts are borrowed until jt_store_free */
    const char *key_written_in;              /* the file that says where the key comes from; NULL: none */
    struct jt_log *log;                      /* borrowed until jt_store_free; NULL: none */
};

/* Loads jeton_store_<name>.so: one that came with jeton, else one from the plugin directory of others. JETON_CONFIG,
 * JETON_NOT_PERMITTED: which rule it breaks, and where it lies. */
int JT_MUST_CHECK jt_store_engine_load(const char *plugindir, const char *name, struct jeton_store_engine *ret_engine,
                                       jeton_error **ret_error);

/* Opens the store, with its key. A store that is not there is not an error until something is put: gets find nothing.
 * Errors name path and rule: JETON_CONFIG (wrong key, newer version: untouched), JETON_NOT_PERMITTED,
 * JETON_TRY_LATER. */
int JT_MUST_CHECK jt_store_open(const struct jt_store_options *options, struct jt_store **ret_store,
                                jeton_error **ret_error);
void jt_store_free(struct jt_store **store);
#define JT_AUTO_STORE JT_CLEANUP(jt_store_free)
const char *jt_store_place(const struct jt_store *store); /* for messages */
/* JETON_CONFIG, "run jeton init", where there is no store; JETON_OK where there is one. */
int JT_MUST_CHECK jt_store_require(struct jt_store *store, jeton_error **ret_error);

/* `jeton init`: directories (0700) and key file (0600, 64 hex digits), then the store. Existing ones are kept. what
 * receives a line for each thing made or found; the caller frees. */
int JT_MUST_CHECK jt_store_init(const struct jt_store_options *options, char **ret_what, jeton_error **ret_error);

/* `jeton rekey`: a new key for the store, whose rows are all sealed anew. Killed at any moment, the store opens with
 * the former key or the new one. new_key_file: NULL for a fresh key, which needs a store key from key_file. what: as
 * above. */
int JT_MUST_CHECK jt_store_rekey(const struct jt_store_options *options, const char *new_key_file, char **ret_what,
                                 jeton_error **ret_error);

/* A damaged row is an entry that is `unreadable`, not an error. */
int JT_MUST_CHECK jt_store_get(struct jt_store *store, const char *name, const char *variant,
                               struct jt_entry *ret_entry, jeton_error **ret_error);
struct jt_store_name {
    const char *name;
    const char *variant;
};
/* Many rows as of one moment, of which ret_entries has room for each. On failure none is filled in. */
int JT_MUST_CHECK jt_store_get_many(struct jt_store *store, const struct jt_store_name *names, size_t count,
                                    struct jt_entry *ret_entries, jeton_error **ret_error);

/* Seals and writes if the stored row still has expected_version; *ret_done false: another writer was first. On success
 * entry->version is the new one. durable: survives a loss of power. */
int JT_MUST_CHECK jt_store_put(struct jt_store *store, const char *name, const char *variant, struct jt_entry *entry,
                               int64_t expected_version, bool durable, bool *ret_done, jeton_error **ret_error);
int JT_MUST_CHECK jt_store_remove(struct jt_store *store, const char *name, const char *variant,
                                  int64_t expected_version, bool *ret_done, jeton_error **ret_error);
/* Puts many entries, all or none. next fills in one after the other, with a name of NULL at the end; name and
 * variant live until the next call. *ret_done false: one of the rows has another version by now, nothing was written.
 */
int JT_MUST_CHECK jt_store_put_all(struct jt_store *store,
                                   int (*next)(void *data, const char **ret_name, const char **ret_variant,
                                               struct jt_entry *ret_entry, int64_t *ret_expected_version,
                                               jeton_error **ret_error),
                                   void *data, bool durable, bool *ret_done, jeton_error **ret_error);

/* Whether a put would seem to work now, for next to nothing; and the proof of it, which costs as much as a put. */
int JT_MUST_CHECK jt_store_seems_writable(struct jt_store *store, jeton_error **ret_error);
int JT_MUST_CHECK jt_store_prove_writable(struct jt_store *store, jeton_error **ret_error);

/* The rows behind (after_name, after_variant), in their order. opened: with what is sealed in them; else
 * entry->token holds expires_at only. visit returns non-zero to stop, and does not call the store. */
typedef int (*jt_store_visit)(void *data, const char *name, const char *variant, uint32_t flags,
                              const struct jt_entry *entry);
int JT_MUST_CHECK jt_store_scan(struct jt_store *store, const char *after_name, const char *after_variant, size_t limit,
                                bool opened, jt_store_visit visit, void *data, jeton_error **ret_error);
/* Rows whose due_at has come, the longest due first, not opened. */
int JT_MUST_CHECK jt_store_scan_due(struct jt_store *store, int64_t now, size_t limit, jt_store_visit visit, void *data,
                                    jeton_error **ret_error);

/* The lease on a name, among threads, processes and machines. *ret_lease NULL: not within timeout_ms (negative: waits
 * for ever). What is written under it carries its fence in entry->fence. */
struct jt_store_lease;
int JT_MUST_CHECK jt_store_lease(struct jt_store *store, const char *name, const char *variant, int64_t timeout_ms,
                                 struct jt_store_lease **ret_lease, int64_t *ret_fence, jeton_error **ret_error);
void jt_store_release(struct jt_store *store, struct jt_store_lease **lease);

/* A number that changes with every write to a row of the shard (jt_name_shard), by anybody; one atomic read. Where the
 * engine has none, it changes every four seconds. */
uint64_t jt_store_number(struct jt_store *store, uint32_t shard);

#endif
