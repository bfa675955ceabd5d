/* SPDX-License-Identifier: MIT */
/* The Voucherify plugin, with every recorded exchange and each documented error. */
#include "tests/lib/drive.h"
#include <jeton/provider.h>
#include <string.h>

#define TOKEN      "1ABCde2FGHijKl3m4NO5pqR6STUv7wxYzAbc8dE90FgH1IJkLm"
#define EXPIRES_AT INT64_C(1738945086) /* in every recorded answer */

static struct drive *configured(void)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_setting(d, "app_id", "8a824b12-0530-4ef4-9479-d9e9b9930176");
    drive_setting(d, "app_token", "9e322bac-8297-49f7-94c8-07946724bcbc");
    return d;
}

static struct drive *with_token(const char *token)
{
    struct drive *d = configured();

    drive_token(d, "access_token", token);
    return d;
}

static void acquires_a_token_for_a_scope(void)
{
    struct drive *d = configured();
    const struct jt_flow_result *result;

    drive_clock(d, EXPIRES_AT - 900);
    drive_setting(d, "scope", "api");
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "voucherify.generate.ok"), JETON_STEP_DONE);
    CHECK_STR(drive_header(d, "Accept"), "application/json");
    result = drive_result(d);
    CHECK_STR(result->token.access_token, TOKEN);
    CHECK_STR(result->token.token_type, "Bearer");
    CHECK_STR(result->token.scope, "api");
    CHECK_INT(result->token.expires_at, EXPIRES_AT);
    CHECK_STR(drive_extra_text(d, "/client_id"), "a1Bcdefg2HI3Jkl4m5nOP");
    CHECK_STR(result->note, NULL);
    drive_free(&d);
}

static void sends_several_scopes_separated_by_spaces(void)
{
    struct drive *d = configured();

    drive_clock(d, EXPIRES_AT - 900);
    drive_setting(d, "scope", "qualifications validations redemptions");
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "voucherify.generate.multi_scope"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.scope, "qualifications validations redemptions");
    drive_free(&d);
}

static void a_scope_of_the_call_replaces_the_account_s(void)
{
    struct drive *d = configured();

    drive_setting(d, "scope", "api");
    drive_param(d, "scope", "qualifications validations redemptions");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_TRUE(drive_matches(d, "voucherify.generate.multi_scope"));
    drive_free(&d);
}

static void grant_type_and_scope_are_sent_even_when_nothing_is_configured(void)
{
    struct drive *d = configured();

    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_TRUE(drive_matches(d, "voucherify.generate.ok"));
    /* What the SDK without arguments is told. */
    drive_respond(d, 400, NULL, drive_vector_text("voucherify.generate.no_args", "/response/body"));
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_grant_type", "Invalid grant_type", NULL);
    drive_free(&d);
}

static void a_comma_in_the_scope_of_a_call_is_refused_before_sending(void)
{
    struct drive *d = configured();

    drive_param(d, "scope", drive_vector_text("voucherify.generate.invalid_scope", "/inputs/scope"));
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_USAGE);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "400 invalid_scope");
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "spaces");
    drive_free(&d);
}

static void check_finds_a_comma_in_the_scope(void)
{
    struct drive *d = configured();

    CHECK_STR(drive_check(d), "");
    drive_setting(d, "scope", "vouchers campaigns");
    CHECK_STR(drive_check(d), "");
    drive_setting(d, "scope", "vouchers,campaigns");
    CHECK_CONTAINS(drive_check(d), "scope: ");
    CHECK_CONTAINS(drive_check(d), "400 invalid_scope");
    drive_free(&d);
}

static void an_empty_scope_is_refused_before_sending(void)
{
    struct drive *d = configured();

    drive_setting(d, "scope", "");
    CHECK_CONTAINS(drive_check(d), "scope: it is empty");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_USAGE);
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "api");
    drive_free(&d);
}

static void a_scope_that_voucherify_refuses_is_explained(void)
{
    struct drive *d = configured();

    drive_setting(d, "scope", "voucher");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    drive_respond(d, 400, NULL, drive_vector_text("voucherify.generate.invalid_scope", "/response/body"));
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_scope", "Invalid scope: vouchers,campaigns", "`scope`");
    drive_free(&d);
}

static void expires_in_wins_over_expires_at_and_a_wrong_clock_is_noted(void)
{
    struct drive *d = configured();

    drive_clock(d, EXPIRES_AT - 900 - 3600);
    drive_setting(d, "scope", "api");
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "voucherify.generate.ok"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, EXPIRES_AT - 3600);
    CHECK_CONTAINS(drive_result(d)->note, " 3600 seconds");
    drive_clock(d, EXPIRES_AT - 900 + 3600);
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "voucherify.generate.ok"), JETON_STEP_DONE);
    CHECK_CONTAINS(drive_result(d)->note, " 3600 seconds");
    drive_clock(d, EXPIRES_AT - 900 + 60);
    CHECK_INT(drive_vector(d, JT_ACQUIRE, "voucherify.generate.ok"), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->note, NULL);
    drive_free(&d);
}

