/* SPDX-License-Identifier: MIT */
/* The store key of an open store: fetching it, checking that it is this store's, and noticing that another process has
 * changed it. */
#ifndef JT_STORE_KEY_H
#define JT_STORE_KEY_H

#include "store/key_check.h"
#include "store/opened.h"

/* The key if it was fetched before, else NULL; the caller frees. */
struct jt_seal *jt_store_key_loaded(struct jt_store *store) JT_MUST_CHECK;
/* The key, fetched at the first call; the caller frees. JETON_CONFIG: it is not the key that this store is sealed
 * with. */
int JT_MUST_CHECK jt_store_key_get(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error);
/* The same before a write: if the store does not say yet which key it is sealed with, that is written first. */
int JT_MUST_CHECK jt_store_key_claim(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error);
/* Checks whether another process has given the store another key, and if so fetches that. *ret_changed: the key is not
 * `used` any more. */
int JT_MUST_CHECK jt_store_key_reload(struct jt_store *store, const struct jt_seal *used, bool *ret_changed,
                                      jeton_error **ret_error);
/* Makes the present key the key of an empty store, whatever the store said before. */
int JT_MUST_CHECK jt_store_key_replace(struct jt_store *store, jeton_error **ret_error);

#endif
