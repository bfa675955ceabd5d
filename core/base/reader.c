/* SPDX-License-Identifier: MIT */
/* Reads untrusted bytes piece by piece. Every length is checked against what is left. */
#include "base/reader.h"
#include "base/error.h"
#include <endian.h>
#include <string.h>

bool jt_reader_bytes(struct jt_reader *reader, size_t len, const void **ret_bytes)
{
    if (len > reader->left)
        return false;
    *ret_bytes = reader->at;
    reader->at += len;
    reader->left -= len;
    return true;
}

static bool reader_copy(struct jt_reader *reader, void *out, size_t len)
{
    const void *bytes;

    if (!jt_reader_bytes(reader, len, &bytes))
        return false;
    memcpy(out, bytes, len);
    return true;
}

bool jt_reader_u8(struct jt_reader *reader, uint8_t *ret_number)
{
    return reader_copy(reader, ret_number, sizeof(*ret_number));
}

bool jt_reader_u32(struct jt_reader *reader, uint32_t *ret_number)
{
    uint32_t wire;

    if (!reader_copy(reader, &wire, sizeof(wire)))
        return false;
    *ret_number = le32toh(wire);
    return true;
}

bool jt_reader_i64(struct jt_reader *reader, int64_t *ret_number)
{
    uint64_t wire;

    if (!reader_copy(reader, &wire, sizeof(wire)))
        return false;
    *ret_number = (int64_t)le64toh(wire);
    return true;
}

int jt_reader_field(struct jt_reader *reader, const char *what, struct jt_field_view *ret_field,
                    jeton_error **ret_error)
{
    struct jt_reader ahead = *reader;
    const void *value;
    uint32_t len;
    uint8_t tag;

    if (!jt_reader_u8(&ahead, &tag) || !jt_reader_u32(&ahead, &len))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "%s ends in the middle of a field", what);
    if (!jt_reader_bytes(&ahead, len, &value))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "%s ends %zu bytes too early", what, len - ahead.left);
    *ret_field = (struct jt_field_view){.tag = tag, .value = value, .len = len};
    *reader = ahead;
    return JETON_OK;
}

bool jt_field_view_i64(const struct jt_field_view *field, int64_t *ret_number)
{
    struct jt_reader reader = JT_READER_INIT(field->value, field->len);

    return field->len == sizeof(*ret_number) && jt_reader_i64(&reader, ret_number);
}

void jt_buf_add_field(struct jt_buf *buf, uint8_t tag, const void *value, size_t len)
{
    const uint32_t wire_len = htole32((uint32_t)len);

    if (len > UINT32_MAX) {
        buf->failed = true;
        return;
    }
    jt_buf_add(buf, &tag, sizeof(tag));
    jt_buf_add(buf, &wire_len, sizeof(wire_len));
    jt_buf_add(buf, value, len);
}

void jt_buf_add_field_i64(struct jt_buf *buf, uint8_t tag, int64_t number)
{
    const uint64_t wire = htole64((uint64_t)number);

    jt_buf_add_field(buf, tag, &wire, sizeof(wire));
}
