/* SPDX-License-Identifier: MIT */
/* Converting a row of the store to a message of an archive and back. */
#ifndef JT_ARCHIVE_ROW_H
#define JT_ARCHIVE_ROW_H

#include "store/store.h"

/* Writes name, variant, state, tokens and the time when renewal is due. Failures are left out: they belong to the
 * machine where they happened. */
int JT_MUST_CHECK jt_archive_row_encode(const char *name, const char *variant, const struct jt_entry *entry,
                                        struct jt_buf *plain, jeton_error **ret_error);
/* The bytes may be hostile. name and variant point into them. JETON_BAD_ANSWER: they are malformed; the error says
 * how. */
int JT_MUST_CHECK jt_archive_row_decode(const void *plain, size_t len, const char **ret_name, const char **ret_variant,
                                        struct jt_entry *ret_entry, jeton_error **ret_error);

#endif
