/* SPDX-License-Identifier: MIT */
/* The YooMoney plugin, with every recorded exchange, the browser's way back and each documented error. */
#include "tests/lib/drive.h"
#include <jeton/provider.h>
#include <stdio.h>
#include <string.h>

#define CODE     "0DF3343A8D9C7B005B1952D9B933DC56ACB7FED6D3F2590A6FD90EC6391050ED"
#define TOKEN    "410012345678901.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEF"
#define REDIRECT "https://client.example.com/cb?x=1"
#define SCOPE    "account-info operation-history payment.to-account(\"410011161616877\").limit(30,10)"
#define SECRET   "NH2FGEYIS57DXVO4CJ4APTQVWWH78JZ140EIMJ5YOLTG0TQV0OIM9WBN1DGRZ3LP"

#define THREE_YEARS_S     INT64_C(94608000)
#define SIX_MONTHS_S      INT64_C(15638400)
#define MOSCOW_2018_02_07 INT64_C(1517950800)

static struct drive *configured(void)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_setting(d, "client_id", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01");
    drive_setting(d, "redirect_uri", REDIRECT);
    drive_setting(d, "scope", SCOPE);
    return d;
}

static struct drive *with_secret(void)
{
    struct drive *d = configured();

    drive_setting(d, "client_secret", SECRET);
    return d;
}

static struct drive *with_code(void)
{
    struct drive *d = with_secret();

    drive_param(d, "code", CODE);
    return d;
}

static void exchanges_a_code_once(void)
{
    struct drive *d = with_code();

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_TRUE(drive_request(d)->once);
    CHECK_STR(drive_header(d, "Accept"), "application/json");
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "yoomoney.token.ok_with_secret"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.access_token, TOKEN);
    CHECK_STR(drive_result(d)->token.token_type, "Bearer");
    CHECK_STR(drive_result(d)->token.refresh_token, NULL);
    CHECK_STR(drive_result(d)->token.scope, NULL);
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + THREE_YEARS_S);
    drive_free(&d);
}

static void without_a_secret_the_field_is_left_out(void)
{
    struct drive *d = configured();

    drive_param(d, "code", CODE);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_STR(drive_form(d, "client_secret"), NULL);
    /* As recorded but for the empty `client_secret=` that is a slip of the SDK. */
    CHECK_STR(drive_request(d)->body.data,
              "code=" CODE "&client_id=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01"
              "&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb%3Fx%3D1");
    CHECK_INT(drive_respond(d, 200, NULL, drive_vector_text("yoomoney.token.ok_without_secret", "/response/body")),
              JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.access_token, TOKEN);
    drive_free(&d);
}

static void tokens_from_before_february_2018_live_six_months(void)
{
    struct drive *d = with_code();

    drive_clock(d, MOSCOW_2018_02_07 - 1);
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "yoomoney.token.ok_with_secret"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, MOSCOW_2018_02_07 - 1 + SIX_MONTHS_S);
    drive_clock(d, MOSCOW_2018_02_07);
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "yoomoney.token.ok_with_secret"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, MOSCOW_2018_02_07 + THREE_YEARS_S);
    drive_free(&d);
}

static void what_the_answer_says_wins_over_what_is_known(void)
{
    struct drive *d = with_code();

    drive_start(d, JT_ACQUIRE);
    CHECK_INT(drive_respond(d, 200, NULL,
                            "{\"access_token\":\"t\",\"token_type\":\"Other\",\"expires_in\":60,"
                            "\"scope\":\"account-info\"}"),
              JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.token_type, "Other");
    CHECK_STR(drive_result(d)->token.scope, "account-info");
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 60);
    drive_free(&d);
}

static void the_errors_of_the_exchange_say_what_to_do(void)
{
    static const struct {
        const char *vector, *code, *hint;
    } recorded[] = {
        {"yoomoney.token.invalid_grant", "invalid_grant", "jeton login"},
        {"yoomoney.token.invalid_request", "invalid_request", "redirect_uri"},
        {"yoomoney.token.unauthorized_client", "unauthorized_client", "client_secret"},
        {"yoomoney.token.error_with_200", "invalid_grant", "jeton login"},
    };

    for (size_t i = 0; i < JT_LEN(recorded); i++) {
        struct drive *d = with_code();

        drive_vector(d, JT_ACQUIRE, recorded[i].vector);
        CHECK_REFUSAL(d, JETON_REFUSED, recorded[i].code, NULL, recorded[i].hint);
        drive_free(&d);
    }
}

static void a_failing_exchange_means_starting_again(void)
{
    struct drive *d = with_code();

    drive_start(d, JT_ACQUIRE);
    CHECK_INT(drive_respond(d, 503, NULL, ""), JETON_STEP_FAIL);
    CHECK_REFUSAL(d, JETON_TRY_LATER, NULL, NULL, "start again with `jeton login`");
    CHECK_TRUE(drive_result(d)->sent_once);
    drive_start(d, JT_ACQUIRE);
    CHECK_INT(drive_respond(d, 200, NULL, "{}"), JETON_STEP_FAIL);
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, "start again with `jeton login`");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 200, "Content-Type: text/html\n", "<html>Sign in to this network</html>");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, "start again with `jeton login`");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 201, NULL, "{\"access_token\":\"t\"}");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, "start again with `jeton login`");
    drive_free(&d);
}

