/* SPDX-License-Identifier: MIT */
/* One libcurl handle, and an exchange made ready on it. The transfer itself is run by run.c or run_many.c, and taken
 * apart by http_end.c. */
#ifndef JT_NET_HTTP_HANDLE_H
#define JT_NET_HTTP_HANDLE_H

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

int JT_MUST_CHECK jt_http_new(CURLSH *share, struct jt_http **ret_http, jeton_error **ret_error);
void jt_http_free(struct jt_http **http);

/* Makes the handle ready for the request; all that it borrows must live until jt_http_end. deadline_ms as jt_boot_ms();
 * JETON_TRY_LATER when it is over already. */
int JT_MUST_CHECK jt_http_begin(struct jt_http *http, const struct jt_http_request *request,
                                const struct jt_http_options *options, int64_t deadline_ms, jeton_error **ret_error);
/* After a transfer that failed: true where it is to be done once more, since a connection that was kept was closed
 * before the request could be heard. Never for one that must be sent once. */
bool jt_http_again(struct jt_http *http, CURLcode code);
void jt_http_wipe(struct jt_http *http); /* what the last exchange left here */

#endif
