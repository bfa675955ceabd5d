/* SPDX-License-Identifier: MIT */
/* What a caller may ask of a get: a longer life, less time, names and arguments that make no sense; and what becomes of
 * work whose caller has left. The provider is a script. */
#include "tests/lib/fake_net.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void a_caller_that_needs_a_longer_life_gets_a_new_token(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 1800, 3600);
    fake_get_min_ttl(fake, 1700, "old");
    CHECK_INT(fake_sent(fake), 0);
    fake_get_min_ttl(fake, 1900, "token-1");
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void a_min_ttl_over_the_lifetime_is_refused_and_costs_one_request_at_most(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct jeton_request request = {.struct_size = sizeof(request), .min_ttl_s = 3601};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    for (int i = 0; i < 20; i++)
        CHECK_FAILS(fake_get(fake, &request, &token, &error), JETON_REFUSED, "live for 3600", &error);
    request.min_ttl_s = INT64_MAX;
    CHECK_FAILS(fake_get(fake, &request, &token, &error), JETON_REFUSED, "live for 3600", &error);
    CHECK_INT(fake_sent(fake), 1);
    CHECK_TRUE(token == NULL);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static void an_expired_token_says_nothing_about_the_next_ones_life(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "old", NULL, 1000, 900);
    fake_get_min_ttl(fake, 1800, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void impossible_requests_are_a_mistake_of_the_caller(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    struct jeton_request request = {.struct_size = sizeof(request), .min_ttl_s = -1};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(fake_get(fake, &request, &token, &error), JETON_USAGE, "cannot be negative", &error);
    request = (struct jeton_request){.struct_size = sizeof(request), .timeout_ms = -1};
    CHECK_FAILS(fake_get(fake, &request, &token, &error), JETON_USAGE, "cannot be negative", &error);
    request = (struct jeton_request){.struct_size = 3};
    CHECK_FAILS(fake_get(fake, &request, &token, &error), JETON_USAGE, "sizeof(struct jeton_request)", &error);
    request = (struct jeton_request){.struct_size = sizeof(request), .params_len = 3};
    CHECK_FAILS(jeton_acquire(fake->ctx, FAKE_NAME, &request, &token, &error), JETON_USAGE, "params is NULL", &error);
    CHECK_INT(fake_sent(fake), 0);
}

static void the_longest_timeout_is_no_timeout(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request request = {.struct_size = sizeof(request), .timeout_ms = INT64_MAX};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.delay_ms = 20});
    CHECK_OK(fake_get(fake, &request, &token, &error), &error);
    CHECK_STR(jeton_token_access_token(token), "token-1");
    jeton_token_free(&token);
}

static void too_long_a_scope_is_a_mistake_of_the_caller(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    static char scope[JT_SETTING_MAX + 2];
    const struct jeton_request request = {.struct_size = sizeof(request), .scope = scope};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    memset(scope, 'x', sizeof(scope) - 1);
    CHECK_FAILS(fake_get(fake, &request, &token, &error), JETON_USAGE, "at most 65472", &error);
    CHECK_INT(fake_sent(fake), 0);
}

static void a_name_that_hides_a_scope_is_no_name(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request request = {.struct_size = sizeof(request), .scope = "a"};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    for (int i = 0; i < 3; i++) {
        CHECK_OK(fake_get(fake, &request, &token, &error), &error);
        jeton_token_free(&token);
    }
    fake_get_fails(fake, FAKE_NAME "\nscope=a", JETON_USAGE, "control characters");
}

static void a_get_takes_no_parameters(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_param param = {"code", "x"};
    const struct jeton_request request = {.struct_size = sizeof(request), .params = &param, .params_len = 1};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_INT(fake_get(fake, &request, &token, &error), JETON_USAGE);
    CHECK_STR(jeton_error_name(error), FAKE_NAME);
    CHECK_CONTAINS(jeton_error_message(error), "a get takes no parameters");
    jeton_error_free(&error);
    CHECK_INT(fake_sent(fake), 0);
}

static void an_unknown_account_names_the_known_ones(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_INT(jeton_get(fake->ctx, "fake/mian", NULL, &token, &error), JETON_USAGE);
    CHECK_STR(jeton_error_name(error), "fake/mian");
    CHECK_CONTAINS(jeton_error_message(error), "main");
    CHECK_CONTAINS(jeton_error_message(error), "other");
    jeton_error_free(&error);
    fake_get_fails(fake, "fax/main", JETON_USAGE, "fake");
    fake_get_fails(fake, "no name", JETON_USAGE, "is not a token name");
    CHECK_INT(fake_sent(fake), 0);
}

