/* SPDX-License-Identifier: MIT */
/* Answers of OAuth servers, good and bad, through the host functions that read them. No server is asked. */
#include "tests/lib/drive.h"
#include <stdlib.h>
#include <string.h>

static const struct jeton_host *host;

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", "/token?hidden=1");
    host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    return JETON_STEP_SEND;
}

static jeton_step introspect(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->introspection_response(flow);
    host->request(flow, "POST", "/introspect");
    host->form(flow, "token", host->token(flow, "access_token"));
    return JETON_STEP_SEND;
}

static jeton_step revoke(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->empty_response(flow);
    host->request(flow, "POST", "/revoke");
    return JETON_STEP_SEND;
}

static jeton_step list_keys(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->error_response(flow, "/key", "/message");
    host->request(flow, "GET", "/keys");
    return JETON_STEP_SEND;
}

static const struct jeton_setting settings[] = {
    {"client_secret", JETON_STRING, JETON_SECRET, NULL, "the secret", NULL, 0, 0},
    {NULL, 0, 0, NULL, NULL, NULL, 0, 0},
};

static const struct jeton_provider table = {
    .struct_size = sizeof(table),
    .setting_size = sizeof(struct jeton_setting),
    .name = "probe",
    .version = "1",
    .summary = "answers",
    .base_url = "https://as.example/base/",
    .settings = settings,
    .acquire = acquire,
    .refresh = acquire,
    .revoke = revoke,
    .introspect = introspect,
    .list_keys = list_keys,
};

static const struct jeton_provider *entry(const struct jeton_host *lent)
{
    host = lent;
    return &table;
}

static struct drive *answer_to(const char *secret, enum jt_operation operation, int status, const char *headers,
                               const char *body)
{
    struct drive *d = drive_new(entry);

    drive_setting(d, "client_secret", secret);
    drive_token(d, "access_token", "stored-token-1");
    CHECK_INT(drive_start(d, operation), JETON_STEP_SEND);
    (void)drive_respond(d, status, headers, body);
    return d;
}

static struct drive *answer_of(enum jt_operation operation, int status, const char *headers, const char *body)
{
    return answer_to("hush-hush+secret", operation, status, headers, body);
}

static struct drive *token_of(const char *body)
{
    struct drive *d = answer_of(JT_ACQUIRE, 200, NULL, body);

    if (drive_step(d) != JETON_STEP_DONE)
        CHECK_STR(jeton_error_message(drive_error(d)), "a token");
    return d;
}

/* The flow failed with this status, and the message says this. */
static void failed(struct drive *d, int status, const char *part)
{
    CHECK_INT(drive_step(d), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), status);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), part);
    CHECK_TRUE(drive_result(d)->answer == NULL);
    drive_free(&d);
}

static void rfc_6749_5_1_the_example_is_understood(void)
{
    struct drive *d =
        token_of("{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\",\"token_type\":\"example\",\"expires_in\":3600,"
                 "\"refresh_token\":\"tGzv3JOkF0XG5Qx2TlKWIA\",\"example_parameter\":\"example_value\"}");
    const struct jt_tokenset *token = &drive_result(d)->token;

    CHECK_STR(token->access_token, "2YotnFZFEjr1zCsicMWpAA");
    CHECK_STR(token->token_type, "example");
    CHECK_STR(token->refresh_token, "tGzv3JOkF0XG5Qx2TlKWIA");
    CHECK_STR(token->scope, NULL);
    CHECK_INT(token->issued_at, DRIVE_NOW);
    CHECK_INT(token->expires_at, DRIVE_NOW + 3600);
    CHECK_INT(token->refresh_expires_at, JT_NEVER);
    CHECK_STR(token->extra, "{\"example_parameter\":\"example_value\"}");
    drive_free(&d);
}

