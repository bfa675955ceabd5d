/* SPDX-License-Identifier: MIT */
/* Which URLs a request may go to, and how they are put together and shown. */
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

/* Takes an absolute URL apart: https, or http to a loopback address; no user, only characters that RFC 3986 allows, so
 * that every reader of it sees the same host. NULL: it is good, and *ret_url is filled in; else what is wrong with it,
 * a clause that follows the URL in a sentence. */
const char *jt_url_parse(const char *url, struct jt_url *ret_url) JT_MUST_CHECK;

/* For messages: without query and fragment, and no longer than a line allows. */
void jt_url_add_shown(struct jt_buf *buf, const char *url);

#endif