static void a_caller_that_leaves_does_not_take_the_renewal_with_it(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 50};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.hold = true});
    CHECK_INT(fake_get(fake, &hasty, &token, &error), JETON_TRY_LATER);
    CHECK_STR(jeton_error_name(error), FAKE_NAME);
    jeton_error_free(&error);
    fake_let_go(fake);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static void closing_waits_for_the_renewal_and_keeps_its_token(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.delay_ms = 200});
    CHECK_FAILS(fake_get(fake, &hasty, &token, &error), JETON_TRY_LATER, "within the caller's time", &error);
    jeton_close(&fake->ctx);
    fake->ctx = fake_open(fake);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(fake_sent(fake), 1);
}

static int count_question(void *data, const struct jeton_question *question, char *answer, size_t answer_size)
{
    (void)question;
    ++*(int *)data;
    (void)snprintf(answer, answer_size, "yes");
    return JETON_OK;
}

static void a_person_is_not_asked_by_work_whose_caller_may_have_left(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    int asked = 0;
    const struct jeton_conversation person = {.struct_size = sizeof(person), .data = &asked, .ask = count_question};
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20, .conversation = &person};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    fake_push(fake, (struct fake_outcome){.hold = true, .ask = true});
    CHECK_FAILS(fake_get(fake, &hasty, &token, &error), JETON_TRY_LATER, "within the caller's time", &error);
    fake_let_go(fake);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_INT(asked, 0);
    /* Whom the caller waits for may be asked. */
    fake_push(fake, (struct fake_outcome){.ask = true});
    CHECK_OK(jeton_acquire(fake->ctx, FAKE_NAME, &hasty, &token, &error), &error);
    CHECK_INT(asked, 1);
    jeton_token_free(&token);
}

static volatile sig_atomic_t signals_taken;

static void take_signal(int number)
{
    (void)number;
    signals_taken++;
}

/* A signal to the process goes to any thread that does not block it. */
static void the_signals_of_a_service_are_taken_by_its_own_threads(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const struct jeton_request hasty = {.struct_size = sizeof(hasty), .timeout_ms = 20};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    sigset_t usr1;

    CHECK_TRUE(signal(SIGUSR1, take_signal) != SIG_ERR);
    fake_push(fake, (struct fake_outcome){.hold = true});
    CHECK_FAILS(fake_get(fake, &hasty, &token, &error), JETON_TRY_LATER, "within the caller's time", &error);
    fake_wait_for_held(fake, 1);
    (void)sigemptyset(&usr1);
    (void)sigaddset(&usr1, SIGUSR1);
    CHECK_INT(pthread_sigmask(SIG_BLOCK, &usr1, NULL), 0);
    CHECK_INT(kill(getpid(), SIGUSR1), 0);
    (void)usleep(100000);
    CHECK_INT(signals_taken, 0);
    CHECK_INT(pthread_sigmask(SIG_UNBLOCK, &usr1, NULL), 0);
    CHECK_INT(signals_taken, 1);
    fake_let_go(fake);
    fake_get_ok(fake, FAKE_NAME, "token-1");
}

static const struct check_case cases[] = {
    {"a caller that needs a longer life gets a new token", a_caller_that_needs_a_longer_life_gets_a_new_token},
    {"a min_ttl over the lifetime is refused and costs one request at most",
     a_min_ttl_over_the_lifetime_is_refused_and_costs_one_request_at_most},
    {"an expired token says nothing about the next one's life", an_expired_token_says_nothing_about_the_next_ones_life},
    {"impossible requests are a mistake of the caller", impossible_requests_are_a_mistake_of_the_caller},
    {"the longest timeout is no timeout", the_longest_timeout_is_no_timeout},
    {"too long a scope is a mistake of the caller", too_long_a_scope_is_a_mistake_of_the_caller},
    {"a name that hides a scope is no name", a_name_that_hides_a_scope_is_no_name},
    {"a get takes no parameters", a_get_takes_no_parameters},
    {"an unknown account names the known ones", an_unknown_account_names_the_known_ones},
    {"a caller that leaves does not take the renewal with it", a_caller_that_leaves_does_not_take_the_renewal_with_it},
    {"closing waits for the renewal and keeps its token", closing_waits_for_the_renewal_and_keeps_its_token},
    {"a person is not asked by work whose caller may have left",
     a_person_is_not_asked_by_work_whose_caller_may_have_left},
    {"the signals of a service are taken by its own threads", the_signals_of_a_service_are_taken_by_its_own_threads},
};

CHECK_MAIN("broker_calls", cases)
