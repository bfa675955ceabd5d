/* SPDX-License-Identifier: MIT */
/* The LINE plugin issues its three kinds of tokens as recorded, and explains each documented refusal. */
#include "line_account.h"
#include <jeton/provider.h>
#include <stdio.h>
#include <string.h>

#define REQUEST_ID "6f0a3c5e-1b2d-4c3e-9f10-a1b2c3d4e5f6" /* in every recorded answer */

static void v2_issues_by_secret(void)
{
    static const char *const recorded[] = {
        "line.OAuth7.issueAccessToken.ok",
        "line.OAuth8.issueAccessToken.ok",
        "line.ChannelAccessTokenClient.issueChannelToken.ok",
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = line_by_secret("v2");

        CHECK_INT(drive_vector(d, JT_ACQUIRE, recorded[i]), JETON_STEP_DONE);
        CHECK_STR(drive_result(d)->token.access_token, LINE_SHORT_LIVED);
        CHECK_STR(drive_result(d)->token.token_type, "Bearer");
        CHECK_STR(drive_result(d)->token.key_id, NULL);
        CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 2592000);
        drive_free(&d);
    }
}

/* LINE has only spans, and some of over 2^31 seconds; where others send such a number, it is a point in time. */
static void a_lifetime_beyond_32_bits_is_a_lifetime(void)
{
    static const char *const lifetimes[] = {"3138007490", "\"3138007490\""};

    for (size_t i = 0; i < JT_LEN(lifetimes); i++) {
        struct drive *d = line_by_secret("v2");
        char body[120];

        (void)snprintf(body, sizeof(body), "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":%s}",
                       lifetimes[i]);
        CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
        CHECK_INT(drive_respond(d, 200, NULL, body), JETON_STEP_DONE);
        CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + INT64_C(3138007490));
        drive_free(&d);
    }
}

static void no_person_is_ever_needed(void)
{
    CHECK_TRUE((jeton_provider_v1(&jt_host)->capabilities & JETON_CAP_UNATTENDED) != 0);
}

static void v2_is_the_default(void)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_setting(d, "client_id", LINE_CHANNEL);
    drive_setting(d, "client_secret", LINE_SECRET);
    CHECK_STR(drive_check(d), "");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_TRUE(drive_matches(d, "line.OAuth7.issueAccessToken.ok"));
    drive_free(&d);
}

static void a_wrong_channel_or_secret_is_named(void)
{
    static const struct {
        const char *vector, *words, *hint;
    } recorded[] = {
        {"line.OAuth7.issueAccessToken.bad_secret", "invalid client_secret", "channel secret"},
        {"line.OAuth8.issueAccessToken.bad_secret", "invalid client_secret", "channel secret"},
        {"line.ChannelAccessTokenClient.issueChannelToken.bad_id", "invalid client_id", "channel ID"},
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = drive_new(jeton_provider_v1);

        drive_inputs(d, recorded[i].vector);
        drive_vector(d, JT_ACQUIRE, recorded[i].vector);
        CHECK_REFUSAL(d, JETON_REFUSED, "invalid_client", recorded[i].words, recorded[i].hint);
        CHECK_CONTAINS(jeton_error_hint(drive_error(d)), REQUEST_ID);
        drive_free(&d);
    }
}

static void the_rate_limit_means_try_later(void)
{
    struct drive *d = line_by_secret("v2");

    drive_vector(d, JT_ACQUIRE, "line.ChannelAccessTokenClient.issueChannelToken.429");
    CHECK_REFUSAL(d, JETON_TRY_LATER, NULL, "The API rate limit has been exceeded. Try again later.", REQUEST_ID);
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "requests a second");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 429, "Retry-After: 7\n", "{\"message\":\"slow\"}");
    CHECK_INT(jeton_error_retry_after(drive_error(d)), 7);
    drive_free(&d);
}