static void expires_at_alone_is_enough(void)
{
    struct drive *d = configured();

    drive_start(d, JT_ACQUIRE);
    CHECK_INT(drive_respond(d, 200, NULL,
                            "{\"access_token\":\"t\",\"token_type\":\"Bearer\","
                            "\"expires_at\":1738945086}"),
              JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, EXPIRES_AT);
    drive_free(&d);
}

static void an_absurd_expires_at_changes_nothing(void)
{
    struct drive *d = configured();

    drive_start(d, JT_ACQUIRE);
    CHECK_INT(drive_respond(d, 200, NULL,
                            "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":900,"
                            "\"expires_at\":-9223372036854775807}"),
              JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 900);
    drive_free(&d);
}

static void wrong_credentials_are_explained_with_voucherify_s_details_and_request_id(void)
{
    struct drive *d = configured();

    drive_setting(d, "scope", "api");
    drive_vector(d, JT_ACQUIRE, "voucherify.generate.401");
    CHECK_REFUSAL(d, JETON_REFUSED, "unauthorized", "Unauthorized", "app_id and app_token");
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "deleted or blocked");
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "Make sure you provided correct application id");
    CHECK_CONTAINS(jeton_error_hint(drive_error(d)), "v-0a885062c80375740f");
    CHECK_INT(jeton_error_http_status(drive_error(d)), 401);
    drive_free(&d);
}

static void too_many_requests_mean_try_later(void)
{
    struct drive *d = configured();

    drive_setting(d, "scope", "api");
    drive_vector(d, JT_ACQUIRE, "voucherify.generate.429");
    CHECK_REFUSAL(d, JETON_TRY_LATER, NULL, "Too many requests hit the API too quickly.", "this minute");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    drive_respond(d, 429, "Retry-After: 17\n", "{\"code\":429}");
    CHECK_INT(jeton_error_retry_after(drive_error(d)), 17);
    drive_free(&d);
}

static void an_error_nested_under_error_is_read_too(void)
{
    struct drive *d = configured();

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 400, NULL, "{\"code\":400,\"key\":\"invalid_payload\",\"error\":{\"message\":\"no such thing\"}}");
    CHECK_REFUSAL(d, JETON_REFUSED, "invalid_payload", "no such thing", NULL);
    drive_free(&d);
}

static void only_200_brings_a_token(void)
{
    struct drive *d = configured();

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 201, NULL, "{\"access_token\":\"t-201\",\"token_type\":\"Bearer\",\"expires_in\":900}");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    CHECK_TRUE(strstr(jeton_error_message(drive_error(d)), "t-201") == NULL);
    drive_free(&d);
}

static void a_missing_permission_is_explained(void)
{
    struct drive *d = configured();

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 403, NULL, "{\"code\":403,\"key\":\"forbidden\",\"message\":\"Forbidden\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, "forbidden", "Forbidden", "permissions");
    drive_free(&d);
}

static void no_person_is_ever_needed(void)
{
    CHECK_TRUE((jeton_provider_v1(&jt_host)->capabilities & JETON_CAP_UNATTENDED) != 0);
}

static void a_page_instead_of_json_points_to_base_url(void)
{
    struct drive *d = configured();

    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 404, "Content-Type: text/html\n", "<html>Not Found</html>");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, NULL, "base_url");
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 200, "Content-Type: text/html\n", "<html>Welcome</html>");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    drive_start(d, JT_ACQUIRE);
    drive_respond(d, 503, NULL, "");
    CHECK_REFUSAL(d, JETON_TRY_LATER, NULL, NULL, NULL);
    drive_free(&d);
}

static void introspection_gives_exp_and_not_the_token(void)
{
    struct drive *d = with_token(TOKEN);

    CHECK_INT(drive_vector(d, JT_INTROSPECT, "voucherify.introspect.active"), JETON_STEP_DONE);
    CHECK_STR(drive_header(d, "Accept"), "application/json");
    CHECK_INT(drive_result(d)->active, 1);
    CHECK_STR(drive_answer_text(d, "/active"), "true");
    CHECK_STR(drive_answer_text(d, "/exp"), "1738945086");
    CHECK_STR(drive_answer_text(d, "/scope"), "api");
    CHECK_STR(drive_answer_text(d, "/client_id"), "a1Bcdefg2HI3Jkl4m5nOP");
    CHECK_STR(drive_answer_text(d, "/token_type"), "Bearer");
    CHECK_STR(drive_answer_text(d, "/extra/expires_in"), "555");
    CHECK_TRUE(strstr(drive_result(d)->answer, TOKEN) == NULL);
    drive_free(&d);
}

static void an_unknown_token_is_inactive_and_that_is_an_answer(void)
{
    struct drive *d = with_token("nonexistent");

    CHECK_INT(drive_vector(d, JT_INTROSPECT, "voucherify.introspect.inactive"), JETON_STEP_DONE);
    CHECK_INT(drive_result(d)->active, 0);
    CHECK_STR(drive_answer_text(d, "/active"), "false");
    drive_free(&d);
}

