/* SPDX-License-Identifier: MIT */
/* UTF-8, character by character (RFC 3629 3 and 4). */
#include "base/utf8.h"

size_t jt_utf8_decode(const char *text, size_t len, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length; a smaller code point is overlong */
    const unsigned char *at = (const unsigned char *)text;
    uint32_t code;
    size_t size;

    if (len == 0)
        return 0;
    size = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf8 ? 4 : 0;
    if (size == 0 || size > len)
        return 0;
    code = size == 1 ? at[0] : at[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    if (ret_code != NULL)
        *ret_code = code;
    return size;
}

bool jt_utf8_is_valid(const char *text, size_t len)
{
    while (len > 0) {
        size_t size = jt_utf8_decode(text, len, NULL);

        if (size == 0)
            return false;
        text += size;
        len -= size;
    }
    return true;
}
