/* SPDX-License-Identifier: MIT */
/* What the LINE plugin does with tokens that exist: it revokes them, verifies them and lists the ids of their keys,
 * with every recorded exchange. */
#include "line_account.h"
#include <stdio.h>
#include <stdlib.h>

static void revokes_short_lived_tokens_without_credentials(void)
{
    static const char *const recorded[] = {
        "line.OAuth7.revokeAccessToken.ok",
        "line.OAuth8.revokeAccessToken.ok",
        "line.ChannelAccessTokenClient.revokeChannelToken.ok",
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = line_by_secret("v2");

        drive_token(d, "access_token", LINE_SHORT_LIVED);
        CHECK_INT(drive_vector(d, JT_REVOKE, recorded[i]), JETON_STEP_DONE);
        drive_free(&d);
    }
}

static void revokes_v2_1_tokens_with_the_channel_secret(void)
{
    static const char *const recorded[] = {
        "line.OAuth7.revokeChannelAccessTokenV2_1.ok",
        "line.OAuth8.revokeChannelAccessTokenV2_1.ok",
        "line.ChannelAccessTokenClient.revokeChannelTokenByJWT.ok",
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = line_by_secret("v2.1");

        drive_token(d, "access_token", LINE_JWS);
        CHECK_INT(drive_vector(d, JT_REVOKE, recorded[i]), JETON_STEP_DONE);
        drive_free(&d);
    }
}

static void revoking_v2_1_without_the_secret_says_what_is_missing(void)
{
    struct drive *d = line_by_key("v2.1");

    drive_token(d, "access_token", LINE_JWS);
    CHECK_INT(drive_start(d, JT_REVOKE), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_CONFIG);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "client_secret is not set");
    drive_free(&d);
}

static void a_malformed_token_cannot_be_revoked(void)
{
    struct drive *d = line_by_secret("v2");

    drive_token(d, "access_token", "%%%");
    drive_vector(d, JT_REVOKE, "line.ChannelAccessTokenClient.revokeChannelToken.bad_format");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_request", NULL, NULL);
    CHECK_STR(jeton_error_description(drive_error(d)), NULL);
    drive_free(&d);

    d = line_by_secret("v2.1");
    drive_token(d, "access_token", "zzz");
    drive_vector(d, JT_REVOKE, "line.ChannelAccessTokenClient.revokeChannelTokenByJWT.not_jws");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_request", "The access token not JWS", "another `api`");
    drive_start(d, JT_REVOKE);
    drive_respond(d, 200, "Content-Type: text/html\n", "<html>Sign in to this network</html>");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    CHECK_STR(jeton_error_description(drive_error(d)), NULL);
    drive_free(&d);
}

static void a_stateless_token_ends_by_itself(void)
{
    struct drive *d = line_by_secret("v3");

    drive_token(d, "access_token", LINE_JWS);
    drive_token(d, "expires_at", "1559700722");
    CHECK_INT(drive_start(d, JT_REVOKE), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_NOT_SUPPORTED);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)),
                   "cannot be revoked; it ends by itself at 2019-06-05 02:12:02 UTC");
    drive_token(d, "expires_at", NULL);
    drive_start(d, JT_REVOKE);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "it ends by itself 15 minutes after it was issued");
    drive_free(&d);
}

static void verifies_by_get_for_v2_1_and_v3(void)
{
    static const char *const recorded[] = {
        "line.OAuth7.verifyAccessToken.ok",
        "line.OAuth8.verifyAccessToken.ok",
        "line.ChannelAccessTokenClient.verifyChannelTokenByJWT.ok",
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = line_by_secret(i == 0 ? "v3" : "v2.1");

        drive_token(d, "access_token", LINE_JWS);
        CHECK_INT(drive_vector(d, JT_INTROSPECT, recorded[i]), JETON_STEP_DONE);
        CHECK_STR(drive_answer_text(d, "/active"), "true");
        CHECK_STR(drive_answer_text(d, "/client_id"), LINE_CHANNEL);
        CHECK_STR(drive_answer_text(d, "/scope"), "profile chat_message.write");
        CHECK_INT(strtoll(drive_answer_text(d, "/exp"), NULL, 10), DRIVE_NOW + 2591659);
        drive_free(&d);
    }
}

