/* SPDX-License-Identifier: MIT */
/* The rules of an exchange, against a scripted server on loopback: what goes out, what is refused, and how faults are
 * named. No provider is involved. */
#include "tests/lib/check.h"
#include "tests/lib/wire.h"
#include "net/http/http.h"
#include "net/http/http_end.h"
#include <pthread.h>
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

static struct exchange exchange_to(const char *base, const char *path)
{
    struct exchange x = {.options = {.connect_timeout_s = 5, .timeout_s = 5}, .deadline_ms = JT_NEVER};

    x.request.method = "GET";
    x.request.url = jt_printf("%s%s", base, path);
    return x;
}

static void exchange_post(struct exchange *x, const char *body)
{
    x->request.method = "POST";
    x->request.has_body = true;
    x->request.body = JT_BUF_INIT(JT_RESPONSE_MAX);
    jt_buf_puts(&x->request.body, body);
}

static int exchange_run(struct exchange *x, jeton_error **ret_error)
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

static void exchange_done(struct exchange *x)
{
    jt_str_free(&x->request.url);
    jt_fields_done(&x->request.headers);
    jt_buf_done(&x->request.body);
}

/* A GET that must fail like this. */
static void get_fails(const char *base, const struct jt_http_options *options, int status, const char *part)
{
    struct exchange x = exchange_to(base, "/x");
    jeton_error *error = NULL;

    if (options != NULL)
        x.options = *options;
    CHECK_FAILS(exchange_run(&x, &error), status, part, &error);
    exchange_done(&x);
}

