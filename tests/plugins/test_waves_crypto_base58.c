/* SPDX-License-Identifier: MIT */
/* Proves base58 of the Waves plugin in both directions, and each refusal. It never touches a key that is in use. */
#include "plugins/providers/waves/base58.h"
#include "tests/lib/check.h"
#include <string.h>

/* From the draft of Bitcoin's base58 (draft-msporny-base58, test vectors), and the edges of the format. */
static const struct {
    const char *text;
    const char *bytes;
    size_t len;
} pairs[] = {
    {"2NEpo7TZRRrLZSi2U", "Hello World!", 12},
    {"USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z", "The quick brown fox jumps over the lazy dog.",
     44},
    {"11233QC4", "\0\0\x28\x7f\xb4\xcd", 6},
    {"", "", 0},
    {"1", "\0", 1},
    {"1111", "\0\0\0\0", 4},
    {"z", "\x39", 1},
    {"21", "\x3a", 1},
    {"5Q", "\xff", 1},
    {"5R", "\x01\x00", 2},
};

static void bytes_become_text(void)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char text[BASE58_SIZE(BASE58_BYTES_MAX)];

        memset(text, '#', sizeof(text));
        base58_encode((const unsigned char *)pairs[i].bytes, pairs[i].len, text);
        CHECK_STR(text, pairs[i].text);
    }
}

static void text_becomes_the_same_bytes(void)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        unsigned char data[BASE58_BYTES_MAX];
        size_t bad_at = 99;

        CHECK_INT(base58_decode(pairs[i].text, strlen(pairs[i].text), pairs[i].len, data, &bad_at), BASE58_OK);
        CHECK_MEM(data, pairs[i].len, pairs[i].bytes, pairs[i].len);
        CHECK_INT(bad_at, 99);
    }
}

static void every_length_and_any_number_of_leading_zeros_go_there_and_back(void)
{
    for (size_t len = 0; len <= BASE58_BYTES_MAX; len++)
        for (size_t zeros = 0; zeros <= len; zeros++) {
            unsigned char data[BASE58_BYTES_MAX] = {0}, again[BASE58_BYTES_MAX];
            char text[BASE58_SIZE(BASE58_BYTES_MAX)];
            size_t bad_at;

            for (size_t i = zeros; i < len; i++)
                data[i] = (unsigned char)(255 - i * zeros % 251);
            base58_encode(data, len, text);
            if (!CHECK_TRUE(strlen(text) < BASE58_SIZE(len)) ||
                !CHECK_INT(base58_decode(text, strlen(text), len, again, &bad_at), BASE58_OK) ||
                !CHECK_MEM(again, len, data, len))
                return;
        }
}

static void a_wrong_character_is_refused_with_its_place(void)
{
    static const char good[] = "3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYT";
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    unsigned char data[32];

    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < sizeof(good) - 1; at += 11) {
            char text[sizeof(good)];
            size_t bad_at = 99;
            enum base58_result result;

            memcpy(text, good, sizeof(text));
            text[at] = (char)c;
            result = base58_decode(text, sizeof(good) - 1, sizeof(data), data, &bad_at);
            if (c != 0 && strchr(alphabet, c) != NULL) {
                CHECK_TRUE(result != BASE58_BAD_CHARACTER);
                CHECK_INT(bad_at, 99);
            } else {
                CHECK_INT(result, BASE58_BAD_CHARACTER);
                CHECK_INT(bad_at, at);
            }
        }
}

static void the_first_wrong_character_counts_even_in_a_text_that_is_too_long(void)
{
    unsigned char data[4] = {1, 2, 3, 4};
    size_t bad_at = 0;

    CHECK_INT(base58_decode("zzzzzzzzzzzzzzzzzzzz0zzlz", 25, sizeof(data), data, &bad_at), BASE58_BAD_CHARACTER);
    CHECK_INT(bad_at, 20);
    CHECK_MEM(data, sizeof(data), "\1\2\3\4", 4);
}

static void other_lengths_are_refused_and_leave_the_output_alone(void)
{
    static const struct {
        const char *text;
        size_t len;
        enum base58_result result;
    } cases[] = {
        {"", 1, BASE58_TOO_SHORT},
        {"1", 2, BASE58_TOO_SHORT},
        {"11", 1, BASE58_TOO_LONG},
        {"5Q", 2, BASE58_TOO_SHORT},
        {"5R", 1, BASE58_TOO_LONG},
        {"15Q", 1, BASE58_TOO_LONG},
        {"15Q", 3, BASE58_TOO_SHORT},
        {"3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWY", 32, BASE58_TOO_SHORT},
        {"3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYT1", 32, BASE58_TOO_LONG},
        {"JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH", 32, BASE58_TOO_LONG}, /* 2^256 */
        {"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", 32, BASE58_TOO_LONG},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char data[32];
        size_t bad_at = 99;

        memset(data, 0xaa, sizeof(data));
        CHECK_INT(base58_decode(cases[i].text, strlen(cases[i].text), cases[i].len, data, &bad_at), cases[i].result);
        CHECK_INT(data[0], 0xaa);
        CHECK_INT(data[31], 0xaa);
        CHECK_INT(bad_at, 99);
    }
}

static void the_greatest_number_of_32_bytes_is_read(void)
{
    unsigned char data[32], ones[32];
    size_t bad_at;

    memset(ones, 0xff, sizeof(ones));
    CHECK_INT(base58_decode("JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG", 44, sizeof(data), data, &bad_at),
              BASE58_OK);
    CHECK_MEM(data, sizeof(data), ones, sizeof(ones));
}

static void more_bytes_than_anything_here_has_are_refused(void)
{
    unsigned char data[BASE58_BYTES_MAX + 1];
    size_t bad_at;

    CHECK_INT(base58_decode("21", 2, sizeof(data), data, &bad_at), BASE58_TOO_LONG);
}

static const struct check_case cases[] = {
    {"bytes become text", bytes_become_text},
    {"text becomes the same bytes", text_becomes_the_same_bytes},
    {"every length and any number of leading zeros go there and back",
     every_length_and_any_number_of_leading_zeros_go_there_and_back},
    {"a wrong character is refused with its place", a_wrong_character_is_refused_with_its_place},
    {"the first wrong character counts, even in a text that is too long",
     the_first_wrong_character_counts_even_in_a_text_that_is_too_long},
    {"other lengths are refused and leave the output alone", other_lengths_are_refused_and_leave_the_output_alone},
    {"the greatest number of 32 bytes is read", the_greatest_number_of_32_bytes_is_read},
    {"more bytes than anything here has are refused", more_bytes_than_anything_here_has_are_refused},
};

CHECK_MAIN("waves base58", cases)