static void v2_1_issues_by_assertion(void)
{
    static const char *const recorded[] = {
        "line.OAuth7.issueChannelAccessTokenV2_1.ok",
        "line.OAuth8.issueChannelAccessTokenV2_1.ok",
        "line.ChannelAccessTokenClient.issueChannelTokenByJWT.ok",
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = line_by_key("v2.1");

        CHECK_INT(drive_vector(d, JT_ACQUIRE, recorded[i]), JETON_STEP_DONE);
        CHECK_STR(drive_result(d)->token.access_token, LINE_JWS);
        CHECK_STR(drive_result(d)->token.key_id, "sDTOzw5wIfxxxxPEzcmeQA");
        CHECK_INT(drive_result(d)->token.expires_at, LINE_ASSERTION_EXP - 900 + 86400);
        drive_free(&d);
    }
}

/* Reads the claims of the assertion that the flow is about to send. */
static bool claims_contain(struct drive *d, const char *part)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *jwt = drive_form(d, "client_assertion");
    const char *at = jwt != NULL ? strchr(jwt, '.') : NULL;
    char claims[600] = "";
    size_t len = 0;
    unsigned bits = 0, held = 0;

    for (at = at != NULL ? at + 1 : ""; *at != '\0' && *at != '.' && len < sizeof(claims) - 1; at++) {
        bits = (bits << 6 | (unsigned)(strchr(alphabet, *at) - alphabet)) & 0xffffu;
        held += 6;
        if (held >= 8) {
            held -= 8;
            claims[len++] = (char)(bits >> held & 0xffu);
        }
    }
    return CHECK_CONTAINS(claims, part);
}

static void the_assertion_is_for_line_wherever_it_is_sent(void)
{
    struct drive *d = line_by_key("v2.1");

    drive_base_url(d, "https://line.proxy.example");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_CONTAINS(drive_request(d)->url, "https://line.proxy.example/oauth2/v2.1/token");
    claims_contain(d, "\"aud\":\"https://api.line.me/\"");
    drive_free(&d);
}

static void the_token_lifetime_is_thirty_days_unless_set(void)
{
    struct drive *d = line_by_key("v2.1");

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    claims_contain(d, "\"token_exp\":86400");
    drive_setting(d, "token_lifetime", NULL);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    claims_contain(d, "\"token_exp\":2592000");
    drive_free(&d);
}

static void the_refusals_of_v2_1_say_what_to_do(void)
{
    static const struct {
        const char *vector, *code, *words, *hint;
    } recorded[] = {
        {"line.ChannelAccessTokenClient.issueChannelTokenByJWT.max_tokens", NULL,
         "The maximum number of access tokens has already been issued",
         "revoke one of the tokens that `jeton keys` lists"},
        {"line.ChannelAccessTokenClient.issueChannelTokenByJWT.iss_mismatch", "invalid_client",
         "iss and clientId of key do not match", "another channel"},
        {"line.ChannelAccessTokenClient.issueChannelTokenByJWT.unknown_kid", NULL,
         "Cannot find channel key that satisfies the conditions", "key_id"},
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = line_by_key("v2.1");

        drive_vector(d, JT_ACQUIRE, recorded[i].vector);
        CHECK_REFUSAL(d, JETON_REFUSED, recorded[i].code, recorded[i].words, recorded[i].hint);
        drive_free(&d);
    }
}

static void a_client_that_is_refused_in_other_words_is_explained_too(void)
{
    struct drive *d = line_by_key("v2.1");

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 400, NULL, "{\"error\":\"invalid_client\",\"error_description\":\"Invalid signature\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_client", "Invalid signature", "of one channel");
    drive_free(&d);
}

static void v3_issues_by_secret_or_by_key(void)
{
    struct drive *d = line_by_secret("v3");

    CHECK_INT(drive_vector(d, JT_ACQUIRE, "line.ChannelAccessTokenClient.stateless.secret.ok"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.access_token, "ey....");
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 900);
    drive_free(&d);

    d = line_by_key("v3");
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "line.ChannelAccessTokenClient.stateless.jwt.ok"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.key_id, NULL);
    /* The key is used where both are there: the secret then never travels. */
    drive_setting(d, "client_secret", LINE_SECRET);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_TRUE(drive_matches(d, "line.ChannelAccessTokenClient.stateless.jwt.ok"));
    drive_free(&d);
}

