/* SPDX-License-Identifier: MIT */
/* Checking JSON text before it is parsed. */
#ifndef JT_NET_WIRE_JSON_SCAN_H
#define JT_NET_WIRE_JSON_SCAN_H

#include "base/base.h"

/* Checks that the text is UTF-8 and within the limits of jt_json_parse. *ret_members receives the number of members of
 * all objects. False: why holds a clause about what is wrong. */
bool jt_json_scan(const char *text, size_t len, size_t *ret_members, char *why, size_t why_size) JT_MUST_CHECK;

#endif
