/* SPDX-License-Identifier: MIT */
/* Error objects: what they carry, what happens without a place to put them, and that a copy is whole. */
#include "tests/lib/check.h"
#include "base/base.h"
#include <string.h>

static void an_error_carries_status_and_sentence(void)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    CHECK_INT(jt_error_set(&error, JETON_REFUSED, "%s: no (%d)", "line/bot", 7), JETON_REFUSED);
    CHECK_INT(jeton_error_status(error), JETON_REFUSED);
    CHECK_STR(jeton_error_message(error), "line/bot: no (7)");
}

static void what_was_not_said_is_absent(void)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    (void)jt_error_set(&error, JETON_USAGE, "x");
    CHECK_STR(jeton_error_name(error), NULL);
    CHECK_STR(jeton_error_code(error), NULL);
    CHECK_STR(jeton_error_description(error), NULL);
    CHECK_STR(jeton_error_hint(error), NULL);
    CHECK_INT(jeton_error_http_status(error), 0);
    CHECK_INT(jeton_error_retry_after(error), -1);
}

static void the_providers_words_name_and_hint_are_kept(void)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    (void)jt_error_set(&error, JETON_TRY_LATER, "x");
    jt_error_set_name(&error, "line/bot");
    jt_error_set_provider(&error, "slow_down", "wait a bit", 429, 7);
    jt_error_set_hint(&error, "run: %s", "jeton check");
    CHECK_STR(jeton_error_name(error), "line/bot");
    CHECK_STR(jeton_error_code(error), "slow_down");
    CHECK_STR(jeton_error_description(error), "wait a bit");
    CHECK_INT(jeton_error_http_status(error), 429);
    CHECK_INT(jeton_error_retry_after(error), 7);
    CHECK_STR(jeton_error_hint(error), "run: jeton check");
}

static void a_second_word_replaces_the_first(void)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    (void)jt_error_set(&error, JETON_USAGE, "x");
    jt_error_set_name(&error, "a/b");
    jt_error_set_name(&error, "c/d");
    jt_error_set_hint(&error, "first");
    jt_error_set_hint(&error, "second");
    CHECK_STR(jeton_error_name(error), "c/d");
    CHECK_STR(jeton_error_hint(error), "second");
}

static void a_prefix_says_where(void)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    (void)jt_error_set(&error, JETON_CONFIG, "100%% wrong");
    jt_error_prefix(&error, "%s:%d", "line.conf", 3);
    jt_error_prefix(&error, "check");
    CHECK_STR(jeton_error_message(error), "check: line.conf:3: 100% wrong");
    CHECK_INT(jeton_error_status(error), JETON_CONFIG);
}

static void a_copy_has_everything_and_outlives_the_original(void)
{
    jeton_error *error = NULL;
    JT_AUTO_ERROR jeton_error *copy = NULL;

    (void)jt_error_set(&error, JETON_REFUSED, "a %s b", "%d");
    jt_error_set_name(&error, "n/a");
    jt_error_set_provider(&error, "c", "d", 400, 5);
    jt_error_set_hint(&error, "50%% off");
    copy = jt_error_copy(error);
    jeton_error_free(&error);
    CHECK_TRUE(error == NULL);
    CHECK_INT(jeton_error_status(copy), JETON_REFUSED);
    CHECK_STR(jeton_error_message(copy), "a %d b");
    CHECK_STR(jeton_error_name(copy), "n/a");
    CHECK_STR(jeton_error_code(copy), "c");
    CHECK_STR(jeton_error_description(copy), "d");
    CHECK_INT(jeton_error_http_status(copy), 400);
    CHECK_INT(jeton_error_retry_after(copy), 5);
    CHECK_STR(jeton_error_hint(copy), "50% off");
    CHECK_TRUE(jt_error_copy(NULL) == NULL);
}

static void nobody_needs_to_take_an_error(void)
{
    jeton_error *nothing = NULL;

    CHECK_INT(jt_error_set(NULL, JETON_CONFIG, "x"), JETON_CONFIG);
    CHECK_INT(jt_error_no_memory(NULL), JETON_TRY_LATER);
    jt_error_set_name(NULL, "x");
    jt_error_set_hint(NULL, "x");
    jt_error_set_provider(NULL, "x", "y", 1, 1);
    jt_error_prefix(NULL, "x");
    jt_error_set_name(&nothing, "x");
    jt_error_prefix(&nothing, "x");
    jeton_error_free(NULL);
    jeton_error_free(&nothing);
    CHECK_TRUE(nothing == NULL);
}

