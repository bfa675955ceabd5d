/* SPDX-License-Identifier: MIT */
/* Results as plugins fill them in: fields, extras, lists, introspections. */
#include "tests/lib/probe.h"
#include <string.h>

static const struct jeton_host *const host = &jt_host;
static void (*fill)(jeton_flow *flow);

static jeton_step operate(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_START) {
        host->request(flow, "GET", "/");
        return JETON_STEP_SEND;
    }
    fill(flow);
    return JETON_STEP_DONE;
}

static struct drive *filled(enum jt_operation operation, const char *body, void (*wanted)(jeton_flow *))
{
    struct drive *d = probe_new(operate);

    fill = wanted;
    CHECK_INT(drive_start(d, operation), JETON_STEP_SEND);
    (void)drive_respond(d, 200, "X-Request-Id: first\nX-Request-Id: last\n", body);
    return d;
}

#define BROKEN(operation, wanted, status, part) broken((operation), (wanted), (status), (part), __FILE__, __LINE__)
static void broken(enum jt_operation operation, void (*wanted)(jeton_flow *), int status, const char *part,
                   const char *file, unsigned line)
{
    struct drive *d = filled(operation, "", wanted);

    drive_check_failure(d, status, part, file, line);
    drive_free(&d);
}

static void sets_every_field(jeton_flow *flow)
{
    host->set(flow, "access_token", "at");
    host->set(flow, "token_type", "Bearer");
    host->set(flow, "refresh_token", "rt");
    host->set(flow, "scope", "a b");
    host->set(flow, "key_id", "kid");
    host->set(flow, "scope", NULL);
    host->set(flow, "expires_at", "1600000000");
    host->set_integer(flow, "refresh_expires_at", 1700000000);
    host->set(flow, "wallet", "w");
    host->set_integer(flow, "level", -3);
    host->set_boolean(flow, "test", 1);
    host->add(flow, "roles", "one");
    host->add(flow, "roles", "two");
}

static void fields_have_their_places_and_the_rest_is_extra(void)
{
    struct drive *d = filled(JT_ACQUIRE, "", sets_every_field);
    const struct jt_tokenset *token = &drive_result(d)->token;

    CHECK_INT(drive_step(d), JETON_STEP_DONE);
    CHECK_STR(token->access_token, "at");
    CHECK_STR(token->token_type, "Bearer");
    CHECK_STR(token->refresh_token, "rt");
    CHECK_STR(token->scope, "a b");
    CHECK_STR(token->key_id, "kid");
    CHECK_INT(token->expires_at, 1600000000);
    CHECK_INT(token->refresh_expires_at, 1700000000);
    CHECK_STR(token->extra, "{\"wallet\":\"w\",\"level\":-3,\"test\":true,\"roles\":[\"one\",\"two\"]}");
    drive_free(&d);
}

static void keeps_the_rest(jeton_flow *flow)
{
    host->set(flow, "access_token", host->json(flow, "/data/token"));
    host->set(flow, "app", "ours");
    host->extra(flow, "/data");
    host->extra(flow, "/nothing");
}

static void extra_keeps_what_no_set_has_named_and_no_token(void)
{
    struct drive *d =
        filled(JT_ACQUIRE,
               "{\"data\":{\"token\":\"tt\",\"app\":\"theirs\",\"access_token\":\"x\",\"refresh_token\":\"y\","
               "\"deep\":{\"n\":null,\"f\":1.0}},\"other\":1}",
               keeps_the_rest);

    CHECK_STR(drive_result(d)->token.extra, "{\"app\":\"ours\",\"token\":\"tt\",\"deep\":{\"n\":null,\"f\":1.0}}");
    drive_free(&d);
}

static jeton_step goes_on_after_extra(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE && event->stage == 1) {
        host->set(flow, "access_token", "t");
        return JETON_STEP_DONE;
    }
    if (event->type == JETON_EVENT_RESPONSE) {
        host->extra(flow, "");
        host->stage(flow, 1);
    }
    host->request(flow, "GET", "/");
    return JETON_STEP_SEND;
}

static void extra_outlives_the_response_it_was_in(void)
{
    struct drive *d = probe_new(goes_on_after_extra);

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 200, NULL, "{\"wallet\":\"w-1\",\"deep\":[\"x\"]}"), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 200, NULL, "{}"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.extra, "{\"wallet\":\"w-1\",\"deep\":[\"x\"]}");
    drive_free(&d);
}

static int64_t wanted_seconds;

static void sets_expires_in(jeton_flow *flow)
{
    host->set(flow, "access_token", "t");
    host->set_expires_in(flow, wanted_seconds);
}

static void lifetimes_never_overflow(void)
{
    static const struct {
        int64_t seconds, expires_at;
    } cases_[] = {{3138007490, DRIVE_NOW + INT64_C(3138007490)},
                  {0, DRIVE_NOW},
                  {-1, DRIVE_NOW},
                  {INT64_MIN, DRIVE_NOW},
                  {INT64_MAX, INT64_C(253402300799)}};

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct drive *d;

        wanted_seconds = cases_[i].seconds;
        d = filled(JT_ACQUIRE, "", sets_expires_in);
        CHECK_INT(drive_result(d)->token.expires_at, cases_[i].expires_at);
        drive_free(&d);
    }
}

static void sets_expiry_to_words(jeton_flow *flow)
{
    host->set(flow, "access_token", "t");
    host->set(flow, "expires_at", "tomorrow");
}

static void sets_token_to_a_number(jeton_flow *flow)
{
    host->set_integer(flow, "access_token", 1);
}

static void sets_scope_to_a_boolean(jeton_flow *flow)
{
    host->set_boolean(flow, "scope", 1);
}

