/* SPDX-License-Identifier: MIT */
/* Proves how the Waves plugin fails: each error of the provider, and answers that make no sense. It never opens a
 * socket. */
#include "waves_flow.h"
#include <jeton/provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The answer of a login that was sent already. */
static jeton_step answer(struct drive *d, const char *body)
{
    return drive_respond(d, 200, NULL, body);
}

static void a_token_that_has_ended_already_is_not_handed_on(void)
{
    static const char *const ends[] = {"1559700722", "1500000000", "0", "-5", "-9223372036854775808"};

    for (size_t i = 0; i < JT_LEN(ends); i++) {
        struct drive *d = waves_with_seed(WAVES_SEED);
        char body[120];

        snprintf(body, sizeof(body), "{\"access_token\":\"t\",\"expires_in\":%s}", ends[i]);
        drive_start(d, JT_ACQUIRE);
        CHECK_INT(drive_respond(d, 200, "Content-Type: application/json\nDate: Wed, 05 Jun 2019 02:12:02 GMT\n", body),
                  JETON_STEP_FAIL);
        waves_check_failure(d, JETON_BAD_ANSWER, NULL, ends[i],
                            "2019-06-05 02:12:02 UTC; theirs said Wed, 05 Jun 2019");
        drive_free(&d);
    }
}

static void the_smallest_number_under_a_clock_before_1970_is_an_end_too(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_clock(d, -1);
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":-9223372036854775808}"), JETON_STEP_FAIL);
    waves_check_failure(d, JETON_BAD_ANSWER, NULL, "has ended already", NULL);
    drive_free(&d);
}

static void an_expires_in_that_is_no_number_makes_no_sense(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_start(d, JT_ACQUIRE);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":\"a week\"}"), JETON_STEP_FAIL);
    waves_check_failure(d, JETON_BAD_ANSWER, NULL, "a week", NULL);
    drive_free(&d);
}

static void a_dead_refresh_token_is_said_to_be_one(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_token(d, "refresh_token", "expired");
    CHECK_INT(drive_vector(d, JT_REFRESH, "waves.refresh.401"), JETON_STEP_FAIL);
    waves_check_failure(d, JETON_REFUSED, "invalid_grant", NULL, "`jeton acquire` logs in anew, no person is needed");
    drive_free(&d);
    d = waves_with_seed(WAVES_SEED);
    CHECK_INT(drive_start(d, JT_REFRESH), JETON_STEP_FAIL);
    waves_check_failure(d, JETON_USAGE, NULL, "no refresh token is stored", "`jeton acquire`");
    drive_free(&d);
}

static void a_refused_login_names_the_key_the_chain_and_both_clocks(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_setting(d, "token_lifetime", "604800");
    drive_clock(d, 1 - WAVES_WEEK_S);
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 400, NULL, drive_vector_text("waves.password.400", "/response/body"));
    waves_check_failure(d, JETON_REFUSED, "invalid_grant", "inferred", "chain_id and client_id");
    drive_clock(d, DRIVE_NOW);
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 401, "Content-Type: application/json\nDate: Thu, 06 Jun 2019 00:00:00 GMT\n",
                  "{\"error\":\"invalid_grant\"}");
    waves_check_failure(d, JETON_REFUSED, "invalid_grant", NULL, "seed or private_key");
    waves_check_failure(d, JETON_REFUSED, "invalid_grant", NULL,
                        "(2019-06-05 02:12:02 UTC; theirs said Thu, 06 Jun 2019 00:00:00 GMT)");
    drive_free(&d);
}

static void other_errors_of_rfc_6749_name_the_setting(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 400, NULL, "{\"error\":\"invalid_scope\",\"error_description\":\"unknown\"}");
    waves_check_failure(d, JETON_REFUSED, "invalid_scope", "unknown", "`scope`");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 401, NULL, "{\"error\":\"invalid_client\"}");
    waves_check_failure(d, JETON_REFUSED, "invalid_client", NULL, "look at client_id: ");
    drive_start(d, JT_ACQUIRE);
    answer(d, "{\"error\":\"invalid_scope\"}");
    waves_check_failure(d, JETON_REFUSED, "invalid_scope", NULL, "`scope`");
    drive_free(&d);
}

