/* SPDX-License-Identifier: MIT */
/* The loopback address that a browser is sent to after an authorization (RFC 8252 7.3). It listens on 127.0.0.1 or ::1
 * only, and never judges what arrives: checking the state is the provider plugin's. */
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

/* Listens on http://127.0.0.1, http://[::1] or http://localhost. 0; -1: another address, or it cannot be listened on:
 * errno says why (EAFNOSUPPORT: not a loopback address). */
int JT_MUST_CHECK jt_redirect_listen(const char *uri, struct jt_redirect *ret_redirect);

/* Takes one connection that is waiting. 1: it was the browser, answer holds the URL it came to; 0: something else. */
int JT_MUST_CHECK jt_redirect_accept(const struct jt_redirect *redirect, char *answer, size_t answer_size);

#endif
