/* SPDX-License-Identifier: MIT */
/* A request and its response, as they pass between the flow, which prepares requests and reads responses, and the code
 * in http/ that sends and receives them. */
#ifndef JT_NET_FLOW_EXCHANGE_H
#define JT_NET_FLOW_EXCHANGE_H

#include "base/base.h"

/* A request as the plugin prepared it. */
struct jt_http_request {
    const char *method;       /* one of a few constants */
    char *url;                /* absolute, query included */
    struct jt_fields headers; /* content-type of the body included */
    struct jt_buf body;
    bool has_body; /* true for a POST without form and JSON, too: its body is empty */
    bool once;
};

/* A response as it arrived. */
struct jt_http_response {
    int status;
    struct jt_fields headers; /* names in lower case; the last one of a name wins */
    const char *body;
    size_t body_len;
    int64_t sent_at;  /* wall clock before the request was sent */
    const char *head; /* the header lines as received, or NULL; searched for names that `headers` does not have */
};

#endif
