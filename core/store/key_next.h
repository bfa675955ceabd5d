/* SPDX-License-Identifier: MIT */
/* The next store key during a rekey, in a file of its own until it replaces the one in key_file. */
#ifndef JT_STORE_KEY_NEXT_H
#define JT_STORE_KEY_NEXT_H

#include "store/opened.h"

struct jt_key_paths {
    char *key;  /* key_file, symbolic links followed */
    char *next; /* <key>.new */
};
int JT_MUST_CHECK jt_store_key_next_paths(const struct jt_store *store, struct jt_key_paths *ret_paths,
                                          jeton_error **ret_error);
void jt_key_paths_done(struct jt_key_paths *paths);
/* Finds the next key of a rekey that is running or was killed. False: there is none, or the store is not sealed with
 * it. A rekey that was killed is finished. */
bool jt_store_key_next_find(struct jt_store *store, const char *key_check, struct jt_seal **ret_seal) JT_MUST_CHECK;
/* Writes the next key, durably. *ret_fd holds its lock until the caller closes it. What a killed rekey left is finished
 * or removed first. JETON_TRY_LATER: another rekey is running. */
int JT_MUST_CHECK jt_store_key_next_make(struct jt_store *store, const struct jt_key_paths *paths, const char *hex,
                                         int *ret_fd, jeton_error **ret_error);
/* Renames the next key to the former one's place. This and the next function are called by the process that wrote the
 * next key. */
int JT_MUST_CHECK jt_store_key_next_place(const struct jt_key_paths *paths, jeton_error **ret_error);
/* After a failed transaction: removes the next key, unless the store turns out to be sealed with it. */
void jt_store_key_next_drop(struct jt_store *store, const struct jt_key_paths *paths);

#endif
