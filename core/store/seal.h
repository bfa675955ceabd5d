/* SPDX-License-Identifier: MIT */
/* Sealing of rows: XChaCha20-Poly1305 with the store key. It keeps the key in guarded memory and never hands it out. */
#ifndef JT_STORE_SEAL_H
#define JT_STORE_SEAL_H

#include "base/base.h"

#define JT_SEAL_KEY_LEN 32u

struct jt_seal;

/* The key is 64 hex digits, surrounding white space ignored. JETON_CONFIG when it is not; the text is never repeated.
 */
int JT_MUST_CHECK jt_seal_new(const char *hex, size_t len, struct jt_seal **ret_seal, jeton_error **ret_error);
struct jt_seal *jt_seal_ref(struct jt_seal *seal); /* another owner; each frees its own */
void jt_seal_free(struct jt_seal **seal);
#define JT_AUTO_SEAL JT_CLEANUP(jt_seal_free)
int JT_MUST_CHECK jt_seal_make_key(char **ret_hex,
                                   jeton_error **ret_error); /* a fresh one, guarded, 64 digits and newline */
uint64_t jt_seal_key_id(const struct jt_seal *seal);         /* of the key, by a keyed hash: no secret */

/* Format: one version byte, key id (8), nonce (24), ciphertext and tag. Additional data: name, variant, row version,
 * state, key id, so that a swapped or rolled-back blob does not open. */
int JT_MUST_CHECK jt_seal_close(struct jt_seal *seal, const char *name, const char *variant, int64_t version,
                                uint32_t state, const void *plain, size_t plain_len, struct jt_buf *ret_blob,
                                jeton_error **ret_error);
/* Whether the blob says that it was sealed with this key; one that is too short to say so is not the key's fault. */
bool jt_seal_fits(const struct jt_seal *seal, const void *blob, size_t blob_len);
/* JETON_BAD_ANSWER with the reason: too short, made with another key, altered. */
int JT_MUST_CHECK jt_seal_open(struct jt_seal *seal, const char *name, const char *variant, int64_t version,
                               uint32_t state, const void *blob, size_t blob_len, struct jt_buf *ret_plain,
                               jeton_error **ret_error);

#endif
