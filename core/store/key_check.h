/* SPDX-License-Identifier: MIT */
/* The row "key_check" of JETON_KIND_STORE, in which a store says which key it is sealed with. Its blob is the id of the
 * key in hexadecimal digits, so that people can read it with sqlite3(1). */
#ifndef JT_STORE_KEY_CHECK_H
#define JT_STORE_KEY_CHECK_H

#include "store/opened.h"

#define JT_KEY_CHECK_LEN 16u

struct jt_key_check {
    char text[JT_KEY_CHECK_LEN + 1]; /* "": the store does not say */
    int64_t version;                 /* of the row; 0: there is none */
};

struct jeton_row_key jt_store_key_check_key(void);
/* Reads the row as it is now. */
int JT_MUST_CHECK jt_store_key_check_read(struct jt_store *store, struct jt_key_check *ret_check,
                                          jeton_error **ret_error);
/* The row's text for a store that is sealed with this key. */
void jt_store_key_check_text(const struct jt_seal *seal, char ret_text[JT_KEY_CHECK_LEN + 1]);
/* The change that replaces the row, if it still has expected_version, by this text. It points into text. */
struct jeton_store_change jt_store_key_check_change(const char *text, int64_t expected_version);
/* Makes that change, durably. *ret_done false: the row has another version by now. */
int JT_MUST_CHECK jt_store_key_check_write(struct jt_store *store, const char *text, int64_t expected_version,
                                           bool *ret_done, jeton_error **ret_error);

#endif
