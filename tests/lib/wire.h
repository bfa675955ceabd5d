/* SPDX-License-Identifier: MIT */
/* A server on a loopback socket that answers byte for byte what a test tells it, faults included. It understands of
 * HTTP no more than where a request ends. */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>

struct wire;

#define WIRE_CLOSE 1u /* close the connection behind the answer */
#define WIRE_RESET 2u /* close it with a reset behind the answer, which may be "" */
#define WIRE_EARLY 4u /* close it as soon as it is accepted, before reading */

/* Plain, or TLS with a certificate for 127.0.0.1 made on the spot. Aborts when it cannot. */
struct wire *wire_start(bool tls);
void wire_stop(struct wire **wire);

const char *wire_url(const struct wire *wire);     /* "http://127.0.0.1:40123" */
const char *wire_ca_file(const struct wire *wire); /* the certificate, in check_tmpdir() */

/* What the next request gets, in order; the text is copied. Requests beyond the script get a 200 with a token. */
void wire_answer(struct wire *wire, unsigned flags, int delay_ms, const char *text);
/* The same with head and length put before a body. status_line: "200 OK". */
void wire_answer_json(struct wire *wire, const char *status_line, const char *body);

unsigned wire_connections(struct wire *wire);
unsigned wire_requests(struct wire *wire);
/* Head and body of a request, from 0; "" when there is none. Lives until wire_stop. */
const char *wire_request(struct wire *wire, unsigned index);
/* The most requests that were being answered at one time. */
unsigned wire_most_at_once(struct wire *wire);

#endif
