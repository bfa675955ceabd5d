/* SPDX-License-Identifier: MIT */
/* Signatures as Waves makes them: EdDSA with a Curve25519 key. The caller supplies the random bytes. */
#ifndef WAVES_SIGN_H
#define WAVES_SIGN_H

#include "waves_key.h"

#define WAVES_SIGNATURE_LEN 64u
#define WAVES_RANDOM_LEN    64u

/* Precedes every text that is signed, so that a signature of a text is never a valid signature of a transaction. */
#define WAVES_SIGN_PREFIX     "\xff\xff\xff\x01"
#define WAVES_SIGN_PREFIX_LEN 4u

/* Signs the prefix and the text, in constant time. random: fresh bytes for each signature. Thread-safe. JETON_INTERNAL:
 * libsodium failed. */
int waves_sign_text(const struct waves_key *key, const unsigned char random[WAVES_RANDOM_LEN], const char *text,
                    size_t text_len, unsigned char ret_signature[WAVES_SIGNATURE_LEN])
    __attribute__((warn_unused_result));

#endif