static void an_empty_code_is_not_sent(void)
{
    struct drive *d = with_secret();

    drive_param(d, "code", "");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    CHECK_REFUSAL(d, JETON_USAGE, NULL, NULL, NULL);
    drive_free(&d);
}

static void without_a_code_a_person_is_sent_to_the_recorded_page(void)
{
    struct drive *d = configured();
    const char *raw = drive_vector_text("yoomoney.authorizeUrl", "/request/query_raw");
    char url[1024];

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_BROWSE);
    (void)snprintf(url, sizeof(url), "https://yoomoney.ru/oauth/authorize?%s", raw != NULL ? raw : "");
    CHECK_STR(drive_query(d, "client_id"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01");
    CHECK_STR(drive_query(d, "response_type"), "code");
    CHECK_STR(drive_query(d, "redirect_uri"), REDIRECT);
    CHECK_STR(drive_query(d, "scope"), SCOPE);
    CHECK_STR(drive_query(d, "instance_name"), NULL);
    CHECK_STR(drive_query(d, "state"), NULL);
    CHECK_STR(drive_request(d)->url, url);
    CHECK_TRUE(drive_matches(d, "yoomoney.authorizeUrl"));

    /* The SDK's third way, an HTML form (yoomoney.authorizeForm), carries the same fields. */
    drive_setting(d, "instance_name", "device 1");
    raw = drive_vector_text("yoomoney.authorizeUrl.instance_name", "/request/query_raw");
    (void)snprintf(url, sizeof(url), "https://yoomoney.ru/oauth/authorize?%s", raw != NULL ? raw : "");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_BROWSE);
    CHECK_STR(drive_request(d)->url, url);
    drive_free(&d);
}

static void the_code_that_the_browser_brings_is_exchanged(void)
{
    struct drive *d = with_secret();

    drive_subject(d, "anna");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_BROWSE);
    CHECK_INT(drive_redirect(d, REDIRECT "&code=" CODE), JETON_STEP_SEND);
    CHECK_TRUE(drive_request(d)->once);
    CHECK_INT(drive_next(d, "yoomoney.token.ok_with_secret"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.access_token, TOKEN);
    CHECK_STR(drive_result(d)->token.scope, SCOPE);
    drive_free(&d);
}

static void the_errors_that_the_browser_brings_say_what_to_do(void)
{
    static const struct {
        const char *query, *code, *hint;
    } answers[] = {
        {"&error=access_denied", "access_denied", "declined"},
        {"&error=invalid_scope&error_description=no+such+right", "invalid_scope", "`scope`"},
        {"&error=invalid_request", "invalid_request", "redirect_uri"},
        {"&error=unauthorized_client", "unauthorized_client", "blocked"},
        {"&error=something_new", "something_new", "jeton login"},
    };

    for (size_t i = 0; i < JT_LEN(answers); i++) {
        struct drive *d = configured();
        char url[200];

        (void)snprintf(url, sizeof(url), "%s%s", REDIRECT, answers[i].query);
        drive_start(d, JT_ACQUIRE);
        drive_redirect(d, url);
        CHECK_REFUSAL(d, JETON_REFUSED, answers[i].code, NULL, answers[i].hint);
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), i == 1 ? "no such right" : answers[i].code);
        drive_free(&d);
    }
}

static void a_way_back_without_a_code_makes_no_sense(void)
{
    struct drive *d = configured();

    drive_start(d, JT_ACQUIRE);
    drive_redirect(d, REDIRECT);
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, "whole address");
    drive_start(d, JT_ACQUIRE);
    drive_redirect(d, REDIRECT "&code=");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, "whole address");
    drive_free(&d);
}

static void a_state_rides_on_redirect_uri_when_asked_for(void)
{
    struct drive *d = with_secret();
    char back[400];

    drive_setting(d, "redirect_state", "true");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_BROWSE);
    CHECK_CONTAINS(drive_query(d, "redirect_uri"), REDIRECT "&state=");
    (void)snprintf(back, sizeof(back), "%s&code=%s", drive_query(d, "redirect_uri"), CODE);
    CHECK_INT(drive_redirect(d, back), JETON_STEP_SEND);
    *strrchr(back, '&') = '\0';
    CHECK_STR(drive_form(d, "redirect_uri"), back);
    drive_free(&d);
}

