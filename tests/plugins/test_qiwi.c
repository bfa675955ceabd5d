/* SPDX-License-Identifier: MIT */
/* The QIWI plugin's two requests, with every recorded exchange and each documented error. */
#include "tests/lib/drive.h"
#include <jeton/provider.h>
#include <string.h>

#define WALLET_TOKEN "U1QtOTkwMTAyLWNud3FpdWhmbzg3M"
#define CODE         "3c4f5a8b9d0e1f2a3b4c5d6e7f809a1b"
#define TEN_YEARS_S  316224000

static struct drive *configured(void)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_setting(d, "wallet_token", WALLET_TOKEN);
    return d;
}

/* Up to the second request. */
static struct drive *authorized(void)
{
    struct drive *d = configured();

    CHECK_INT(drive_vector(d, JT_ACQUIRE, "qiwi.createToken.ok#1"), JETON_STEP_SEND);
    return d;
}

static void acquires_in_two_requests(void)
{
    static const char *const recorded[][2] = {
        {"qiwi.createToken.ok#1", "qiwi.createToken.ok#2"},
        {"qiwi.createToken.numeric_expires_in#1", "qiwi.createToken.numeric_expires_in#2"},
        {"qiwi.wallet.createOauthToken.ok#1", "qiwi.wallet.createOauthToken.ok#2"},
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = configured();

        CHECK_INT(drive_vector(d, JT_ACQUIRE, recorded[i][0]), JETON_STEP_SEND);
        CHECK_INT(drive_next(d, recorded[i][1]), JETON_STEP_DONE);
        CHECK_STR(drive_result(d)->token.access_token, "c6a1d3e7f0b24c58a9e3d1c2b4f60718");
        CHECK_STR(drive_result(d)->token.token_type, "Bearer");
        CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + TEN_YEARS_S);
        CHECK_STR(drive_result(d)->token.refresh_token, NULL);
        CHECK_STR(drive_extra_text(d, "/refresh_token"), NULL);
        drive_free(&d);
    }
}

static void what_else_the_answer_says_is_kept_but_for_the_refresh_token(void)
{
    struct drive *d = authorized();

    CHECK_INT(drive_respond(d, 200, NULL,
                            "{\"access_token\":\"t\",\"token_type\":\"Other\",\"expires_in\":\"60\",\"error\":\"\","
                            "\"refresh_token\":\"not used\",\"wallet\":\"7900\"}"),
              JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.token_type, "Other");
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 60);
    CHECK_STR(drive_extra_text(d, "/wallet"), "7900");
    CHECK_STR(drive_result(d)->token.refresh_token, NULL);
    CHECK_STR(drive_extra_text(d, "/refresh_token"), NULL);
    drive_free(&d);
}

static void no_person_is_needed_and_there_is_nothing_to_refresh_with(void)
{
    const struct jeton_provider *provider = jeton_provider_v1(&jt_host);

    CHECK_TRUE((provider->capabilities & JETON_CAP_UNATTENDED) != 0);
    CHECK_TRUE(provider->refresh == NULL);
}

static void only_the_request_with_the_code_spends_something(void)
{
    struct drive *d = configured();

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_STR(drive_header(d, "Accept"), "application/json");
    CHECK_TRUE(!drive_request(d)->once);
    drive_free(&d);
    d = authorized();
    CHECK_STR(drive_header(d, "Accept"), "application/json");
    CHECK_TRUE(drive_request(d)->once);
    drive_free(&d);
}

static void ten_years_are_assumed_where_the_answer_says_nothing(void)
{
    struct drive *d = authorized();

    CHECK_INT(drive_respond(d, 200, NULL, "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + TEN_YEARS_S);
    drive_free(&d);
}

static void client_and_software_can_be_set(void)
{
    struct drive *d = configured();

    drive_setting(d, "client_id", "other");
    drive_setting(d, "client_secret", "s");
    drive_setting(d, "client_software", "web");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_STR(drive_form(d, "client_id"), "other");
    CHECK_STR(drive_form(d, "client_software"), "web");
    CHECK_INT(drive_respond(d, 200, NULL, "{\"code\":\"c\"}"), JETON_STEP_SEND);
    CHECK_STR(drive_form(d, "client_id"), "other");
    CHECK_STR(drive_form(d, "client_secret"), "s");
    CHECK_STR(drive_form(d, "code"), "c");
    drive_free(&d);
}

static void a_worn_out_wallet_token_ends_the_flow_after_the_first_request(void)
{
    struct drive *d = configured();

    drive_vector(d, JT_ACQUIRE, "qiwi.createToken.authorize_401");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, NULL, "180 days");
    CHECK_INT(jeton_error_http_status(drive_error(d)), 401);
    /* The SDK reads nothing of a 401. */
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 401, NULL, "{\"errorCode\":\"x\",\"description\":\"y\",\"code\":\"z\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, NULL, "wallet_token");
    drive_free(&d);
}

static void a_missing_permission_is_explained(void)
{
    struct drive *d = configured();

    drive_vector(d, JT_ACQUIRE, "qiwi.createToken.authorize_403");
    CHECK_REFUSAL(d, JETON_REFUSED, "auth.forbidden", NULL, "permission");
    CHECK_STR(jeton_error_description(drive_error(d)), "Access denied");
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "5b3c1a2f4d6e7089");
    drive_free(&d);
}

