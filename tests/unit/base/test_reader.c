/* SPDX-License-Identifier: MIT */
/* Tagged fields, as they are written, and as somebody else may have written them. */
#include "base/base.h"
#include "tests/lib/check.h"
#include <stdlib.h>
#include <string.h>

static void what_was_written_is_read(void)
{
    static const unsigned char expected[] = {7,   2,   0,   0,   0,   'a', 'b', 8, 8, 0, 0, 0, 254,
                                             255, 255, 255, 255, 255, 255, 255, 9, 0, 0, 0, 0};
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(1000);
    struct jt_reader reader;
    struct jt_field_view field;
    int64_t number = 0;
    jeton_error *error = NULL;

    jt_buf_add_field(&buf, 7, "ab", 2);
    jt_buf_add_field_i64(&buf, 8, -2);
    jt_buf_add_field(&buf, 9, NULL, 0);
    CHECK_MEM(buf.data, buf.len, expected, sizeof(expected));
    reader = JT_READER_INIT(buf.data, buf.len);
    CHECK_OK(jt_reader_field(&reader, "it", &field, &error), &error);
    CHECK_INT(field.tag, 7);
    CHECK_MEM(field.value, field.len, "ab", 2);
    CHECK_OK(jt_reader_field(&reader, "it", &field, &error), &error);
    CHECK_INT(field.tag, 8);
    CHECK_TRUE(jt_field_view_i64(&field, &number));
    CHECK_INT(number, -2);
    CHECK_OK(jt_reader_field(&reader, "it", &field, &error), &error);
    CHECK_INT(field.tag, 9);
    CHECK_INT(field.len, 0);
    CHECK_INT(reader.left, 0);
}

/* From memory that ends where the bytes do, so that a sanitizer sees a step too far. */
static int read_field(const void *data, size_t len, struct jt_reader *ret_reader, struct jt_field_view *ret_field,
                      unsigned char **ret_memory, jeton_error **ret_error)
{
    *ret_memory = malloc(len > 0 ? len : 1);
    memcpy(*ret_memory, data, len);
    *ret_reader = JT_READER_INIT(*ret_memory, len);
    return jt_reader_field(ret_reader, "the row", ret_field, ret_error);
}

static void a_field_that_ends_too_early_is_refused_and_nothing_is_taken(void)
{
    static const struct {
        unsigned char data[12];
        size_t len;
        const char *message;
    } cases[] = {
        {{1}, 0, "the row ends in the middle of a field"},
        {{1}, 1, "the row ends in the middle of a field"},
        {{1, 0, 0, 0}, 4, "the row ends in the middle of a field"},
        {{1, 1, 0, 0, 0}, 5, "the row ends 1 bytes too early"},
        {{1, 3, 0, 0, 0, 'a', 'b'}, 7, "the row ends 1 bytes too early"},
        {{1, 255, 255, 255, 255, 'a'}, 6, "the row ends 4294967294 bytes too early"},
        {{1, 0, 0, 0, 128, 'a', 'b'}, 7, "the row ends 2147483646 bytes too early"},
    };

    for (size_t i = 0; i < JT_LEN(cases); i++) {
        struct jt_field_view field = {.tag = 77};
        struct jt_reader reader;
        unsigned char *memory;
        jeton_error *error = NULL;

        CHECK_INT(read_field(cases[i].data, cases[i].len, &reader, &field, &memory, &error), JETON_BAD_ANSWER);
        CHECK_STR(jeton_error_message(error), cases[i].message);
        CHECK_INT(reader.left, cases[i].len);
        CHECK_TRUE(reader.at == memory);
        CHECK_INT(field.tag, 77);
        jeton_error_free(&error);
        free(memory);
    }
}

static void numbers_are_little_endian_and_held_against_what_is_left(void)
{
    static const unsigned char data[] = {0x01, 0x04, 0x03, 0x02, 0x01, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 9};
    struct jt_reader reader = JT_READER_INIT(data, sizeof(data));
    const void *bytes = NULL;
    uint8_t small = 0;
    uint32_t middle = 0;
    int64_t large = 0;

    CHECK_TRUE(jt_reader_u8(&reader, &small));
    CHECK_INT(small, 1);
    CHECK_TRUE(jt_reader_u32(&reader, &middle));
    CHECK_INT(middle, 0x01020304);
    CHECK_TRUE(jt_reader_i64(&reader, &large));
    CHECK_INT(large, INT64_MAX);
    CHECK_TRUE(!jt_reader_u32(&reader, &middle));
    CHECK_TRUE(!jt_reader_i64(&reader, &large));
    CHECK_TRUE(!jt_reader_bytes(&reader, 2, &bytes));
    CHECK_TRUE(!jt_reader_bytes(&reader, SIZE_MAX, &bytes));
    CHECK_INT(reader.left, 1);
    CHECK_TRUE(jt_reader_bytes(&reader, 1, &bytes));
    CHECK_TRUE(bytes == data + sizeof(data) - 1);
    CHECK_TRUE(!jt_reader_u8(&reader, &small));
    CHECK_INT(small, 1);
}

static void a_number_of_another_size_is_none(void)
{
    static const unsigned char data[9] = {1};
    int64_t number = 42;

    for (size_t len = 0; len <= sizeof(data); len++) {
        const struct jt_field_view field = {.value = data, .len = len};

        CHECK_INT(jt_field_view_i64(&field, &number), len == 8);
        CHECK_INT(number, len < 8 ? 42 : 1);
    }
}

static void a_field_longer_than_its_length_can_say_fails_the_buffer(void)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(SIZE_MAX);

    jt_buf_add_field(&buf, 1, "x", (size_t)UINT32_MAX + 1);
    CHECK_TRUE(buf.failed);
    CHECK_INT(buf.len, 0);
}

static const struct check_case cases[] = {
    {"what was written is read", what_was_written_is_read},
    {"a field that ends too early is refused and nothing is taken",
     a_field_that_ends_too_early_is_refused_and_nothing_is_taken},
    {"numbers are little-endian and held against what is left",
     numbers_are_little_endian_and_held_against_what_is_left},
    {"a number of another size is none", a_number_of_another_size_is_none},
    {"a field longer than its length can say fails the buffer",
     a_field_longer_than_its_length_can_say_fails_the_buffer},
};

CHECK_MAIN("reader", cases)
