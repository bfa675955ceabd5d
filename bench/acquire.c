/* SPDX-License-Identifier: MIT */
/* jeton_acquire over a kept connection, beside the same POST by bare libcurl with its answer read by json-c, and beside
 * one commit of a row of that size by bare SQLite in the same directory, which is what a token that is kept costs at
 * the least. The rounds of the three alternate. */
#include "bench.h"
#include "body.h"
#include <curl/curl.h>
#include <jeton/jeton.h>
#include <json-c/json.h>
#include <sqlite3.h>

#define BLOB_LEN 320 /* a sealed token set of the simulator's */
#define CALLS    400
#define ROUNDS   9

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

/* A table and an index like the store's, with its durability for a token that can be had again. */
static sqlite3_stmt *open_database(const char *path)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                     "CREATE TABLE row (name TEXT PRIMARY KEY, due_at INTEGER, blob BLOB) WITHOUT ROWID;"
                     "CREATE INDEX row_due ON row (due_at); INSERT INTO row VALUES ('line/bot', 0, NULL)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "UPDATE row SET due_at = ?1, blob = randomblob(?2) WHERE name = 'line/bot'", -1, &stmt,
                           NULL) != SQLITE_OK)
        abort();
    return stmt;
}

static double measure_commit(sqlite3_stmt *stmt)
{
    static int64_t due_at;
    int64_t start = bench_now_ns();

    for (int i = 0; i < CALLS; i++) {
        sqlite3_bind_int64(stmt, 1, ++due_at);
        sqlite3_bind_int(stmt, 2, BLOB_LEN);
        if (sqlite3_step(stmt) != SQLITE_DONE || sqlite3_reset(stmt) != SQLITE_OK)
            abort();
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
    struct jeton_options options = {.struct_size = sizeof(options), .config_dir = argc > 1 ? argv[1] : NULL};
    double bare[ROUNDS], commit[ROUNDS], ours[ROUNDS], mid_bare, mid_commit, mid_ours;
    static struct body body;
    jeton_error *error = NULL;
    jeton *ctx = NULL;
    sqlite3_stmt *stmt;
    sqlite3 *db;
    CURL *curl;

    if (argc != 6) {
        fprintf(stderr, "usage: acquire CONFIG_DIR NAME URL FORM DATABASE\n");
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
    stmt = open_database(argv[5]);
    (void)measure_bare(curl, &body);
    (void)measure_commit(stmt);
    (void)measure_jeton(ctx, argv[2]);
    for (int round = 0; round < ROUNDS; round++) {
        bare[round] = measure_bare(curl, &body);
        commit[round] = measure_commit(stmt);
        ours[round] = measure_jeton(ctx, argv[2]);
    }
    mid_bare = bench_median(bare, ROUNDS) / 1000;
    mid_commit = bench_median(commit, ROUNDS) / 1000;
    mid_ours = bench_median(ours, ROUNDS) / 1000;
    printf("%.1f us + a commit of %.1f us | %.1f us | %.2f\n", mid_bare, mid_commit, mid_ours,
           mid_ours / (mid_bare + mid_commit));
    db = sqlite3_db_handle(stmt);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    curl_easy_cleanup(curl);
    jeton_close(&ctx);
    return 0;
}
