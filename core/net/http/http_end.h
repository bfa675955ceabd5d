/* SPDX-License-Identifier: MIT */
/* The end of an exchange: its response, or why there is none. */
#ifndef JT_NET_HTTP_END_H
#define JT_NET_HTTP_END_H

#include "net/http/http_handle.h"

/* After the transfer. The response points into http until jt_http_wipe. *ret_sent, also on failure: some of the request
 * went out. Errors: JETON_TRY_LATER for the network, JETON_BAD_ANSWER for what came, JETON_CONFIG for files that are
 * named in the configuration. */
int JT_MUST_CHECK jt_http_end(struct jt_http *http, CURLcode code, struct jt_http_response *ret_response,
                              bool *ret_sent, jeton_error **ret_error);

#endif
