/* SPDX-License-Identifier: MIT */
/* Feeds hostile text to what makes long files of accounts readable in good time. It asserts that a file that a comment
 * at its end makes long is read as the short one is: the same accounts, settings, lines and findings, and each account
 * by itself as among the others. */
#include "config_dir.h"
#include "config/file.h"

#define LONG (64u * 1024u) /* from here on files are cut */

static struct jt_provider_file *read_file(const char *account, int *ret_status)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_provider_file *file = NULL;

    *ret_status = jt_provider_file_read(dir, "fuzz", account, &file, &error);
    fuzz_check_error(*ret_status, error);
    return file;
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void compare_settings(const struct jt_raw_setting *a, size_t a_len, const struct jt_raw_setting *b, size_t b_len)
{
    FUZZ_CHECK(a_len == b_len);
    for (size_t i = 0; i < a_len; i++) {
        FUZZ_CHECK(same(a[i].name, b[i].name) && same(a[i].key, b[i].key) && same(a[i].text, b[i].text));
        FUZZ_CHECK(a[i].source == b[i].source && a[i].type == b[i].type && a[i].inherited == b[i].inherited);
        FUZZ_CHECK(a[i].line == b[i].line);
    }
}

static void compare_account(const struct jt_account *a, const struct jt_account *b)
{
    FUZZ_CHECK(same(a->account, b->account) && same(a->plugin, b->plugin) && a->line == b->line);
    compare_settings(a->settings, a->settings_len, b->settings, b->settings_len);
    compare_settings(a->core_settings, a->core_settings_len, b->core_settings, b->core_settings_len);
}

static void compare_files(const struct jt_provider_file *a, const struct jt_provider_file *b)
{
    FUZZ_CHECK(a->accounts_len == b->accounts_len && a->findings.len == b->findings.len);
    for (size_t i = 0; i < a->accounts_len; i++)
        compare_account(a->accounts[i], b->accounts[i]);
    for (size_t i = 0; i < a->findings.len; i++)
        FUZZ_CHECK(a->findings.items[i].line == b->findings.items[i].line &&
                   same(a->findings.items[i].message, b->findings.items[i].message) &&
                   same(a->findings.items[i].account, b->findings.items[i].account));
}

static void compare_alone(const struct jt_account *account)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
    JT_CLEANUP(jt_account_free) struct jt_account *alone = NULL;
    int status;

    file = read_file(account->account, &status);
    FUZZ_CHECK(status == JETON_OK);
    if (jt_provider_file_account(file, account->account, &alone, NULL) == JETON_OK)
        compare_account(alone, account);
    else
        FUZZ_CHECK(jt_findings_concern(&file->findings, account->account));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *whole = NULL;
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *cut = NULL;
    static uint8_t text[2 * LONG];
    int whole_status, cut_status;

    if (size >= LONG)
        return 0;
    make_dir();
    write_file(provider_path, data, size);
    whole = read_file(NULL, &whole_status);
    if (size > 0)
        memcpy(text, data, size);
    memset(text + size, '.', LONG);
    memcpy(text + size, "\n#", 2);
    write_file(provider_path, text, size + LONG);
    cut = read_file(NULL, &cut_status);
    FUZZ_CHECK(whole_status == cut_status);
    if (whole_status != JETON_OK)
        return 0;
    compare_files(whole, cut);
    for (size_t i = 0; i < whole->accounts_len && i < 2; i++)
        compare_alone(whole->accounts[i]);
    return 0;
}
