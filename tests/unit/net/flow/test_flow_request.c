/* SPDX-License-Identifier: MIT */
/* Requests as plugins prepare them: bodies, headers, credentials, and the limits of each. */
#include "test_flow_request_help.h"
#include <stdlib.h>
#include <string.h>

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
    REFUSED(mixes_bodies, JETON_INTERNAL, "a form and JSON for one request");
    REFUSED(gets_a_form, JETON_INTERNAL, "a body for a GET request");
    REFUSED(forms_without_request, JETON_INTERNAL, "it calls form before request");
    REFUSED(invents_a_method, JETON_INTERNAL, "\"BREW\" is no method");
    REFUSED(builds_json_below_text, JETON_INTERNAL, "no place in its JSON at \"/url/below\"");
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
        REFUSED(sets_wanted_header, JETON_INTERNAL, "it may not set a header called");
    }
}

static void a_header_cannot_end_its_line(void)
{
    static const char *const values[] = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "\x01", "a\x7f"};

    wanted_header = "X-App-Token";
    for (size_t i = 0; i < JT_LEN(values); i++) {
        wanted_value = values[i];
        REFUSED(sets_wanted_header, JETON_CONFIG, "the header X-App-Token holds a control character");
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
    REFUSED(carries_wanted_bearer, JETON_CONFIG, "RFC 6750 2.1");
    wanted_bearer = "a\nb";
    REFUSED(carries_wanted_bearer, JETON_CONFIG, "RFC 6750 2.1");
    wanted_bearer = "";
    REFUSED(carries_wanted_bearer, JETON_CONFIG, "is empty");
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
    REFUSED(sets_a_long_header, JETON_INTERNAL, "headers are longer than 65536 bytes");
    REFUSED(sets_a_long_query, JETON_INTERNAL, "URL is longer than 65536 bytes");
    d = prepared(sets_a_long_body);
    drive_free(&d);
    wanted_len = JT_RESPONSE_MAX;
    REFUSED(sets_a_long_body, JETON_INTERNAL, "body is longer than 1048576 bytes");
}

static const struct check_case cases[] = {
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