static void lifetimes_are_read_as_they_come(void)
{
    static const struct {
        const char *member;
        int64_t expires_at;
    } cases_[] = {
        {"\"expires_in\":900", DRIVE_NOW + 900},
        {"\"expires_in\":\"900\"", DRIVE_NOW + 900},
        {"\"expires_in\":\"316224000\"", DRIVE_NOW + 316224000},
        {"\"expires_in\":900.0", DRIVE_NOW + 900},
        {"\"expires_in\":0", DRIVE_NOW},
        {"\"expires_in\":null", JT_NEVER},
        {"\"x\":1", JT_NEVER},
        {"\"expires_in\":1584651600", 1584651600}, /* Unix time, as some have it */
        {"\"expires_in\":9223372036854775807", INT64_C(253402300799)},
        {"\"expires_in\":1e300", INT64_C(253402300799)},
        {"\"expires_in\":99999999999999999999", INT64_C(253402300799)},
        {"\"expires_at\":1700000000", 1700000000},
        {"\"expires_at\":1700000000,\"expires_in\":60", DRIVE_NOW + 60},
    };

    for (size_t i = 0; i < sizeof(cases_) / sizeof(cases_[0]); i++) {
        char body[200];
        struct drive *d;

        (void)snprintf(body, sizeof(body), "{\"access_token\":\"t\",%s}", cases_[i].member);
        d = token_of(body);
        check_int(drive_result(d)->token.expires_at, cases_[i].expires_at, body, __FILE__, __LINE__);
        drive_free(&d);
    }
}

static void a_lifetime_that_is_no_number_is_refused(void)
{
    static const char *const values[] = {"\"soon\"", "-1", "\"-1\"", "true", "[]", "{\"a\":1}", "\"\""};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char body[200];

        (void)snprintf(body, sizeof(body), "{\"access_token\":\"t\",\"expires_in\":%s}", values[i]);
        failed(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "which is no number of seconds");
    }
}

static void a_bare_access_token_is_enough(void)
{
    struct drive *d = token_of("{\"access_token\":\"410012345678901.0123\"}");

    CHECK_STR(drive_result(d)->token.access_token, "410012345678901.0123");
    CHECK_STR(drive_result(d)->token.token_type, NULL);
    CHECK_STR(drive_result(d)->token.extra, NULL);
    CHECK_INT(drive_result(d)->token.expires_at, JT_NEVER);
    drive_free(&d);
}

static void what_else_was_sent_is_kept_and_tokens_are_not_among_it(void)
{
    struct drive *d =
        token_of("{\"access_token\":\"t\",\"refresh_token\":\"r-secret\",\"expires_in\":1,\"scope\":\"a b\","
                 "\"token_type\":\"bearer\",\"id_token\":\"eyJ.x.y\",\"n\":1.50,\"o\":{\"a\":[1,null]},"
                 "\"refresh_token_expires_in\":60}");

    CHECK_STR(drive_result(d)->token.extra, "{\"id_token\":\"eyJ.x.y\",\"n\":1.50,\"o\":{\"a\":[1,null]},"
                                            "\"refresh_token_expires_in\":60}");
    CHECK_STR(drive_result(d)->token.scope, "a b");
    CHECK_STR(drive_result(d)->token.token_type, "bearer");
    CHECK_INT(drive_result(d)->token.refresh_expires_at, DRIVE_NOW + 60);
    drive_free(&d);
}

static void an_error_in_a_200_is_a_refusal(void)
{
    struct drive *d =
        answer_of(JT_ACQUIRE, 200, NULL, "{\"error\":\"invalid_grant\",\"error_description\":\"code was used\"}");

    CHECK_INT(jeton_error_status(drive_error(d)), JETON_REFUSED);
    CHECK_STR(jeton_error_code(drive_error(d)), "invalid_grant");
    CHECK_STR(jeton_error_description(drive_error(d)), "code was used");
    CHECK_INT(jeton_error_http_status(drive_error(d)), 200);
    drive_free(&d);
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{\"error\":\"slow_down\"}"), JETON_TRY_LATER, "slow_down");
    failed(answer_of(JT_REVOKE, 200, NULL, "{\"error\":\"invalid_request\"}"), JETON_REFUSED, "invalid_request");
    d = token_of("{\"access_token\":\"t\",\"error\":null}");
    drive_free(&d);
    d = token_of("{\"access_token\":\"t\",\"error\":\"\"}");
    drive_free(&d);
}

