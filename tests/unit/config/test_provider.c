/* SPDX-License-Identifier: MIT */
/* One file of providers.d: accounts, defaults, ways of giving a secret, and what can be wrong without asking the
 * plugin. */
#include "config/provider.h"
#include "tests/lib/files.h"

static struct jt_provider_file *read_text(const char *text)
{
    struct jt_provider_file *file = NULL;
    jeton_error *error = NULL;

    if (!files_exists(files_path("providers.d")))
        files_mkdir(files_path("providers.d"), 0755);
    files_text(files_path("providers.d/line.conf"), 0600, text);
    if (!CHECK_OK(jt_provider_file_read(check_tmpdir(), "line", &file, &error), &error) || file == NULL)
        abort();
    return file;
}

static void expect_account_error(const char *text, const char *account, int status, const char *part)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = read_text(text);
    struct jt_account *found = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jt_provider_file_account(file, account, &found, &error), status, part, &error);
    CHECK_TRUE(found == NULL);
}

static const char good[] = "plugin = \"oauth2\";\n"
                           "base_url = \"https://api.example\";\n"
                           "timeout = 20;\n"
                           "scope = [\"a\", \"b\"];\n"
                           "client_secret_file = \"secrets/all\";\n"
                           "accounts = {\n"
                           "  push = { client_id = \"2\"; };\n"
                           "  bot = {\n"
                           "    client_id = \"1\";\n"
                           "    client_secret_env = \"SECRET\";\n"
                           "    timeout = 5;\n"
                           "    min_ttl = 10;\n"
                           "    ca_file = \"ca.pem\";\n"
                           "    client_key = \"/key.pem\";\n"
                           "    ready = true;\n"
                           "    token_lifetime = 3138007490L;\n"
                           "  };\n"
                           "};\n";

static void test_accounts(void)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = read_text(good);
    JT_CLEANUP(jt_account_free) struct jt_account *bot = NULL;
    JT_CLEANUP(jt_account_free) struct jt_account *push = NULL;
    const struct jt_raw_setting *setting;
    jeton_error *error = NULL;

    if (!CHECK_OK(jt_provider_file_account(file, "bot", &bot, &error), &error) ||
        !CHECK_OK(jt_provider_file_account(file, "push", &push, &error), &error))
        return;
    CHECK_INT(bot->settings_len, 5);
    CHECK_INT(bot->core_settings_len, 5);
    CHECK_STR(bot->provider, "line");
    CHECK_STR(bot->account, "bot");
    CHECK_STR(bot->plugin, "oauth2");
    CHECK_INT(bot->line, 8);
    CHECK_STR(bot->core.base_url, "https://api.example");
    CHECK_STR(bot->core.ca_file, files_path("ca.pem"));
    CHECK_STR(bot->core.client_key, "/key.pem");
    CHECK_INT(bot->core.timeout_s, 5);
    CHECK_INT(bot->core.min_ttl_s, 10);
    CHECK_INT(bot->core.renew_before_s, -1);
    CHECK_INT(push->core.timeout_s, 20);
    CHECK_INT(push->core.min_ttl_s, -1);

    setting = jt_raw_setting_find(bot->settings, bot->settings_len, "client_secret");
    if (CHECK_TRUE(setting != NULL)) {
        CHECK_INT(setting->source, JT_SECRET_ENV);
        CHECK_STR(setting->text, "SECRET");
        CHECK_STR(setting->key, "client_secret_env");
        CHECK_INT(setting->line, 10);
        CHECK_INT(setting->file_mode, 0600);
    }
    setting = jt_raw_setting_find(push->settings, push->settings_len, "client_secret");
    if (CHECK_TRUE(setting != NULL)) {
        CHECK_INT(setting->source, JT_SECRET_FILE);
        CHECK_STR(setting->text, files_path("secrets/all"));
        CHECK_INT(setting->line, 5);
    }
    setting = jt_raw_setting_find(bot->settings, bot->settings_len, "scope");
    if (CHECK_TRUE(setting != NULL)) {
        CHECK_INT(setting->type, JT_RAW_LIST);
        CHECK_STR(setting->text, "a b");
        CHECK_STR(setting->argv[1], "b");
    }
    setting = jt_raw_setting_find(bot->settings, bot->settings_len, "token_lifetime");
    if (CHECK_TRUE(setting != NULL))
        CHECK_STR(setting->text, "3138007490");
    setting = jt_raw_setting_find(bot->settings, bot->settings_len, "ready");
    if (CHECK_TRUE(setting != NULL))
        CHECK_STR(setting->text, "true");
    CHECK_TRUE(jt_raw_setting_find(bot->settings, bot->settings_len, "timeout") == NULL);
}

static void test_plugin_default(void)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = read_text("accounts = { a = { }; };");

    if (CHECK_INT(file->accounts_len, 1))
        CHECK_STR(file->accounts[0]->plugin, "line");
}

static void test_unknown_account(void)
{
    expect_account_error(good, "bto", JETON_USAGE, "line.conf; did you mean \"bot\"? There are: bot, push");
    expect_account_error(good, "qqqqqq", JETON_USAGE, "there is no account \"qqqqqq\" in ");
    expect_account_error(good, "qqqqqq", JETON_USAGE, "; there are: bot, push");
}

static void test_many_accounts(void)
{
    static char text[8000] = "accounts = {";
    size_t len = strlen(text);

    for (int i = 0; i < 100; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, " a%02d = { };", i);
    (void)snprintf(text + len, sizeof(text) - len, "};");
    expect_account_error(text, "qqqqqq", JETON_USAGE, "a10, a11 and 88 more");
}