static void adds_to_text(jeton_flow *flow)
{
    host->set(flow, "wallet", "w");
    host->add(flow, "wallet", "x");
}

static void sets_active_to_text(jeton_flow *flow)
{
    host->set(flow, "active", "true");
}

static void values_of_the_wrong_kind_are_refused(void)
{
    BROKEN(JT_ACQUIRE, sets_expiry_to_words, JETON_BAD_ANSWER, "expires_at is \"tomorrow\"");
    BROKEN(JT_ACQUIRE, sets_token_to_a_number, JETON_INTERNAL, "\"access_token\" is text");
    BROKEN(JT_ACQUIRE, sets_scope_to_a_boolean, JETON_INTERNAL, "\"scope\" is not a boolean");
    BROKEN(JT_ACQUIRE, adds_to_text, JETON_INTERNAL, "no list that can be added to");
    BROKEN(JT_INTROSPECT, sets_active_to_text, JETON_INTERNAL, "\"active\" is a boolean");
}

static void introspects(jeton_flow *flow)
{
    host->set(flow, "sub", "alice");
    host->set_boolean(flow, "active", 1);
    host->set(flow, "wallet", "w");
    host->set_expires_in(flow, 60);
    host->set(flow, "access_token", "never shown");
    host->extra(flow, "");
}

static void an_introspection_has_its_own_names_first(void)
{
    struct drive *d =
        filled(JT_INTROSPECT, "{\"active\":false,\"client_id\":\"c\",\"level\":1,\"sub\":\"bob\"}", introspects);

    CHECK_INT(drive_result(d)->active, 1);
    CHECK_STR(drive_result(d)->answer, "{\"active\":true,\"sub\":\"alice\",\"exp\":1559700782,\"client_id\":\"c\","
                                       "\"extra\":{\"wallet\":\"w\",\"level\":1}}");
    drive_free(&d);
}

static void lists_keys(jeton_flow *flow)
{
    CHECK_INT(host->json_count(flow, "/kids"), 2);
    CHECK_INT(host->json_count(flow, ""), 1);
    CHECK_INT(host->json_count(flow, "/kids/0"), -1);
    CHECK_INT(host->json_count(flow, "/none"), -1);
    CHECK_STR(host->json_name(flow, "", 0), "kids");
    CHECK_STR(host->json_name(flow, "", 1), NULL);
    CHECK_STR(host->json_name(flow, "/kids", 0), NULL);
    CHECK_STR(host->response_header(flow, "X-REQUEST-ID"), "last");
    CHECK_STR(host->response_header(flow, "X-Request"), NULL);
    for (int i = 0; i < host->json_count(flow, "/kids"); i++)
        host->add(flow, "keys", host->json(flow, host->print(flow, "/kids/%d", i)));
}

static void a_list_of_keys_is_an_object_with_keys(void)
{
    struct drive *d = filled(JT_LIST_KEYS, "{\"kids\":[\"a\",\"b\\\"c\"]}", lists_keys);

    CHECK_STR(drive_result(d)->answer, "{\"keys\":[\"a\",\"b\\\"c\"]}");
    drive_free(&d);
}

static void reads_no_json(jeton_flow *flow)
{
    size_t len = 0;
    int64_t number = 5;

    CHECK_STR(host->json(flow, "/a"), NULL);
    CHECK_INT(host->json_integer(flow, "/a", &number), 0);
    CHECK_INT(number, 5);
    CHECK_INT(host->json_count(flow, ""), -1);
    CHECK_STR(host->body(flow, &len), "<html>");
    CHECK_INT(len, 6);
    CHECK_STR(host->body(flow, NULL), "<html>");
    host->set(flow, "access_token", "t");
}

static void a_body_that_is_no_json_reads_as_nothing(void)
{
    struct drive *d = filled(JT_ACQUIRE, "<html>", reads_no_json);

    CHECK_INT(drive_step(d), JETON_STEP_DONE);
    drive_free(&d);
}

static void reads_head_lines(jeton_flow *flow)
{
    CHECK_STR(host->response_header(flow, "retry-after"), "7");
    CHECK_STR(host->response_header(flow, "X-A"), "two");
    CHECK_STR(host->response_header(flow, "HTTP/1.1 200 OK"), NULL);
    CHECK_STR(host->response_header(flow, ""), NULL);
    host->set(flow, "access_token", "t");
}

static void head_lines_are_looked_through(void)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nRetry-After:  7 \r\nX-A: one\r\nx-a:two\r\nX-AB: no\r\n\r\n";
    struct jt_http_response response = {.status = 200, .body = "", .head = head};
    struct drive *d = probe_new(operate);

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    fill = reads_head_lines;
    CHECK_INT(jt_flow_respond(drive_flow(d), &response), JETON_STEP_DONE);
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"fields have their places, and the rest is extra", fields_have_their_places_and_the_rest_is_extra},
    {"extra keeps what no set has named, and no token", extra_keeps_what_no_set_has_named_and_no_token},
    {"extra outlives the response it was in", extra_outlives_the_response_it_was_in},
    {"lifetimes never overflow", lifetimes_never_overflow},
    {"values of the wrong kind are refused", values_of_the_wrong_kind_are_refused},
    {"RFC 7662 2.2: an introspection has its own names first", an_introspection_has_its_own_names_first},
    {"a list of keys is an object with keys", a_list_of_keys_is_an_object_with_keys},
    {"a body that is no JSON reads as nothing", a_body_that_is_no_json_reads_as_nothing},
    {"header lines are looked through", head_lines_are_looked_through},
};
CHECK_MAIN("flow_result", cases)
