/* SPDX-License-Identifier: MIT */
/* The rules for every request, and the caps on responses. Redirects are not followed, and certificates are always
 * verified. */
#include "net/http/http_handle.h"
#include "net/http/http_init.h"
#include "net/wire/wire.h"
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_CONNECTIONS 16L  /* kept on one handle, to as many hosts */
#define HTTP_CA_CACHE_S  600L /* how long a changed CA bundle may go unnoticed */

static size_t http_take_body(char *data, size_t size, size_t count, void *http_data)
{
    struct jt_http *http = http_data;
    size_t len = size * count;

    jt_buf_add(&http->body, data, len);
    http->body_over = http->body.failed;
    return http->body.failed ? 0 : len;
}

static size_t http_take_head(char *data, size_t size, size_t count, void *http_data)
{
    struct jt_http *http = http_data;
    size_t len = size * count;

    /* An interim response (1xx) is followed by another head, which is the one that counts. */
    if (len > 5 && strncmp(data, "HTTP/", 5) == 0)
        jt_buf_reset(&http->head);
    jt_buf_add(&http->head, data, len);
    http->head_over = http->head.failed;
    return http->head.failed ? 0 : len;
}

/* If the program uses libcurl itself, libcurl may have opened $SSLKEYLOGFILE; the keys of jeton's sessions are not
 * written there. */
static CURLcode http_take_ssl_ctx(CURL *easy, void *ctx, void *data)
{
    (void)easy;
    (void)data;
    SSL_CTX_set_keylog_callback(ctx, NULL);
    return CURLE_OK;
}

/* What holds for every exchange. CURLOPT_CAPATH stays unset: with it libcurl reads the whole bundle for each
 * connection. */
