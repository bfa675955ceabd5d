/* SPDX-License-Identifier: MIT */
/* What a process grows by when it holds many tokens, beside the bytes of these tokens: the name, and each value of the
 * provider's answer that a caller can ask for (a refresh token stays in the store). All memory of the process counts
 * that is not a file's. */
#include "bench.h"
#include "fill.h"
#include <jeton/jeton.h>
#include <string.h>

#define LIST_PAGE 500

static const char *account;

static void fail(const jeton_error *error)
{
    fprintf(stderr, "%s\n", jeton_error_message(error));
    exit(1);
}

/* Resident memory of our own, in bytes. */
static size_t memory_now(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    char line[256];
    size_t kb = 0;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "Anonymous: %zu kB", &kb) == 1)
            break;
    if (file == NULL || kb == 0)
        abort();
    (void)fclose(file);
    return kb * 1024;
}

/* Reads all rows, so that what SQLite keeps of them is there before anything is counted: that does not grow. */
static void read_once(jeton *ctx)
{
    char after[256] = "";
    size_t len;

    do {
        jeton_list *list = NULL;
        jeton_error *error = NULL;

        if (jeton_list_names(ctx, after, LIST_PAGE, &list, &error) != JETON_OK)
            fail(error);
        len = jeton_list_len(list);
        if (len > 0)
            (void)snprintf(after, sizeof(after), "%s", jeton_list_name(list, len - 1));
        jeton_list_free(&list);
    } while (len == LIST_PAGE);
}

static size_t text_len(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

static size_t get_one(jeton *ctx, size_t index)
{
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    char name[256], expires_in[32];
    size_t len;

    fill_name(account, index, name, sizeof(name));
    if (jeton_get(ctx, name, NULL, &token, &error) != JETON_OK)
        fail(error);
    (void)snprintf(expires_in, sizeof(expires_in), "%lld",
                   (long long)(jeton_token_expires_at(token) - jeton_token_issued_at(token)));
    len = strlen(name) + strlen(expires_in) + text_len(jeton_token_access_token(token)) +
          text_len(jeton_token_type(token)) + text_len(jeton_token_scope(token)) + text_len(jeton_token_extra(token));
    jeton_token_free(&token);
    return len;
}

int main(int argc, char **argv)
{
    struct jeton_options options = {.struct_size = sizeof(options), .config_dir = argc > 1 ? argv[1] : NULL};
    struct fill_kind kind = {0};
    size_t count, before, after, bytes = 0;
    jeton_error *error = NULL;
    jeton *ctx = NULL;
    int64_t start, took;

    if (argc != 8) {
        fprintf(stderr, "usage: memory CONFIG_DIR ACCOUNT COUNT ACCESS_LEN REFRESH_LEN SCOPE_LEN EXTRA_LEN\n");
        return 64;
    }
    account = argv[2];
    count = strtoul(argv[3], NULL, 10);
    kind = (struct fill_kind){strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10), strtoul(argv[6], NULL, 10),
                              strtoul(argv[7], NULL, 10)};
    fill_store(argv[1], account, count, 0, &kind);
    if (jeton_open(&options, &ctx, &error) != JETON_OK)
        fail(error);
    read_once(ctx);
    (void)get_one(ctx, 0);
    before = memory_now();
    start = bench_now_ns();
    for (size_t i = 1; i < count; i++)
        bytes += get_one(ctx, i);
    took = bench_now_ns() - start;
    after = memory_now();
    printf("%.1f MB | %.1f MB | %.2f |\n", (double)bytes / 1e6, (double)(after - before) / 1e6,
           (double)(after - before) / (double)bytes);
    if (took > INT64_C(4000000000))
        fprintf(stderr, "reading took %.1f s: what was read first may have been given up again\n", (double)took / 1e9);
    jeton_close(&ctx);
    return 0;
}
