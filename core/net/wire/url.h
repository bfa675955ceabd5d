/* SPDX-License-Identifier: MIT */
/* Parsing URLs, with the rules for where a request may go, and showing them in messages. */
#ifndef JT_NET_WIRE_URL_H
#define JT_NET_WIRE_URL_H

#include "base/base.h"

/* The parts of an absolute URL, as offsets into it. */
struct jt_url {
    bool tls;
    bool loopback;            /* 127.0.0.0/8, ::1 or localhost */
    size_t host_at, host_len; /* without brackets */
    size_t origin_len;        /* scheme, host and port */
    size_t path_len;          /* up to "?" or "#", or the end */
};

/* Parses an absolute URL: https, or http to a loopback address, without a user. Only characters that RFC 3986 allows
 * are accepted, so that every parser sees the same host. Returns NULL and fills in *ret_url, or returns what is wrong,
 * as a clause that follows the URL in a sentence. */
const char *jt_url_parse(const char *url, struct jt_url *ret_url) JT_MUST_CHECK;

/* Appends the URL for a message: without query and fragment, shortened to fit a line. */
void jt_url_add_shown(struct jt_buf *buf, const char *url);

#endif
