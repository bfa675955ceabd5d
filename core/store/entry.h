/* SPDX-License-Identifier: MIT */
/* Converting between the engine's rows and the broker's entries. */
#ifndef JT_STORE_ENTRY_H
#define JT_STORE_ENTRY_H

#include "store/seal.h"
#include "store/store.h"

/* Fills in what can be read from a row without the key. */
void jt_store_entry_fill(const struct jeton_row *row, struct jt_entry *ret_entry);
/* The same, and opens the blob. JETON_BAD_ANSWER: the row is damaged; the error says how. */
int JT_MUST_CHECK jt_store_entry_open(struct jt_seal *seal, const struct jeton_row *row, struct jt_entry *ret_entry,
                                      jeton_error **ret_error);
/* Seals an entry into the row that is to be written as `version`. The row points into the key and the blob buffer. */
int JT_MUST_CHECK jt_store_entry_seal(struct jt_seal *seal, const struct jeton_row_key *key,
                                      const struct jt_entry *entry, int64_t version, struct jt_buf *blob,
                                      struct jeton_row *ret_row, jeton_error **ret_error);
/* Seals the row's blob with another key. JETON_BAD_ANSWER: the former key does not open it. */
int JT_MUST_CHECK jt_store_entry_reseal(struct jt_seal *old_seal, struct jt_seal *new_seal, const struct jeton_row *row,
                                        struct jt_buf *ret_blob, jeton_error **ret_error);

#endif