static void the_error_for_no_memory_is_never_changed_or_freed(void)
{
    jeton_error *first = NULL, *second = NULL;
    JT_AUTO_ERROR jeton_error *copy = NULL;

    CHECK_INT(jt_error_no_memory(&first), JETON_TRY_LATER);
    CHECK_INT(jt_error_no_memory(&second), JETON_TRY_LATER);
    CHECK_TRUE(first == second);
    jt_error_set_name(&first, "a/b");
    jt_error_set_hint(&first, "x");
    jt_error_prefix(&first, "x");
    jt_error_set_provider(&first, "x", "x", 500, 1);
    jeton_error_free(&first);
    CHECK_STR(jeton_error_message(second), "out of memory");
    CHECK_STR(jeton_error_name(second), NULL);
    CHECK_STR(jeton_error_hint(second), NULL);
    CHECK_INT(jeton_error_http_status(second), 0);
    CHECK_INT(jeton_error_retry_after(second), -1);
    copy = jt_error_copy(second);
    CHECK_INT(jeton_error_status(copy), JETON_TRY_LATER);
}

static void giving_an_error_hands_it_over_or_frees_it(void)
{
    jeton_error *error = NULL;
    JT_AUTO_ERROR jeton_error *given = NULL;

    (void)jt_error_set(&error, JETON_USAGE, "x");
    CHECK_INT(jt_error_give(&given, &error), JETON_USAGE);
    CHECK_TRUE(error == NULL);
    CHECK_STR(jeton_error_message(given), "x");
    (void)jt_error_set(&error, JETON_CONFIG, "y");
    CHECK_INT(jt_error_give(NULL, &error), JETON_CONFIG);
    CHECK_TRUE(error == NULL);
}

static void no_error_answers_questions_too(void)
{
    CHECK_INT(jeton_error_status(NULL), JETON_OK);
    CHECK_TRUE(jeton_error_message(NULL) != NULL);
    CHECK_STR(jeton_error_name(NULL), NULL);
    CHECK_STR(jeton_error_code(NULL), NULL);
    CHECK_STR(jeton_error_description(NULL), NULL);
    CHECK_STR(jeton_error_hint(NULL), NULL);
    CHECK_INT(jeton_error_http_status(NULL), 0);
    CHECK_INT(jeton_error_retry_after(NULL), -1);
}

static void a_sentence_without_end_is_no_sentence(void)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    CHECK_INT(jt_error_set(&error, JETON_CONFIG, "%*s", (int)JT_RESPONSE_MAX + 1, ""), JETON_CONFIG);
    CHECK_TRUE(error != NULL && strlen(jeton_error_message(error)) < 100);
}

static void statuses_fold_to_exit_statuses(void)
{
    CHECK_INT(JETON_STATUS_EXIT(JETON_LOGIN_NEEDED), 77);
    CHECK_INT(JETON_STATUS_EXIT(JETON_NOT_PERMITTED), 77);
    CHECK_INT(JETON_STATUS_EXIT(JETON_CONFIG), 78);
    CHECK_INT(JETON_STATUS_EXIT(JETON_OK), 0);
}

static const struct check_case cases[] = {
    {"an error carries status and sentence", an_error_carries_status_and_sentence},
    {"what was not said is absent", what_was_not_said_is_absent},
    {"the provider's words, name and hint are kept", the_providers_words_name_and_hint_are_kept},
    {"a second word replaces the first", a_second_word_replaces_the_first},
    {"a prefix says where", a_prefix_says_where},
    {"a copy has everything and outlives the original", a_copy_has_everything_and_outlives_the_original},
    {"nobody needs to take an error", nobody_needs_to_take_an_error},
    {"the error for no memory is never changed or freed", the_error_for_no_memory_is_never_changed_or_freed},
    {"giving an error hands it over or frees it", giving_an_error_hands_it_over_or_frees_it},
    {"no error answers questions too", no_error_answers_questions_too},
    {"a sentence without end is no sentence", a_sentence_without_end_is_no_sentence},
    {"statuses fold to exit statuses", statuses_fold_to_exit_statuses},
};

CHECK_MAIN("error", cases)
