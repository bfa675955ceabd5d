/* SPDX-License-Identifier: MIT */
/* Whom an exchange trusts: the CA file, the name in a certificate, a configured proxy, and nothing of the environment.
 */
#include "test_http_help.h"

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

static const struct check_case cases[] = {
    {"TLS is verified against the CA file", tls_is_verified_against_the_ca_file},
    {"the name in the certificate counts", the_name_in_the_certificate_counts},
    {"files that are configured and unreadable are the configuration's fault",
     files_that_are_configured_and_unreadable_are_the_configurations_fault},
    {"TLS to a server without TLS is named", tls_to_a_server_without_tls_is_named},
    {"the environment is not listened to", the_environment_is_not_listened_to},
    {"a configured proxy is used", a_configured_proxy_is_used},
};

HTTP_MAIN("http_tls", cases)
