/* SPDX-License-Identifier: MIT */
/* Owns the sockets: libmicrohttpd daemons, reading requests whole, sending answers.
   It never looks into a request beyond its framing. */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include "answer.h"
#include "request.h"

struct http_server;

struct http_options {
    unsigned short port; /* 0: any free one */
    unsigned threads;
    const char *tls_key_pem; /* NULL: plain HTTP */
    const char *tls_certificate_pem;
    /* Takes the request, fills in the answer. Called from several threads. */
    void (*dispatch)(struct request *request, struct answer *answer);
};

/* Listens on 127.0.0.1. NULL with errno set on failure. */
struct http_server *http_start(const struct http_options *options, unsigned short *ret_port);
void http_stop(struct http_server *server);

#endif
