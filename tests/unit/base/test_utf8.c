/* SPDX-License-Identifier: MIT */
/* RFC 3629, from its first to its last character, and what is none. */
#include "base/base.h"
#include "tests/lib/check.h"
#include <stdio.h>
#include <string.h>

/* By the table of RFC 3629 3, written out here another way than in the code. */
static size_t encode(uint32_t code, char *out)
{
    size_t len = 0;

    if (code < 0x80) {
        out[len++] = (char)code;
    } else if (code < 0x800) {
        out[len++] = (char)(0xc0 + code / 64);
        out[len++] = (char)(0x80 + code % 64);
    } else if (code < 0x10000) {
        out[len++] = (char)(0xe0 + code / 4096);
        out[len++] = (char)(0x80 + code / 64 % 64);
        out[len++] = (char)(0x80 + code % 64);
    } else {
        out[len++] = (char)(0xf0 + code / 262144);
        out[len++] = (char)(0x80 + code / 4096 % 64);
        out[len++] = (char)(0x80 + code / 64 % 64);
        out[len++] = (char)(0x80 + code % 64);
    }
    return len;
}

static void every_character_is_read_as_itself_and_surrogates_are_none(void)
{
    size_t wrong = 0;

    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        const bool surrogate = code >= 0xd800 && code <= 0xdfff;
        char text[4];
        const size_t len = encode(code, text);
        uint32_t read = UINT32_MAX;
        const size_t got = jt_utf8_decode(text, len, &read);

        if (got != (surrogate ? 0 : len) || read != (surrogate ? UINT32_MAX : code) ||
            jt_utf8_decode(text, len, NULL) != got || (len > 1 && jt_utf8_decode(text, len - 1, NULL) != 0))
            wrong++;
    }
    CHECK_INT(wrong, 0);
}

static void what_is_no_character_is_refused(void)
{
    static const char *const bad[] = {
        "\x80",             /* begins in the middle */
        "\xbf",             /* the same */
        "\xc3",             /* ends in the middle */
        "\xe2\x82",         /* the same */
        "\xf0\x9f\x98",     /* the same */
        "\xc3(",            /* no second byte */
        "\xe2\x82(",        /* no third */
        "\xf0\x9f\x98(",    /* no fourth */
        "\xc0\xaf",         /* overlong: "/" in two bytes */
        "\xc1\xbf",         /* the same */
        "\xe0\x80\xaf",     /* in three */
        "\xe0\x9f\xbf",     /* the longest of them */
        "\xf0\x80\x80\xaf", /* in four */
        "\xf0\x8f\xbf\xbf", /* the longest of them */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* behind the last character */
        "\xf5\x80\x80\x80", /* the same */
        "\xf8\x88\x80\x80\x80",
        "\xfc\x84\x80\x80\x80\x80",
        "\xfe",
        "\xff",
    };

    for (size_t i = 0; i < JT_LEN(bad); i++) {
        uint32_t code = 42;
        char text[16];

        (void)snprintf(text, sizeof(text), "ab%sc", bad[i]);
        if (!CHECK_INT(jt_utf8_decode(bad[i], strlen(bad[i]), &code), 0) || !CHECK_INT(code, 42) ||
            !CHECK_TRUE(!jt_utf8_is_valid(text, strlen(text))))
            printf("  number %zu\n", i);
    }
    CHECK_INT(jt_utf8_decode("", 0, NULL), 0);
}

static void a_text_is_valid_as_a_whole(void)
{
    CHECK_TRUE(jt_utf8_is_valid("", 0));
    CHECK_TRUE(jt_utf8_is_valid("a\0b", 3));
    CHECK_TRUE(jt_utf8_is_valid("Zürich €5 😀", strlen("Zürich €5 😀")));
    CHECK_TRUE(!jt_utf8_is_valid("Zürich €", strlen("Zürich €") - 1));
    CHECK_TRUE(!jt_utf8_is_valid("\xef\xbf\xbd\x80", 4));
}

static const struct check_case cases[] = {
    {"every character is read as itself, and surrogates are none",
     every_character_is_read_as_itself_and_surrogates_are_none},
    {"what is no character is refused", what_is_no_character_is_refused},
    {"a text is valid as a whole", a_text_is_valid_as_a_whole},
};

CHECK_MAIN("utf8", cases)
