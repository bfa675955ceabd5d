/* SPDX-License-Identifier: MIT */
/* Base58 with Bitcoin's alphabet and without a checksum, as Waves writes keys and signatures. */
#ifndef WAVES_BASE58_H
#define WAVES_BASE58_H

#include <stddef.h>

#define BASE58_BYTES_MAX 64u /* a signature, the longest here */

/* The size of the text for len bytes, NUL included: log(256) / log(58) is a little under 1.366. */
#define BASE58_SIZE(len) ((len)*1366u / 1000u + 2u)

/* Encodes len bytes, at most BASE58_BYTES_MAX; ret_text has room for BASE58_SIZE(len). The time depends on the bytes,
 * so this is only for public data. */
void base58_encode(const unsigned char *data, size_t len, char *ret_text);

enum base58_result {
    BASE58_OK,
    BASE58_BAD_CHARACTER, /* *ret_bad_at says which, counted from 0 */
    BASE58_TOO_SHORT,     /* the text stands for fewer than len bytes */
    BASE58_TOO_LONG
};

/* Decodes text_len characters that stand for exactly len bytes, at most BASE58_BYTES_MAX. Fit for private keys: for a
 * good text, the instructions that run and the memory that is touched depend on text_len alone, as far as the compiler
 * keeps to the source. For a bad text they reveal what the result reveals. ret_data is written with BASE58_OK only,
 * ret_bad_at with BASE58_BAD_CHARACTER only. */
enum base58_result base58_decode(const char *text, size_t text_len, size_t len, unsigned char *ret_data,
                                 size_t *ret_bad_at) __attribute__((warn_unused_result));

#endif
