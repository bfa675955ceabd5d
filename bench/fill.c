/* SPDX-License-Identifier: MIT */
/* Fills a store: rows sealed and put through the core as a renewal puts them, many in one transaction. */
#include "fill.h"
#include "bench.h"
#include "config/config.h"
#include "broker/store_setup.h"
#include <string.h>

#define BATCH   20000u /* rows in one transaction: the log stays short */
#define EXTRA   "{\"account_id\":\"%s\"}"
#define EXTRA_0 (sizeof(EXTRA) - 3)

struct fill {
    const char *account;
    const struct fill_kind *kind;
    size_t at, end, due;
    char name[256];
};

void fill_name(const char *account, size_t index, char *ret_name, size_t size)
{
    (void)snprintf(ret_name, size, "%s/%07zu", account, index);
}

/* Text that no two rows have in common; len 0: none. */
static char *fill_text(size_t len, size_t seed)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    char *text = len > 0 ? malloc(len + 1) : NULL;

    for (size_t i = 0; i < len; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        text[i] = alphabet[state >> 58];
    }
    if (text != NULL)
        text[len] = '\0';
    return text;
}

static char *fill_extra(size_t len, size_t seed)
{
    JT_AUTO_STR char *text = fill_text(len > EXTRA_0 ? len - EXTRA_0 : 0, seed);

    return text != NULL ? jt_printf(EXTRA, text) : NULL;
}

static int fill_next(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                     int64_t *ret_expected_version, jeton_error **ret_error)
{
    struct fill *fill = data;
    struct jt_tokenset *set = &ret_entry->token;
    const int64_t now = jt_now();

    (void)ret_error;
    if (fill->at == fill->end)
        return JETON_OK;
    fill_name(fill->account, fill->at, fill->name, sizeof(fill->name));
    ret_entry->state = JT_ROW_TOKEN;
    set->access_token = fill_text(fill->kind->access_len, 4 * fill->at);
    set->refresh_token = fill_text(fill->kind->refresh_len, 4 * fill->at + 1);
    set->scope = fill_text(fill->kind->scope_len, 4 * fill->at + 2);
    set->extra = fill_extra(fill->kind->extra_len, 4 * fill->at + 3);
    set->token_type = jt_strdup("Bearer");
    set->issued_at = now;
    set->expires_at = now + 30 * 86400;
    ret_entry->due_at = fill->at < fill->due ? now - 1 : now + 20 * 86400 + (int64_t)(fill->at % 86400);
    *ret_name = fill->name;
    *ret_variant = "";
    *ret_expected_version = 0;
    fill->at++;
    return JETON_OK;
}

static void fill_fail(const jeton_error *error)
{
    fprintf(stderr, "%s\n", jeton_error_message(error));
    exit(1);
}

void fill_store(const char *config_dir, const char *account, size_t count, size_t due, const struct fill_kind *kind)
{
    struct fill fill = {.account = account, .kind = kind, .due = due};
    struct jt_config *config = NULL;
    struct jt_store *store = NULL;
    jeton_error *error = NULL;

    if (jt_config_open(config_dir, &config, &error) != JETON_OK ||
        jt_store_setup_open(config, NULL, &store, &error) != JETON_OK)
        fill_fail(error);
    while (fill.at < count) {
        bool done = false;

        fill.end = count - fill.at < BATCH ? count : fill.at + BATCH;
        if (jt_store_put_all(store, fill_next, &fill, false, &done, &error) != JETON_OK)
            fill_fail(error);
        if (!done) {
            fprintf(stderr, "%s is not empty\n", jt_store_place(store));
            exit(1);
        }
    }
    jt_store_free(&store);
    jt_config_free(&config);
}