static void the_short_form_of_errors_is_read(void)
{
    struct drive *d = configured();

    CHECK_INT(drive_vector(d, JT_ACQUIRE, "qiwi.createToken.token_400_short#1"), JETON_STEP_SEND);
    drive_next(d, "qiwi.createToken.token_400_short#2");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_grant", NULL, NULL);
    CHECK_STR(jeton_error_description(drive_error(d)), "Invalid code");
    drive_free(&d);
}

static void the_long_form_comes_before_the_short_one(void)
{
    struct drive *d = authorized();

    drive_respond(d, 400, NULL,
                  "{\"errorCode\":\"long\",\"description\":\"d\",\"code\":\"short\",\"message\":\"m\","
                  "\"traceId\":\"t-1\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, "long", NULL, "t-1");
    CHECK_STR(jeton_error_description(drive_error(d)), "d");
    drive_free(&d);
    /* It is `description` that tells them apart, as in the SDK. */
    d = authorized();
    drive_respond(d, 400, NULL, "{\"errorCode\":\"long\",\"code\":\"short\",\"message\":\"m\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, "short", NULL, NULL);
    CHECK_STR(jeton_error_description(drive_error(d)), "m");
    drive_free(&d);
    d = authorized();
    drive_respond(d, 400, NULL, "{\"description\":\"d\",\"code\":\"short\",\"message\":\"m\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, NULL, NULL);
    CHECK_STR(jeton_error_description(drive_error(d)), "d");
    drive_free(&d);
}

static void status_423_means_try_later(void)
{
    struct drive *d = configured();

    CHECK_INT(drive_vector(d, JT_ACQUIRE, "qiwi.createToken.token_423_rate#1"), JETON_STEP_SEND);
    drive_next(d, "qiwi.createToken.token_423_rate#2");
    CHECK_REFUSAL(d, JETON_TRY_LATER, NULL, NULL, "too many requests");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 500, "Content-Type: text/html\n", "<html>oops</html>");
    CHECK_REFUSAL(d, JETON_TRY_LATER, NULL, NULL, NULL);
    drive_free(&d);
}

static void status_201_is_no_success_and_its_code_stays_secret(void)
{
    struct drive *d = configured();

    drive_vector(d, JT_ACQUIRE, "qiwi.createToken.authorize_201");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "201");
    CHECK_TRUE(strstr(jeton_error_message(drive_error(d)), CODE) == NULL);
    drive_free(&d);
}

static void an_answer_without_a_code_makes_no_sense(void)
{
    static const char *const bodies[] = {"{}", "{\"code\":\"\"}", "{\"code\":null}", "{\"code\":{}}", "", "not JSON"};

    for (size_t i = 0; i < JT_LEN(bodies); i++) {
        struct drive *d = configured();

        drive_start(d, JT_ACQUIRE);
        drive_respond(d, 200, NULL, bodies[i]);
        CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
        drive_free(&d);
    }
}

static void a_token_answer_without_a_token_makes_no_sense(void)
{
    static const char *const bodies[] = {
        "{}",
        "{\"access_token\":\"\"}",
        "{\"access_token\":{}}",
        "{\"access_token\":\"t\",\"expires_in\":\"soon\"}",
        "{\"access_token\":\"t\",\"expires_in\":\"0\"}",
        "{\"access_token\":\"t\",\"expires_in\":-1}",
        "[]",
        "",
    };

    for (size_t i = 0; i < JT_LEN(bodies); i++) {
        struct drive *d = authorized();

        drive_respond(d, 200, NULL, bodies[i]);
        CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
        drive_free(&d);
    }
}

static void an_error_beside_a_token_is_an_error(void)
{
    struct drive *d = authorized();

    drive_respond(d, 200, NULL, "{\"access_token\":\"t\",\"error\":\"invalid_grant\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_grant", NULL, NULL);
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"acquires in two requests, expires_in as text or number", acquires_in_two_requests},
    {"what else the answer says is kept, but for the refresh token",
     what_else_the_answer_says_is_kept_but_for_the_refresh_token},
    {"no person is needed, and there is nothing to refresh with",
     no_person_is_needed_and_there_is_nothing_to_refresh_with},
    {"only the request with the code spends something", only_the_request_with_the_code_spends_something},
    {"ten years are assumed where the answer says nothing", ten_years_are_assumed_where_the_answer_says_nothing},
    {"client and software can be set", client_and_software_can_be_set},
    {"a worn-out wallet token ends the flow after the first request",
     a_worn_out_wallet_token_ends_the_flow_after_the_first_request},
    {"a missing permission is explained", a_missing_permission_is_explained},
    {"the short form of errors is read", the_short_form_of_errors_is_read},
    {"the long form comes before the short one", the_long_form_comes_before_the_short_one},
    {"status 423 means try later", status_423_means_try_later},
    {"status 201 is no success, and its code stays secret", status_201_is_no_success_and_its_code_stays_secret},
    {"an answer without a code makes no sense", an_answer_without_a_code_makes_no_sense},
    {"a token answer without a token makes no sense (RFC 6749 5.1)", a_token_answer_without_a_token_makes_no_sense},
    {"an error beside a token is an error", an_error_beside_a_token_is_an_error},
};

CHECK_MAIN("qiwi", cases)