static void verifies_by_post_for_v2_and_takes_lifetimes_beyond_32_bits(void)
{
    struct drive *d = line_by_secret("v2");

    drive_token(d, "access_token", LINE_SHORT_LIVED);
    CHECK_INT(drive_vector(d, JT_INTROSPECT, "line.ChannelAccessTokenClient.verifyChannelToken.ok"), JETON_STEP_DONE);
    CHECK_INT(strtoll(drive_answer_text(d, "/exp"), NULL, 10), DRIVE_NOW + INT64_C(3138007490));
    CHECK_STR(drive_answer_text(d, "/scope"), "P CM");
    drive_start(d, JT_INTROSPECT);
    CHECK_INT(drive_respond(d, 200, NULL, "{\"client_id\":\"1\",\"expires_in\":9223372036854775807,\"scope\":\"\"}"),
              JETON_STEP_DONE);
    CHECK_STR(drive_answer_text(d, "/exp"), NULL);
    CHECK_STR(drive_answer_text(d, "/extra/expires_in"), "9223372036854775807");
    drive_free(&d);
}

static void a_token_whose_lifetime_is_over_is_inactive(void)
{
    static const char *const over[] = {"0", "-1", "\"0\""};
    struct drive *d = line_by_secret("v2");

    drive_token(d, "access_token", LINE_SHORT_LIVED);
    for (size_t i = 0; i < JT_LEN(over); i++) {
        char body[80];

        (void)snprintf(body, sizeof(body), "{\"client_id\":\"1\",\"expires_in\":%s,\"scope\":\"P\"}", over[i]);
        drive_start(d, JT_INTROSPECT);
        CHECK_INT(drive_respond(d, 200, NULL, body), JETON_STEP_DONE);
        CHECK_STR(drive_answer_text(d, "/active"), "false");
    }
    drive_free(&d);
}

static void a_token_that_line_refuses_to_verify_is_inactive(void)
{
    static const char *const words[] = {
        "The access token expired",
        "The access token not JWS",
        "access_token invalid",
        "access_token in invalid format",
    };
    struct drive *d = line_by_secret("v2.1");

    drive_token(d, "access_token", LINE_JWS);
    CHECK_INT(drive_vector(d, JT_INTROSPECT, "line.ChannelAccessTokenClient.verifyChannelTokenByJWT.expired"),
              JETON_STEP_DONE);
    CHECK_STR(drive_answer_text(d, "/active"), "false");
    for (size_t i = 0; i < JT_LEN(words); i++) {
        char body[120];

        (void)snprintf(body, sizeof(body), "{\"error\":\"invalid_request\",\"error_description\":\"%s\"}", words[i]);
        drive_start(d, JT_INTROSPECT);
        CHECK_INT(drive_respond(d, 400, NULL, body), JETON_STEP_DONE);
        CHECK_STR(drive_answer_text(d, "/active"), "false");
        CHECK_CONTAINS(drive_result(d)->note, words[i]);
    }
    drive_free(&d);

    d = line_by_secret("v2");
    drive_token(d, "access_token", "x");
    CHECK_INT(drive_vector(d, JT_INTROSPECT, "line.ChannelAccessTokenClient.verifyChannelToken.invalid"),
              JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->active, 0);
    drive_free(&d);
}

static void a_failure_to_verify_is_no_answer(void)
{
    static const struct {
        int status, expected;
        const char *body;
    } answers[] = {
        {500, JETON_TRY_LATER, "{\"message\":\"Internal server error\"}"},
        {400, JETON_REFUSED, "{\"message\":\"Bad Request\"}"},
        {400, JETON_REFUSED, "<html>proxy</html>"},
        {200, JETON_BAD_ANSWER, "{\"client_id\":\"1234567890\"}"},
        {200, JETON_BAD_ANSWER, ""},
    };
    struct drive *d = line_by_secret("v2.1");

    drive_token(d, "access_token", LINE_JWS);
    for (size_t i = 0; i < JT_LEN(answers); i++) {
        drive_start(d, JT_INTROSPECT);
        CHECK_INT(drive_respond(d, answers[i].status, NULL, answers[i].body), JETON_STEP_FAIL);
        CHECK_INT(jeton_error_status(drive_error(d)), answers[i].expected);
    }
    drive_free(&d);
}

