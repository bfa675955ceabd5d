/* SPDX-License-Identifier: MIT */
/* The part of reading JSON that json-c does not do. */
#ifndef JT_NET_WIRE_JSON_SCAN_H
#define JT_NET_WIRE_JSON_SCAN_H

#include "base/base.h"

/* Is the text within the limits of jt_json_parse, and UTF-8? *ret_members is how many members all objects have. false:
 * it is not, and why holds a clause. */
bool jt_json_scan(const char *text, size_t len, size_t *ret_members, char *why, size_t why_size) JT_MUST_CHECK;

#endif
