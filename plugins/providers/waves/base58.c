/* SPDX-License-Identifier: MIT */
/* Encodes and decodes Base58. Decoding is fit for private keys: constant time, and nothing of the key is left in
 * memory. */
#include "base58.h"
#include <sodium.h>
#include <string.h>

#define BASE58_NONE 0xffu

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

void base58_encode(const unsigned char *data, size_t len, char *ret_text)
{
    size_t zeros = 0, count = 0;
    char *digits;

    while (zeros < len && data[zeros] == 0)
        ret_text[zeros++] = alphabet[0];
    digits = ret_text + zeros;
    for (size_t i = zeros; i < len; i++) {
        unsigned carry = data[i];

        for (size_t j = 0; j < count; j++) {
            carry += (unsigned)(unsigned char)digits[j] << 8;
            digits[j] = (char)(carry % 58);
            carry /= 58;
        }
        for (; carry > 0; carry /= 58)
            digits[count++] = (char)(carry % 58);
    }
    for (size_t i = 0, j = count; i < j; i++) {
        char first = digits[i], last = digits[--j];

        digits[i] = alphabet[(unsigned char)last];
        digits[j] = alphabet[(unsigned char)first];
    }
    digits[count] = '\0';
}

/* All ones if the two bytes are equal, else 0. */
static unsigned base58_same(unsigned a, unsigned b)
{
    return ((a ^ b) - 1u) >> 8;
}

/* Compares with every character of the alphabet: reading a table at a secret index would not be constant time. */
static unsigned base58_digit(char character)
{
    unsigned digit = BASE58_NONE;

    for (unsigned i = 0; i < 58; i++)
        digit ^= (digit ^ i) & base58_same((unsigned char)character, (unsigned char)alphabet[i]);
    return digit;
}

static unsigned base58_leading_zeros(const unsigned char *data, size_t len)
{
    unsigned zeros = 0, leading = 1;

    for (size_t i = 0; i < len; i++) {
        leading &= base58_same(data[i], 0);
        zeros += leading;
    }
    return zeros;
}

enum base58_result base58_decode(const char *text, size_t text_len, size_t len, unsigned char *ret_data,
                                 size_t *ret_bad_at)
{
    unsigned char number[BASE58_BYTES_MAX] = {0};
    unsigned ones = 0, leading = 1, overflow = 0, zeros;
    enum base58_result result;

    for (size_t i = 0; i < text_len; i++)
        if (base58_digit(text[i]) == BASE58_NONE) {
            *ret_bad_at = i;
            return BASE58_BAD_CHARACTER;
        }
    if (len > sizeof(number) || text_len >= BASE58_SIZE(len))
        return BASE58_TOO_LONG;
    for (size_t i = 0; i < text_len; i++) {
        unsigned carry = base58_digit(text[i]);

        leading &= base58_same(carry, 0);
        ones += leading;
        for (size_t j = len; j-- > 0;) {
            carry += number[j] * 58u;
            number[j] = (unsigned char)(carry & 0xff);
            carry >>= 8;
        }
        overflow |= carry;
    }
    /* Each leading "1" stands for one zero byte, and each leading zero byte needs one. */
    zeros = base58_leading_zeros(number, len);
    result = overflow != 0 || ones > zeros ? BASE58_TOO_LONG : ones < zeros ? BASE58_TOO_SHORT : BASE58_OK;
    if (result == BASE58_OK)
        memcpy(ret_data, number, len);
    sodium_memzero(number, sizeof(number));
    return result;
}
