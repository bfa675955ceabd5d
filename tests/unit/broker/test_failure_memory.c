/* SPDX-License-Identifier: MIT */
/* Proves that failures which the store could not take are remembered by the process, and not for ever. It never waits
 * for a backoff of more than a second. */
#include "tests/lib/fake_net.h"
#include "broker/failure_memory.h"
#include <stdio.h>
#include <unistd.h>

static void memory_done(struct jt_failure_memory **memory)
{
    jt_failure_memory_free(memory);
}
#define AUTO_MEMORY JT_CLEANUP(memory_done)

static struct jt_failure_memory *new_memory(void)
{
    struct jt_failure_memory *memory = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_failure_memory_new(&memory, &error), &error);
    return memory;
}

static void add(struct jt_failure_memory *memory, const char *key, int status, int64_t retry_after_s)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    (void)jt_error_set(&error, status, "%s: the disk is full", key);
    jt_error_set_provider(&error, NULL, NULL, 0, retry_after_s);
    jt_failure_memory_add(memory, key, 0, error);
}

static void a_failure_blocks_its_key_only(void)
{
    AUTO_MEMORY struct jt_failure_memory *memory = new_memory();
    jeton_error *error = NULL;

    CHECK_OK(jt_failure_memory_blocks(memory, "a", &error), &error);
    add(memory, "a", JETON_NOT_PERMITTED, 100);
    CHECK_FAILS(jt_failure_memory_blocks(memory, "a", &error), JETON_NOT_PERMITTED, "a: the disk is full", &error);
    CHECK_INT(jt_failure_memory_blocks(memory, "a", NULL), JETON_NOT_PERMITTED);
    CHECK_OK(jt_failure_memory_blocks(memory, "b", &error), &error);
    CHECK_TRUE(error == NULL);
}

static void what_was_forgotten_blocks_no_more(void)
{
    AUTO_MEMORY struct jt_failure_memory *memory = new_memory();
    jeton_error *error = NULL;

    add(memory, "a", JETON_TRY_LATER, 100);
    add(memory, "b", JETON_TRY_LATER, 100);
    jt_failure_memory_forget(memory, "a");
    jt_failure_memory_forget(memory, "a");
    jt_failure_memory_forget(memory, "never there");
    CHECK_OK(jt_failure_memory_blocks(memory, "a", &error), &error);
    CHECK_INT(jt_failure_memory_blocks(memory, "b", NULL), JETON_TRY_LATER);
}

static void the_first_backoff_is_a_second(void)
{
    AUTO_MEMORY struct jt_failure_memory *memory = new_memory();
    jeton_error *error = NULL;

    add(memory, "a", JETON_TRY_LATER, -1);
    CHECK_INT(jt_failure_memory_blocks(memory, "a", NULL), JETON_TRY_LATER);
    (void)usleep(1050000);
    CHECK_OK(jt_failure_memory_blocks(memory, "a", &error), &error);
}

static void the_last_error_counts(void)
{
    AUTO_MEMORY struct jt_failure_memory *memory = new_memory();

    add(memory, "a", JETON_TRY_LATER, 100);
    add(memory, "a", JETON_NOT_PERMITTED, 100);
    CHECK_INT(jt_failure_memory_blocks(memory, "a", NULL), JETON_NOT_PERMITTED);
    jt_failure_memory_forget(memory, "a");
    CHECK_INT(jt_failure_memory_blocks(memory, "a", NULL), JETON_OK);
}

static void a_few_dozen_are_kept_and_the_newest_always(void)
{
    AUTO_MEMORY struct jt_failure_memory *memory = new_memory();
    char key[16];
    int kept = 0;

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "key%d", i);
        add(memory, key, JETON_TRY_LATER, 100);
        CHECK_INT(jt_failure_memory_blocks(memory, key, NULL), JETON_TRY_LATER);
    }
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "key%d", i);
        kept += jt_failure_memory_blocks(memory, key, NULL) != JETON_OK;
    }
    CHECK_INT(kept, 64);
}

/* The disk fills up while the provider answers, and is emptied again: the rows never heard of it. */
static void a_token_that_could_not_be_stored_is_not_fetched_again_at_once(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int status;

    fake_push(fake, (struct fake_outcome){.at_answer = fake_disk_full});
    status = jeton_get(fake->ctx, FAKE_NAME, NULL, &token, &error);
    fake_disk_freed();
    CHECK_FAILS(status, JETON_TRY_LATER, "a new token came, but it could not be stored", &error);
    CHECK_TRUE(token == NULL);
    fake_get_fails(fake, FAKE_NAME, JETON_TRY_LATER, "could not be stored");
    CHECK_INT(fake_sent(fake), 1);
    (void)usleep(1050000);
    fake_get_ok(fake, FAKE_NAME, "token-2");
    fake_get_ok(fake, FAKE_NAME, "token-2");
}

static const struct check_case cases[] = {
    {"a failure blocks its key only", a_failure_blocks_its_key_only},
    {"what was forgotten blocks no more", what_was_forgotten_blocks_no_more},
    {"the first backoff is a second", the_first_backoff_is_a_second},
    {"the last error counts", the_last_error_counts},
    {"a few dozen are kept and the newest always", a_few_dozen_are_kept_and_the_newest_always},
    {"a token that could not be stored is not fetched again at once",
     a_token_that_could_not_be_stored_is_not_fetched_again_at_once},
};

CHECK_MAIN("failure_memory", cases)
