/* SPDX-License-Identifier: MIT */
/* The contract between libjeton and a store engine: where sealed rows are kept. It knows nothing of tokens or keys; a
 * row's blob is opaque to the engine, which never sees a secret. */
#ifndef JETON_STORE_H
#define JETON_STORE_H

/*
 * An engine keeps rows under a key of two strings: the token's name and its variant (which scope, audience and
 * resource were asked for; "" for the account's own). The library seals what is secret before it gets here.
 *
 * The embedded engine is SQLite (plugins/stores/sqlite/). Engines for more than one machine are plugins
 * (jeton_store_<name>.so, exporting jeton_store_v1) under the same loading rules as providers.
 *
 * Versions, memory and growth follow the rules in <jeton/provider.h>. Every function may be called from any thread.
 * Functions return JETON_OK or a status of <jeton/status.h>, and write a sentence that names the place (a path, a host)
 * to `why` (why_size bytes, NUL-terminated) when they fail.
 */

#include <stddef.h>
#include <stdint.h>
#include <jeton/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JETON_STORE_ABI_MINOR 1u
#define JETON_STORE_SYMBOL    "jeton_store_v1"
#define JETON_STORE_NEVER     INT64_MAX /* no such point in time */

/* What put's `state` and the row's may say. */
#define JETON_ROW_TOKEN    1u /* the blob is a token set                                             */
#define JETON_ROW_INTENT   2u /* an exchange that spends something has begun and has not ended       */
#define JETON_ROW_REVOKING 3u /* a revocation is queued; the token may not be handed out             */
#define JETON_ROW_EMPTY    4u /* nothing stored: the row carries a failure only                      */
#define JETON_ROW_INVALID  5u /* invalidated: the access token may not be handed out, the refresh token is good */

struct jeton_row {
    uint32_t struct_size;
    uint32_t state;        /* JETON_ROW_*                                                              */
    const char *name;      /* "line/bot"                                                               */
    const char *variant;   /* "" or a canonical text: "scope=a b\naudience=x"                          */
    uint32_t shard;        /* of the name's hash, 0 to 1023: where an engine may spread rows           */
    uint32_t flags;        /* JETON_ROW_*_FLAG                                                         */
    int64_t  version;      /* grows by one with every put of this row; 0: there is no row yet          */
    int64_t  fence;        /* of the lease under which it was written                                  */
    int64_t  expires_at;   /* JETON_STORE_NEVER: no limit                                              */
    int64_t  due_at;       /* when renewal is wanted, or when the next try is; a claim moves it        */
    /* The last failure; kept beside the token, never instead of it. */
    int64_t  failed_at;    /* 0: none                                                                  */
    int64_t  retry_at;     /* not before; JETON_STORE_NEVER: not until configuration or token change   */
    int32_t  failures;     /* in a row                                                                 */
    int32_t  failure_status;
    const char *failure;   /* one line, no secrets; NULL: none                                         */
    uint64_t config_digest; /* of the configuration that failed                                        */
    const void *blob;      /* sealed; NULL: none                                                       */
    size_t   blob_len;
    /* Since minor 1. What is put: only while the store's value "key_check" is this text, which is looked at in the
     * transaction that writes; NULL: whatever it is. What is read has NULL. */
    const char *key_check;
};

struct jeton_row_key {
    const char *name;
    const char *variant;
};

#define JETON_ROW_REFRESHABLE_FLAG 1u /* the blob holds a refresh token */

/* How much losing a write would cost. */
#define JETON_DURABLE 1u /* survives power loss when put returns; without it, survives a killed process */

struct jeton_store_engine {
    uint32_t struct_size;
    uint32_t abi_minor;
    const char *name;    /* "sqlite" */
    const char *version;
    const char *summary;

    /* Opens the store at `location` (a path, a connection string). create: make it when it is not there. */
    int (*open)(const char *location, int create, void **ret_store, char *why, size_t why_size);
    void (*close)(void *store);

    /* Reads a row. The row's pointers live until free_row. JETON_OK with ret_row->version 0: no such row. */
    int (*get)(void *store, const char *name, const char *variant, struct jeton_row *ret_row, char *why,
               size_t why_size);
    void (*free_row)(void *store, struct jeton_row *row);

