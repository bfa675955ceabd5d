/* SPDX-License-Identifier: MIT */
/* Feeds hostile texts to the reader of Base58. It asserts that a text that was read is the one text that its bytes are
 * written as, and the other way round. The first byte is how many bytes are wanted. */
#include "plugins/providers/waves/base58.h"
#include "fuzz.h"

static void decode(const char *text, size_t text_len, size_t wanted)
{
    unsigned char bytes[BASE58_BYTES_MAX];
    char back[BASE58_SIZE(BASE58_BYTES_MAX)];
    size_t bad_at = SIZE_MAX;
    enum base58_result result = base58_decode(text, text_len, wanted, bytes, &bad_at);

    FUZZ_CHECK((result == BASE58_BAD_CHARACTER) == (bad_at < text_len));
    if (result != BASE58_OK)
        return;
    base58_encode(bytes, wanted, back);
    FUZZ_CHECK(strlen(back) == text_len && memcmp(back, text, text_len) == 0);
}

static void encode(const uint8_t *data, size_t len)
{
    unsigned char bytes[BASE58_BYTES_MAX];
    char text[BASE58_SIZE(BASE58_BYTES_MAX)];
    size_t bad_at;

    base58_encode(data, len, text);
    FUZZ_CHECK(strlen(text) < BASE58_SIZE(len));
    FUZZ_CHECK(base58_decode(text, strlen(text), len, bytes, &bad_at) == BASE58_OK);
    FUZZ_CHECK(len == 0 || memcmp(bytes, data, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    text = fuzz_bytes(data + 1, size - 1);
    decode(text, size - 1, data[0] % (BASE58_BYTES_MAX + 1));
    encode(data + 1, size - 1 < BASE58_BYTES_MAX ? size - 1 : BASE58_BYTES_MAX);
    free(text);
    return 0;
}