static void rfc_6749_5_2_errors_carry_code_words_and_place(void)
{
    struct drive *d = answer_of(JT_ACQUIRE, 400, NULL,
                                "{\"error\":\"invalid_client\",\"error_description\":\"invalid client_secret\"}");

    CHECK_INT(drive_step(d), JETON_STEP_FAIL);
    CHECK_STR(jeton_error_message(drive_error(d)),
              "probe: POST https://as.example/base/token: HTTP 400: invalid_client: invalid client_secret");
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_REFUSED);
    CHECK_STR(jeton_error_code(drive_error(d)), "invalid_client");
    CHECK_INT(jeton_error_http_status(drive_error(d)), 400);
    CHECK_INT(jeton_error_retry_after(drive_error(d)), -1);
    CHECK_STR(jeton_error_name(drive_error(d)), "test/account");
    drive_free(&d);
}

static void statuses_say_whether_to_ask_again(void)
{
    static const struct {
        int http_status;
        const char *body;
        int status;
    } cases_[] = {
        {400, "{\"error\":\"invalid_grant\"}", JETON_REFUSED},
        {401, "{\"error\":\"invalid_client\"}", JETON_REFUSED},
        {403, "", JETON_REFUSED},
        {404, "", JETON_REFUSED},
        {408, "", JETON_TRY_LATER},
        {423, "{\"error\":\"x\"}", JETON_TRY_LATER},
        {429, "{\"message\":\"slow\"}", JETON_TRY_LATER},
        {500, "<html>", JETON_TRY_LATER},
        {502, "", JETON_TRY_LATER},
        {503, "{\"error\":\"temporarily_unavailable\"}", JETON_TRY_LATER},
        {400, "{\"error\":\"temporarily_unavailable\"}", JETON_TRY_LATER},
        {400, "{\"error\":\"server_error\"}", JETON_TRY_LATER},
        {400, "{\"error\":\"slow_down\"}", JETON_TRY_LATER},
        {302, "", JETON_BAD_ANSWER},
        {100, "", JETON_BAD_ANSWER},
    };

    for (size_t i = 0; i < sizeof(cases_) / sizeof(cases_[0]); i++) {
        struct drive *d = answer_of(JT_ACQUIRE, cases_[i].http_status, NULL, cases_[i].body);

        check_int(jeton_error_status(drive_error(d)), cases_[i].status, cases_[i].body, __FILE__, __LINE__);
        CHECK_INT(jeton_error_http_status(drive_error(d)), cases_[i].http_status);
        drive_free(&d);
    }
}

static void other_shapes_of_errors_are_read_too(void)
{
    struct drive *d =
        answer_of(JT_ACQUIRE, 400, NULL, "{\"error\":{\"code\":\"bad_thing\",\"message\":\"it is bad\"}}");

    CHECK_STR(jeton_error_code(drive_error(d)), "bad_thing");
    CHECK_STR(jeton_error_description(drive_error(d)), "it is bad");
    drive_free(&d);
    failed(answer_of(JT_ACQUIRE, 400, NULL, "{\"message\":\"the limit is reached\"}"), JETON_REFUSED,
           "HTTP 400: the limit is reached");
    d = answer_of(JT_LIST_KEYS, 400, NULL, "{\"code\":400,\"key\":\"invalid_scope\",\"message\":\"Invalid scope\"}");
    CHECK_STR(jeton_error_code(drive_error(d)), "invalid_scope");
    failed(d, JETON_REFUSED, "HTTP 400: invalid_scope: Invalid scope");
    failed(answer_of(JT_LIST_KEYS, 201, NULL, "{\"message\":\"made\"}"), JETON_BAD_ANSWER, "HTTP 201: made");
    failed(answer_of(JT_LIST_KEYS, 201, NULL, "{}"), JETON_BAD_ANSWER,
           "HTTP 201: the answer cannot be used: application/json: \"{}\"");
    failed(answer_of(JT_LIST_KEYS, 204, NULL, ""), JETON_BAD_ANSWER,
           "HTTP 204: the answer cannot be used: an empty body");
    failed(answer_of(JT_LIST_KEYS, 200, "Content-Type: text/html\n", "<html>"), JETON_BAD_ANSWER,
           "HTTP 200: the answer is not JSON: an unexpected character at byte 0: text/html: \"<html>\"");
    failed(answer_of(JT_LIST_KEYS, 200, NULL, "{\"kids\":[\"a\""), JETON_BAD_ANSWER, "the answer is cut short");
}