static bool http_set_rules(struct jt_http *http, CURLSH *share)
{
    CURL *easy = http->easy;
    bool good = true;

#define HTTP_SET(option, value) good = good && curl_easy_setopt(easy, option, value) == CURLE_OK
    HTTP_SET(CURLOPT_PROTOCOLS_STR, "http,https");
    HTTP_SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    HTTP_SET(CURLOPT_FOLLOWLOCATION, 0L);
    HTTP_SET(CURLOPT_SSL_VERIFYPEER, 1L);
    HTTP_SET(CURLOPT_SSL_VERIFYHOST, 2L);
    HTTP_SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    HTTP_SET(CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    HTTP_SET(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    HTTP_SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    HTTP_SET(CURLOPT_CAPATH, NULL);
    HTTP_SET(CURLOPT_PROXY_CAPATH, NULL);
    HTTP_SET(CURLOPT_MAXCONNECTS, HTTP_CONNECTIONS);
    HTTP_SET(CURLOPT_CA_CACHE_TIMEOUT, HTTP_CA_CACHE_S);
    HTTP_SET(CURLOPT_SSL_CTX_FUNCTION, http_take_ssl_ctx);
    HTTP_SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    HTTP_SET(CURLOPT_NOPROXY, "");
    HTTP_SET(CURLOPT_NOSIGNAL, 1L); /* it writes with MSG_NOSIGNAL, TLS too */
    HTTP_SET(CURLOPT_MAXFILESIZE, (long)JT_RESPONSE_MAX);
    HTTP_SET(CURLOPT_USERAGENT, "jeton/" JETON_VERSION);
    HTTP_SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    HTTP_SET(CURLOPT_WRITEFUNCTION, http_take_body);
    HTTP_SET(CURLOPT_WRITEDATA, http);
    HTTP_SET(CURLOPT_HEADERFUNCTION, http_take_head);
    HTTP_SET(CURLOPT_HEADERDATA, http);
    HTTP_SET(CURLOPT_ERRORBUFFER, http->reason);
    HTTP_SET(CURLOPT_PRIVATE, http);
    if (share != NULL)
        HTTP_SET(CURLOPT_SHARE, share);
#undef HTTP_SET
    return good;
}

int jt_http_new(CURLSH *share, struct jt_http **ret_http, jeton_error **ret_error)
{
    JT_CLEANUP(jt_http_free) struct jt_http *http = calloc(1, sizeof(*http));

    if (http == NULL)
        return jt_error_no_memory(ret_error);
    http->body = JT_BUF_INIT(JT_RESPONSE_MAX);
    http->head = JT_BUF_INIT(JT_HEADERS_MAX);
    http->lines = JT_BUF_INIT(JT_HEADERS_MAX * 2u);
    http->easy = curl_easy_init();
    if (http->easy == NULL)
        return jt_error_no_memory(ret_error);
    if (!http_set_rules(http, share))
        return jt_error_set(ret_error, JETON_INTERNAL,
                            "this libcurl (%s) lacks an option that jeton needs; 7.88 or later does not",
                            curl_version());
    *ret_http = jt_take(&http);
    return JETON_OK;
}

void jt_http_free(struct jt_http **http)
{
    if (*http == NULL)
        return;
    curl_easy_cleanup((*http)->easy);
    jt_buf_done(&(*http)->body);
    jt_buf_done(&(*http)->head);
    jt_buf_done(&(*http)->lines);
    free((*http)->nodes);
    free((*http)->ca_file);
    free((*http)->proxy);
    free((*http)->certificate);
    free((*http)->key);
    free((*http)->origin);
    free(*http);
    *http = NULL;
}

static bool http_is_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Sets a text on the handle unless it is there already. */
static int http_set_text(struct jt_http *http, CURLoption option, char **present, const char *wanted)
{
    char *copy;

    if (http_is_same(*present, wanted))
        return CURLE_OK;
    copy = jt_strdup(wanted);
    if (wanted != NULL && copy == NULL)
        return CURLE_OUT_OF_MEMORY;
    free(*present);
    *present = copy;
    return (int)curl_easy_setopt(http->easy, option, wanted);
}

/* Plain http goes to this machine only, and not through a proxy, which would take the secrets off this machine. */
static const char *http_choose_proxy(const char *proxy, const struct jt_url *url)
{
    struct jt_url parsed;
    JT_AUTO_STR char *as_http = NULL;
    const char *host;

    if (proxy == NULL || *proxy == '\0' || url->tls)
        return proxy != NULL ? proxy : "";
    host = strstr(proxy, "://");
    host = host != NULL ? host + 3 : proxy;
    as_http = jt_printf("http://%s", host);
    return as_http != NULL && jt_url_parse(as_http, &parsed) == NULL && parsed.loopback ? proxy : "";
}

static int http_set_options(struct jt_http *http, const struct jt_http_options *options, const struct jt_url *url)
{
    const char *ca_file = options->ca_file != NULL ? options->ca_file : jt_http_ca_file();
    bool ca_changed = !http_is_same(http->ca_file, ca_file);
    const char *key = options->client_key != NULL ? options->client_key : options->client_certificate;
    int code = http_set_text(http, CURLOPT_CAINFO, &http->ca_file, ca_file);

    if (code == CURLE_OK && ca_changed)
        code = (int)curl_easy_setopt(http->easy, CURLOPT_PROXY_CAINFO, ca_file);
    if (code == CURLE_OK)
        code = http_set_text(http, CURLOPT_PROXY, &http->proxy, http_choose_proxy(options->proxy, url));
    if (code == CURLE_OK)
        code = http_set_text(http, CURLOPT_SSLCERT, &http->certificate, options->client_certificate);
    if (code == CURLE_OK)
        code = http_set_text(http, CURLOPT_SSLKEY, &http->key, key);
    return code;
}

static bool http_add_line(struct jt_http *http, const char *name, const char *separator, const char *value,
                          size_t *count)
{
    /* Offsets first: the buffer may move while it grows. */
    http->nodes[*count].data = (char *)(uintptr_t)http->lines.len;
    (*count)++;
    jt_buf_puts(&http->lines, name);
    jt_buf_puts(&http->lines, separator);
    jt_buf_add(&http->lines, value, strlen(value) + 1);
    return !http->lines.failed;
}

/* The list that libcurl reads headers from, built in memory that stays; libcurl only reads it. */
static bool http_set_headers(struct jt_http *http, const struct jt_http_request *request)
{
    size_t count = 0, room = request->headers.len + 1;
    bool typed = false, good = true;

    if (room > http->nodes_size) {
        struct curl_slist *nodes = reallocarray(http->nodes, room, sizeof(*nodes));

        if (nodes == NULL)
            return false;
        http->nodes = nodes;
        http->nodes_size = room;
    }
    for (size_t i = 0; i < request->headers.len; i++) {
        const struct jt_field *field = &request->headers.items[i];

        typed = typed || strcasecmp(field->name, "content-type") == 0;
        /* A header without a value is written with a semicolon, else libcurl takes it away. */
        good = good && http_add_line(http, field->name, *field->value != '\0' ? ": " : ";", field->value, &count);
    }
    /* libcurl's own idea of a body's type, taken away. */
    if (request->has_body && !typed)
        good = good && http_add_line(http, "Content-Type", ":", "", &count);
    for (size_t i = 0; i < count; i++) {
        http->nodes[i].data = http->lines.data + (uintptr_t)http->nodes[i].data;
        http->nodes[i].next = i + 1 < count ? &http->nodes[i + 1] : NULL;
    }
    return good && curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, count > 0 ? http->nodes : NULL) == CURLE_OK;
}

/* GET, HEAD and POST as libcurl has them, other methods by name over one of the two. */
static bool http_set_method(struct jt_http *http, const struct jt_http_request *request)
{
    CURL *easy = http->easy;
    bool head = strcmp(request->method, "HEAD") == 0;
    bool own =
        head || strcmp(request->method, "GET") == 0 || (request->has_body && strcmp(request->method, "POST") == 0);

    if (http->set_body == request->has_body && http->set_method != NULL &&
        strcmp(request->method, http->set_method) == 0)
        return true;
    http->set_method = request->method;
    http->set_body = request->has_body;
    return curl_easy_setopt(easy, CURLOPT_NOBODY, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
           (!head || curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK) &&
           (!request->has_body || curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK) &&
           curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, own ? NULL : request->method) == CURLE_OK;
}

static bool http_set_body(struct jt_http *http, const struct jt_http_request *request)
{
    return http_set_method(http, request) &&
           (!request->has_body ||
            (curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE, (long)request->body.len) == CURLE_OK &&
             curl_easy_setopt(http->easy, CURLOPT_POSTFIELDS, jt_buf_str(&request->body)) == CURLE_OK));
}

