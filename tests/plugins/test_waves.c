/* SPDX-License-Identifier: MIT */
/* Proves the Waves plugin against every recorded exchange, and how it reads lifetimes. It never opens a socket, and the
 * random bytes are the test's. */
#include "plugins/providers/waves/base58.h"
#include "plugins/providers/waves/waves_sign.h"
#include "waves_flow.h"
#include "waves_verify.h"
#include <jeton/provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCESS_TOKEN  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaWduYXR1cmUiOiI2MUppRFBQWUZya2pw"
#define REFRESH_TOKEN ACCESS_TOKEN "-refresh"
#define MONTH_S       2592000

/* The answer of a login that was sent already. */
static jeton_step answer(struct drive *d, const char *body)
{
    return drive_respond(d, 200, NULL, body);
}

/* The prepared login is the recorded one but for its signature, which is random there, and which verifies here. */
static void check_login(struct drive *d, const char *vector)
{
    const char *recorded = drive_vector_text(vector, "/request/body_form/password");
    char body[512], text[200], message[256] = WAVES_SIGN_PREFIX, password[200];
    unsigned char key[WAVES_KEY_LEN], signature[WAVES_SIGNATURE_LEN];
    const char *sent = drive_form(d, "password"), *colon = strchr(recorded, ':');
    size_t bad_at;

    if (!CHECK_TRUE(sent != NULL && strchr(sent, ':') != NULL))
        return;
    snprintf(password, sizeof(password), "%s", strchr(sent, ':') + 1);
    CHECK_INT(strncmp(sent, recorded, (size_t)(colon + 1 - recorded)), 0);
    CHECK_INT(base58_decode(password, strlen(password), sizeof(signature), signature, &bad_at), BASE58_OK);
    CHECK_INT(base58_decode(WAVES_USERNAME, strlen(WAVES_USERNAME), sizeof(key), key, &bad_at), BASE58_OK);
    snprintf(text, sizeof(text), "%s:%s:%.*s", drive_vector_text(vector, "/inputs/chain_id"),
             drive_vector_text(vector, "/inputs/client_id"), (int)(colon - recorded), recorded);
    memcpy(message + WAVES_SIGN_PREFIX_LEN, text, strlen(text) + 1);
    CHECK_TRUE(waves_verify(key, signature, message, WAVES_SIGN_PREFIX_LEN + strlen(text)));
    snprintf(body, sizeof(body),
             "grant_type=password&scope=general&username=" WAVES_USERNAME
             "&password=%.*s%%3A%s&client_id=waves.exchange",
             (int)(colon - recorded), recorded, password);
    CHECK_STR(jt_buf_str(&drive_request(d)->body), body);
    CHECK_STR(drive_request(d)->method, "POST");
    CHECK_STR(drive_request(d)->url, drive_vector_text(vector, "/real_url"));
    CHECK_STR(drive_header(d, "Content-Type"), "application/x-www-form-urlencoded");
    CHECK_STR(drive_header(d, "Authorization"), NULL);
    CHECK_STR(drive_header(d, "Accept"), NULL);
}

/* Starts the recorded login at such a time that the password ends when the recorded one does. */
static struct drive *log_in(const char *vector)
{
    struct drive *d = waves_with_seed(drive_vector_text(vector, "/inputs/seed"));

    drive_setting(d, "token_lifetime", "604800");
    drive_clock(d, strtoll(drive_vector_text(vector, "/inputs/seconds"), NULL, 10) - WAVES_WEEK_S);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    check_login(d, vector);
    return d;
}

static void the_recorded_random_bytes_give_the_recorded_request(void)
{
    static const char vector[] = "waves.password.fixed_random";
    struct drive *d = waves_with_seed(drive_vector_text(vector, "/inputs/seed"));

    drive_setting(d, "chain_id", drive_vector_text(vector, "/inputs/chain_id"));
    drive_setting(d, "client_id", drive_vector_text(vector, "/inputs/client_id"));
    drive_setting(d, "token_lifetime", "604800");
    drive_random_hex(d, drive_vector_text(vector, "/inputs/random_hex"));
    drive_clock(d, 1700000000 - WAVES_WEEK_S);
    CHECK_INT(drive_vector(d, JT_ACQUIRE, vector), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.access_token, ACCESS_TOKEN);
    CHECK_INT(drive_result(d)->token.expires_at, 1700000000);
    drive_free(&d);
}

