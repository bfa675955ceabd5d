/* SPDX-License-Identifier: MIT */
/* A request and its response, between the flow that prepares the one and reads the other, and who carries them. */
#ifndef JT_NET_FLOW_EXCHANGE_H
#define JT_NET_FLOW_EXCHANGE_H

#include "base/base.h"

/* A request as the plugin prepared it. */
struct jt_http_request {
    const char *method;       /* one of a few constants */
    char *url;                /* absolute, query included */
    struct jt_fields headers; /* content-type of the body included */
    struct jt_buf body;
    bool has_body; /* a POST with neither form nor JSON has an empty one */
    bool once;
};

/* A response as it arrived. */
struct jt_http_response {
    int status;
    struct jt_fields headers; /* names in lower case; the last one of a name wins */
    const char *body;
    size_t body_len;
    int64_t sent_at;  /* wall clock before the request was sent */
    const char *head; /* the header lines as they came, or NULL; asked where `headers` has no such name */
};

#endif
