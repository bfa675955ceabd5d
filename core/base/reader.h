/* SPDX-License-Identifier: MIT */
/* Reading numbers and (tag, length, value) fields from untrusted bytes, and writing them. Numbers are little-endian. A
 * read beyond the end fails and leaves the reader where it was. */
#ifndef JT_BASE_READER_H
#define JT_BASE_READER_H

#include "base/buf.h"

struct jt_reader {
    const unsigned char *at;
    size_t left;
};
#define JT_READER_INIT(data, len) ((struct jt_reader){.at = (const void *)(data), .left = (len)})

bool JT_MUST_CHECK jt_reader_bytes(struct jt_reader *reader, size_t len, const void **ret_bytes);
bool JT_MUST_CHECK jt_reader_u8(struct jt_reader *reader, uint8_t *ret_number);
bool JT_MUST_CHECK jt_reader_u32(struct jt_reader *reader, uint32_t *ret_number);
bool JT_MUST_CHECK jt_reader_i64(struct jt_reader *reader, int64_t *ret_number);

/* One field: one byte of tag, four bytes of length, then the value. */
struct jt_field_view {
    uint8_t tag;
    const unsigned char *value; /* points into the bytes that are read */
    size_t len;
};
/* Reads the next field; call it while bytes are left. JETON_BAD_ANSWER: the bytes end inside the field. `what` begins
 * the message. */
int JT_MUST_CHECK jt_reader_field(struct jt_reader *reader, const char *what, struct jt_field_view *ret_field,
                                  jeton_error **ret_error);
bool JT_MUST_CHECK jt_field_view_i64(const struct jt_field_view *field, int64_t *ret_number); /* false: not 8 bytes */

void jt_buf_add_field(struct jt_buf *buf, uint8_t tag, const void *value, size_t len);
void jt_buf_add_field_i64(struct jt_buf *buf, uint8_t tag, int64_t number);

#endif