static void bodies_that_are_no_answer_are_named(void)
{
    failed(answer_of(JT_ACQUIRE, 200, NULL, ""), JETON_BAD_ANSWER, "HTTP 200: an empty body instead of JSON");
    failed(answer_of(JT_ACQUIRE, 204, NULL, ""), JETON_BAD_ANSWER, "an empty body");
    failed(answer_of(JT_ACQUIRE, 200, "Content-Type: text/html; charset=utf-8\n", "<html>\n<b>hi</b>"),
           JETON_BAD_ANSWER, "HTTP 200: not JSON but text/html: \"<html> <b>hi</b>\"");
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"abc"), JETON_BAD_ANSWER, "the answer is cut short");
    failed(answer_of(JT_ACQUIRE, 200, NULL, "[1]"), JETON_BAD_ANSWER, "no object");
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{}"), JETON_BAD_ANSWER, "holds no access_token");
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"\"}"), JETON_BAD_ANSWER, "access_token");
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":null}"), JETON_BAD_ANSWER, "access_token");
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":17}"), JETON_BAD_ANSWER, "access_token that is text");
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"a\",\"access_token\":\"b\"}"), JETON_BAD_ANSWER,
           "names the member \"access_token\" twice");
    failed(answer_of(JT_ACQUIRE, 500, "Content-Type: text/html\n", "<h1>Oops</h1>"), JETON_TRY_LATER,
           "HTTP 500: text/html: \"<h1>Oops</h1>\"");
    failed(answer_of(JT_ACQUIRE, 404, NULL, ""), JETON_REFUSED, "HTTP 404: an empty body");
}

static void a_body_that_is_shown_shows_no_secret_in_it(void)
{
    static const struct {
        const char *body, *shown;
    } cases_[] = {
        {"{\"access_token\":{\"a\":\"s3cret-one\",\"b\":[\"}s3cret-two\"]},\"x\":1}",
         "{\"access_token\":‹access_token›,\"x\":1}"},
        {"{\"refresh_token\":[\"s3cret-one\",\"s3cret-two\"]}", "{\"refresh_token\":‹refresh_token›}"},
        {"{\"note\":\"got s3cret-one\",\"access_token\":\"s3cret-one\"",
         "{\"note\":\"got ‹access_token›\",\"access_token\":\"‹access_token›\""},
        {"{\"token_hint\":\"8\",\"n\":8", "{\"token_hint\":\"‹token_hint›\",\"n\":8"},
        {"<input name=\"code\" value=\"s3cret-one\">", "<input name=\"code\" value=\"‹code›\">"},
        {"<input name='access_token' value = 's3cret-one'>", "value = '‹access_token›'>"},
    };

    for (size_t i = 0; i < sizeof(cases_) / sizeof(cases_[0]); i++) {
        struct drive *d = answer_of(JT_ACQUIRE, 200, NULL, cases_[i].body);

        CHECK_TRUE(strstr(jeton_error_message(drive_error(d)), "s3cret") == NULL);
        failed(d, JETON_BAD_ANSWER, cases_[i].shown);
    }
}

/* What only looks like a secret ends, or is named, in the middle of one that is known. */
static void no_part_of_a_known_secret_is_shown(void)
{
    static const struct {
        const char *secret, *body, *shown;
    } cases_[] = {
        {"correct horse tail88", "client_secret: correct horse tail88 is wrong",
         "client_secret: ‹client_secret› is wrong"},
        {"one&two,tail88", "x token=one&two,tail88&y=1", "x token=‹token›&y=1"},
        {"abc/tail88", "0123456789abcdef0123456789abcdef0abc/tail88 end", "‹hidden› end"},
        {"Wordtail88", "token_Wordtail88=12345 end", "token_‹client_secret›=‹hidden› end"},
        {"a+b/tail88", "a+b/tail88secret=value-one and value-one", "‹client_secret›secret=‹secret› and ‹secret›"},
        {"a+b/tail88", "passwa+b/tail88secret=value-one value-one", "passw‹client_secret›secret=‹secret› ‹secret›"},
        {"tail88tail88", "tail88tail88tail88 end", "‹client_secret› end"},
    };

    for (size_t i = 0; i < sizeof(cases_) / sizeof(cases_[0]); i++) {
        struct drive *d = answer_to(cases_[i].secret, JT_ACQUIRE, 400, "Content-Type: text/plain\n", cases_[i].body);

        CHECK_TRUE(strstr(jeton_error_message(drive_error(d)), "tail88") == NULL);
        failed(d, JETON_REFUSED, cases_[i].shown);
    }
}

