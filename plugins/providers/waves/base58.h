/* SPDX-License-Identifier: MIT */
/* Base58 with Bitcoin's alphabet and no checksum, as Waves writes keys and signatures. It never allocates, and never
 * knows what the bytes are for. */
#ifndef WAVES_BASE58_H
#define WAVES_BASE58_H

#include <stddef.h>

#define BASE58_BYTES_MAX 64u /* the longest there is here: a signature */

/* Room for len bytes as text, NUL included: log(256) / log(58) is a little under 1.366. */
#define BASE58_SIZE(len) ((len)*1366u / 1000u + 2u)

/* Writes len bytes, at most BASE58_BYTES_MAX, as text; ret_text has room for BASE58_SIZE(len). Takes a time that
 * depends on the bytes: for what is public. */
void base58_encode(const unsigned char *data, size_t len, char *ret_text);

enum base58_result {
    BASE58_OK,
    BASE58_BAD_CHARACTER, /* *ret_bad_at says which, counted from 0 */
    BASE58_TOO_SHORT,     /* it is fewer than len bytes */
    BASE58_TOO_LONG
};

/* Reads text_len characters that stand for exactly len bytes, at most BASE58_BYTES_MAX. For a good text, which
 * instructions run and which memory is touched depends on text_len alone, as it is written here and as far as the
 * compiler keeps to it, so that it serves for private keys. A refusal does tell: the place of the first wrong
 * character, or whether there are too many bytes or too few. ret_data is touched with BASE58_OK only, ret_bad_at with
 * BASE58_BAD_CHARACTER only. */
enum base58_result base58_decode(const char *text, size_t text_len, size_t len, unsigned char *ret_data,
                                 size_t *ret_bad_at) __attribute__((warn_unused_result));

#endif