static bool http_set_number(struct jt_http *http, CURLoption option, long *present, long wanted)
{
    if (*present == wanted)
        return true;
    *present = wanted;
    return curl_easy_setopt(http->easy, option, wanted) == CURLE_OK;
}

static bool http_set_times(struct jt_http *http, const struct jt_http_options *options, int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms == JT_NEVER ? JT_NEVER : deadline_ms - jt_boot_ms();

    http->timeout_ms = options->timeout_s > 0 ? options->timeout_s * 1000 : 30000;
    http->connect_timeout_ms = options->connect_timeout_s > 0 ? options->connect_timeout_s * 1000 : 10000;
    http->cut_by_deadline = left_ms < http->timeout_ms;
    if (http->cut_by_deadline)
        http->timeout_ms = left_ms;
    if (http->connect_timeout_ms > http->timeout_ms)
        http->connect_timeout_ms = http->timeout_ms;
    return http->timeout_ms > 0;
}

int jt_http_begin(struct jt_http *http, const struct jt_http_request *request, const struct jt_http_options *options,
                  int64_t deadline_ms, jeton_error **ret_error)
{
    struct jt_url url;
    const char *wrong = jt_url_parse(request->url, &url);

    jt_http_wipe(http);
    if (wrong != NULL)
        return jt_error_set(ret_error, JETON_INTERNAL, "a request would go to a URL which %s", wrong);
    if (!http_set_times(http, options, deadline_ms))
        return jt_error_set(ret_error, JETON_TRY_LATER, "the time for this was over before the request could be sent");
    if (curl_easy_setopt(http->easy, CURLOPT_URL, request->url) != CURLE_OK || !http_set_body(http, request) ||
        !http_set_headers(http, request) ||
        !http_set_number(http, CURLOPT_FRESH_CONNECT, &http->set_fresh, request->once) ||
        !http_set_number(http, CURLOPT_TIMEOUT_MS, &http->set_timeout_ms, (long)http->timeout_ms) ||
        !http_set_number(http, CURLOPT_CONNECTTIMEOUT_MS, &http->set_connect_timeout_ms,
                         (long)http->connect_timeout_ms) ||
        http_set_options(http, options, &url) != CURLE_OK)
        return jt_error_no_memory(ret_error);
    if (http->origin == NULL || strncmp(http->origin, request->url, url.origin_len) != 0 ||
        http->origin[url.origin_len] != '\0') {
        free(http->origin);
        http->origin = strndup(request->url, url.origin_len);
    }
    http->sent_at = jt_now();
    return JETON_OK;
}

/* libcurl does this by itself, but 7.88 only five times in the life of a handle: each sixth connection that was closed
 * between two uses would be a failure. */
bool jt_http_again(struct jt_http *http, CURLcode code)
{
    curl_off_t took_us = 0;
    long made = 1;

    if ((code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR && code != CURLE_GOT_NOTHING) || http->set_fresh != 0 ||
        http->head.len > 0 || curl_easy_getinfo(http->easy, CURLINFO_NUM_CONNECTS, &made) != CURLE_OK || made > 0 ||
        curl_easy_getinfo(http->easy, CURLINFO_TOTAL_TIME_T, &took_us) != CURLE_OK)
        return false;
    http->timeout_ms -= took_us / 1000;
    return http->timeout_ms > 0 && http_set_number(http, CURLOPT_FRESH_CONNECT, &http->set_fresh, 1) &&
           http_set_number(http, CURLOPT_TIMEOUT_MS, &http->set_timeout_ms, (long)http->timeout_ms);
}

void jt_http_wipe(struct jt_http *http)
{
    jt_buf_reset(&http->body);
    jt_buf_reset(&http->head);
    jt_buf_reset(&http->lines);
    http->body_over = http->head_over = false;
    http->reason[0] = '\0';
}
