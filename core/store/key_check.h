/* SPDX-License-Identifier: MIT */
/* The store's own word on which key it is sealed with: the row "key_check" of JETON_KIND_STORE. Its blob is the id of
 * the key in hexadecimal digits, since people read it with sqlite3(1). */
#ifndef JT_STORE_KEY_CHECK_H
#define JT_STORE_KEY_CHECK_H

#include "store/opened.h"

#define JT_KEY_CHECK_LEN 16u

struct jt_key_check {
    char text[JT_KEY_CHECK_LEN + 1]; /* "": the store does not say */
    int64_t version;                 /* of the row; 0: there is none */
};

struct jeton_row_key jt_store_key_check_key(void);
/* What the store says now. */
int JT_MUST_CHECK jt_store_key_check_read(struct jt_store *store, struct jt_key_check *ret_check,
                                          jeton_error **ret_error);
/* What a store says that is sealed with this key. */
void jt_store_key_check_text(const struct jt_seal *seal, char ret_text[JT_KEY_CHECK_LEN + 1]);
/* The change that puts this text in the place of the row with that version; it points into text. */
struct jeton_store_change jt_store_key_check_change(const char *text, int64_t expected_version);
/* Writes it, durably. *ret_done false: the row has another version by now. */
int JT_MUST_CHECK jt_store_key_check_write(struct jt_store *store, const char *text, int64_t expected_version,
                                           bool *ret_done, jeton_error **ret_error);

#endif
