/* SPDX-License-Identifier: MIT */
/* Answers of OAuth servers, through the host functions that read them: tokens, introspections, revocations. */
#include "test_oauth_help.h"
#include <stdlib.h>
#include <string.h>

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

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
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

    for (size_t i = 0; i < JT_LEN(values); i++) {
        char body[200];

        (void)snprintf(body, sizeof(body), "{\"access_token\":\"t\",\"expires_in\":%s}", values[i]);
        FAILED(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "which is no number of seconds");
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

static void rfc_6750_2_1_a_token_that_cannot_stand_in_a_header_is_refused(void)
{
    static const char *const tokens[] = {"a b", "a\\nb", "a\\tb", "\\u00e9", "a\\u007f", "a\\u0001"};

    for (size_t i = 0; i < JT_LEN(tokens); i++) {
        char body[100];

        (void)snprintf(body, sizeof(body), "{\"access_token\":\"%s\"}", tokens[i]);
        FAILED(answer_of(JT_ACQUIRE, 200, NULL, body), JETON_BAD_ANSWER, "access_token holds a character");
    }
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, "{\"access_token\":\"a\",\"scope\":\"a\\u001b[2J\"}"), JETON_BAD_ANSWER,
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
    FAILED(answer_of(JT_ACQUIRE, 200, NULL, longer), JETON_BAD_ANSWER, "over 65536 bytes");
    free(longest);
    free(longer);
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
    FAILED(answer_of(JT_INTROSPECT, 200, NULL, "{\"scope\":\"x\"}"), JETON_BAD_ANSWER,
           "does not say whether the token is active");
    FAILED(answer_of(JT_INTROSPECT, 200, NULL, "{\"active\":\"maybe\"}"), JETON_BAD_ANSWER, "active");
    FAILED(answer_of(JT_INTROSPECT, 401, NULL, "{\"error\":\"invalid_client\"}"), JETON_REFUSED, "invalid_client");
}

static void rfc_7009_2_2_any_2xx_is_done(void)
{
    static const int statuses[] = {200, 204, 202};

    for (size_t i = 0; i < 3; i++) {
        struct drive *d = answer_of(JT_REVOKE, statuses[i], NULL, i == 0 ? "<html>done</html>" : "");

        CHECK_INT(drive_step(d), JETON_STEP_DONE);
        drive_free(&d);
    }
    FAILED(answer_of(JT_REVOKE, 503, "Retry-After: 3\n", ""), JETON_TRY_LATER, "HTTP 503");
    FAILED(answer_of(JT_REVOKE, 400, NULL, "{\"error\":\"unsupported_token_type\"}"), JETON_REFUSED,
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

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
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
    {"RFC 6750 2.1: a token that cannot stand in a header is refused",
     rfc_6750_2_1_a_token_that_cannot_stand_in_a_header_is_refused},
    {"a token of 64 KiB is taken and a longer one is not", a_token_of_64_kib_is_taken_and_a_longer_one_is_not},
    {"RFC 7662 2.2: an active token is described", rfc_7662_2_2_an_active_token_is_described},
    {"RFC 7662 2.2: an inactive token is an answer", rfc_7662_2_2_an_inactive_token_is_an_answer},
    {"RFC 7009 2.2: any 2xx is done", rfc_7009_2_2_any_2xx_is_done},
};

CHECK_MAIN("oauth", cases)
