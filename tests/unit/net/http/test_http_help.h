/* SPDX-License-Identifier: MIT */
/* What the tests of an exchange share: exchanges with a scripted server on loopback, and their main. */
#ifndef TEST_HTTP_HELP_H
#define TEST_HTTP_HELP_H

#include "net/http/http.h"
#include "net/http/http_end.h"
#include "tests/lib/check.h"
#include "tests/lib/wire.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct jt_net_pool *pool;

/* One exchange; the response's body and head are copied to body and head. */
struct exchange {
    struct jt_http_request request;
    struct jt_http_options options;
    int64_t deadline_ms;
    int http_status;
    bool sent;
    char body[4096];
    char head[4096];
};

__attribute__((unused)) static struct exchange exchange_to(const char *base, const char *path)
{
    struct exchange x = {.options = {.connect_timeout_s = 5, .timeout_s = 5}, .deadline_ms = JT_NEVER};

    x.request.method = "GET";
    x.request.url = jt_printf("%s%s", base, path);
    return x;
}

__attribute__((unused)) static void exchange_post(struct exchange *x, const char *body)
{
    x->request.method = "POST";
    x->request.has_body = true;
    x->request.body = JT_BUF_INIT(JT_RESPONSE_MAX);
    jt_buf_puts(&x->request.body, body);
}

__attribute__((unused)) static int exchange_run(struct exchange *x, jeton_error **ret_error)
{
    struct jt_http *http = NULL;
    struct jt_http_response response = {0};
    int status = jt_pool_take(pool, x->request.url, &http, ret_error);

    if (status != JETON_OK)
        return status;
    status = jt_http_begin(http, &x->request, &x->options, x->deadline_ms, ret_error);
    if (status == JETON_OK)
        status = jt_http_end(http, curl_easy_perform(http->easy), &response, &x->sent, ret_error);
    if (status == JETON_OK) {
        x->http_status = response.status;
        (void)snprintf(x->body, sizeof(x->body), "%s", response.body);
        (void)snprintf(x->head, sizeof(x->head), "%s", response.head);
    }
    jt_pool_give(pool, &http);
    return status;
}

__attribute__((unused)) static void exchange_done(struct exchange *x)
{
    jt_str_free(&x->request.url);
    jt_fields_done(&x->request.headers);
    jt_buf_done(&x->request.body);
}

/* A GET that must fail like this. */
__attribute__((unused)) static void get_fails(const char *base, const struct jt_http_options *options, int status,
                                              const char *part)
{
    struct exchange x = exchange_to(base, "/x");
    jeton_error *error = NULL;

    if (options != NULL)
        x.options = *options;
    CHECK_FAILS(exchange_run(&x, &error), status, part, &error);
    exchange_done(&x);
}

/* Like check_main, with a pool. */
__attribute__((unused)) static int http_main(int argc, char **argv, const char *suite, const struct check_case *cases,
                                             size_t count)
{
    jeton_error *error = NULL;
    char keylog[300];
    int failed;

    /* A server that closes must not end the program; neither may TLS that is written to it. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(keylog, sizeof(keylog), "%s/keylog", check_tmpdir());
    (void)setenv("SSLKEYLOGFILE", keylog, 1);
    if (jt_pool_new(&pool, &error) != JETON_OK)
        abort();
    failed = check_main(argc, argv, suite, cases, count);
    jt_pool_free(&pool);
    return failed;
}
#define HTTP_MAIN(suite, cases)                                                                                        \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        return http_main(argc, argv, suite, cases, JT_LEN(cases));                                                     \
    }

#endif