static void lists_the_key_ids_of_v2_1(void)
{
    static const char *const recorded[] = {
        "line.OAuth7.getChannelAccessTokenKeyIdsV2_1.ok",
        "line.OAuth8.getChannelAccessTokenKeyIdsV2_1.ok",
        "line.ChannelAccessTokenClient.kids.ok",
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = line_by_key("v2.1");

        CHECK_INT(drive_vector(d, JT_LIST_KEYS, recorded[i]), JETON_STEP_DONE);
        CHECK_STR(drive_answer_text(d, "/keys/0"), "U_gdnFYKTWRxxxxDVZexGg");
        CHECK_STR(drive_answer_text(d, "/keys/1"), "sDTOzw5wIfWxxxxzcmeQA");
        CHECK_STR(drive_answer_text(d, "/keys/2"), "73hDyp3PxGfxxxxD6U5qYA");
        CHECK_STR(drive_answer_text(d, "/keys/3"), NULL);
        drive_free(&d);
    }
}

static void key_ids_is_another_name_for_kids(void)
{
    struct drive *d = line_by_key("v2.1");

    drive_start(d, JT_LIST_KEYS);
    CHECK_INT(drive_respond(d, 200, NULL, "{\"key_ids\":[\"a\"]}"), JETON_STEP_DONE);
    CHECK_STR(drive_answer_text(d, "/keys/0"), "a");
    drive_start(d, JT_LIST_KEYS);
    CHECK_INT(drive_respond(d, 200, NULL, "{\"kids\":[]}"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->answer, "{\"keys\":[]}");
    drive_start(d, JT_LIST_KEYS);
    CHECK_INT(drive_respond(d, 200, NULL, "{\"kids\":[\"a\",{}]}"), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_BAD_ANSWER);
    drive_start(d, JT_LIST_KEYS);
    CHECK_INT(drive_respond(d, 200, NULL, "{}"), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_BAD_ANSWER);
    drive_start(d, JT_LIST_KEYS);
    CHECK_INT(drive_respond(d, 500, NULL, "{\"kids\":[]}"), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_TRY_LATER);
    drive_free(&d);
}

static void an_assertion_with_a_wrong_time_points_to_the_clock(void)
{
    struct drive *d = line_by_key("v2.1");

    drive_vector(d, JT_LIST_KEYS, "line.ChannelAccessTokenClient.kids.expired");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_client", "Invalid exp", "clock");
    drive_free(&d);
}

static void only_v2_1_has_key_ids(void)
{
    static const char *const others[] = {"v2", "v3"};

    for (size_t i = 0; i < JT_LEN(others); i++) {
        struct drive *d = line_by_secret(others[i]);

        CHECK_INT(drive_start(d, JT_LIST_KEYS), JETON_STEP_FAIL);
        CHECK_INT(jeton_error_status(drive_error(d)), JETON_NOT_SUPPORTED);
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), others[i]);
        drive_free(&d);
    }
}

static const struct check_case cases[] = {
    {"revokes short-lived tokens without credentials", revokes_short_lived_tokens_without_credentials},
    {"revokes v2.1 tokens with the channel secret", revokes_v2_1_tokens_with_the_channel_secret},
    {"revoking v2.1 without the secret says what is missing", revoking_v2_1_without_the_secret_says_what_is_missing},
    {"a malformed token cannot be revoked", a_malformed_token_cannot_be_revoked},
    {"a stateless token ends by itself", a_stateless_token_ends_by_itself},
    {"verifies by GET for v2.1 and v3", verifies_by_get_for_v2_1_and_v3},
    {"verifies by POST for v2 and takes lifetimes beyond 32 bits",
     verifies_by_post_for_v2_and_takes_lifetimes_beyond_32_bits},
    {"a token whose lifetime is over is inactive", a_token_whose_lifetime_is_over_is_inactive},
    {"a token that LINE refuses to verify is inactive", a_token_that_line_refuses_to_verify_is_inactive},
    {"a failure to verify is no answer", a_failure_to_verify_is_no_answer},
    {"lists the key ids of v2.1", lists_the_key_ids_of_v2_1},
    {"key_ids is another name for kids", key_ids_is_another_name_for_kids},
    {"an assertion with a wrong time points to the clock", an_assertion_with_a_wrong_time_points_to_the_clock},
    {"only v2.1 has key ids", only_v2_1_has_key_ids},
};

CHECK_MAIN("line_tokens", cases)
