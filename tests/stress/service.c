/* SPDX-License-Identifier: MIT */
/* A long-running service that a script directs: a line on standard input is one call, a line on standard output what
 * came of it. It holds one context for all its life and never retries anything by itself. */
#include <jeton/jeton.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#define LOG_KEEP 4096

/* What jeton logged since it was last asked about. */
static atomic_uint logged_count;
static char logged_text[LOG_KEEP];

static void log_line(void *data, int level, const char *line)
{
    (void)data;
    (void)level;
    if (atomic_fetch_add(&logged_count, 1) == 0)
        (void)snprintf(logged_text, sizeof(logged_text), "%s", line);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nap_ms(int64_t ms)
{
    struct timespec nap = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&nap, NULL);
}

static void print_token(int status, const jeton_token *token, const jeton_error *error, int64_t took_ms)
{
    if (status == JETON_OK)
        printf("ok %s %lld %lld\n", jeton_token_access_token(token), (long long)jeton_token_expires_at(token),
               (long long)took_ms);
    else
        printf("no %d %lld %s\n", status, (long long)jeton_error_retry_after(error), jeton_error_message(error));
}

static void call_token(jeton *ctx, const char *verb, const char *name, const char *more)
{
    struct jeton_request request = {.struct_size = sizeof(request)};
    int64_t began_ms = now_ms();
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int status;

    if (strcmp(verb, "get") == 0) {
        request.timeout_ms = strtoll(more, NULL, 10);
        status = jeton_get(ctx, name, &request, &token, &error);
    } else if (strcmp(verb, "acquire") == 0) {
        status = jeton_acquire(ctx, name, &request, &token, &error);
    } else {
        status = jeton_refresh(ctx, name, &request, &token, &error);
    }
    print_token(status, token, error, now_ms() - began_ms);
    jeton_token_free(&token);
    jeton_error_free(&error);
}

/* So many gets, so far apart: how many came back with a token, how many different ones, and the last failure. */
static void call_many(jeton *ctx, const char *name, long count, int64_t apart_ms)
{
    char last[128] = "", message[512] = "-";
    long failed = 0, changes = 0;
    int64_t slowest_ms = 0;

    for (long i = 0; i < count; i++) {
        int64_t began_ms = now_ms(), took_ms;
        jeton_token *token = NULL;
        jeton_error *error = NULL;

        if (jeton_get(ctx, name, NULL, &token, &error) != JETON_OK) {
            failed++;
            (void)snprintf(message, sizeof(message), "%s", jeton_error_message(error));
        } else if (strcmp(last, jeton_token_access_token(token)) != 0) {
            changes++;
            (void)snprintf(last, sizeof(last), "%s", jeton_token_access_token(token));
        }
        jeton_token_free(&token);
        jeton_error_free(&error);
        took_ms = now_ms() - began_ms;
        slowest_ms = took_ms > slowest_ms ? took_ms : slowest_ms;
        if (apart_ms > 0 && i + 1 < count)
            nap_ms(apart_ms);
    }
    printf("gets=%ld failed=%ld tokens=%ld slowest_ms=%lld last=%s message=%s\n", count, failed, changes,
           (long long)slowest_ms, last[0] != '\0' ? last : "-", message);
}

/* Waits until a get brings something else than this token, an error included. */
static void call_until(jeton *ctx, const char *name, const char *known, int64_t limit_ms)
{
    int64_t began_ms = now_ms(), took_ms;
    int other;

    do {
        jeton_token *token = NULL;

        other =
            jeton_get(ctx, name, NULL, &token, NULL) != JETON_OK || strcmp(jeton_token_access_token(token), known) != 0;
        jeton_token_free(&token);
        took_ms = now_ms() - began_ms;
        if (!other)
            nap_ms(10);
    } while (!other && took_ms < limit_ms);
    printf("seen=%d after_ms=%lld\n", other, (long long)took_ms);
}

static void call_plain(jeton *ctx, const char *verb, const char *name, const char *more)
{
    jeton_error *error = NULL;
    int status;

    if (strcmp(verb, "invalidate") == 0)
        status = jeton_invalidate(ctx, name, NULL, more[0] != '\0' ? more : NULL, &error);
    else if (strcmp(verb, "forget") == 0)
        status = jeton_forget(ctx, name, NULL, &error);
    else
        status = jeton_revoke(ctx, name, NULL, NULL, &error);
    if (status == JETON_OK)
        printf("ok\n");
    else
        printf("no %d %s\n", status, jeton_error_message(error));
    jeton_error_free(&error);
}

static void run_line(jeton *ctx, const char *line)
{
    char verb[32] = "", name[256] = "", more[256] = "", rest[64] = "";

    if (sscanf(line, "%31s %255s %255s %63s", verb, name, more, rest) < 1)
        return;
    if (strcmp(verb, "get") == 0 || strcmp(verb, "acquire") == 0 || strcmp(verb, "refresh") == 0)
        call_token(ctx, verb, name, more);
    else if (strcmp(verb, "many") == 0)
        call_many(ctx, name, strtol(more, NULL, 10), strtoll(rest, NULL, 10));
    else if (strcmp(verb, "until") == 0)
        call_until(ctx, name, more, strtoll(rest, NULL, 10));
    else if (strcmp(verb, "invalidate") == 0 || strcmp(verb, "forget") == 0 || strcmp(verb, "revoke") == 0)
        call_plain(ctx, verb, name, more);
    else if (strcmp(verb, "logged") == 0)
        printf("lines=%u first=%s\n", atomic_exchange(&logged_count, 0), logged_text);
    else
        printf("no 64 -1 the service does not know the verb \"%s\"\n", verb);
}

int main(int argc, char **argv)
{
    struct jeton_options options = {.struct_size = sizeof(options), .log = log_line, .log_level = LOG_NOTICE};
    jeton_error *error = NULL;
    jeton *ctx = NULL;
    char line[1024];

    if (argc != 2) {
        fprintf(stderr, "Usage: service CONFIG <calls\n");
        return 64;
    }
    options.config_dir = argv[1];
    if (jeton_open(&options, &ctx, &error) != JETON_OK) {
        fprintf(stderr, "service: %s\n", jeton_error_message(error));
        return 1;
    }
    while (fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "quit\n") != 0) {
        run_line(ctx, line);
        (void)fflush(stdout);
    }
    jeton_close(&ctx);
    return 0;
}
