/* SPDX-License-Identifier: MIT */
/* Requests as plugins prepare them: URLs, encodings, headers, bodies, and the places they may not go to. */
#include "tests/lib/drive.h"
#include <stdlib.h>
#include <string.h>

static const struct jeton_host *host;
static void (*prepare)(jeton_flow *flow);

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type != JETON_EVENT_START)
        return host->token_response(flow);
    prepare(flow);
    return JETON_STEP_SEND;
}

static const struct jeton_provider table = {
    .struct_size = sizeof(table),
    .setting_size = sizeof(struct jeton_setting),
    .name = "probe",
    .version = "1",
    .summary = "requests",
    .base_url = "https://as.example",
    .acquire = acquire,
};

static const struct jeton_provider *entry(const struct jeton_host *lent)
{
    host = lent;
    return &table;
}

static struct drive *prepared(void (*wanted)(jeton_flow *))
{
    struct drive *d = drive_new(entry);

    prepare = wanted;
    if (drive_start(d, JT_ACQUIRE) != JETON_STEP_SEND)
        CHECK_STR(jeton_error_message(drive_error(d)), "a request");
    return d;
}

static void refused(void (*wanted)(jeton_flow *), int status, const char *part)
{
    struct drive *d = drive_new(entry);

    prepare = wanted;
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), status);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), part);
    drive_free(&d);
}

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
        struct drive *d = drive_new(entry);

        prepare = to_wanted_url;
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
        refused(to_wanted_url, JETON_CONFIG, "plain http to another machine");
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
        refused(to_wanted_url, JETON_CONFIG, "a request would go to");
    }
}

static void a_missing_url_is_the_configurations_fault(void)
{
    struct drive *d = drive_new(entry);

    wanted_url = NULL;
    refused(to_wanted_url, JETON_CONFIG, "an endpoint is not configured");
    prepare = to_wanted_url;
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
        refused(to_wanted_segment, JETON_USAGE, "cannot be a part of the request's path");
    }
}

static void posts_nothing(jeton_flow *flow)
{
    host->request(flow, "POST", "/revoke");
}

static void posts_a_form_of_nothing(jeton_flow *flow)
{
    host->request(flow, "POST", "/form");
    host->form(flow, "left out", NULL);
}

static void gets_nothing(jeton_flow *flow)
{
    host->request(flow, "GET", "/keys");
}

static void a_post_without_form_has_an_empty_body(void)
{
    struct drive *d = prepared(posts_nothing);

    CHECK_TRUE(drive_request(d)->has_body);
    CHECK_INT(drive_request(d)->body.len, 0);
    CHECK_STR(drive_header(d, "content-type"), NULL);
    drive_free(&d);
    d = prepared(posts_a_form_of_nothing);
    CHECK_INT(drive_request(d)->body.len, 0);
    CHECK_STR(drive_header(d, "content-type"), "application/x-www-form-urlencoded");
    drive_free(&d);
    d = prepared(gets_nothing);
    CHECK_TRUE(!drive_request(d)->has_body);
    drive_free(&d);
}

static void builds_json(jeton_flow *flow)
{
    host->request(flow, "PUT", "/json");
    host->json_put(flow, "/url", "https://x/");
    host->json_put(flow, "/deep/text", "say \"hi\"\n");
    host->json_put(flow, "/deep/nothing", NULL);
    host->json_put_integer(flow, "/deep/number", INT64_MAX);
    host->json_put_boolean(flow, "/yes", 7);
}

static void json_is_built_at_pointers(void)
{
    struct drive *d = prepared(builds_json);

    CHECK_STR(jt_buf_str(&drive_request(d)->body), "{\"url\":\"https://x/\",\"deep\":{\"text\":\"say \\\"hi\\\"\\n\","
                                                   "\"number\":9223372036854775807},\"yes\":true}");
    CHECK_STR(drive_header(d, "Content-Type"), "application/json");
    drive_free(&d);
}

static void mixes_bodies(jeton_flow *flow)
{
    builds_json(flow);
    host->form(flow, "a", "b");
}

static void gets_a_form(jeton_flow *flow)
{
    host->request(flow, "GET", "/");
    host->form(flow, "a", "b");
}

static void forms_without_request(jeton_flow *flow)
{
    host->form(flow, "a", "b");
}

static void invents_a_method(jeton_flow *flow)
{
    host->request(flow, "BREW", "/pot");
}

static void builds_json_below_text(jeton_flow *flow)
{
    builds_json(flow);
    host->json_put(flow, "/url/below", "x");
}

static void bodies_that_make_no_sense_break_the_contract(void)
{
    refused(mixes_bodies, JETON_INTERNAL, "a form and JSON for one request");
    refused(gets_a_form, JETON_INTERNAL, "a body for a GET request");
    refused(forms_without_request, JETON_INTERNAL, "it calls form before request");
    refused(invents_a_method, JETON_INTERNAL, "\"BREW\" is no method");
    refused(builds_json_below_text, JETON_INTERNAL, "no place in its JSON at \"/url/below\"");
}

static void sets_headers(jeton_flow *flow)
{
    host->request(flow, "GET", "/");
    host->header(flow, "Accept", "text/plain");
    host->header(flow, "X-App-Id", "id");
    host->header(flow, "accept", "application/json");
    host->header(flow, "X-Nothing", NULL);
    host->basic(flow, "basic:odd/id", "s%cr+t: &=/~");
}

static void a_header_given_again_replaces_the_first(void)
{
    struct drive *d = prepared(sets_headers);

    CHECK_INT(drive_request(d)->headers.len, 3);
    CHECK_STR(drive_header(d, "ACCEPT"), "application/json");
    CHECK_STR(drive_header(d, "x-app-id"), "id");
    drive_free(&d);
}

