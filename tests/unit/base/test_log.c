/* SPDX-License-Identifier: MIT */
/* What leaves through the log, and that known secrets do not. */
#include "tests/lib/check.h"
#include "config/config.h"
#include <fcntl.h>
#include "base/log.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char line[128 * 1024];
static int lines, last_level;

static void sink(void *data, int level, const char *text)
{
    CHECK_TRUE(data == &lines);
    lines++;
    last_level = level;
    (void)snprintf(line, sizeof(line), "%s", text);
}

static void log_done(struct jt_log **log)
{
    jt_log_free(log);
}
#define AUTO_LOG JT_CLEANUP(log_done)

static struct jt_log *new_log(int level)
{
    struct jt_log *log = NULL;
    jeton_error *error = NULL;

    lines = 0;
    line[0] = '\0';
    CHECK_OK(jt_log_new(level, JT_LOG_STDERR, sink, &lines, &log, &error), &error);
    return log;
}

static void redacted(struct jt_log *log, const char *text, const char *expected)
{
    JT_AUTO_STR char *result = jt_log_redact(log, text);

    CHECK_STR(result, expected);
}

static void lines_below_the_level_are_not_written(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_WARNING);

    jt_log_write(log, LOG_INFO, "no");
    CHECK_INT(lines, 0);
    jt_log_write(log, LOG_WARNING, "yes %d", 7);
    CHECK_STR(line, "yes 7");
    CHECK_INT(last_level, LOG_WARNING);
    jt_log_write(log, LOG_ERR, "worse");
    CHECK_INT(lines, 2);
    CHECK_TRUE(!jt_log_wants(log, LOG_DEBUG));
    CHECK_TRUE(jt_log_wants(log, LOG_ERR));
}

static void no_log_takes_everything_and_says_nothing(void)
{
    JT_AUTO_STR char *text = jt_log_redact(NULL, "as it is");

    jt_log_write(NULL, LOG_ERR, "x");
    jt_log_secret(NULL, "x", "secret");
    jt_log_forget(NULL, "secret");
    CHECK_TRUE(!jt_log_wants(NULL, LOG_ERR));
    CHECK_STR(text, "as it is");
}

static void a_secret_is_written_as_its_name(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_secret(log, "client_secret", "s3cr3t-value");
    jt_log_write(log, LOG_DEBUG, "sent %s twice: %s", "s3cr3t-value", "xs3cr3t-valuex");
    CHECK_STR(line, "sent ‹client_secret› twice: x‹client_secret›x");
}

static void a_secret_is_known_in_form_encoding_too(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_secret(log, "password", "p/a=s s+é~");
    redacted(log, "password=p%2Fa%3Ds+s%2B%C3%A9~&x=1", "password=‹password›&x=1");
    redacted(log, "password=p/a=s s+é~", "password=‹password›");
}

static void a_secret_in_a_path_is_known_with_its_spaces_as_percent_20(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_secret(log, "password", "two words");
    redacted(log, "/users/two%20words/x", "/users/‹password›/x");
}

static void percent_encoding_is_known_in_lower_case(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_secret(log, "password", "p/a=s+wort");
    redacted(log, "x=p%2fa%3ds%2bwort", "x=‹password›");
}

static void of_two_secrets_the_longer_one_goes_as_a_whole(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_secret(log, "short", "token");
    jt_log_secret(log, "long", "token-and-more");
    redacted(log, "token-and-more token-and token", "‹long› ‹short›-and ‹short›");
}

static void of_overlapping_secrets_nothing_is_left(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);
    JT_AUTO_STR char *text = NULL;

    jt_log_secret(log, "one", "abcdef");
    jt_log_secret(log, "two", "defghi");
    text = jt_log_redact(log, "<abcdefghi>");
    CHECK_TRUE(text != NULL && strstr(text, "ghi") == NULL && strstr(text, "abc") == NULL);
    CHECK_CONTAINS(text, "‹one›");
}

static void a_secret_told_twice_must_be_forgotten_twice(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_secret(log, "a", "se/cret");
    jt_log_secret(log, "a", "se/cret");
    jt_log_forget(log, "se/cret");
    redacted(log, "se/cret se%2Fcret", "‹a› ‹a›");
    jt_log_forget(log, "se/cret");
    redacted(log, "se/cret se%2Fcret", "se/cret se%2Fcret");
    jt_log_forget(log, "se/cret");
    jt_log_forget(log, "never told");
    jt_log_secret(log, "a", "se/cret");
    redacted(log, "se/cret", "‹a›");
}

static void forgetting_one_of_many_leaves_the_others(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);
    char value[32], name[32];

    for (int i = 10; i < 60; i++) {
        (void)snprintf(value, sizeof(value), "secret%d;", i);
        (void)snprintf(name, sizeof(name), "n%d", i);
        jt_log_secret(log, name, value);
    }
    jt_log_forget(log, "secret10;");
    jt_log_forget(log, "secret59;");
    redacted(log, "secret10;secret11;secret58;secret59;", "secret10;‹n11›‹n58›secret59;");
}