static void the_refusals_of_v3_say_what_to_do(void)
{
    struct drive *d = line_by_secret("v3");

    drive_setting(d, "client_secret", "bad");
    drive_vector(d, JT_ACQUIRE, "line.ChannelAccessTokenClient.stateless.secret.bad");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_request", "Invalid 'client_credentials'.", "client_secret");
    drive_free(&d);

    d = line_by_key("v3");
    drive_vector(d, JT_ACQUIRE, "line.ChannelAccessTokenClient.stateless.jwt.unknown_kid");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, "Cannot find channel key that satisfies the conditions", "key_id");
    drive_free(&d);
}

static void a_redirect_leaves_the_request_id_beside_what_to_do(void)
{
    struct drive *d = line_by_secret("v2");

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 302, "x-line-request-id: 0123-abc\nLocation: https://elsewhere.example/\n", ""),
              JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "look at base_url");
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "0123-abc");
    drive_free(&d);
}

static void the_details_of_an_error_reach_the_hint(void)
{
    struct drive *d = line_by_secret("v2");

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 400, NULL,
                  "{\"message\":\"The request body has 1 error(s)\","
                  "\"details\":[{\"message\":\"May not be empty\",\"property\":\"client_id\"}]}");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, "The request body has 1 error(s)", "client_id: May not be empty");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 502, "Content-Type: text/html\n", "<html>Bad Gateway</html>");
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_TRY_LATER);
    drive_free(&d);
}

static void check_knows_what_each_api_needs(void)
{
    struct drive *d = line_channel("v2");

    CHECK_CONTAINS(drive_check(d), "client_secret: api = \"v2\" needs it");
    drive_setting(d, "api", "v2.1");
    CHECK_CONTAINS(drive_check(d), "key_id: api = \"v2.1\" needs it");
    CHECK_CONTAINS(drive_check(d), "private_key: api = \"v2.1\" needs it");
    drive_setting(d, "api", "v3");
    CHECK_CONTAINS(drive_check(d), "unless key_id and private_key are set");
    drive_setting(d, "key_id", LINE_KEY_ID);
    CHECK_CONTAINS(drive_check(d), "private_key: api = \"v3\" needs it");
    line_set_private_key(d);
    CHECK_STR(drive_check(d), "");
    drive_setting(d, "api", "v2.1");
    drive_setting(d, "token_lifetime", "86400");
    CHECK_STR(drive_check(d), "");
    drive_setting(d, "api", "v3");
    CHECK_CONTAINS(drive_check(d), "token_lifetime: works with api = \"v2.1\" only");
    drive_setting(d, "token_lifetime", NULL);
    drive_setting(d, "client_id", "U123");
    CHECK_CONTAINS(drive_check(d), "client_id: must be the channel ID");
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"v2 issues by secret", v2_issues_by_secret},
    {"a lifetime beyond 32 bits is a lifetime", a_lifetime_beyond_32_bits_is_a_lifetime},
    {"no person is ever needed", no_person_is_ever_needed},
    {"v2 is the default", v2_is_the_default},
    {"a wrong channel or secret is named", a_wrong_channel_or_secret_is_named},
    {"the rate limit means try later", the_rate_limit_means_try_later},
    {"v2.1 issues by assertion, byte for byte (RFC 7523 2.2)", v2_1_issues_by_assertion},
    {"the assertion is for LINE wherever it is sent", the_assertion_is_for_line_wherever_it_is_sent},
    {"the token lifetime is thirty days unless set", the_token_lifetime_is_thirty_days_unless_set},
    {"the refusals of v2.1 say what to do", the_refusals_of_v2_1_say_what_to_do},
    {"a client that is refused in other words is explained too",
     a_client_that_is_refused_in_other_words_is_explained_too},
    {"v3 issues by secret or by key", v3_issues_by_secret_or_by_key},
    {"the refusals of v3 say what to do", the_refusals_of_v3_say_what_to_do},
    {"the details of an error reach the hint", the_details_of_an_error_reach_the_hint},
    {"a redirect leaves the request id beside what to do", a_redirect_leaves_the_request_id_beside_what_to_do},
    {"check knows what each api needs", check_knows_what_each_api_needs},
};

CHECK_MAIN("line", cases)
