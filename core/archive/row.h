/* SPDX-License-Identifier: MIT */
/* A row of the store as a message of an archive. */
#ifndef JT_ARCHIVE_ROW_H
#define JT_ARCHIVE_ROW_H

#include "store/store.h"

/* What an entry is without its place: state, tokens, when renewal is due. Failures stay where they happened. */
int JT_MUST_CHECK jt_archive_row_encode(const char *name, const char *variant, const struct jt_entry *entry,
                                        struct jt_buf *plain, jeton_error **ret_error);
/* Takes hostile bytes. name and variant point into them. JETON_BAD_ANSWER with what is wrong. */
int JT_MUST_CHECK jt_archive_row_decode(const void *plain, size_t len, const char **ret_name, const char **ret_variant,
                                        struct jt_entry *ret_entry, jeton_error **ret_error);

#endif
