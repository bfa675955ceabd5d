/* SPDX-License-Identifier: MIT */
/* Encoding and decoding text: percent-encoding and base64. */
#ifndef JT_NET_WIRE_TEXT_H
#define JT_NET_WIRE_TEXT_H

#include "base/base.h"

/* application/x-www-form-urlencoded: space as "+", all but A-Za-z0-9-._~ as %XX in upper case. */
void jt_text_add_form(struct jt_buf *buf, const char *text);
/* RFC 3986 2.1: the same with %20 for the space, for a segment of a path. */
void jt_text_add_segment(struct jt_buf *buf, const char *text);
/* Decodes len bytes of form encoding ("+" is a space). JETON_BAD_ANSWER: a malformed escape, a NUL, not UTF-8. The
 * caller wipes and frees. */
int JT_MUST_CHECK jt_text_decode_form(const char *text, size_t len, char **ret_text);

void jt_text_add_base64(struct jt_buf *buf, const void *data, size_t len);
void jt_text_add_base64url(struct jt_buf *buf, const void *data, size_t len); /* RFC 7515 2: without padding */
/* Decodes base64url as in RFC 7515 2, strictly (no padding, no other characters, no stray bits), and appends to buf.
 * False: the text is not that. */
bool jt_text_decode_base64url(const char *text, size_t len, struct jt_buf *buf) JT_MUST_CHECK;

/* Whether every byte is in 0x21 to 0x7e, or a space if spaces are allowed. */
bool jt_text_is_visible(const char *text, bool spaces);

#endif