static void the_recorded_login_that_was_refused_is_sent_alike(void)
{
    struct drive *d = log_in("waves.password.400");

    drive_free(&d);
}

static void a_private_key_gives_the_same_request_as_its_seed(void)
{
    static const char vector[] = "waves.password.fixed_random";
    struct drive *d = waves_with_private_key(WAVES_PRIVATE_KEY);

    drive_setting(d, "chain_id", "T");
    drive_setting(d, "token_lifetime", "604800");
    drive_random_hex(d, drive_vector_text(vector, "/inputs/random_hex"));
    drive_clock(d, 1700000000 - WAVES_WEEK_S);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_TRUE(drive_matches(d, vector));
    drive_free(&d);
}

static void an_expires_in_of_over_a_billion_is_a_point_in_time(void)
{
    struct drive *d = log_in("waves.password.ok");
    const struct jt_tokenset *token = &drive_result(d)->token;

    CHECK_INT(answer(d, drive_vector_text("waves.password.ok", "/response/body")), JETON_STEP_DONE);
    CHECK_STR(token->access_token, ACCESS_TOKEN);
    CHECK_STR(token->refresh_token, REFRESH_TOKEN);
    CHECK_STR(token->token_type, "bearer");
    CHECK_INT(token->expires_at, 1584651600);
    CHECK_INT(token->refresh_expires_at, 1584651600 - WAVES_WEEK_S + MONTH_S);
    CHECK_STR(token->scope, "general");
    drive_free(&d);
}

static void a_smaller_expires_in_is_seconds_from_the_request(void)
{
    struct drive *d = log_in("waves.password.relative_expires_in");

    CHECK_INT(answer(d, drive_vector_text("waves.password.relative_expires_in", "/response/body")), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, 1591975057 - WAVES_WEEK_S + 604798);
    CHECK_INT(drive_result(d)->token.refresh_expires_at, 1591975057 - WAVES_WEEK_S + MONTH_S);
    CHECK_STR(drive_result(d)->token.scope, "general");
    drive_free(&d);
}

static void expires_in_may_be_a_string_and_a_billion_is_the_last_lifetime(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_start(d, JT_ACQUIRE);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":\"3600\"}"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 3600);
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":1000000000}"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, INT64_C(1000000000) + DRIVE_NOW);
    drive_free(&d);
}

/* RFC 9110 6.6.1: Date says how far the clock is off on which the point in time was read. */
static void a_point_in_time_is_read_on_the_provider_s_clock(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_clock(d, 1700000000);
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(drive_respond(d, 200, "Date: Tue, 14 Nov 2023 23:13:20 GMT\n", /* an hour ahead of ours */
                            "{\"access_token\":\"t\",\"expires_in\":1700086400}"),
              JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, 1700086400 - 3600);
    drive_free(&d);
}

static void without_expires_in_the_token_ends_when_the_password_does(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_setting(d, "token_lifetime", "7200");
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"token_type\":\"bearer\"}"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 7200);
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":null}"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 7200);
    drive_free(&d);
}

static void a_password_ends_five_minutes_less_than_a_week_ahead_unless_told_otherwise(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_start(d, JT_ACQUIRE);
    CHECK_INT(strtoll(drive_form(d, "password"), NULL, 10), DRIVE_NOW + WAVES_WEEK_S - 300);
    drive_setting(d, "token_lifetime", NULL);
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(strtoll(drive_form(d, "password"), NULL, 10), DRIVE_NOW + WAVES_WEEK_S - 300);
    drive_setting(d, "token_lifetime", "60");
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(strtoll(drive_form(d, "password"), NULL, 10), DRIVE_NOW + 60);
    drive_free(&d);
}

static void the_scope_of_a_call_replaces_the_account_s(void)
{
    struct drive *d = waves_with_seed(WAVES_SEED);

    drive_setting(d, "scope", "general");
    drive_param(d, "scope", "narrow narrower");
    drive_start(d, JT_ACQUIRE);
    CHECK_STR(drive_form(d, "scope"), "narrow narrower");
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":60}"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.scope, "narrow narrower");
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":60,\"scope\":\"narrower\"}"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.scope, "narrower");
    drive_free(&d);
}