static void a_post_goes_out_as_it_was_prepared(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/oauth/token?a=b%20c");
    jeton_error *error = NULL;
    const char *seen;

    exchange_post(&x, "grant_type=client_credentials&scope=a+b");
    CHECK_OK(jt_fields_set(&x.request.headers, "Content-Type", "application/x-www-form-urlencoded", 0, &error), &error);
    CHECK_OK(jt_fields_set(&x.request.headers, "X-App-Id", "id 1", 0, &error), &error);
    CHECK_OK(jt_fields_set(&x.request.headers, "X-Empty", "", 0, &error), &error);
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(x.http_status, 200);
    CHECK_STR(x.body, "{\"access_token\":\"default\",\"expires_in\":900}");
    seen = wire_request(wire, 0);
    CHECK_CONTAINS(seen, "POST /oauth/token?a=b%20c HTTP/1.1\r\n");
    CHECK_CONTAINS(seen, "\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    CHECK_CONTAINS(seen, "\r\nX-App-Id: id 1\r\n");
    CHECK_CONTAINS(seen, "\r\nX-Empty:\r\n");
    CHECK_CONTAINS(seen, "\r\nUser-Agent: jeton/" JETON_VERSION "\r\n");
    CHECK_CONTAINS(seen, "\r\nContent-Length: 39\r\n");
    CHECK_CONTAINS(seen, "\r\n\r\ngrant_type=client_credentials&scope=a+b");
    CHECK_TRUE(strstr(seen, "Expect") == NULL && strstr(seen, "Cookie") == NULL &&
               strstr(seen, "Accept-Encoding") == NULL);
    exchange_done(&x);
    wire_stop(&wire);
}

static void an_empty_post_has_length_zero_and_no_type(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/api/revoke");
    jeton_error *error = NULL;

    exchange_post(&x, "");
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_CONTAINS(wire_request(wire, 0), "\r\nContent-Length: 0\r\n");
    CHECK_TRUE(strstr(wire_request(wire, 0), "Content-Type") == NULL);
    exchange_done(&x);
    wire_stop(&wire);
}

static void a_large_post_does_not_wait_for_a_100(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/");
    char *body = malloc(JT_RESPONSE_MAX + 1);
    jeton_error *error = NULL;

    if (body == NULL)
        abort();
    memset(body, 'x', JT_RESPONSE_MAX);
    body[JT_RESPONSE_MAX] = '\0';
    exchange_post(&x, body);
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_TRUE(strcasestr(wire_request(wire, 0), "\r\nexpect:") == NULL);
    free(body);
    exchange_done(&x);
    wire_stop(&wire);
}

static void methods_follow_each_other_on_one_handle(void)
{
    static const char *const methods[] = {"POST", "GET", "DELETE", "HEAD", "POST", "PUT", "GET"};
    struct wire *wire = wire_start(false);

    for (unsigned i = 0; i < JT_LEN(methods); i++) {
        struct exchange x = exchange_to(wire_url(wire), "/m");
        jeton_error *error = NULL;
        char start[32];

        if (methods[i][0] == 'P')
            exchange_post(&x, "body=1");
        x.request.method = methods[i];
        if (strcmp(methods[i], "HEAD") == 0)
            wire_answer(wire, 0, 0, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        else
            wire_answer_json(wire, "200 OK", "{}");
        CHECK_OK(exchange_run(&x, &error), &error);
        (void)snprintf(start, sizeof(start), "%s /m HTTP/1.1\r\n", methods[i]);
        check_int(strncmp(wire_request(wire, i), start, strlen(start)), 0, methods[i], __FILE__, __LINE__);
        CHECK_INT(strstr(wire_request(wire, i), "body=1") != NULL, methods[i][0] == 'P');
        exchange_done(&x);
    }
    CHECK_INT(wire_connections(wire), 1);
    wire_stop(&wire);
}

static void connections_are_kept_and_once_gets_a_fresh_one(void)
{
    struct wire *wire = wire_start(false);
    jeton_error *error = NULL;

    for (unsigned i = 0; i < 4; i++) {
        struct exchange x = exchange_to(wire_url(wire), "/");

        x.request.once = i == 3;
        CHECK_OK(exchange_run(&x, &error), &error);
        CHECK_INT(wire_connections(wire), i == 3 ? 2 : 1);
        exchange_done(&x);
    }
    wire_stop(&wire);
}

static void hosts_do_not_push_out_each_others_connections(void)
{
    struct wire *one = wire_start(false), *two = wire_start(false);
    jeton_error *error = NULL;

    for (unsigned i = 0; i < 6; i++) {
        struct exchange x = exchange_to(wire_url(i % 2 == 0 ? one : two), "/");

        CHECK_OK(exchange_run(&x, &error), &error);
        exchange_done(&x);
    }
    CHECK_INT(wire_connections(one), 1);
    CHECK_INT(wire_connections(two), 1);
    wire_stop(&one);
    wire_stop(&two);
}

static void what_spends_something_is_never_sent_again_by_itself(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/first"), y = exchange_to(wire_url(wire), "/second");
    jeton_error *error = NULL;

    CHECK_OK(exchange_run(&x, &error), &error);
    exchange_post(&y, "code=1");
    y.request.once = true;
    wire_answer(wire, WIRE_RESET, 0, "");
    CHECK_INT(exchange_run(&y, &error), JETON_TRY_LATER);
    CHECK_TRUE(y.sent);
    CHECK_INT(wire_requests(wire), 2);
    jeton_error_free(&error);
    exchange_done(&x);
    exchange_done(&y);
    wire_stop(&wire);
}

static void a_redirect_is_handed_over_and_not_followed(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;

    wire_answer(wire, 0, 0, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(x.http_status, 302);
    CHECK_CONTAINS(x.head, "Location: /elsewhere");
    CHECK_INT(wire_requests(wire), 1);
    exchange_done(&x);
    wire_stop(&wire);
}

static void an_interim_response_is_passed_over(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;

    wire_answer(
        wire, 0, 0,
        "HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Final: 1\r\nContent-Length: 2\r\n\r\n{}");
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(x.http_status, 200);
    CHECK_CONTAINS(x.head, "X-Final: 1");
    CHECK_TRUE(strstr(x.head, "X-Interim") == NULL);
    exchange_done(&x);
    wire_stop(&wire);
}

static void faults_of_the_network_are_named(void)
{
    static const struct {
        unsigned flags;
        const char *answer;
        int status;
        const char *part;
    } faults[] = {
        {WIRE_CLOSE, "", JETON_TRY_LATER, "closed the connection without an answer"},
        {WIRE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access", JETON_TRY_LATER, "was truncated"},
        {WIRE_CLOSE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"acc", JETON_TRY_LATER,
         "was truncated"},
        {WIRE_CLOSE, "SSH-2.0-OpenSSH_9.2\r\n", JETON_BAD_ANSWER, "not HTTP"},
        {WIRE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n{", JETON_BAD_ANSWER,
         "longer than 1048576 bytes"},
    };

    for (size_t i = 0; i < JT_LEN(faults); i++) {
        struct wire *wire = wire_start(false);

        wire_answer(wire, faults[i].flags, 0, faults[i].answer);
        get_fails(wire_url(wire), NULL, faults[i].status, faults[i].part);
        wire_stop(&wire);
    }
    get_fails("http://127.0.0.1:1", NULL, JETON_TRY_LATER, "cannot connect to 127.0.0.1:1: connection refused");
    get_fails("https://no-such-host.invalid", NULL, JETON_TRY_LATER,
              "cannot resolve the host name of no-such-host.invalid");
}

static void a_body_over_the_cap_is_cut_off(void)
{
    struct wire *wire = wire_start(false);
    size_t len = JT_RESPONSE_MAX + 1;
    char *text = malloc(len + 100);
    int head;

    if (text == NULL)
        abort();
    head = snprintf(text, 100, "HTTP/1.1 200 OK\r\n\r\n"); /* no length: until the end of the connection */
    memset(text + head, 'x', len);
    text[(size_t)head + len] = '\0';
    wire_answer(wire, WIRE_CLOSE, 0, text);
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "longer than 1048576 bytes");
    free(text);
    wire_stop(&wire);
}

static void headers_over_the_cap_are_cut_off(void)
{
    struct wire *wire = wire_start(false);
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(100000);

    jt_buf_puts(&text, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0; i < 700; i++)
        jt_buf_printf(&text, "X-Header-%03u: %090u\r\n", i, i);
    jt_buf_puts(&text, "\r\n{}");
    wire_answer(wire, WIRE_CLOSE, 0, jt_buf_str(&text));
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "over 65536 bytes of headers");
    wire_stop(&wire);
}

/* These never reach the cap of our own: libcurl has one for a line, and one for everything before the answer. */
static void one_header_that_is_too_long_is_not_a_lack_of_memory(void)
{
    struct wire *wire = wire_start(false);
    JT_AUTO_BUF struct jt_buf line = JT_BUF_INIT(1000000), hundreds = JT_BUF_INIT(1000000);

    jt_buf_puts(&line, "HTTP/1.1 200 OK\r\nX-Long: ");
    for (unsigned i = 0; i < 4000; i++)
        jt_buf_printf(&line, "%0100u", i);
    jt_buf_puts(&line, "\r\n\r\n{}");
    wire_answer(wire, WIRE_CLOSE, 0, jt_buf_str(&line));
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "over 65536 bytes of headers");
    for (unsigned i = 0; i < 20000; i++)
        jt_buf_puts(&hundreds, "HTTP/1.1 100 Continue\r\n\r\n");
    wire_answer(wire, WIRE_CLOSE, 0, jt_buf_str(&hundreds));
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "over 65536 bytes of headers");
    wire_stop(&wire);
}

static void a_slow_answer_times_out_and_says_after_what(void)
{
    struct wire *wire = wire_start(false);
    struct jt_http_options options = {.connect_timeout_s = 1, .timeout_s = 1};
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;
    int64_t before_ms;

    wire_answer(wire, 0, 1500, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    get_fails(wire_url(wire), &options, JETON_TRY_LATER, "timed out after 1 s: 127.0.0.1");
    wire_answer(wire, 0, 700, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    before_ms = jt_boot_ms();
    x.deadline_ms = before_ms + 200;
    CHECK_FAILS(exchange_run(&x, &error), JETON_TRY_LATER, "within the 0.2 s that were left", &error);
    CHECK_TRUE(jt_boot_ms() - before_ms < 600);
    x.deadline_ms = before_ms;
    CHECK_FAILS(exchange_run(&x, &error), JETON_TRY_LATER, "before the request could be sent", &error);
    CHECK_INT(wire_requests(wire), 2);
    exchange_done(&x);
    wire_stop(&wire);
}

static void whether_something_was_sent_is_known(void)
{
    struct wire *wire = wire_start(false);
    struct exchange refused = exchange_to("http://127.0.0.1:1", "/"), closed = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;

    refused.sent = true;
    CHECK_INT(exchange_run(&refused, &error), JETON_TRY_LATER);
    CHECK_TRUE(!refused.sent);
    jeton_error_free(&error);
    wire_answer(wire, WIRE_CLOSE, 0, "");
    CHECK_INT(exchange_run(&closed, &error), JETON_TRY_LATER);
    CHECK_TRUE(closed.sent);
    jeton_error_free(&error);
    exchange_done(&refused);
    exchange_done(&closed);
    wire_stop(&wire);
}

static void tls_is_verified_against_the_ca_file(void)
{
    struct wire *wire = wire_start(true), *other = wire_start(true);
    struct jt_http_options options = {.connect_timeout_s = 5, .timeout_s = 5, .ca_file = wire_ca_file(wire)};
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;

    x.options = options;
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(x.http_status, 200);
    get_fails(wire_url(other), &options, JETON_TRY_LATER, "TLS verification failed for 127.0.0.1");
    get_fails(wire_url(other), &options, JETON_TRY_LATER, wire_ca_file(wire));
    options.ca_file = NULL;
    get_fails(wire_url(other), &options, JETON_TRY_LATER, "TLS verification failed");
    CHECK_INT(wire_requests(other), 0);
    exchange_done(&x);
    wire_stop(&wire);
    wire_stop(&other);
}

static void the_name_in_the_certificate_counts(void)
{
    struct wire *wire = wire_start(true);
    struct jt_http_options options = {.connect_timeout_s = 5, .timeout_s = 5, .ca_file = wire_ca_file(wire)};
    char base[64];

    (void)snprintf(base, sizeof(base), "https://localhost%s", strrchr(wire_url(wire), ':'));
    get_fails(base, &options, JETON_TRY_LATER, "TLS verification failed for localhost");
    CHECK_INT(wire_requests(wire), 0);
    wire_stop(&wire);
}

static void files_that_are_configured_and_unreadable_are_the_configurations_fault(void)
{
    struct wire *wire = wire_start(true);
    struct jt_http_options options = {.connect_timeout_s = 5, .timeout_s = 5, .ca_file = "/nonexistent/ca.pem"};

    get_fails(wire_url(wire), &options, JETON_CONFIG, "ca_file \"/nonexistent/ca.pem\" cannot be read");
    options.ca_file = wire_ca_file(wire);
    options.client_certificate = "/nonexistent/client.pem";
    get_fails(wire_url(wire), &options, JETON_CONFIG, "client_certificate \"/nonexistent/client.pem\"");
    wire_stop(&wire);
}

static void tls_to_a_server_without_tls_is_named(void)
{
    struct wire *wire = wire_start(false);
    char base[64];

    (void)snprintf(base, sizeof(base), "https://127.0.0.1%s", strrchr(wire_url(wire), ':'));
    wire_answer(wire, WIRE_EARLY, 0, "");
    get_fails(base, NULL, JETON_TRY_LATER, "no TLS connection to 127.0.0.1");
    wire_stop(&wire);
}

static void the_environment_is_not_listened_to(void)
{
    struct wire *wire = wire_start(true), *proxy = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;
    char keylog[300];

    (void)snprintf(keylog, sizeof(keylog), "%s/keylog", check_tmpdir());
    CHECK_STR(getenv("SSLKEYLOGFILE"), keylog); /* main set it before libcurl started */
    (void)setenv("https_proxy", wire_url(proxy), 1);
    (void)setenv("http_proxy", wire_url(proxy), 1);
    (void)setenv("ALL_PROXY", wire_url(proxy), 1);
    (void)setenv("CURL_CA_BUNDLE", "/nonexistent", 1);
    (void)setenv("SSL_CERT_FILE", "/nonexistent", 1);
    x.options.ca_file = wire_ca_file(wire);
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(wire_connections(proxy), 0);
    CHECK_INT(access(keylog, F_OK), -1);
    (void)unsetenv("https_proxy");
    (void)unsetenv("http_proxy");
    (void)unsetenv("ALL_PROXY");
    exchange_done(&x);
    wire_stop(&wire);
    wire_stop(&proxy);
}

static void a_configured_proxy_is_used(void)
{
    struct wire *proxy = wire_start(false);
    struct exchange x = exchange_to("http://127.0.0.1:9", "/through");
    struct jt_http_options remote = {.connect_timeout_s = 1, .timeout_s = 1, .proxy = "http://proxy.invalid:3128"};
    jeton_error *error = NULL;

    x.options.proxy = wire_url(proxy);
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_CONTAINS(wire_request(proxy, 0), "GET http://127.0.0.1:9/through HTTP/1.1\r\n");
    /* Plain http never leaves the machine, not by way of a proxy either. */
    get_fails("http://127.0.0.1:1", &remote, JETON_TRY_LATER, "connection refused");
    get_fails("https://as.example", &remote, JETON_TRY_LATER, "cannot resolve the host name of the proxy");
    exchange_done(&x);
    wire_stop(&proxy);
}

static void *many_threads_run(void *base)
{
    for (unsigned i = 0; i < 20; i++) {
        struct exchange x = exchange_to(base, "/");
        jeton_error *error = NULL;

        CHECK_OK(exchange_run(&x, &error), &error);
        exchange_done(&x);
    }
    return NULL;
}

static void threads_share_a_pool(void)
{
    struct wire *wire = wire_start(false);
    pthread_t threads[4];

    for (size_t i = 0; i < JT_LEN(threads); i++)
        if (pthread_create(&threads[i], NULL, many_threads_run, (void *)(uintptr_t)wire_url(wire)) != 0)
            abort();
    for (size_t i = 0; i < JT_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    CHECK_INT(wire_requests(wire), 80);
    CHECK_TRUE(wire_connections(wire) <= 4);
    wire_stop(&wire);
}

static const struct check_case cases[] = {
    {"a POST goes out as it was prepared", a_post_goes_out_as_it_was_prepared},
    {"an empty POST has length zero and no type", an_empty_post_has_length_zero_and_no_type},
    {"a large POST does not wait for a 100", a_large_post_does_not_wait_for_a_100},
    {"methods follow each other on one handle", methods_follow_each_other_on_one_handle},
    {"connections are kept, and once gets a fresh one", connections_are_kept_and_once_gets_a_fresh_one},
    {"hosts do not push out each other's connections", hosts_do_not_push_out_each_others_connections},
    {"what spends something is never sent again by itself", what_spends_something_is_never_sent_again_by_itself},
    {"a redirect is handed over and not followed", a_redirect_is_handed_over_and_not_followed},
    {"an interim response is passed over", an_interim_response_is_passed_over},
    {"faults of the network are named", faults_of_the_network_are_named},
    {"a body over the cap is cut off", a_body_over_the_cap_is_cut_off},
    {"headers over the cap are cut off", headers_over_the_cap_are_cut_off},
    {"one header that is too long is not a lack of memory", one_header_that_is_too_long_is_not_a_lack_of_memory},
    {"a slow answer times out and says after what", a_slow_answer_times_out_and_says_after_what},
    {"whether something was sent is known", whether_something_was_sent_is_known},
    {"TLS is verified against the CA file", tls_is_verified_against_the_ca_file},
    {"the name in the certificate counts", the_name_in_the_certificate_counts},
    {"files that are configured and unreadable are the configuration's fault",
     files_that_are_configured_and_unreadable_are_the_configurations_fault},
    {"TLS to a server without TLS is named", tls_to_a_server_without_tls_is_named},
    {"the environment is not listened to", the_environment_is_not_listened_to},
    {"a configured proxy is used", a_configured_proxy_is_used},
    {"threads share a pool", threads_share_a_pool},
};

int main(int argc, char **argv)
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
    failed = check_main(argc, argv, "http", cases, JT_LEN(cases));
    jt_pool_free(&pool);
    return failed;
}
