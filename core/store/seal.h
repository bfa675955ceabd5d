/* SPDX-License-Identifier: MIT */
/* Sealing blobs: XChaCha20-Poly1305 with the store key, which is kept in guarded memory. */
#ifndef JT_SEAL_H
#define JT_SEAL_H

#include "base/base.h"

#define JT_SEAL_KEY_LEN 32u

struct jt_seal;

/* The text is a key of 64 hex digits; surrounding white space is ignored. JETON_CONFIG: it is not; the error does not
 * repeat the text. */
int JT_MUST_CHECK jt_seal_new(const char *hex, size_t len, struct jt_seal **ret_seal, jeton_error **ret_error);
struct jt_seal *jt_seal_ref(struct jt_seal *seal); /* adds an owner; each owner frees */
void jt_seal_free(struct jt_seal **seal);
#define JT_AUTO_SEAL JT_CLEANUP(jt_seal_free)
/* A fresh key as text in guarded memory: 64 hex digits and a newline. */
int JT_MUST_CHECK jt_seal_make_key(char **ret_hex, jeton_error **ret_error);
uint64_t jt_seal_key_id(const struct jt_seal *seal); /* a keyed hash of the key; no secret */

/* The row that a blob belongs to. A blob opens only at the place for which it was sealed: not in another row, not in
 * another version of the row, and not after one of these columns was altered. */
struct jt_seal_place {
    uint32_t kind;
    const char *name;
    const char *variant;
    int64_t version;
    uint32_t state;
    int64_t expires_at;
};

/* The first byte of a blob. An earlier jeton wrote JT_SEAL_FORMAT_TOKENS: kind and expiry are not in the additional
 * data, and the plain text is a token set alone. */
#define JT_SEAL_FORMAT_TOKENS 1u
#define JT_SEAL_FORMAT        2u

/* A blob is the format (1), the key's id (8), a nonce (24), ciphertext and tag. The additional data are the place and
 * the key's id. */
int JT_MUST_CHECK jt_seal_close(struct jt_seal *seal, const struct jt_seal_place *place, const void *plain,
                                size_t plain_len, struct jt_buf *ret_blob, jeton_error **ret_error);
/* Whether the blob has this key's id. True also for a blob that is too short for an id: another key would not help. */
bool jt_seal_fits(const struct jt_seal *seal, const void *blob, size_t blob_len);
/* JETON_BAD_ANSWER: the blob is too short, sealed with another key, or altered; the error says which. */
int JT_MUST_CHECK jt_seal_open(struct jt_seal *seal, const struct jt_seal_place *place, const void *blob,
                               size_t blob_len, struct jt_buf *ret_plain, unsigned *ret_format,
                               jeton_error **ret_error);

#endif