static void a_body_over_the_cap_or_too_deep_is_named(void)
{
    char *body = malloc(JT_RESPONSE_MAX + 100);

    if (body == NULL)
        abort();
    memset(body, ' ', JT_RESPONSE_MAX + 99);
    body[JT_RESPONSE_MAX + 99] = '\0';
    memcpy(body, "{}", 2);
    failed(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "longer than 1048576 bytes");
    memset(body, '[', 40);
    body[40] = '\0';
    failed(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "nested deeper than 32 levels");
    free(body);
}

static void a_redirect_is_refused_with_its_place(void)
{
    struct drive *d = answer_of(JT_ACQUIRE, 302, "Location: https://evil.example/x?code=1\n", "");

    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "base_url");
    failed(d, JETON_BAD_ANSWER, "HTTP 302: a redirect to https://evil.example/x, which is refused");
}

static void rfc_6750_2_1_a_token_that_cannot_stand_in_a_header_is_refused(void)
{
    static const char *const tokens[] = {"a b", "a\\nb", "a\\tb", "\\u00e9", "a\\u007f", "a\\u0001"};

    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        char body[100];

        (void)snprintf(body, sizeof(body), "{\"access_token\":\"%s\"}", tokens[i]);
        failed(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "access_token holds a character");
    }
    failed(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"a\",\"scope\":\"a\\u001b[2J\"}"), JETON_BAD_ANSWER,
           "scope holds a control character");
}

static char *token_body_of_length(size_t len)
{
    static const char start[] = "{\"access_token\":\"";
    char *body = malloc(len + 100);

    if (body == NULL)
        abort();
    memcpy(body, start, sizeof(start) - 1);
    memset(body + sizeof(start) - 1, 'a', len);
    memcpy(body + sizeof(start) - 1 + len, "\"}", 3);
    return body;
}

static void a_token_of_64_kib_is_taken_and_a_longer_one_is_not(void)
{
    char *longest = token_body_of_length(65536), *longer = token_body_of_length(65537);
    struct drive *d = token_of(longest);

    CHECK_INT(strlen(drive_result(d)->token.access_token), 65536);
    drive_free(&d);
    failed(answer_of(JT_ACQUIRE, 200, NULL, longer), JETON_BAD_ANSWER, "over 65536 bytes");
    free(longest);
    free(longer);
}

static void retry_after_is_seconds_or_a_date(void)
{
    static const struct {
        const char *header;
        int64_t seconds;
    } cases_[] = {
        {"Retry-After: 7\n", 7},
        {"retry-after:120\n", 120},
        {"Retry-After: 99999999999999999999\n", 86400},
        {"Retry-After: Wed, 05 Jun 2030 02:00:00 GMT\n", 86400},
        {"Retry-After: -5\n", -1},
        {"Retry-After: soon\n", -1},
        {"Retry-After: \n", -1},
        {"Retry-After: Wed, 05 Jun 2019 02:12:32 GMT\n", 30}, /* 30 s after DRIVE_NOW */
        {"Retry-After: Wed, 05 Jun 2019 02:13:30 GMT\nDate: Wed, 05 Jun 2019 02:13:00 GMT\n", 30},
        {"Retry-After: Wed, 05 Jun 2019 01:13:30 GMT\nDate: Wed, 05 Jun 2019 01:13:00 GMT\n", 30},
        {"Retry-After: Wed, 05 Jun 2019 02:00:00 GMT\n", 0},
        {"Retry-After: Wed, 05 Xxx 2019 02:00:00 GMT\n", -1},
        {NULL, -1},
    };

    for (size_t i = 0; i < sizeof(cases_) / sizeof(cases_[0]); i++) {
        struct drive *d = answer_of(JT_ACQUIRE, 429, cases_[i].header, "{\"error\":\"slow_down\"}");

        check_int(jeton_error_retry_after(drive_error(d)), cases_[i].seconds,
                  cases_[i].header != NULL ? cases_[i].header : "", __FILE__, __LINE__);
        drive_free(&d);
    }
}

