/* SPDX-License-Identifier: MIT */
/* The store key: where it comes from, whether it is this store's, and its change under a running process. */
#ifndef JT_STORE_KEY_H
#define JT_STORE_KEY_H

#include "store/key_check.h"
#include "store/opened.h"

/* The key if it was needed before, else NULL; the caller frees. */
struct jt_seal *jt_store_key_loaded(struct jt_store *store) JT_MUST_CHECK;
/* The key, resolved at the first call; the caller frees. JETON_CONFIG: it is not the one that this store is sealed
 * with. */
int JT_MUST_CHECK jt_store_key_get(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error);
/* The same for a write: a store that does not say yet which key it is sealed with says so from now on. */
int JT_MUST_CHECK jt_store_key_claim(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error);
/* Looks whether the store was given another key, and resolves it again then; *ret_changed: it is not `used` any more.
 */
int JT_MUST_CHECK jt_store_key_reload(struct jt_store *store, const struct jt_seal *used, bool *ret_changed,
                                      jeton_error **ret_error);
/* Writes into an empty store that the present key is its key, whatever it said before. */
int JT_MUST_CHECK jt_store_key_replace(struct jt_store *store, jeton_error **ret_error);

#endif