    /* Writes the row if the stored one still has expected_version (0: no row) and no higher fence; the new version is
     * expected_version + 1. JETON_OK with *ret_done 0: another writer was first, nothing was written. */
    int (*put)(void *store, const struct jeton_row *row, int64_t expected_version, uint32_t durability, int *ret_done,
               char *why, size_t why_size);
    /* Removes it under the same condition. */
    int (*remove)(void *store, const char *name, const char *variant, int64_t expected_version, int *ret_done, char *why,
                  size_t why_size);

    /* Calls visit for rows in order of (name, variant) behind the given key, without blobs, at most limit; stops when
     * visit returns non-zero. */
    int (*scan)(void *store, const char *after_name, const char *after_variant, size_t limit,
                int (*visit)(void *data, const struct jeton_row *row), void *data, char *why, size_t why_size);
    /* The same for rows with due_at <= now, the longest due first, by index. */
    int (*scan_due)(void *store, int64_t now, size_t limit, int (*visit)(void *data, const struct jeton_row *row),
                    void *data, char *why, size_t why_size);

    /* Proves that a put would work now: space, permissions. Changes nothing that is seen. */
    int (*probe)(void *store, char *why, size_t why_size);

    /* Takes the lease on a name, which one holder has until it gives it back or dies; fence grows with each. Waits at
     * most timeout_ms (-1: for ever, 0: not at all). JETON_OK with *ret_lease NULL: somebody else has it still. An engine
     * whose leases cannot be lost by a holder that lives (kernel locks) gives fence 0: nobody can write too late. */
    int (*lease)(void *store, const char *name, const char *variant, int64_t timeout_ms, void **ret_lease,
                 int64_t *ret_fence, char *why, size_t why_size);
    void (*release)(void *store, void *lease);

    /* A number that changes with every put or remove of a row of that shard by anyone; cheap, for it is asked at every
     * get: no I/O where the engine can help it. NULL: the engine cannot tell. Rows are read again after five seconds
     * all the same. */
    uint64_t (*generation)(void *store, uint32_t shard);

    /* Small values of the store itself ("key_check"). get: *ret_len 0: none; value_size bytes of room. */
    int (*meta_get)(void *store, const char *key, void *value, size_t value_size, size_t *ret_len, char *why,
                    size_t why_size);
    int (*meta_put)(void *store, const char *key, const void *value, size_t value_len, char *why, size_t why_size);

    /* Since minor 1. Both are one transaction, all or nothing, while nobody else writes, and rewrite's is durable; NULL: the engine has
     * none over many rows. A callback that returns a status other than JETON_OK ends the transaction: nothing was
     * written, and that status is returned without a `why`. */

    /* Gives every row with a blob another one, and the store the value new_key_check as "key_check". visit leaves the
     * row's blob alone where it sets no other; what it sets lives until the next call. old_key_check: what the value
     * has to be before, NULL for none. JETON_OK with *ret_done 0: it is another one, nothing was written. visit may be
     * NULL. */
    int (*rewrite)(void *store, const char *old_key_check, const char *new_key_check,
                   int (*visit)(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len),
                   void *data, int *ret_done, char *why, size_t why_size);
    /* Puts rows as put does, each under its own condition. next gives them one by one, with a name of NULL at the end;
     * a row lives until the next call. JETON_OK with *ret_done 0: the condition of one did not hold, nothing was
     * written. */
    int (*put_all)(void *store, int (*next)(void *data, struct jeton_row *ret_row, int64_t *ret_expected_version),
                   void *data, uint32_t durability, int *ret_done, char *why, size_t why_size);

    /* Reads count rows as get does, all as of one moment, and calls visit for each in their order; the row lives until
     * visit returns. Stops when visit returns non-zero. NULL: the engine has nothing that is faster than get. */
    int (*get_many)(void *store, const struct jeton_row_key *keys, size_t count,
                    int (*visit)(void *data, size_t index, const struct jeton_row *row), void *data, char *why,
                    size_t why_size);

    /* Whether a put would seem to work now, found out for next to nothing: asked before every request whose answer must
     * be kept, where probe is asked before one that spends something. NULL: the engine cannot say. */
    int (*glance)(void *store, char *why, size_t why_size);
};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct jeton_store_engine *jeton_store_v1(void);

#ifdef __cplusplus
}
#endif

#endif
