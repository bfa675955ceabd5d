/* SPDX-License-Identifier: MIT */
/* The configuration as one object: opening it, finding accounts, noticing changes, and one broken file beside good
 * ones. */
#include "config/config.h"
#include "tests/lib/files.h"
#include <pthread.h>
#include <time.h>

static const char one_account[] = "accounts = { bot = { client_id = \"1\"; }; };\n";

/* A configuration directory of its own for each test. */
static const char *fresh_dir(void)
{
    static char dir[512];
    static unsigned count;

    (void)snprintf(dir, sizeof(dir), "%s", files_path("config%u", count));
    files_mkdir(dir, 0755);
    files_mkdir(files_path("config%u/providers.d", count++), 0755);
    return dir;
}

static void put(const char *dir, const char *provider, const char *text)
{
    char path[700];

    (void)snprintf(path, sizeof(path), "%s/providers.d/%s.conf", dir, provider);
    files_text(path, 0600, text);
}

static struct jt_config *open_dir(const char *dir)
{
    struct jt_config *config = NULL;
    jeton_error *error = NULL;

    if (!CHECK_OK(jt_config_open(dir, &config, &error), &error))
        abort();
    return config;
}

static int find(struct jt_config *config, const char *provider, const char *account, jeton_error **ret_error)
{
    JT_CLEANUP(jt_account_free) struct jt_account *found = NULL;

    return jt_config_account(config, provider, account, &found, ret_error);
}

static void test_open(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = open_dir(dir);
    jeton_error *error = NULL;
    struct jt_config *none = NULL;

    CHECK_STR(jt_config_dir(config), dir);
    CHECK_STR(jt_config_main(config)->store_engine, "sqlite");
    CHECK_FAILS(jt_config_open(files_path("absent"), &none, &error), JETON_CONFIG, "absent does not exist", &error);
    (void)chmod(dir, 0777);
    CHECK_FAILS(jt_config_open(dir, &none, &error), JETON_NOT_PERMITTED, "chmod go-w", &error);
}

static void test_account(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = NULL;
    JT_CLEANUP(jt_account_free) struct jt_account *first = NULL;
    JT_CLEANUP(jt_account_free) struct jt_account *second = NULL;
    jeton_error *error = NULL;

    put(dir, "line", one_account);
    config = open_dir(dir);
    CHECK_OK(jt_config_account(config, "line", "bot", &first, &error), &error);
    CHECK_OK(jt_config_account(config, "line", "bot", &second, &error), &error);
    CHECK_TRUE(first == second);
    jt_config_free(&config);
    CHECK_STR(first->account, "bot");
}

static void test_changes(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = NULL;
    JT_CLEANUP(jt_account_free) struct jt_account *before = NULL;
    JT_CLEANUP(jt_account_free) struct jt_account *after = NULL;
    jeton_error *error = NULL;

    put(dir, "line", one_account);
    config = open_dir(dir);
    CHECK_OK(jt_config_account(config, "line", "bot", &before, &error), &error);
    put(dir, "line", "accounts = { bot = { client_id = \"2\"; }; };\n");
    CHECK_OK(jt_config_account(config, "line", "bot", &after, &error), &error);
    CHECK_STR(before->settings[0].text, "1");
    CHECK_STR(after->settings[0].text, "2");
    put(dir, "line", "accounts = {");
    CHECK_FAILS(find(config, "line", "bot", &error), JETON_CONFIG, "line.conf:1: syntax error", &error);
    put(dir, "line", one_account);
    CHECK_OK(find(config, "line", "bot", &error), &error);
    (void)unlink(files_path("%s/providers.d/line.conf", strrchr(dir, '/') + 1));
    CHECK_FAILS(find(config, "line", "bot", &error), JETON_USAGE, "there is no provider \"line\", and none at all",
                &error);
}

/* `accounts` stands in line 2, and each account in a line of its own. */
static void put_accounts(const char *dir, int count)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(1024 * 1024);

    jt_buf_puts(&text, "plugin = \"line\";\naccounts = {\n");
    for (int i = 0; i < count; i++)
        jt_buf_printf(&text, "  a%04d = { client_id = \"id%d\"; note = \"some text\"; };\n", i, i);
    jt_buf_puts(&text, "};\n");
    put(dir, "many", jt_buf_str(&text));
}

