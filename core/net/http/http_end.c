/* SPDX-License-Identifier: MIT */
/* After a transfer: the response, or why it failed, by name, in a sentence that says what to look at. What was sent is
 * not repeated. */
#include "net/http/http_end.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define END_HOST_MAX 300u

/* "api.line.me:443" of the last exchange. */
static void end_name_host(const struct jt_http *http, char host[END_HOST_MAX])
{
    const char *origin = http->origin != NULL ? http->origin : "", *start = strstr(origin, "://");

    (void)snprintf(host, END_HOST_MAX, "%s", start != NULL ? start + 3 : origin);
}

static int end_connect(const struct jt_http *http, const char *host, jeton_error **ret_error)
{
    const char *through = http->proxy != NULL && *http->proxy != '\0' ? "the proxy on the way to " : "";
    char room[128];
    long number = 0;

    (void)curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &number);
    if (number == ECONNREFUSED) {
        (void)jt_error_set(ret_error, JETON_TRY_LATER, "cannot connect to %s%s: connection refused", through, host);
        jt_error_set_hint(ret_error, "nothing listens there: look at base_url, proxy and the provider's status");
    } else {
        (void)jt_error_set(ret_error, JETON_TRY_LATER, "cannot connect to %s%s: %s", through, host,
                           number != 0 ? strerror_r((int)number, room, sizeof(room)) : http->reason);
    }
    return JETON_TRY_LATER;
}

static int end_time(const struct jt_http *http, const char *host, jeton_error **ret_error)
{
    curl_off_t connected_us = 0;
    bool connected =
        curl_easy_getinfo(http->easy, CURLINFO_CONNECT_TIME_T, &connected_us) == CURLE_OK && connected_us > 0;
    int64_t limit_ms = connected ? http->timeout_ms : http->connect_timeout_ms;
    const char *failed = connected ? "answer"
                         : http->origin != NULL && strncmp(http->origin, "https:", 6) == 0
                             ? "complete a connection with TLS"
                             : "accept a connection";
    char span[48];

    if (limit_ms % 1000 == 0)
        (void)snprintf(span, sizeof(span), "%lld s", (long long)(limit_ms / 1000));
    else
        (void)snprintf(span, sizeof(span), "%lld.%01lld s", (long long)(limit_ms / 1000),
                       (long long)(limit_ms % 1000 / 100));
    if (http->cut_by_deadline)
        return jt_error_set(ret_error, JETON_TRY_LATER, "timed out: %s did not answer within the %s that were left",
                            host, span);
    return jt_error_set(ret_error, JETON_TRY_LATER, "timed out after %s: %s did not %s", span, host, failed);
}

static int end_tls(const struct jt_http *http, const char *host, jeton_error **ret_error)
{
    const char *ca_file = http->ca_file != NULL && *http->ca_file != '\0' ? http->ca_file : "(none found)";

    (void)jt_error_set(ret_error, JETON_TRY_LATER, "TLS verification failed for %s: %s (CA file in force: %s)", host,
                       *http->reason != '\0' ? http->reason : "the certificate is not trusted", ca_file);
    jt_error_set_hint(ret_error, "if the provider's certificate is signed by a CA of your own, name that in ca_file; "
                                 "verification cannot be switched off");
    return JETON_TRY_LATER;
}

static int end_head(const char *host, jeton_error **ret_error)
{
    return jt_error_set(ret_error, JETON_BAD_ANSWER, "the answer of %s has over %u bytes of headers and is refused",
                        host, JT_HEADERS_MAX);
}

static int end_write(const struct jt_http *http, const char *host, jeton_error **ret_error)
{
    if (http->head_over)
        return end_head(host, ret_error);
    return jt_error_set(ret_error, JETON_BAD_ANSWER, "the answer of %s is longer than %u bytes and is refused", host,
                        JT_RESPONSE_MAX);
}

/* libcurl has limits of its own for one header line and for all of an answer's, and calls the first a lack of memory.
 */
