/* SPDX-License-Identifier: MIT */
/* The key that takes the place of the one in key_file. */
#ifndef JT_STORE_KEY_NEXT_H
#define JT_STORE_KEY_NEXT_H

#include "store/opened.h"

struct jt_key_paths {
    char *key;  /* key_file, links followed */
    char *next; /* beside it */
};
int JT_MUST_CHECK jt_store_key_next_paths(const struct jt_store *store, struct jt_key_paths *ret_paths,
                                          jeton_error **ret_error);
void jt_key_paths_done(struct jt_key_paths *paths);
/* The key of a rekey that is at work or was killed, if it is the one that the store says; a killed one is finished. */
bool jt_store_key_next_find(struct jt_store *store, const char *key_check, struct jt_seal **ret_seal) JT_MUST_CHECK;
/* Writes the next key, durably; *ret_fd keeps others from it until it is closed. What a killed rekey left is finished
 * or removed first. JETON_TRY_LATER: another rekey is at work. */
int JT_MUST_CHECK jt_store_key_next_make(struct jt_store *store, const struct jt_key_paths *paths, const char *hex,
                                         int *ret_fd, jeton_error **ret_error);
/* Puts it in the other's place. Both this and the next function are called by the process that made it. */
int JT_MUST_CHECK jt_store_key_next_place(const struct jt_key_paths *paths, jeton_error **ret_error);
/* The transaction failed: removes it, unless the store is sealed with it for all that. */
void jt_store_key_next_drop(struct jt_store *store, const struct jt_key_paths *paths);

#endif