static void errors_with_a_message_or_without_success_are_refusals_too(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 400, NULL, "{\"error\":3147270,\"message\":\"Account is unknown\",\"status\":\"error\"}");
    waves_check_failure(d, JETON_REFUSED, "3147270", "Account is unknown", "seed or private_key");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 400, NULL, "{\"message\":\"Validation Error\"}");
    waves_check_failure(d, JETON_REFUSED, NULL, "Validation Error", NULL);
    drive_start(d, JT_ACQUIRE);
    answer(d, "{\"success\":false,\"error\":199,\"message\":\"Temporarily closed\"}");
    waves_check_failure(d, JETON_REFUSED, "199", "Temporarily closed", NULL);
    drive_start(d, JT_ACQUIRE);
    answer(d, "{\"message\":\"Closed\"}");
    waves_check_failure(d, JETON_REFUSED, NULL, "no token in the answer, but: Closed", NULL);
    drive_start(d, JT_ACQUIRE);
    answer(d, "{\"success\":false}");
    waves_check_failure(d, JETON_REFUSED, NULL, "success is false", NULL);
    drive_start(d, JT_ACQUIRE);
    answer(d, "{\"success\":true}");
    waves_check_failure(d, JETON_BAD_ANSWER, NULL, "access_token", NULL);
    drive_free(&d);
}

static void what_is_not_the_api_points_to_base_url(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 404, NULL, "{\"message\":\"no such path\"}");
    waves_check_failure(d, JETON_REFUSED, NULL, "no such path", "base_url");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 200, "Content-Type: text/html\n", "<html>Welcome</html>");
    waves_check_failure(d, JETON_BAD_ANSWER, NULL, "Welcome", "base_url");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 403, "Content-Type: text/html\n", "<html>Forbidden</html>");
    waves_check_failure(d, JETON_REFUSED, NULL, "Forbidden", "base_url");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 401, NULL, "");
    waves_check_failure(d, JETON_REFUSED, NULL, "empty body", "seed or private_key");
    drive_free(&d);
}

static void trouble_at_their_side_means_try_later(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 503, "Content-Type: text/html\n", "<html>down</html>");
    waves_check_failure(d, JETON_TRY_LATER, NULL, "503", NULL);
    CHECK_STR(jeton_error_hint(drive_error(d)), NULL);
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 429, "Retry-After: 7\n", "{\"message\":\"slow down\"}");
    waves_check_failure(d, JETON_TRY_LATER, NULL, "slow down", NULL);
    CHECK_INT(jeton_error_retry_after(drive_error(d)), 7);
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 429, "Content-Type: text/html\n", "<html>slow down</html>");
    waves_check_failure(d, JETON_TRY_LATER, NULL, "slow down", NULL);
    CHECK_STR(jeton_error_hint(drive_error(d)), NULL);
    drive_free(&d);
}

static void an_answer_that_repeats_secrets_does_not_bring_them_into_the_error(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);
    char body[700], *signature;

    drive_start(d, JT_ACQUIRE);
    signature = strdup(strchr(drive_form(d, "password"), ':') + 1);
    snprintf(body, sizeof(body), "{\"error\":\"invalid_grant\",\"error_description\":\"bad %s of " WAVES_SEED "\"}",
             drive_form(d, "password"));
    drive_respond(d, 400, NULL, body);
    waves_check_failure(d, JETON_REFUSED, "invalid_grant", "bad ", NULL);
    CHECK_TRUE(signature != NULL && strstr(jeton_error_message(drive_error(d)), signature) == NULL);
    CHECK_TRUE(strstr(jeton_error_message(drive_error(d)), "hollow") == NULL);
    free(signature);
    drive_free(&d);
}

static int random_fails(jeton_flow *flow, void *out, size_t len)
{
    (void)flow, (void)out, (void)len;
    return 0;
}

static const struct jeton_provider *without_random(const struct jeton_host *real)
{
    static struct jeton_host poor;

    poor = *real;
    poor.random = random_fails;
    return jeton_provider_v1(&poor);
}

static void without_random_bytes_nothing_is_signed(void)
{
    struct drive *d = drive_new(without_random);

    drive_setting(d, "seed", WAVES_SEED);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    waves_check_failure(d, JETON_TRY_LATER, NULL, "no random bytes", NULL);
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"a token that has ended already is not handed on", a_token_that_has_ended_already_is_not_handed_on},
    {"the smallest number under a clock before 1970 is an end too",
     the_smallest_number_under_a_clock_before_1970_is_an_end_too},
    {"an expires_in that is no number makes no sense", an_expires_in_that_is_no_number_makes_no_sense},
    {"a dead refresh token is said to be one", a_dead_refresh_token_is_said_to_be_one},
    {"a refused login names the key, the chain and both clocks",
     a_refused_login_names_the_key_the_chain_and_both_clocks},
    {"other errors of RFC 6749 5.2 name the setting", other_errors_of_rfc_6749_name_the_setting},
    {"errors with a message or without success are refusals too",
     errors_with_a_message_or_without_success_are_refusals_too},
    {"what is not the API points to base_url", what_is_not_the_api_points_to_base_url},
    {"trouble at their side means try later", trouble_at_their_side_means_try_later},
    {"an answer that repeats secrets does not bring them into the error",
     an_answer_that_repeats_secrets_does_not_bring_them_into_the_error},
    {"without random bytes nothing is signed", without_random_bytes_nothing_is_signed},
};

CHECK_MAIN("waves errors", cases)