static void an_introspection_without_active_makes_no_sense(void)
{
    struct drive *d = with_token(TOKEN);

    drive_start(d, JT_INTROSPECT);
    drive_respond(d, 200, NULL, "{\"scope\":\"api\"}");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    drive_start(d, JT_INTROSPECT);
    drive_respond(d, 200, NULL, "{\"active\":1}");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    drive_start(d, JT_INTROSPECT);
    drive_respond(d, 400, NULL, drive_vector_text("voucherify.introspect.missing", "/response/body"));
    CHECK_REFUSAL(d, JETON_REFUSED, "missing_parameters", "Missing parameters", NULL);
    drive_start(d, JT_INTROSPECT);
    drive_respond(d, 401, NULL, "{\"key\":\"unauthorized\",\"active\":false}");
    CHECK_REFUSAL(d, JETON_REFUSED, "unauthorized", NULL, "app_token");
    drive_free(&d);
}

static void revokes_with_204(void)
{
    struct drive *d = with_token(TOKEN);

    CHECK_INT(drive_vector(d, JT_REVOKE, "voucherify.revoke.ok"), JETON_STEP_DONE);
    CHECK_STR(drive_header(d, "Accept"), NULL);
    CHECK_STR(drive_result(d)->note, NULL);
    drive_free(&d);
}

static void revoking_an_unknown_token_is_done_with_a_note(void)
{
    struct drive *d = with_token("nonexistent");

    CHECK_INT(drive_vector(d, JT_REVOKE, "voucherify.revoke.404"), JETON_STEP_DONE);
    CHECK_CONTAINS(drive_result(d)->note, "nothing to revoke");
    drive_free(&d);
}

static void a_revocation_that_something_else_answered_is_not_done(void)
{
    struct drive *d = with_token(TOKEN);

    drive_start(d, JT_REVOKE);
    drive_respond(d, 404, "Content-Type: text/html\n", "<html>no such page</html>");
    CHECK_REFUSAL(d, JETON_REFUSED, NULL, NULL, "base_url");
    drive_start(d, JT_REVOKE);
    drive_respond(d, 200, "Content-Type: text/html\n", "<html>Sign in to this network</html>");
    CHECK_REFUSAL(d, JETON_BAD_ANSWER, NULL, NULL, NULL);
    drive_start(d, JT_REVOKE);
    drive_respond(d, 401, NULL, "{\"code\":401,\"key\":\"unauthorized\",\"message\":\"Unauthorized\"}");
    CHECK_REFUSAL(d, JETON_REFUSED, "unauthorized", "Unauthorized", "app_token");
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"acquires a token for a scope", acquires_a_token_for_a_scope},
    {"sends several scopes separated by spaces (RFC 6749 3.3)", sends_several_scopes_separated_by_spaces},
    {"a scope of the call replaces the account's", a_scope_of_the_call_replaces_the_account_s},
    {"grant_type and scope are sent even when nothing is configured",
     grant_type_and_scope_are_sent_even_when_nothing_is_configured},
    {"a comma in the scope of a call is refused before sending",
     a_comma_in_the_scope_of_a_call_is_refused_before_sending},
    {"check finds a comma in the scope", check_finds_a_comma_in_the_scope},
    {"an empty scope is refused before sending", an_empty_scope_is_refused_before_sending},
    {"a scope that Voucherify refuses is explained", a_scope_that_voucherify_refuses_is_explained},
    {"expires_in wins over expires_at, and a wrong clock is noted",
     expires_in_wins_over_expires_at_and_a_wrong_clock_is_noted},
    {"expires_at alone is enough", expires_at_alone_is_enough},
    {"an absurd expires_at changes nothing", an_absurd_expires_at_changes_nothing},
    {"wrong credentials are explained with Voucherify's details and request id",
     wrong_credentials_are_explained_with_voucherify_s_details_and_request_id},
    {"too many requests mean try later", too_many_requests_mean_try_later},
    {"an error nested under `error` is read too", an_error_nested_under_error_is_read_too},
    {"only 200 brings a token", only_200_brings_a_token},
    {"a missing permission is explained", a_missing_permission_is_explained},
    {"no person is ever needed", no_person_is_ever_needed},
    {"a page instead of JSON points to base_url", a_page_instead_of_json_points_to_base_url},
    {"introspection gives exp and not the token (RFC 7662 2.2)", introspection_gives_exp_and_not_the_token},
    {"an unknown token is inactive, and that is an answer", an_unknown_token_is_inactive_and_that_is_an_answer},
    {"an introspection without `active` makes no sense", an_introspection_without_active_makes_no_sense},
    {"revokes with 204", revokes_with_204},
    {"revoking an unknown token is done with a note", revoking_an_unknown_token_is_done_with_a_note},
    {"a revocation that something else answered is not done", a_revocation_that_something_else_answered_is_not_done},
};

CHECK_MAIN("voucherify", cases)
