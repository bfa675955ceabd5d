/* SPDX-License-Identifier: MIT */
/* jeton_acquire over a kept connection, beside the same POST by bare libcurl with its answer read by json-c. The rounds
 * of both alternate. What jeton does more is to commit the token: that cost is measured apart, by acquiring into a
 * store in memory
 * (/dev/shm) as well. */
#include "bench.h"
#include "body.h"
#include <curl/curl.h>
#include <jeton/jeton.h>
#include <json-c/json.h>

#define CALLS  400
#define ROUNDS 9

static double measure_bare(CURL *curl, struct body *body)
{
    int64_t start = bench_now_ns();

    for (int i = 0; i < CALLS; i++) {
        json_tokener *tokener = json_tokener_new();
        json_object *object, *token;

        body->len = 0;
        if (curl_easy_perform(curl) != CURLE_OK)
            abort();
        object = json_tokener_parse_ex(tokener, body->data, (int)body->len);
        if (object == NULL || !json_object_object_get_ex(object, "access_token", &token) ||
            json_object_get_string_len(token) == 0)
            abort();
        (void)json_object_put(object);
        json_tokener_free(tokener);
    }
    return (double)(bench_now_ns() - start) / CALLS;
}

static double measure_jeton(jeton *ctx, const char *name)
{
    int64_t start = bench_now_ns();

    for (int i = 0; i < CALLS; i++) {
        jeton_error *error = NULL;
        jeton_token *token = NULL;

        if (jeton_acquire(ctx, name, NULL, &token, &error) != JETON_OK) {
            fprintf(stderr, "%s\n", jeton_error_message(error));
            abort();
        }
        jeton_token_free(&token);
    }
    return (double)(bench_now_ns() - start) / CALLS;
}

int main(int argc, char **argv)
{
    struct jeton_options options = {.struct_size = sizeof options, .config_dir = argc > 1 ? argv[1] : NULL};
    double bare[ROUNDS], ours[ROUNDS];
    static struct body body;
    jeton_error *error = NULL;
    jeton *ctx = NULL;
    CURL *curl;

    if (argc != 5) {
        fprintf(stderr, "usage: acquire CONFIG_DIR NAME URL FORM\n");
        return 64;
    }
    if (jeton_open(&options, &ctx, &error) != JETON_OK) {
        fprintf(stderr, "%s\n", jeton_error_message(error));
        return 1;
    }
    curl = curl_easy_init();
    if (curl == NULL)
        return 1;
    curl_easy_setopt(curl, CURLOPT_URL, argv[3]);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, argv[4]);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_write);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)measure_bare(curl, &body);
    (void)measure_jeton(ctx, argv[2]);
    for (int round = 0; round < ROUNDS; round++) {
        bare[round] = measure_bare(curl, &body);
        ours[round] = measure_jeton(ctx, argv[2]);
    }
    printf("%.1f us | %.1f us | %.2f\n", bench_median(bare, ROUNDS) / 1000, bench_median(ours, ROUNDS) / 1000,
           bench_median(ours, ROUNDS) / bench_median(bare, ROUNDS));
    curl_easy_cleanup(curl);
    jeton_close(&ctx);
    return 0;
}
