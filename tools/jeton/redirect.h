/* SPDX-License-Identifier: MIT */
/* The loopback address that a browser is sent to after an authorization (RFC 8252 7.3). The provider plugin checks what
 * arrives, the `state` included. */
#ifndef JT_REDIRECT_H
#define JT_REDIRECT_H

#include "base/base.h"

struct jt_redirect {
    int fd;        /* listening; -1: none */
    char host[64]; /* as in the Host header, port included */
    char path[512];
};
#define JT_REDIRECT_INIT ((struct jt_redirect){.fd = -1})

void jt_redirect_close(struct jt_redirect *redirect);
#define JT_AUTO_REDIRECT JT_CLEANUP(jt_redirect_close)

/* Listens on http://127.0.0.1, http://[::1] or http://localhost. Returns 0, or -1 with errno; EAFNOSUPPORT: it is not a
 * loopback address. */
int JT_MUST_CHECK jt_redirect_listen(const char *uri, struct jt_redirect *ret_redirect);

/* Serves one waiting connection. 1: it was the browser; answer holds the URL at which it arrived. 0: it was something
 * else. */
int JT_MUST_CHECK jt_redirect_accept(const struct jt_redirect *redirect, char *answer, size_t answer_size);

#endif
