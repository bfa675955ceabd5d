/* SPDX-License-Identifier: MIT */
/* Between the engine's rows and the broker's entries. */
#ifndef JT_STORE_ENTRY_H
#define JT_STORE_ENTRY_H

#include "store/seal.h"
#include "store/store.h"

/* What stands open in a row. */
void jt_store_entry_fill(const struct jeton_row *row, struct jt_entry *ret_entry);
/* The blob as well. JETON_BAD_ANSWER: the row is damaged, and why. */
int JT_MUST_CHECK jt_store_entry_open(struct jt_seal *seal, const struct jeton_row *row, struct jt_entry *ret_entry,
                                      jeton_error **ret_error);
/* The row to be written as `version`; its pointers are the key's and the buffer's. */
int JT_MUST_CHECK jt_store_entry_seal(struct jt_seal *seal, const struct jeton_row_key *key,
                                      const struct jt_entry *entry, int64_t version, struct jt_buf *blob,
                                      struct jeton_row *ret_row, jeton_error **ret_error);
/* The row's blob under another key. JETON_BAD_ANSWER: the former key does not open it. */
int JT_MUST_CHECK jt_store_entry_reseal(struct jt_seal *old_seal, struct jt_seal *new_seal,
                                        const struct jeton_row *row, struct jt_buf *ret_blob,
                                        jeton_error **ret_error);

#endif
