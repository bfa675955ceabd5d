/* SPDX-License-Identifier: MIT */
/* Sealing of rows: XChaCha20-Poly1305 with the store key, which stays in guarded memory. */
#ifndef JT_SEAL_H
#define JT_SEAL_H

#include "base/base.h"

#define JT_SEAL_KEY_LEN 32u

struct jt_seal;

/* The key is 64 hex digits, surrounding white space ignored. JETON_CONFIG when it is not; the text is never repeated.
 */
int JT_MUST_CHECK jt_seal_new(const char *hex, size_t len, struct jt_seal **ret_seal, jeton_error **ret_error);
struct jt_seal *jt_seal_ref(struct jt_seal *seal); /* another owner; each frees its own */
void jt_seal_free(struct jt_seal **seal);
#define JT_AUTO_SEAL JT_CLEANUP(jt_seal_free)
/* A fresh key: guarded, 64 digits and a newline. */
int JT_MUST_CHECK jt_seal_make_key(char **ret_hex, jeton_error **ret_error);
uint64_t jt_seal_key_id(const struct jt_seal *seal); /* of the key, by a keyed hash: no secret */

/* Where a blob belongs. A blob opens at its own place only: one that was swapped or rolled back does not, nor one
 * beside which a column was altered. */
struct jt_seal_place {
    uint32_t kind;
    const char *name;
    const char *variant;
    int64_t version;
    uint32_t state;
    int64_t expires_at;
};

/* The first byte of a blob. JT_SEAL_FORMAT_TOKENS is what an earlier jeton wrote for tokens: kind and expiry are not
 * bound, and the plain text is a token set and nothing else. */
#define JT_SEAL_FORMAT_TOKENS 1u
#define JT_SEAL_FORMAT        2u

/* A blob is the format (1), the key's id (8), a nonce (24), ciphertext and tag. The additional data are the place and
 * the key's id. */
int JT_MUST_CHECK jt_seal_close(struct jt_seal *seal, const struct jt_seal_place *place, const void *plain,
                                size_t plain_len, struct jt_buf *ret_blob, jeton_error **ret_error);
/* Whether the blob says that it was sealed with this key; one that is too short to say so is not the key's fault. */
bool jt_seal_fits(const struct jt_seal *seal, const void *blob, size_t blob_len);
/* JETON_BAD_ANSWER with the reason: too short, made with another key, altered. */
int JT_MUST_CHECK jt_seal_open(struct jt_seal *seal, const struct jt_seal_place *place, const void *blob,
                               size_t blob_len, struct jt_buf *ret_plain, unsigned *ret_format,
                               jeton_error **ret_error);

#endif
