/* SPDX-License-Identifier: MIT */
/* The URLs of requests: how they are put together, how values are encoded, and the places that no request goes to. */
#include "test_flow_request_help.h"

static const char *wanted_url;

static void to_wanted_url(jeton_flow *flow)
{
    host->request(flow, "GET", wanted_url);
}

static void paths_go_below_the_base_url(void)
{
    static const struct {
        const char *base, *path, *url;
    } cases_[] = {
        {"https://as.example", "/token", "https://as.example/token"},
        {"https://as.example/", "/token", "https://as.example/token"},
        {"https://as.example/tenant/7", "/token", "https://as.example/tenant/7/token"},
        {"https://as.example/tenant/7/", "/token", "https://as.example/tenant/7/token"},
        {"https://as.example:8443//", "/token", "https://as.example:8443/token"},
        {"https://as.example/base", "", "https://as.example/base"},
        {"http://127.0.0.1:8080", "/a?b=c", "http://127.0.0.1:8080/a?b=c"},
        {"HTTPS://AS.example", "/token", "HTTPS://AS.example/token"},
        {"https://as.example/x", "https://other.example/y", "https://other.example/y"},
    };

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct drive *d = preparing(to_wanted_url);

        wanted_url = cases_[i].path;
        drive_base_url(d, cases_[i].base);
        CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
        if (drive_request(d) != NULL)
            CHECK_STR(drive_request(d)->url, cases_[i].url);
        drive_free(&d);
    }
}

static void plain_http_goes_to_this_machine_only(void)
{
    static const char *const good[] = {"http://127.0.0.1/", "http://127.255.255.254:1/", "http://[::1]:80/x",
                                       "http://localhost", "http://LOCALHOST:8080/"};
    static const char *const bad[] = {"http://as.example/",
                                      "http://127.0.0.1.evil.example/",
                                      "http://127.1/",
                                      "http://2130706433/",
                                      "http://0177.0.0.1/",
                                      "http://127.0.0.01/",
                                      "http://127.0.0.256/",
                                      "http://127.0.0.1.5/",
                                      "http://[::2]/",
                                      "http://localhost.evil.example/",
                                      "http://10.0.0.1/",
                                      "http://0.0.0.0/",
                                      "http://[::ffff:127.0.0.1]/"};

    for (size_t i = 0; i < JT_LEN(good); i++) {
        struct drive *d;

        wanted_url = good[i];
        d = prepared(to_wanted_url);
        drive_free(&d);
    }
    for (size_t i = 0; i < JT_LEN(bad); i++) {
        wanted_url = bad[i];
        REFUSED(to_wanted_url, JETON_CONFIG, "plain http to another machine");
    }
}

static void malformed_urls_are_refused(void)
{
    static const char *const urls[] = {"ftp://as.example/",
                                       "file:///etc/passwd",
                                       "as.example/token",
                                       "javascript:1",
                                       "https://",
                                       "https:///x",
                                       "https://user@as.example/",
                                       "https://a:b@as.example/",
                                       "https://as.example:/",
                                       "https://as.example:0/",
                                       "https://as.example:65536/",
                                       "https://as.example:12x/",
                                       "https://as exa.mple/",
                                       "https://as.example/a b",
                                       "https://as.example/\r\nX: 1",
                                       "https://as.example\\@evil.example/",
                                       "https://as.example/#part",
                                       "https://[::1",
                                       "https://[v1.x]/",
                                       "https://ä.example/",
                                       "https://as.example/\x7f",
                                       "https://as%2eexample/"};

    for (size_t i = 0; i < JT_LEN(urls); i++) {
        wanted_url = urls[i];
        REFUSED(to_wanted_url, JETON_CONFIG, "a request would go to");
    }
}

static void a_missing_url_is_the_configurations_fault(void)
{
    struct drive *d;

    wanted_url = NULL;
    REFUSED(to_wanted_url, JETON_CONFIG, "an endpoint is not configured");
    d = preparing(to_wanted_url);
    wanted_url = "/x";
    drive_base_url(d, "http://as.example");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "base_url \"http://as.example\" is plain http");
    drive_base_url(d, "https://as.example/?x=1");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "has a query");
    drive_free(&d);
}

static const char *const odd = "aZ09-._~ +&=%/?#:@é\n";

static void encodes_everything(jeton_flow *flow)
{
    host->request(flow, "POST", "/a?first=1");
    host->path(flow, odd);
    host->path(flow, "x");
    host->query(flow, "q", odd);
    host->query(flow, "left out", NULL);
    host->query(flow, "é&", "");
    host->form(flow, "f", odd);
    host->form(flow, "left out", NULL);
    host->form(flow, "g=", "");
}

static void values_are_encoded_where_they_stand(void)
{
    struct drive *d = prepared(encodes_everything);

    CHECK_STR(drive_request(d)->url, "https://as.example/a/aZ09-._~%20%2B%26%3D%25%2F%3F%23%3A%40%C3%A9%0A/x?first=1"
                                     "&q=aZ09-._~+%2B%26%3D%25%2F%3F%23%3A%40%C3%A9%0A&%C3%A9%26=");
    CHECK_STR(jt_buf_str(&drive_request(d)->body), "f=aZ09-._~+%2B%26%3D%25%2F%3F%23%3A%40%C3%A9%0A&g%3D=");
    CHECK_STR(drive_query(d, "q"), odd);
    CHECK_STR(drive_form(d, "f"), odd);
    CHECK_STR(drive_form(d, "left out"), NULL);
    CHECK_STR(drive_header(d, "content-type"), "application/x-www-form-urlencoded");
    drive_free(&d);
}

static const char *wanted_segment;

static void to_wanted_segment(jeton_flow *flow)
{
    host->request(flow, "GET", "/users");
    host->path(flow, wanted_segment);
}

static void a_path_cannot_be_climbed_out_of(void)
{
    static const char *const segments[] = {".", "..", ""};

    for (size_t i = 0; i < JT_LEN(segments); i++) {
        wanted_segment = segments[i];
        REFUSED(to_wanted_segment, JETON_USAGE, "cannot be a part of the request's path");
    }
}

static const struct check_case cases[] = {
    {"paths go below the base URL", paths_go_below_the_base_url},
    {"plain http goes to this machine only", plain_http_goes_to_this_machine_only},
    {"malformed URLs are refused", malformed_urls_are_refused},
    {"a missing URL is the configuration's fault", a_missing_url_is_the_configurations_fault},
    {"values are encoded where they stand", values_are_encoded_where_they_stand},
    {"a path cannot be climbed out of", a_path_cannot_be_climbed_out_of},
};

CHECK_MAIN("flow_url", cases)
