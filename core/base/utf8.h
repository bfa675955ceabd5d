/* SPDX-License-Identifier: MIT */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef JT_BASE_UTF8_H
#define JT_BASE_UTF8_H

#include "base/cleanup.h"

/* How many bytes the first character of the text has; 0: the bytes are no character, or only a part of one. ret_code
 * may be NULL. */
size_t jt_utf8_decode(const char *text, size_t len, uint32_t *ret_code);
bool jt_utf8_is_valid(const char *text, size_t len);

#endif