static void no_message_repeats_a_secret(void)
{
    static const char *const bodies[] = {
        "{\"error\":\"invalid_client\",\"error_description\":\"hush-hush+secret is wrong\"}",
        "{\"error\":\"hush-hush+secret\"}",
        "<p>client_secret=hush-hush%2Bsecret</p>",
        "{\"access_token\":\"brand-new-access-token\",",
        "access_token=brand-new-access-token&x=1",
        "{\"refresh_token\" : \"brand-new-access-token",
        "{'id_token':'brand-new-access-token'",
        "tokens: eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NTYifQ.brand-new-access-token-0",
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        for (int status = 200; status <= 500; status += 100) {
            struct drive *d = answer_of(JT_ACQUIRE, status, NULL, bodies[i]);
            const char *message = jeton_error_message(drive_error(d));

            CHECK_INT(drive_step(d), JETON_STEP_FAIL);
            check_true(strstr(message, "hush-hush") == NULL && strstr(message, "brand-new") == NULL, message, __FILE__,
                       __LINE__);
            drive_free(&d);
        }
}

static void a_message_is_one_short_line(void)
{
    char body[4000];
    struct drive *d;
    const char *message;

    for (size_t i = 0; i < sizeof(body) - 1; i++)
        body[i] = i % 7 == 0 ? '\n' : i % 11 == 0 ? '\x1b' : 'x';
    body[sizeof(body) - 1] = '\0';
    d = answer_of(JT_ACQUIRE, 502, "Content-Type: text/plain\n", body);
    message = jeton_error_message(drive_error(d));
    CHECK_TRUE(strlen(message) < 260);
    CHECK_TRUE(strchr(message, '\n') == NULL && strchr(message, '\x1b') == NULL);
    drive_free(&d);
}

static void rfc_7662_2_2_an_active_token_is_described(void)
{
    struct drive *d =
        answer_of(JT_INTROSPECT, 200, NULL,
                  "{\"scope\":\"read\",\"active\":true,\"client_id\":\"c\",\"exp\":\"1700000000\",\"iat\":17e8,"
                  "\"aud\":[\"a\",\"b\"],\"access_token\":\"stored-token-1\",\"level\":3}");

    CHECK_INT(drive_step(d), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->active, 1);
    CHECK_STR(drive_result(d)->answer, "{\"active\":true,\"exp\":1700000000,\"iat\":1700000000,\"scope\":\"read\","
                                       "\"client_id\":\"c\",\"aud\":[\"a\",\"b\"],\"extra\":{\"level\":3}}");
    drive_free(&d);
}

static void rfc_7662_2_2_an_inactive_token_is_an_answer(void)
{
    struct drive *d = answer_of(JT_INTROSPECT, 200, NULL, "{\"active\":false}");

    CHECK_INT(drive_step(d), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->active, 0);
    CHECK_STR(drive_result(d)->answer, "{\"active\":false}");
    drive_free(&d);
    failed(answer_of(JT_INTROSPECT, 200, NULL, "{\"scope\":\"x\"}"), JETON_BAD_ANSWER,
           "does not say whether the token is active");
    failed(answer_of(JT_INTROSPECT, 200, NULL, "{\"active\":\"maybe\"}"), JETON_BAD_ANSWER, "active");
    failed(answer_of(JT_INTROSPECT, 401, NULL, "{\"error\":\"invalid_client\"}"), JETON_REFUSED, "invalid_client");
}

static void rfc_7009_2_2_any_2xx_is_done(void)
{
    static const int statuses[] = {200, 204, 202};

    for (size_t i = 0; i < 3; i++) {
        struct drive *d = answer_of(JT_REVOKE, statuses[i], NULL, i == 0 ? "<html>done</html>" : "");

        CHECK_INT(drive_step(d), JETON_STEP_DONE);
        drive_free(&d);
    }
    failed(answer_of(JT_REVOKE, 503, "Retry-After: 3\n", ""), JETON_TRY_LATER, "HTTP 503");
    failed(answer_of(JT_REVOKE, 400, NULL, "{\"error\":\"unsupported_token_type\"}"), JETON_REFUSED,
           "unsupported_token_type");
}

static void rfc_9110_6_6_1_points_in_time_are_on_the_providers_clock(void)
{
    static const struct {
        const char *headers, *body;
        int64_t expires_at;
    } cases_[] = {
        {"Date: Wed, 05 Jun 2019 03:12:02 GMT\n", "{\"access_token\":\"a\",\"expires_in\":1559708000}",
         1559708000 - 3600},
        {"Date: Wed, 05 Jun 2019 01:12:02 GMT\n", "{\"access_token\":\"a\",\"expires_at\":1559708000}",
         1559708000 + 3600},
        {"Date: Wed, 05 Jun 2019 02:12:50 GMT\n", "{\"access_token\":\"a\",\"expires_in\":1559708000}",
         1559708000 - 48},
        {"Date: Wed, 05 Jun 2019 02:12:04 GMT\n", "{\"access_token\":\"a\",\"expires_in\":1559708000}", 1559708000 - 2},
        {"Date: Wed, 05 Jun 2019 02:12:03 GMT\n", "{\"access_token\":\"a\",\"expires_in\":1559708000}", 1559708000},
        {"Date: Wed, 05 Jun 2019 02:12:01 GMT\n", "{\"access_token\":\"a\",\"expires_in\":1559708000}", 1559708000},
        {"Date: Wed, 05 Jun 2019 02:11:32 GMT\n", "{\"access_token\":\"a\",\"expires_in\":1559708000}",
         1559708000 + 30},
        {"Date: Wed, 05 Jun 2019 03:12:02 GMT\n", "{\"access_token\":\"a\",\"expires_in\":900}", DRIVE_NOW + 900},
        {"Date: yesterday\n", "{\"access_token\":\"a\",\"expires_in\":1559708000}", 1559708000},
    };

    for (size_t i = 0; i < sizeof(cases_) / sizeof(cases_[0]); i++) {
        struct drive *d = answer_of(JT_ACQUIRE, 200, cases_[i].headers, cases_[i].body);

        check_int(drive_result(d)->token.expires_at, cases_[i].expires_at, cases_[i].headers, __FILE__, __LINE__);
        drive_free(&d);
    }
}

static const struct check_case cases[] = {
    {"RFC 9110 6.6.1: points in time are on the provider's clock",
     rfc_9110_6_6_1_points_in_time_are_on_the_providers_clock},
    {"RFC 6749 5.1: the example is understood", rfc_6749_5_1_the_example_is_understood},
    {"lifetimes are read as they come", lifetimes_are_read_as_they_come},
    {"a lifetime that is no number is refused", a_lifetime_that_is_no_number_is_refused},
    {"a bare access token is enough", a_bare_access_token_is_enough},
    {"what else was sent is kept, and tokens are not among it", what_else_was_sent_is_kept_and_tokens_are_not_among_it},
    {"an error in a 200 is a refusal", an_error_in_a_200_is_a_refusal},
    {"RFC 6749 5.2: errors carry code, words and place", rfc_6749_5_2_errors_carry_code_words_and_place},
    {"statuses say whether to ask again", statuses_say_whether_to_ask_again},
    {"other shapes of errors are read too", other_shapes_of_errors_are_read_too},
    {"a body that is shown shows no secret in it", a_body_that_is_shown_shows_no_secret_in_it},
    {"no part of a known secret is shown", no_part_of_a_known_secret_is_shown},
    {"bodies that are no answer are named", bodies_that_are_no_answer_are_named},
    {"a body over the cap or too deep is named", a_body_over_the_cap_or_too_deep_is_named},
    {"a redirect is refused with its place", a_redirect_is_refused_with_its_place},
    {"RFC 6750 2.1: a token that cannot stand in a header is refused",
     rfc_6750_2_1_a_token_that_cannot_stand_in_a_header_is_refused},
    {"a token of 64 KiB is taken and a longer one is not", a_token_of_64_kib_is_taken_and_a_longer_one_is_not},
    {"RFC 9110 10.2.3: Retry-After is seconds or a date", retry_after_is_seconds_or_a_date},
    {"no message repeats a secret", no_message_repeats_a_secret},
    {"a message is one short line", a_message_is_one_short_line},
    {"RFC 7662 2.2: an active token is described", rfc_7662_2_2_an_active_token_is_described},
    {"RFC 7662 2.2: an inactive token is an answer", rfc_7662_2_2_an_inactive_token_is_an_answer},
    {"RFC 7009 2.2: any 2xx is done", rfc_7009_2_2_any_2xx_is_done},
};
CHECK_MAIN("oauth", cases)
