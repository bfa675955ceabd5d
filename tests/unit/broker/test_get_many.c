/* SPDX-License-Identifier: MIT */
/* Proves what a get of many names promises. It never asks how fast it is. */
#include "tests/lib/fake_net.h"
#include <stdio.h>
#include <string.h>

#define MANY 300

struct answer {
    jeton_token *tokens[MANY];
    jeton_error *errors[MANY];
    int status;
};

static struct answer get(struct fake *fake, const char *const *names, size_t count)
{
    struct answer answer = {.status = -1};

    answer.status = jeton_get_many(fake->ctx, names, count, NULL, answer.tokens, answer.errors);
    return answer;
}

static void answer_free(struct answer *answer)
{
    for (size_t i = 0; i < MANY; i++) {
        jeton_token_free(&answer->tokens[i]);
        jeton_error_free(&answer->errors[i]);
    }
}

static void each_name_gets_its_own_token(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    static char texts[MANY][32];
    const char *names[MANY];
    struct answer answer;

    for (int i = 0; i < MANY; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "fake/main/%d", i);
        names[i] = texts[i];
    }
    answer = get(fake, names, MANY);
    CHECK_INT(answer.status, JETON_OK);
    CHECK_INT(fake_sent(fake), MANY);
    for (int i = 0; i < MANY; i++) {
        struct jt_entry row = fake_row(fake, names[i], "");

        CHECK_STR(jeton_token_access_token(answer.tokens[i]), row.token.access_token);
        jt_entry_done(&row);
    }
    answer_free(&answer);
    answer = get(fake, names, MANY);
    CHECK_INT(answer.status, JETON_OK);
    CHECK_INT(fake_sent(fake), 0);
    answer_free(&answer);
}

static void one_failure_leaves_the_others_alone(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const char *const names[] = {"fake/main", "fake/nobody", "fake/other", NULL};
    struct answer answer;

    fake_push(fake, (struct fake_outcome){
                        .kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client", .http_status = 401});
    answer = get(fake, names, 4);
    CHECK_INT(answer.status, JETON_REFUSED);
    CHECK_STR(jeton_error_code(answer.errors[0]), "invalid_client");
    CHECK_STR(jeton_error_name(answer.errors[0]), "fake/main");
    CHECK_INT(jeton_error_status(answer.errors[1]), JETON_USAGE);
    CHECK_TRUE(answer.tokens[2] != NULL && answer.errors[2] == NULL);
    CHECK_INT(jeton_error_status(answer.errors[3]), JETON_USAGE);
    CHECK_INT(fake_sent(fake), 2);
    answer_free(&answer);
    answer = get(fake, names, 1); /* remembered */
    CHECK_INT(answer.status, JETON_REFUSED);
    CHECK_INT(fake_sent(fake), 0);
    answer_free(&answer);
}

static void a_name_that_repeats_is_fetched_once(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const char *const names[] = {"fake/main", "fake/main", "fake/main"};
    struct answer answer = get(fake, names, 3);

    CHECK_INT(answer.status, JETON_OK);
    CHECK_INT(fake_sent(fake), 1);
    for (int i = 1; i < 3; i++)
        CHECK_STR(jeton_token_access_token(answer.tokens[i]), jeton_token_access_token(answer.tokens[0]));
    answer_free(&answer);
}

static void a_dead_refresh_token_is_replaced(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const char *const names[] = {"fake/main"};
    struct answer answer;

    fake_put_token(fake, FAKE_NAME, "", "old", "dead", 4000, 3600);
    fake_push(fake, (struct fake_outcome){
                        .kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_grant", .http_status = 400});
    answer = get(fake, names, 1);
    CHECK_INT(answer.status, JETON_OK);
    CHECK_INT(fake->sent_of[JT_REFRESH], 1);
    CHECK_INT(fake->sent_of[JT_ACQUIRE], 1);
    answer_free(&answer);
}

static void what_it_does_not_take_is_said(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const char *const names[] = {"fake/main"};
    struct jeton_request request = {.struct_size = sizeof(request), .timeout_ms = 5};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_get_many(fake->ctx, names, 1, &request, &token, &error), JETON_USAGE, "timeout", &error);
    CHECK_TRUE(token == NULL);
    CHECK_INT(jeton_get_many(fake->ctx, names, 0, NULL, NULL, NULL), JETON_OK);
}

static void a_token_that_is_over_already_is_asked_for_once(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    const char *const names[] = {"fake/main", "fake/other"};
    struct answer answer;

    fake_push(fake, (struct fake_outcome){.lifetime_s = -5});
    answer = get(fake, names, 2);
    CHECK_INT(answer.status, JETON_BAD_ANSWER);
    CHECK_CONTAINS(jeton_error_message(answer.errors[0]), "over already");
    CHECK_TRUE(answer.tokens[1] != NULL);
    CHECK_INT(fake_sent(fake), 2);
    answer_free(&answer);
    answer = get(fake, names, 1); /* remembered */
    CHECK_INT(answer.status, JETON_BAD_ANSWER);
    CHECK_INT(fake_sent(fake), 0);
    answer_free(&answer);
}

/* Six names in their first window, at a provider that takes a second for each: five would be more than the wait. */
static void a_slow_provider_does_not_add_up_over_valid_tokens(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    static char texts[6][32];
    const char *names[JT_LEN(texts)];
    int64_t started_ms;
    struct answer answer;

    for (size_t i = 0; i < JT_LEN(texts); i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "fake/main/%zu", i);
        names[i] = texts[i];
        fake_put_token(fake, texts[i], "", "old", NULL, 3000, 3600);
        fake_push(fake, (struct fake_outcome){.delay_ms = 1000});
    }
    started_ms = jt_boot_ms();
    answer = get(fake, names, JT_LEN(texts));
    CHECK_INT(answer.status, JETON_OK);
    CHECK_TRUE(jt_boot_ms() - started_ms < 5500);
    CHECK_STR(jeton_token_access_token(answer.tokens[0]), "token-1");
    CHECK_STR(jeton_token_access_token(answer.tokens[JT_LEN(texts) - 1]), "old");
    answer_free(&answer);
}

static const struct check_case cases[] = {
    {"each name gets its own token, and nobody is asked again", each_name_gets_its_own_token},
    {"one failure leaves the others alone", one_failure_leaves_the_others_alone},
    {"a name that repeats is fetched once", a_name_that_repeats_is_fetched_once},
    {"RFC 6749 5.2: a dead refresh token is replaced where nobody is needed", a_dead_refresh_token_is_replaced},
    {"a token that is over already is asked for once", a_token_that_is_over_already_is_asked_for_once},
    {"a slow provider's delays do not add up over tokens that are valid",
     a_slow_provider_does_not_add_up_over_valid_tokens},
    {"what it does not take is said", what_it_does_not_take_is_said},
};

CHECK_MAIN("many", cases)