static int end_memory(const struct jt_http *http, const char *host, jeton_error **ret_error)
{
    long status = 0;

    if (curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status > 0)
        return end_head(host, ret_error);
    return jt_error_no_memory(ret_error);
}

static int end_receive(const struct jt_http *http, const char *host, jeton_error **ret_error)
{
    if (strncmp(http->reason, "Too large response headers", 26) == 0)
        return end_head(host, ret_error);
    return jt_error_set(ret_error, JETON_TRY_LATER, "the exchange with %s failed: %s", host,
                        *http->reason != '\0' ? http->reason : curl_easy_strerror(CURLE_RECV_ERROR));
}

static int end_config(const struct jt_http *http, CURLcode code, jeton_error **ret_error)
{
    if (code == CURLE_SSL_CACERT_BADFILE)
        return jt_error_set(ret_error, JETON_CONFIG, "ca_file \"%s\" cannot be read or holds no certificates",
                            http->ca_file != NULL ? http->ca_file : "");
    return jt_error_set(ret_error, JETON_CONFIG, "client_certificate \"%s\" with client_key \"%s\" cannot be used: %s",
                        http->certificate != NULL ? http->certificate : "", http->key != NULL ? http->key : "",
                        *http->reason != '\0' ? http->reason : curl_easy_strerror(code));
}

static int end_explain(const struct jt_http *http, CURLcode code, jeton_error **ret_error)
{
    char host[END_HOST_MAX];

    end_name_host(http, host);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        (void)jt_error_set(ret_error, JETON_TRY_LATER, "cannot resolve the host name of %s", host);
        jt_error_set_hint(ret_error, "look at base_url, and whether this machine's name service works");
        return JETON_TRY_LATER;
    case CURLE_COULDNT_RESOLVE_PROXY:
        (void)jt_error_set(ret_error, JETON_TRY_LATER, "cannot resolve the host name of the proxy on the way to %s",
                           host);
        jt_error_set_hint(ret_error, "look at the setting proxy");
        return JETON_TRY_LATER;
    case CURLE_COULDNT_CONNECT:
        return end_connect(http, host, ret_error);
    case CURLE_OPERATION_TIMEDOUT:
        return end_time(http, host, ret_error);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return end_tls(http, host, ret_error);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        return end_config(http, code, ret_error);
    case CURLE_SSL_CONNECT_ERROR:
        return jt_error_set(ret_error, JETON_TRY_LATER, "no TLS connection to %s: %s", host,
                            *http->reason != '\0' ? http->reason : curl_easy_strerror(code));
    case CURLE_RECV_ERROR:
        return end_receive(http, host, ret_error);
    case CURLE_GOT_NOTHING:
        return jt_error_set(ret_error, JETON_TRY_LATER, "%s closed the connection without an answer", host);
    case CURLE_PARTIAL_FILE:
        return jt_error_set(ret_error, JETON_TRY_LATER,
                            "the answer of %s was truncated: the connection closed within it", host);
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
        return end_write(http, host, ret_error);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "%s answered with something that is not HTTP: %s", host,
                            http->reason);
    case CURLE_OUT_OF_MEMORY:
        return end_memory(http, host, ret_error);
    default:
        return jt_error_set(ret_error, JETON_TRY_LATER, "the exchange with %s failed: %s", host,
                            *http->reason != '\0' ? http->reason : curl_easy_strerror(code));
    }
}

int jt_http_end(struct jt_http *http, CURLcode code, struct jt_http_response *ret_response, bool *ret_sent,
                jeton_error **ret_error)
{
    long request_size = 0, status = 0;

    (void)curl_easy_getinfo(http->easy, CURLINFO_REQUEST_SIZE, &request_size);
    *ret_sent = request_size > 0;
    if (code != CURLE_OK)
        return end_explain(http, code, ret_error);
    (void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
    *ret_response = (struct jt_http_response){
        .status = (int)status,
        .body = jt_buf_str(&http->body),
        .body_len = http->body.len,
        .sent_at = http->sent_at,
        .head = jt_buf_str(&http->head),
    };
    return JETON_OK;
}
