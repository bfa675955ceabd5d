/* SPDX-License-Identifier: MIT */
/* Initialising libcurl. */
#ifndef JT_NET_HTTP_INIT_H
#define JT_NET_HTTP_INIT_H

#include "base/base.h"

/* Initialises libcurl once for the process; libcurl then ignores the environment. */
int JT_MUST_CHECK jt_http_init(jeton_error **ret_error);
/* The CA bundle when none is configured; "" where there is none. */
const char *jt_http_ca_file(void);

#endif