static void rfc_6749_2_3_1_id_and_secret_are_encoded_before_basic(void)
{
    struct drive *d = prepared(sets_headers);

    /* basic%3Aodd%2Fid:s%25cr%2Bt%3A+%26%3D%2F~ */
    CHECK_STR(drive_header(d, "authorization"), "Basic YmFzaWMlM0FvZGQlMkZpZDpzJTI1Y3IlMkJ0JTNBKyUyNiUzRCUyRn4=");
    drive_free(&d);
}

static const char *wanted_header, *wanted_value;

static void sets_wanted_header(jeton_flow *flow)
{
    host->request(flow, "POST", "/");
    host->header(flow, wanted_header, wanted_value);
}

static void headers_that_frame_a_message_are_the_hosts(void)
{
    static const char *const names[] = {"Host",
                                        "content-length",
                                        "Transfer-Encoding",
                                        "Connection",
                                        "Expect",
                                        "User-Agent",
                                        "TE",
                                        "Upgrade",
                                        "",
                                        "a b",
                                        "a:b",
                                        "a\r\nb",
                                        "é"};

    wanted_value = "x";
    for (size_t i = 0; i < JT_LEN(names); i++) {
        wanted_header = names[i];
        refused(sets_wanted_header, JETON_INTERNAL, "it may not set a header called");
    }
}

static void a_header_cannot_end_its_line(void)
{
    static const char *const values[] = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "\x01", "a\x7f"};

    wanted_header = "X-App-Token";
    for (size_t i = 0; i < JT_LEN(values); i++) {
        wanted_value = values[i];
        refused(sets_wanted_header, JETON_CONFIG, "the header X-App-Token holds a control character");
    }
}

static const char *wanted_bearer;

static void carries_wanted_bearer(jeton_flow *flow)
{
    host->request(flow, "POST", "/");
    host->bearer(flow, wanted_bearer);
}

static void rfc_6750_2_1_a_bearer_token_stands_alone(void)
{
    struct drive *d;

    wanted_bearer = "mF_9.B5f-4.1JqM";
    d = prepared(carries_wanted_bearer);
    CHECK_STR(drive_header(d, "Authorization"), "Bearer mF_9.B5f-4.1JqM");
    drive_free(&d);
    wanted_bearer = "a b";
    refused(carries_wanted_bearer, JETON_CONFIG, "RFC 6750 2.1");
    wanted_bearer = "a\nb";
    refused(carries_wanted_bearer, JETON_CONFIG, "RFC 6750 2.1");
    wanted_bearer = "";
    refused(carries_wanted_bearer, JETON_CONFIG, "is empty");
}

static size_t wanted_len;

static char *long_text(size_t len)
{
    char *text = malloc(len + 1);

    if (text == NULL)
        abort();
    memset(text, 'x', len);
    text[len] = '\0';
    return text;
}

static void sets_a_long_header(jeton_flow *flow)
{
    char *text = long_text(wanted_len);

    host->request(flow, "POST", "/");
    host->header(flow, "X-Long", text);
    free(text);
}

static void sets_a_long_query(jeton_flow *flow)
{
    char *text = long_text(wanted_len);

    host->request(flow, "GET", "/");
    host->query(flow, "q", text);
    free(text);
}

static void sets_a_long_body(jeton_flow *flow)
{
    char *text = long_text(wanted_len);

    host->request(flow, "POST", "/");
    host->form(flow, "q", text);
    free(text);
}

static void every_part_of_a_request_has_a_limit(void)
{
    struct drive *d;

    wanted_len = 60000;
    d = prepared(sets_a_long_header);
    drive_free(&d);
    d = prepared(sets_a_long_query);
    drive_free(&d);
    wanted_len = 70000;
    refused(sets_a_long_header, JETON_INTERNAL, "headers are longer than 65536 bytes");
    refused(sets_a_long_query, JETON_INTERNAL, "URL is longer than 65536 bytes");
    d = prepared(sets_a_long_body);
    drive_free(&d);
    wanted_len = JT_RESPONSE_MAX;
    refused(sets_a_long_body, JETON_INTERNAL, "body is longer than 1048576 bytes");
}

static const struct check_case cases[] = {
    {"paths go below the base URL", paths_go_below_the_base_url},
    {"plain http goes to this machine only", plain_http_goes_to_this_machine_only},
    {"malformed URLs are refused", malformed_urls_are_refused},
    {"a missing URL is the configuration's fault", a_missing_url_is_the_configurations_fault},
    {"values are encoded where they stand", values_are_encoded_where_they_stand},
    {"a path cannot be climbed out of", a_path_cannot_be_climbed_out_of},
    {"a POST without form has an empty body", a_post_without_form_has_an_empty_body},
    {"JSON is built at pointers", json_is_built_at_pointers},
    {"bodies that make no sense break the contract", bodies_that_make_no_sense_break_the_contract},
    {"a header given again replaces the first", a_header_given_again_replaces_the_first},
    {"RFC 6749 2.3.1: id and secret are encoded before Basic", rfc_6749_2_3_1_id_and_secret_are_encoded_before_basic},
    {"headers that frame a message are the host's", headers_that_frame_a_message_are_the_hosts},
    {"a header cannot end its line", a_header_cannot_end_its_line},
    {"RFC 6750 2.1: a bearer token stands alone", rfc_6750_2_1_a_bearer_token_stands_alone},
    {"every part of a request has a limit", every_part_of_a_request_has_a_limit},
};
CHECK_MAIN("flow_request", cases)