static const char *stored_month(jeton_flow *flow, const char *field)
{
    return strcmp(field, "refresh_expires_at") == 0 ? "1560000000" : jt_host.token(flow, field);
}

/* The plugin of an account whose stored refresh token ends at 1560000000. */
static const struct jeton_provider *with_stored_month(const struct jeton_host *real)
{
    static struct jeton_host host;

    host = *real;
    host.token = stored_month;
    return jeton_provider_v1(&host);
}

static void a_refresh_is_the_recorded_one_and_an_old_refresh_token_stays_old(void)
{
    struct drive *d = drive_new(with_stored_month);

    drive_token(d, "refresh_token", REFRESH_TOKEN);
    CHECK_INT(drive_vector(d, JT_REFRESH, "waves.refresh.ok"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.access_token, ACCESS_TOKEN);
    CHECK_INT(drive_result(d)->token.expires_at, 1584109637);
    CHECK_STR(drive_result(d)->token.refresh_token, REFRESH_TOKEN);
    CHECK_INT(drive_result(d)->token.refresh_expires_at, 1560000000);
    drive_free(&d);
}

static void the_month_of_a_new_refresh_token_starts_with_it(void)
{
    struct drive *d = drive_new(with_stored_month);

    drive_token(d, "refresh_token", "old");
    drive_start(d, JT_REFRESH);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":60,\"refresh_token\":\"new\"}"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.refresh_token, "new");
    CHECK_INT(drive_result(d)->token.refresh_expires_at, DRIVE_NOW + MONTH_S);
    drive_start(d, JT_REFRESH);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":60}"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.refresh_token, NULL);
    CHECK_INT(drive_result(d)->token.refresh_expires_at, JT_NEVER);
    drive_start(d, JT_REFRESH);
    CHECK_INT(answer(d, "{\"access_token\":\"t\",\"expires_in\":60,\"refresh_token\":\"\"}"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.refresh_expires_at, JT_NEVER);
    drive_free(&d);
}

static void a_refresh_needs_neither_the_seed_nor_random_bytes(void)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_token(d, "refresh_token", REFRESH_TOKEN);
    CHECK_INT(drive_start(d, JT_REFRESH), JETON_STEP_SEND);
    CHECK_TRUE(drive_matches(d, "waves.refresh.ok"));
    CHECK_TRUE(drive_request(d)->once);
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"the recorded random bytes give the recorded request", the_recorded_random_bytes_give_the_recorded_request},
    {"the recorded login that was refused is sent alike", the_recorded_login_that_was_refused_is_sent_alike},
    {"a private key gives the same request as its seed", a_private_key_gives_the_same_request_as_its_seed},
    {"an expires_in of over a billion is a point in time", an_expires_in_of_over_a_billion_is_a_point_in_time},
    {"a smaller expires_in is seconds from the request (RFC 6749 5.1)",
     a_smaller_expires_in_is_seconds_from_the_request},
    {"expires_in may be a string, and a billion is the last lifetime",
     expires_in_may_be_a_string_and_a_billion_is_the_last_lifetime},
    {"a point in time is read on the provider's clock", a_point_in_time_is_read_on_the_provider_s_clock},
    {"without expires_in the token ends when the password does",
     without_expires_in_the_token_ends_when_the_password_does},
    {"a password ends five minutes less than a week ahead, unless told otherwise",
     a_password_ends_five_minutes_less_than_a_week_ahead_unless_told_otherwise},
    {"the scope of a call replaces the account's (RFC 6749 5.1)", the_scope_of_a_call_replaces_the_account_s},
    {"a refresh is the recorded one, and an old refresh token stays old",
     a_refresh_is_the_recorded_one_and_an_old_refresh_token_stays_old},
    {"the month of a new refresh token starts with it", the_month_of_a_new_refresh_token_starts_with_it},
    {"a refresh needs neither the seed nor random bytes", a_refresh_needs_neither_the_seed_nor_random_bytes},
};

CHECK_MAIN("waves", cases)
