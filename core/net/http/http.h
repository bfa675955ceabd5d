/* SPDX-License-Identifier: MIT */
/* One exchange over libcurl, made ready and taken apart. The transfer itself is run by run.c or run_many.c. */
#ifndef JT_NET_HTTP_H
#define JT_NET_HTTP_H

#include "net/flow/flow.h"
#include <curl/curl.h>

/* What one libcurl handle works with; kept and used again for the next exchange. */
struct jt_http {
    CURL *easy;
    struct jt_buf body, head; /* of the response */
    struct jt_buf lines;      /* of the request's headers */
    struct curl_slist *nodes; /* points into lines */
    size_t nodes_size;
    bool body_over, head_over;
    int64_t sent_at;
    int64_t timeout_ms, connect_timeout_ms; /* in force for the current exchange */
    bool cut_by_deadline;                   /* timeout_ms is what the flow's deadline leaves */
    /* What is set on the handle now, so that it is set again only where it differs. */
    char *ca_file, *proxy, *certificate, *key;
    const char *set_method; /* a constant; NULL: none yet */
    bool set_body;
    long set_timeout_ms, set_connect_timeout_ms, set_fresh;
    char *origin; /* of the last exchange: there may be a connection to it */
    size_t task;  /* run_many: whose exchange it is */
    char reason[CURL_ERROR_SIZE];
};

/* Once for the process: libcurl without an ear for the environment. */
int JT_MUST_CHECK jt_http_init(jeton_error **ret_error);
/* The CA bundle when none is configured; "" where there is none. */
const char *jt_http_ca_file(void);

int JT_MUST_CHECK jt_http_new(CURLSH *share, struct jt_http **ret_http, jeton_error **ret_error);
void jt_http_free(struct jt_http **http);

/* Makes the handle ready for the request; all that it borrows must live until jt_http_end. deadline_ms as jt_boot_ms();
 * JETON_TRY_LATER when it is over already. */
int JT_MUST_CHECK jt_http_begin(struct jt_http *http, const struct jt_http_request *request,
                                const struct jt_http_options *options, int64_t deadline_ms, jeton_error **ret_error);
/* After a transfer that failed: true where it is to be done once more, since a connection that was kept was closed
 * before the request could be heard. Never for one that must be sent once. */
bool jt_http_again(struct jt_http *http, CURLcode code);
/* After the transfer. The response points into http until jt_http_wipe. *ret_sent, also on failure: some of the request
 * went out. Errors: JETON_TRY_LATER for the network, JETON_BAD_ANSWER for what came, JETON_CONFIG for files that are
 * named in the configuration. */
int JT_MUST_CHECK jt_http_end(struct jt_http *http, CURLcode code, struct jt_http_response *ret_response,
                              bool *ret_sent, jeton_error **ret_error);
void jt_http_wipe(struct jt_http *http); /* what the last exchange left here */

/* http_error.c: why a transfer failed, by name. */
int JT_MUST_CHECK jt_http_explain(const struct jt_http *http, CURLcode code, jeton_error **ret_error);

/* http_log.c: the exchange at LOG_DEBUG, secrets replaced. */
void jt_http_log_request(const struct jt_flow *flow);
void jt_http_log_response(const struct jt_flow *flow, const struct jt_http_response *response);

#endif