static int count_accounts(void *data, const char *provider, const char *file, struct jt_account *const *accounts,
                          size_t accounts_len, const jeton_error *error)
{
    (void)provider;
    (void)file;
    (void)accounts;
    CHECK_TRUE(error == NULL);
    *(size_t *)data += accounts_len;
    return 0;
}

static void test_a_thousand_accounts(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = open_dir(dir);
    JT_CLEANUP(jt_account_free) struct jt_account *last = NULL;
    jeton_error *error = NULL;
    clock_t began = clock();
    size_t count = 0;

    put_accounts(dir, 1000);
    if (CHECK_OK(jt_config_account(config, "many", "a0999", &last, &error), &error))
        CHECK_STR(last->settings[0].text, "id999");
    /* 10 ms where it was measured. */
    CHECK_TRUE(clock() - began < CLOCKS_PER_SEC);
    CHECK_OK(jt_config_each(config, count_accounts, &count, &error), &error);
    CHECK_INT(count, 1000);
}

static void test_more_than_a_thousand_accounts(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = open_dir(dir);
    jeton_error *error = NULL;
    clock_t began = clock();

    put_accounts(dir, 1001);
    CHECK_FAILS(
        find(config, "many", "a0000", &error), JETON_CONFIG,
        "many.conf:1003: there are 1001 accounts, and a file may have 1000: put those from here on into another "
        "file, providers.d/NAME.conf with plugin = \"line\"; tokens of many users under one client registration "
        "need one account, and a subject each: many/ACCOUNT/SUBJECT",
        &error);
    put_accounts(dir, 20000);
    CHECK_FAILS(find(config, "many", "a0000", &error), JETON_CONFIG, "many.conf:4002: ", &error);
    CHECK_TRUE(clock() - began < CLOCKS_PER_SEC);
}

static void test_unknown_provider(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = NULL;
    jeton_error *error = NULL;

    put(dir, "line", one_account);
    put(dir, "voucherify", one_account);
    files_text(files_path("%s/providers.d/yoomoney.conf.example", strrchr(dir, '/') + 1), 0600, one_account);
    config = open_dir(dir);
    CHECK_FAILS(find(config, "lien", "bot", &error), JETON_USAGE, "did you mean \"line\"? There are: line, voucherify",
                &error);
    CHECK_FAILS(find(config, "qqqqqqqq", "bot", &error), JETON_USAGE, "; there are: line", &error);
    CHECK_FAILS(find(config, "../providers.d/line", "bot", &error), JETON_USAGE, "there is no provider", &error);
    CHECK_FAILS(find(config, "line", "bto", &error), JETON_USAGE, "did you mean \"bot\"", &error);
}

static void test_broken_file(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = NULL;
    jeton_error *error = NULL;

    put(dir, "broken", "accounts = {\n bot = {\n");
    put(dir, "line", one_account);
    config = open_dir(dir);
    CHECK_OK(find(config, "line", "bot", &error), &error);
    CHECK_FAILS(find(config, "broken", "bot", &error), JETON_CONFIG, "broken.conf:3: syntax error", &error);
    (void)chmod(files_path("%s/providers.d", strrchr(dir, '/') + 1), 0775);
    put(dir, "fresh", one_account);
    CHECK_FAILS(find(config, "fresh", "bot", &error), JETON_NOT_PERMITTED, "providers.d has mode 0775", &error);
}

struct seen {
    struct jt_config *config;
    char text[2000];
};

static int visit(void *data, const char *provider, const char *file, struct jt_account *const *accounts,
                 size_t accounts_len, const jeton_error *error)
{
    struct seen *seen = data;
    size_t len = strlen(seen->text);
    jeton_error *own = NULL;

    CHECK_CONTAINS(file, ".conf");
    (void)snprintf(seen->text + len, sizeof(seen->text) - len, "%s(", provider);
    for (size_t i = 0; i < accounts_len; i++) {
        len = strlen(seen->text);
        (void)snprintf(seen->text + len, sizeof(seen->text) - len, "%s%s ", accounts[i]->account,
                       accounts[i]->faulty ? "?" : "");
        /* The visitor may ask for what it was shown; what is faulty is never handed out. */
        if (accounts[i]->faulty)
            CHECK_FAILS(find(seen->config, provider, accounts[i]->account, &own), JETON_CONFIG, "timeout", &own);
        else
            CHECK_OK(find(seen->config, provider, accounts[i]->account, &own), &own);
    }
    len = strlen(seen->text);
    (void)snprintf(seen->text + len, sizeof(seen->text) - len, "%s)", error != NULL ? "!" : "");
    return strcmp(provider, "stop") == 0;
}