static void test_one_wrong_account(void)
{
    static const char text[] = "accounts = {\n good = { };\n wrong = { timeout = \"5\"; };\n};";
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = read_text(text);
    JT_CLEANUP(jt_account_free) struct jt_account *found = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_provider_file_account(file, "good", &found, &error), &error);
    expect_account_error(text, "wrong", JETON_CONFIG, "line.conf:3: timeout must be a whole number, without quotes");
}

static void test_core_settings(void)
{
    expect_account_error("accounts = { a = { base_url = \"http://api.example\"; }; };", "a", JETON_CONFIG,
                         "base_url must be an absolute https:// URL");
    expect_account_error("accounts = { a = { base_url = 1; }; };", "a", JETON_CONFIG, "base_url must be put in quotes");
    expect_account_error("accounts = { a = { base_url = \"https://api.example/x?y=1\"; }; };", "a", JETON_CONFIG,
                         "base_url must be a URL without a query");
    expect_account_error("accounts = { a = { timeout = 0; }; };", "a", JETON_CONFIG,
                         "timeout must be a whole number from 1");
    expect_account_error("accounts = { a = { min_ttl = -1; }; };", "a", JETON_CONFIG,
                         "min_ttl must be a whole number from 0");
    expect_account_error("accounts = { a = { renew_before = 1.5; }; };", "a", JETON_CONFIG,
                         "renew_before must be a whole");
    expect_account_error("accounts = { a = { proxy = \"x\"; }; };", "a", JETON_CONFIG, "proxy must be a proxy's URL");
    expect_account_error("accounts = { a = { client_key_file = \"x\"; }; };", "a", JETON_CONFIG,
                         "there is no setting \"client_key_file\"; did you mean \"client_key\"?");
    expect_account_error("base_url = \"x\";\naccounts = { a = { }; };", "a", JETON_CONFIG,
                         "line.conf:1: base_url must be");
}

static void test_two_ways(void)
{
    expect_account_error("accounts = { a = {\n x_file = \"f\";\n x_env = \"E\";\n}; };", "a", JETON_CONFIG,
                         "line.conf:3: x_env gives x a second time, after x_file in line 2; keep one of them");
    expect_account_error("x = \"1\";\nx_credential = \"c\";\naccounts = { a = { }; };", "a", JETON_CONFIG,
                         "line.conf:2: x_credential gives x a second time, after x in line 1");
}

static void test_way_types(void)
{
    expect_account_error("accounts = { a = { x_file = 1; }; };", "a", JETON_CONFIG,
                         "x_file must be a string in quotes");
    expect_account_error("accounts = { a = { x_env = \"\"; }; };", "a", JETON_CONFIG, "the name of the variable");
    expect_account_error("accounts = { a = { x_command = \"pass\"; }; };", "a", JETON_CONFIG,
                         "must be a list of strings");
    expect_account_error("accounts = { a = { x_command = [1, 2]; }; };", "a", JETON_CONFIG,
                         "must be a list of strings");
}

static void test_shape(void)
{
    expect_account_error("", "a", JETON_CONFIG, "line.conf: there are no accounts");
    expect_account_error("accounts = { };", "a", JETON_CONFIG, "line.conf:1: there are no accounts");
    expect_account_error("accounts = 1;", "a", JETON_CONFIG, "there are no accounts");
    expect_account_error("accounts = { a = 1; };", "a", JETON_CONFIG, "the account a must be a group");
    expect_account_error("accounts = { a* = { }; };", "a*", JETON_CONFIG, "\"a*\" cannot be the name of an account");
    expect_account_error("accounts = {\n a = { plugin = \"x\"; }; };", "a", JETON_CONFIG,
                         "line.conf:2: plugin belongs to the whole provider");
    expect_account_error("plugin = \"../evil\"; accounts = { a = { }; };", "a", JETON_CONFIG, "bare name of a plugin");
    expect_account_error("plugin = 1; accounts = { a = { }; };", "a", JETON_CONFIG, "bare name of a plugin");
}

static void test_missing(void)
{
    struct jt_provider_file *file = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_provider_file_read(check_tmpdir(), "absent", &file, &error), &error);
    CHECK_TRUE(file == NULL);
}

static struct jt_account *only_account(const char *text)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = read_text(text);
    struct jt_account *found = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_provider_file_account(file, "a", &found, &error), &error);
    return found;
}

static void test_digest(void)
{
    JT_CLEANUP(jt_account_free)
    struct jt_account *one = only_account("accounts = { a = { x_file = \"s\"; y = \"1\"; }; };");
    JT_CLEANUP(jt_account_free)
    struct jt_account *two = only_account("accounts = { a = { x_file = \"s\"; y = \"2\"; }; };");
    uint64_t before = jt_account_digest(one);

    CHECK_TRUE(jt_account_digest(one) == before);
    CHECK_TRUE(jt_account_digest(two) != before);
    files_text(files_path("s"), 0600, "secret");
    CHECK_TRUE(jt_account_digest(one) != before);
}

static const struct check_case cases[] = {
    {"accounts come with their settings, the provider's defaults merged in", test_accounts},
    {"the plugin is the file's name unless it says otherwise", test_plugin_default},
    {"an unknown account is answered with the known ones and the nearest", test_unknown_account},
    {"many accounts are not all listed", test_many_accounts},
    {"an account that is wrong does not stop the others", test_one_wrong_account},
    {"the core's own settings are checked for type and range", test_core_settings},
    {"a secret that is given in two ways is refused with both lines", test_two_ways},
    {"a way of giving a secret must have what it needs", test_way_types},
    {"a file that is not built of a plugin and accounts is refused", test_shape},
    {"a file that is not there is no error", test_missing},
    {"the digest changes with the settings and the sources of secrets, and only then", test_digest},
};

CHECK_MAIN("config_provider", cases)
