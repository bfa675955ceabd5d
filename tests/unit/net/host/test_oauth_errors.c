/* SPDX-License-Identifier: MIT */
/* Answers of OAuth servers that are errors, or no answer at all: what they mean, and that nothing secret is shown. */
#include "test_oauth_help.h"
#include <stdlib.h>
#include <string.h>

static void an_error_in_a_200_is_a_refusal(void)
{
    struct drive *d =
        answer_of(JT_ACQUIRE, 200, NULL, "{\"error\":\"invalid_grant\",\"error_description\":\"code was used\"}");

    CHECK_INT(jeton_error_status(drive_error(d)), JETON_REFUSED);
    CHECK_STR(jeton_error_code(drive_error(d)), "invalid_grant");
    CHECK_STR(jeton_error_description(drive_error(d)), "code was used");
    CHECK_INT(jeton_error_http_status(drive_error(d)), 200);
    drive_free(&d);
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{\"error\":\"slow_down\"}"), JETON_TRY_LATER, "slow_down");
    FAILED(answer_of(JT_REVOKE, 200, NULL, "{\"error\":\"invalid_request\"}"), JETON_REFUSED, "invalid_request");
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

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
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
    FAILED(answer_of(JT_ACQUIRE, 400, NULL, "{\"message\":\"the limit is reached\"}"), JETON_REFUSED,
           "HTTP 400: the limit is reached");
    d = answer_of(JT_LIST_KEYS, 400, NULL, "{\"code\":400,\"key\":\"invalid_scope\",\"message\":\"Invalid scope\"}");
    CHECK_STR(jeton_error_code(drive_error(d)), "invalid_scope");
    FAILED(d, JETON_REFUSED, "HTTP 400: invalid_scope: Invalid scope");
    FAILED(answer_of(JT_LIST_KEYS, 201, NULL, "{\"message\":\"made\"}"), JETON_BAD_ANSWER, "HTTP 201: made");
    FAILED(answer_of(JT_LIST_KEYS, 201, NULL, "{}"), JETON_BAD_ANSWER,
           "HTTP 201: the answer cannot be used: application/json: \"{}\"");
    FAILED(answer_of(JT_LIST_KEYS, 204, NULL, ""), JETON_BAD_ANSWER,
           "HTTP 204: the answer cannot be used: an empty body");
    FAILED(answer_of(JT_LIST_KEYS, 200, "Content-Type: text/html\n", "<html>"), JETON_BAD_ANSWER,
           "HTTP 200: the answer is not JSON: an unexpected character at byte 0: text/html: \"<html>\"");
    FAILED(answer_of(JT_LIST_KEYS, 200, NULL, "{\"kids\":[\"a\""), JETON_BAD_ANSWER, "the answer is cut short");
}

static void bodies_that_are_no_answer_are_named(void)
{
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, ""), JETON_BAD_ANSWER, "HTTP 200: an empty body instead of JSON");
    FAILED(answer_of(JT_ACQUIRE, 204, NULL, ""), JETON_BAD_ANSWER, "an empty body");
    FAILED(answer_of(JT_ACQUIRE, 200, "Content-Type: text/html; charset=utf-8\n", "<html>\n<b>hi</b>"),
           JETON_BAD_ANSWER, "HTTP 200: not JSON but text/html: \"<html> <b>hi</b>\"");
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"abc"), JETON_BAD_ANSWER, "the answer is cut short");
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "[1]"), JETON_BAD_ANSWER, "no object");
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{}"), JETON_BAD_ANSWER, "holds no access_token");
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"\"}"), JETON_BAD_ANSWER, "access_token");
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":null}"), JETON_BAD_ANSWER, "access_token");
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":17}"), JETON_BAD_ANSWER, "access_token that is text");
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"a\",\"access_token\":\"b\"}"), JETON_BAD_ANSWER,
           "names the member \"access_token\" twice");
    FAILED(answer_of(JT_ACQUIRE, 500, "Content-Type: text/html\n", "<h1>Oops</h1>"), JETON_TRY_LATER,
           "HTTP 500: text/html: \"<h1>Oops</h1>\"");
    FAILED(answer_of(JT_ACQUIRE, 404, NULL, ""), JETON_REFUSED, "HTTP 404: an empty body");
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

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct drive *d = answer_of(JT_ACQUIRE, 200, NULL, cases_[i].body);

        CHECK_TRUE(strstr(jeton_error_message(drive_error(d)), "s3cret") == NULL);
        FAILED(d, JETON_BAD_ANSWER, cases_[i].shown);
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

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct drive *d = answer_to(cases_[i].secret, JT_ACQUIRE, 400, "Content-Type: text/plain\n", cases_[i].body);

        CHECK_TRUE(strstr(jeton_error_message(drive_error(d)), "tail88") == NULL);
        FAILED(d, JETON_REFUSED, cases_[i].shown);
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
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "longer than 1048576 bytes");
    memset(body, '[', 40);
    body[40] = '\0';
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "nested deeper than 32 levels");
    free(body);
}

static void a_redirect_is_refused_with_its_place(void)
{
    struct drive *d = answer_of(JT_ACQUIRE, 302, "Location: https://evil.example/x?code=1\n", "");

    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "base_url");
    FAILED(d, JETON_BAD_ANSWER, "HTTP 302: a redirect to https://evil.example/x, which is refused");
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

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
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

    for (size_t i = 0; i < JT_LEN(bodies); i++)
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

static const struct check_case cases[] = {
    {"an error in a 200 is a refusal", an_error_in_a_200_is_a_refusal},
    {"RFC 6749 5.2: errors carry code, words and place", rfc_6749_5_2_errors_carry_code_words_and_place},
    {"statuses say whether to ask again", statuses_say_whether_to_ask_again},
    {"other shapes of errors are read too", other_shapes_of_errors_are_read_too},
    {"a body that is shown shows no secret in it", a_body_that_is_shown_shows_no_secret_in_it},
    {"no part of a known secret is shown", no_part_of_a_known_secret_is_shown},
    {"bodies that are no answer are named", bodies_that_are_no_answer_are_named},
    {"a body over the cap or too deep is named", a_body_over_the_cap_or_too_deep_is_named},
    {"a redirect is refused with its place", a_redirect_is_refused_with_its_place},
    {"RFC 9110 10.2.3: Retry-After is seconds or a date", retry_after_is_seconds_or_a_date},
    {"no message repeats a secret", no_message_repeats_a_secret},
    {"a message is one short line", a_message_is_one_short_line},
};

CHECK_MAIN("oauth_errors", cases)