static void test_each(void)
{
    const char *dir = fresh_dir();
    struct seen seen = {0};
    jeton_error *error = NULL;

    put(dir, "b", "accounts = { y = { }; x = { }; };");
    put(dir, "a", one_account);
    put(dir, "c", "syntax error");
    put(dir, "d", "accounts = { good = { }; wrong = { timeout = 0; }; };");
    put(dir, "e", "timeout = 0; accounts = { a = { }; };");
    put(dir, "Bad", one_account);
    put(dir, "stop", one_account);
    put(dir, "zzz", one_account);
    files_text(files_path("%s/providers.d/x.conf~", strrchr(dir, '/') + 1), 0600, "x");
    files_text(files_path("%s/providers.d/.hidden.conf", strrchr(dir, '/') + 1), 0600, "x");
    seen.config = open_dir(dir);
    CHECK_OK(jt_config_each(seen.config, visit, &seen, &error), &error);
    CHECK_STR(seen.text, "Bad(!)a(bot )b(x y )c(!)d(good wrong? !)e(a? !)stop(bot )");
    jt_config_free(&seen.config);
}

static void test_findings(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = NULL;
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    jeton_error *error = NULL;

    put(dir, "line", "accounts = {\n a = { timeout = 0; };\n b = { min_ttl = \"x\";\n proxy = 1; };\n};");
    config = open_dir(dir);
    CHECK_OK(jt_config_findings(config, "line", &findings, &error), &error);
    if (CHECK_INT(findings.len, 3)) {
        CHECK_INT(findings.items[0].line, 2);
        CHECK_STR(findings.items[0].account, "a");
        CHECK_INT(findings.items[2].line, 4);
        CHECK_STR(findings.items[2].account, "b");
        CHECK_CONTAINS(findings.items[2].message, "proxy must be put in quotes");
    }
}

static void *hammer(void *data)
{
    struct jt_config *config = data;

    for (int i = 0; i < 300; i++) {
        jeton_error *error = NULL;
        int status = find(config, i % 2 == 0 ? "line" : "other", "bot", &error);

        /* The file is replaced meanwhile: there may be none for a moment, but never half of one. */
        if (status != JETON_OK && status != JETON_USAGE)
            abort();
        jeton_error_free(&error);
    }
    return NULL;
}

static void test_threads(void)
{
    const char *dir = fresh_dir();
    JT_CLEANUP(jt_config_free) struct jt_config *config = NULL;
    pthread_t threads[4];
    char from[700], to[700];

    put(dir, "line", one_account);
    put(dir, "other", one_account);
    config = open_dir(dir);
    (void)snprintf(from, sizeof(from), "%s/providers.d/new", dir);
    (void)snprintf(to, sizeof(to), "%s/providers.d/line.conf", dir);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, hammer, config), 0);
    for (int i = 0; i < 100; i++) {
        files_text(from, 0600, one_account);
        CHECK_INT(rename(from, to), 0);
    }
    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
}

static const struct check_case cases[] = {
    {"a directory is opened, and refused when it is not there or others can write it", test_open},
    {"an account is read once and outlives the configuration", test_account},
    {"a file that changed is read again, and accounts that are held stay as they were", test_changes},
    {"a file may have a thousand accounts", test_a_thousand_accounts},
    {"a file of more accounts is refused soon, with its line and what to do", test_more_than_a_thousand_accounts},
    {"an unknown provider is answered with the known ones and the nearest", test_unknown_provider},
    {"a file with a syntax error does not stop the others", test_broken_file},
    {"every provider file is visited in order, with its accounts or its error", test_each},
    {"everything that is wrong with a file is found", test_findings},
    {"threads may ask while files are replaced", test_threads},
};

CHECK_MAIN("config", cases)