static void values_of_less_than_four_bytes_are_left(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_secret(log, "pin", "123");
    jt_log_secret(log, "empty", "");
    jt_log_secret(log, "none", NULL);
    jt_log_secret(log, "four", "1234");
    redacted(log, "123 1234", "123 ‹four›");
}

static void the_log_keeps_a_copy_of_its_own(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);
    char value[] = "a-secret", name[] = "name";

    jt_log_secret(log, name, value);
    memset(value, 'x', sizeof(value) - 1);
    memset(name, 'x', sizeof(name) - 1);
    redacted(log, "a-secret", "‹name›");
}

static void one_message_is_one_line(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_write(log, LOG_ERR, "a\nb\r\x1b[31mc\x7f\td");
    CHECK_STR(line, "a b  [31mc  d");
    jt_log_secret(log, "pem", "-----BEGIN\nKEY-----");
    jt_log_write(log, LOG_ERR, "<%s>", "-----BEGIN\nKEY-----");
    CHECK_STR(line, "<‹pem›>");
}

static void a_line_over_its_limit_is_not_written_in_part(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);

    jt_log_write(log, LOG_ERR, "%*s", 64 * 1024 + 1, "secret");
    CHECK_INT(lines, 1);
    CHECK_STR(line, "a log line was too long to be written");
}

static void without_a_sink_lines_go_to_stderr(void)
{
    struct jt_log *log = NULL;
    jeton_error *error = NULL;
    char text[128] = "";
    int pipes[2], before = dup(STDERR_FILENO);
    ssize_t len;

    CHECK_INT(pipe2(pipes, O_CLOEXEC), 0);
    CHECK_OK(jt_log_new(LOG_INFO, JT_LOG_STDERR, NULL, NULL, &log, &error), &error);
    jt_log_secret(log, "x", "hidden-value");
    (void)fflush(stderr);
    (void)dup2(pipes[1], STDERR_FILENO);
    jt_log_write(log, LOG_INFO, "for people: %s", "hidden-value");
    (void)fflush(stderr);
    (void)dup2(before, STDERR_FILENO);
    (void)close(before);
    (void)close(pipes[1]);
    len = read(pipes[0], text, sizeof(text) - 1);
    (void)close(pipes[0]);
    CHECK_TRUE(len > 0);
    CHECK_STR(text, "jeton: for people: ‹x›\n");
    jt_log_free(&log);
    jt_log_free(&log);
}

static void *tell_and_forget(void *data)
{
    struct jt_log *log = data;

    for (int i = 0; i < 500; i++) {
        JT_AUTO_STR char *text = NULL;

        jt_log_secret(log, "shared", "shared/secret");
        text = jt_log_redact(log, "shared/secret shared%2Fsecret");
        if (text == NULL || strcmp(text, "‹shared› ‹shared›") != 0)
            return log;
        jt_log_forget(log, "shared/secret");
    }
    return NULL;
}

static void threads_that_share_a_secret_do_not_forget_it_for_each_other(void)
{
    AUTO_LOG struct jt_log *log = new_log(LOG_DEBUG);
    pthread_t threads[8];
    void *result;

    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, tell_and_forget, log), 0);
    for (size_t i = 0; i < JT_LEN(threads); i++) {
        CHECK_INT(pthread_join(threads[i], &result), 0);
        CHECK_TRUE(result == NULL);
    }
    redacted(log, "shared/secret", "shared/secret");
}

static const struct check_case cases[] = {
    {"lines below the level are not written", lines_below_the_level_are_not_written},
    {"no log takes everything and says nothing", no_log_takes_everything_and_says_nothing},
    {"a secret is written as its name", a_secret_is_written_as_its_name},
    {"a secret is known in form encoding too", a_secret_is_known_in_form_encoding_too},
    {"a secret in a path is known with its spaces as %20", a_secret_in_a_path_is_known_with_its_spaces_as_percent_20},
    {"percent-encoding is known in lower case", percent_encoding_is_known_in_lower_case},
    {"of two secrets the longer one goes as a whole", of_two_secrets_the_longer_one_goes_as_a_whole},
    {"of overlapping secrets nothing is left", of_overlapping_secrets_nothing_is_left},
    {"a secret told twice must be forgotten twice", a_secret_told_twice_must_be_forgotten_twice},
    {"forgetting one of many leaves the others", forgetting_one_of_many_leaves_the_others},
    {"values of less than four bytes are left", values_of_less_than_four_bytes_are_left},
    {"the log keeps a copy of its own", the_log_keeps_a_copy_of_its_own},
    {"one message is one line", one_message_is_one_line},
    {"a line over its limit is not written in part", a_line_over_its_limit_is_not_written_in_part},
    {"without a sink lines go to stderr", without_a_sink_lines_go_to_stderr},
    {"threads that share a secret do not forget it for each other",
     threads_that_share_a_secret_do_not_forget_it_for_each_other},
};

int main(int argc, char **argv)
{
    return sodium_init() < 0 ? 99 : check_main(argc, argv, "log", cases, JT_LEN(cases));
}
