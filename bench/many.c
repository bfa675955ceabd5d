/* SPDX-License-Identifier: MIT */
/* 64 names acquired at once by one thread, beside the same 64 POSTs in a bare curl_multi loop with json-c. The tokens
 * are invalidated between the rounds, outside of what is timed. */
#include "bench.h"
#include "body.h"
#include <curl/curl.h>
#include <jeton/jeton.h>
#include <json-c/json.h>

#define NAMES  64
#define ROUNDS 41

static CURLM *multi;
static CURL *easy[NAMES];
static struct body bodies[NAMES];

static double measure_bare(void)
{
    int64_t start = bench_now_ns();
    int running = 1;

    for (int i = 0; i < NAMES; i++) {
        bodies[i].len = 0;
        if (curl_multi_add_handle(multi, easy[i]) != CURLM_OK)
            abort();
    }
    while (running > 0)
        if (curl_multi_perform(multi, &running) != CURLM_OK ||
            (running > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK))
            abort();
    for (int i = 0; i < NAMES; i++) {
        json_object *object = json_tokener_parse(bodies[i].data), *token;

        if (object == NULL || !json_object_object_get_ex(object, "access_token", &token))
            abort();
        (void)json_object_put(object);
        (void)curl_multi_remove_handle(multi, easy[i]);
    }
    return (double)(bench_now_ns() - start);
}

static double measure_jeton(jeton *ctx, const char *const *names)
{
    jeton_token *tokens[NAMES];
    jeton_error *errors[NAMES];
    int64_t start;
    double took;

    for (int i = 0; i < NAMES; i++)
        if (jeton_invalidate(ctx, names[i], NULL, NULL, NULL) != JETON_OK)
            abort();
    start = bench_now_ns();
    if (jeton_get_many(ctx, names, NAMES, NULL, tokens, errors) != JETON_OK) {
        for (int i = 0; i < NAMES; i++)
            if (errors[i] != NULL)
                fprintf(stderr, "%s\n", jeton_error_message(errors[i]));
        abort();
    }
    took = (double)(bench_now_ns() - start);
    for (int i = 0; i < NAMES; i++)
        jeton_token_free(&tokens[i]);
    return took;
}

int main(int argc, char **argv)
{
    struct jeton_options options = {.struct_size = sizeof(options), .config_dir = argc > 1 ? argv[1] : NULL};
    double bare[ROUNDS], ours[ROUNDS];
    static char texts[NAMES][64];
    const char *names[NAMES];
    jeton_error *error = NULL;
    jeton *ctx = NULL;

    if (argc != 5) {
        fprintf(stderr, "usage: many CONFIG_DIR ACCOUNT URL FORM\n");
        return 64;
    }
    if (jeton_open(&options, &ctx, &error) != JETON_OK || (multi = curl_multi_init()) == NULL) {
        fprintf(stderr, "%s\n", jeton_error_message(error));
        return 1;
    }
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "%s/%d", argv[2], i);
        names[i] = texts[i];
        easy[i] = curl_easy_init();
        curl_easy_setopt(easy[i], CURLOPT_URL, argv[3]);
        curl_easy_setopt(easy[i], CURLOPT_POSTFIELDS, argv[4]);
        curl_easy_setopt(easy[i], CURLOPT_WRITEFUNCTION, body_write);
        curl_easy_setopt(easy[i], CURLOPT_WRITEDATA, &bodies[i]);
        curl_easy_setopt(easy[i], CURLOPT_PROXY, "");
    }
    (void)measure_bare();
    (void)measure_jeton(ctx, names);
    for (int round = 0; round < ROUNDS; round++) {
        bare[round] = measure_bare();
        ours[round] = measure_jeton(ctx, names);
    }
    printf("%.0f k/s | %.0f k/s | %.2f\n", NAMES * 1e6 / bench_median(bare, ROUNDS),
           NAMES * 1e6 / bench_median(ours, ROUNDS), bench_median(bare, ROUNDS) / bench_median(ours, ROUNDS));
    for (int i = 0; i < NAMES; i++)
        curl_easy_cleanup(easy[i]);
    curl_multi_cleanup(multi);
    jeton_close(&ctx);
    return 0;
}
