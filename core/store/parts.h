/* SPDX-License-Identifier: MIT */
/* What the files above the engine share: the open store, its engine, its key. Nothing but store*.c and its tests
 * includes it. */
#ifndef JT_STORE_PARTS_H
#define JT_STORE_PARTS_H

#include "store/seal.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

#define JT_STORE_WHY_LEN 2048u /* of an engine's sentence; holds a long path */

struct jt_store {
    const struct jt_main_config *config;
    struct jeton_store_engine engine; /* a copy, of which every member may be called */
    void *opened;
    bool is_sqlite;
    pthread_mutex_t key_mutex;
    struct jt_seal *seal; /* under the mutex; NULL until the key is first needed */
    atomic_bool stamped;  /* the store says which key it is sealed with, and it is this one */
};

/* engine.c: the engine that jeton.conf names. */

int JT_MUST_CHECK jt_store_engine_find(const struct jt_main_config *config, struct jeton_store_engine *ret_engine,
                                       jeton_error **ret_error);
/* Holds an engine's table against the contract and copies what both sides know of it. */
int JT_MUST_CHECK jt_store_engine_accept(const struct jeton_store_engine *theirs, const char *name, const char *place,
                                         struct jeton_store_engine *ret_engine, jeton_error **ret_error);
/* Opens the engine's store; the key is not looked at. */
int JT_MUST_CHECK jt_store_engine_open(const struct jt_main_config *config, bool create, struct jt_store **ret_store,
                                       jeton_error **ret_error);

/* key.c: the store key, and whether it is this store's. */

/* The store's value "key_check": the id of the key that it is sealed with, in hexadecimal digits, since people read it
 * with sqlite3(1). */
#define JT_KEY_CHECK     "key_check"
#define JT_KEY_CHECK_LEN 16u

/* The key, resolved at the first call; the caller frees. JETON_CONFIG: it is not the one that this store is sealed
 * with. */
int JT_MUST_CHECK jt_store_key_need(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error);
/* The same for a write: a store that does not say yet which key it is sealed with says so from now on. */
int JT_MUST_CHECK jt_store_key_stamp(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error);
/* Looks whether the store was given another key, and resolves it again then; *ret_changed: it is not `used` any more.
 */
int JT_MUST_CHECK jt_store_key_renew(struct jt_store *store, const struct jt_seal *used, bool *ret_changed,
                                     jeton_error **ret_error);
/* Forgets which key an empty store was sealed with, and says the present one. */
int JT_MUST_CHECK jt_store_key_restamp(struct jt_store *store, jeton_error **ret_error);
/* What the store says of its key now; "": nothing. */
int JT_MUST_CHECK jt_store_key_stored(struct jt_store *store, char ret_check[JT_KEY_CHECK_LEN + 1],
                                      jeton_error **ret_error);
/* What a store says that is sealed with this key. */
void jt_store_key_say(const struct jt_seal *seal, char ret_check[JT_KEY_CHECK_LEN + 1]);
/* Where the key comes from, for messages: "key file /etc/jeton/store.key". NULL: out of memory. */
char *jt_store_key_source(const struct jt_main_config *config) JT_MUST_CHECK;

/* key_next.c: the key that takes the place of the one in key_file. */

struct jt_key_paths {
    char *key;  /* key_file, links followed */
    char *next; /* beside it */
};
int JT_MUST_CHECK jt_store_key_next_paths(const struct jt_main_config *config, struct jt_key_paths *ret_paths,
                                          jeton_error **ret_error);
void jt_key_paths_done(struct jt_key_paths *paths);
/* The key of a rekey that is at work or was killed, if it is the one that the store says; a killed one is finished. */
bool jt_store_key_next_find(struct jt_store *store, const char *key_check, struct jt_seal **ret_seal) JT_MUST_CHECK;
/* Writes the next key, durably; *ret_fd keeps others from it until it is closed. What a killed rekey left is finished
 * or removed first. JETON_TRY_LATER: another rekey is at work. */
int JT_MUST_CHECK jt_store_key_next_make(struct jt_store *store, const struct jt_key_paths *paths, const char *hex,
                                         int *ret_fd, jeton_error **ret_error);
/* Puts it in the other's place; both by the one who made it. */
int JT_MUST_CHECK jt_store_key_next_place(const struct jt_key_paths *paths, jeton_error **ret_error);
/* The transaction failed: removes it, unless the store is sealed with it for all that. */
void jt_store_key_next_drop(struct jt_store *store, const struct jt_key_paths *paths);

/* entry.c: between rows and entries. */

/* Everything but the blob. */
int JT_MUST_CHECK jt_store_entry_fill(const struct jeton_row *row, struct jt_entry *ret_entry, jeton_error **ret_error);
/* The blob as well; one that does not open makes the entry `unreadable`. */
int JT_MUST_CHECK jt_store_entry_open(const struct jt_store *store, struct jt_seal *seal, const struct jeton_row *row,
                                      struct jt_entry *ret_entry, jeton_error **ret_error);
/* The row to be written as `version`; its pointers are the entry's and the buffer's. */
int JT_MUST_CHECK jt_store_entry_seal(struct jt_seal *seal, const char *name, const char *variant,
                                      const struct jt_entry *entry, int64_t version, struct jt_buf *blob,
                                      struct jeton_row *ret_row, jeton_error **ret_error);

/* plugins/stores/sqlite/sqlite.c */
bool jt_store_sqlite_is_missing(void *opened);

#endif