static void a_foreign_state_is_refused_and_its_code_not_used(void)
{
    static const char *const foreign[] = {"&state=other&code=" CODE, "&code=" CODE, "&state=&code=" CODE};

    for (size_t i = 0; i < JT_LEN(foreign); i++) {
        struct drive *d = with_secret();
        char back[400];

        drive_setting(d, "redirect_state", "true");
        drive_start(d, JT_ACQUIRE);
        (void)snprintf(back, sizeof(back), "%s%s", REDIRECT, foreign[i]);
        drive_redirect(d, back);
        CHECK_REFUSAL(d, JETON_REFUSED, NULL, NULL, "jeton login");
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), "another state");
        drive_free(&d);
    }
}

static void a_login_without_a_scope_is_a_matter_of_configuration(void)
{
    struct drive *d = configured();

    drive_setting(d, "scope", NULL);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    CHECK_REFUSAL(d, JETON_CONFIG, NULL, NULL, "account-info");
    drive_param(d, "scope", "account-info");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_BROWSE);
    CHECK_STR(drive_query(d, "scope"), "account-info");
    drive_free(&d);
}

static void revokes_with_an_empty_body(void)
{
    struct drive *d = configured();

    drive_token(d, "access_token", TOKEN);
    CHECK_INT(drive_vector(d, JT_REVOKE, "yoomoney.revoke.ok"), JETON_STEP_DONE);
    CHECK_INT(drive_request(d)->body.len, 0);
    CHECK_TRUE(drive_request(d)->has_body);
    CHECK_STR(drive_header(d, "Content-Type"), "application/x-www-form-urlencoded");
    CHECK_STR(drive_header(d, "Accept"), "application/json");
    CHECK_STR(drive_result(d)->note, NULL);
    CHECK_INT(drive_vector(d, JT_REVOKE, "yoomoney.revoke.401"), JETON_STEP_DONE);
    CHECK_CONTAINS(drive_result(d)->note, "revoked before");
    drive_vector(d, JT_REVOKE, "yoomoney.revoke.400");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, NULL, "Authorization header");
    drive_start(d, JT_REVOKE);
    drive_respond(d, 200, "Content-Type: text/html\n", "<html>Sign in to this network</html>");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    drive_free(&d);
}

static void check_knows_which_rights_exclude_each_other(void)
{
    struct drive *d = configured();

    CHECK_STR(drive_check(d), "");
    drive_setting(d, "scope", "account-info payment-p2p payment.to-account(\"410011161616877\")");
    CHECK_CONTAINS(drive_check(d), "scope: ");
    CHECK_CONTAINS(drive_check(d), "payment-p2p and payment.to-account");
    drive_setting(d, "scope", "payment-shop payment.to-pattern(\"337\")");
    CHECK_CONTAINS(drive_check(d), "payment-shop and payment.to-pattern");
    drive_setting(d, "scope", "payment-shop payment-p2p");
    CHECK_STR(drive_check(d), "");
    drive_setting(d, "redirect_uri", "https://client.example.com/cb#here");
    CHECK_CONTAINS(drive_check(d), "redirect_uri: ");
    drive_free(&d);
}

static void a_person_or_a_code_is_always_needed(void)
{
    const struct jeton_provider *provider = jeton_provider_v1(&jt_host);

    CHECK_INT(provider->capabilities & JETON_CAP_UNATTENDED, 0);
    CHECK_TRUE(provider->refresh == NULL);
    CHECK_STR(provider->parameters[0].name, "code");
    CHECK_INT(provider->parameters[0].flags, JETON_SECRET | JETON_ONE_TIME);
}

static const struct check_case cases[] = {
    {"exchanges a code, once", exchanges_a_code_once},
    {"without a secret the field is left out", without_a_secret_the_field_is_left_out},
    {"tokens from before February 2018 live six months", tokens_from_before_february_2018_live_six_months},
    {"what the answer says wins over what is known", what_the_answer_says_wins_over_what_is_known},
    {"the errors of the exchange say what to do (RFC 6749 5.2)", the_errors_of_the_exchange_say_what_to_do},
    {"a failing exchange means starting again", a_failing_exchange_means_starting_again},
    {"an empty code is not sent", an_empty_code_is_not_sent},
    {"without a code a person is sent to the recorded page", without_a_code_a_person_is_sent_to_the_recorded_page},
    {"the code that the browser brings is exchanged", the_code_that_the_browser_brings_is_exchanged},
    {"the errors that the browser brings say what to do (RFC 6749 4.1.2.1)",
     the_errors_that_the_browser_brings_say_what_to_do},
    {"a way back without a code makes no sense", a_way_back_without_a_code_makes_no_sense},
    {"a state rides on redirect_uri when asked for", a_state_rides_on_redirect_uri_when_asked_for},
    {"a foreign state is refused and its code not used (RFC 6749 10.12)",
     a_foreign_state_is_refused_and_its_code_not_used},
    {"a login without a scope is a matter of configuration", a_login_without_a_scope_is_a_matter_of_configuration},
    {"revokes with an empty body", revokes_with_an_empty_body},
    {"check knows which rights exclude each other", check_knows_which_rights_exclude_each_other},
    {"a person or a code is always needed", a_person_or_a_code_is_always_needed},
};

CHECK_MAIN("yoomoney", cases)
