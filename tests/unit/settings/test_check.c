/* SPDX-License-Identifier: MIT */
/* An account against a plugin's table: every kind of finding, the values for a flow, and what only the network module
 * can tell, which is played here. */
#include "settings/settings.h"
#include "tests/lib/files.h"
#include "plugin/table.h"

static jeton_step operation(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow;
    (void)event;
    return JETON_STEP_DONE;
}

static const struct jeton_setting rows[] = {
    {.name = "client_id", .type = JETON_STRING, .flags = JETON_REQUIRED, .help = "the client"},
    {.name = "client_secret", .type = JETON_STRING, .flags = JETON_SECRET, .help = "its secret"},
    {.name = "api", .type = JETON_STRING, .default_value = "v2", .choices = "v2 v2.1 v3", .help = "which"},
    {.name = "token_lifetime", .type = JETON_INTEGER, .minimum = 1, .maximum = 900, .help = "seconds"},
    {.name = "ready", .type = JETON_BOOLEAN, .help = "or not"},
    {.name = "scope", .type = JETON_LIST, .help = "rights"},
    {.name = "redirect_uri", .type = JETON_URL, .help = "where to"},
    {.name = "private_key", .type = JETON_KEY, .choices = "RS256 ES256", .help = "signs"},
    {.name = NULL},
};

static struct jt_plugin plugin;
static int asked; /* how often the plugin's own check was called */

/* Takes keys that begin with KEY, for the algorithms of the row; one that begins with KEY! needs a passphrase. */
static int fake_check_key(const char *text, size_t len, const char *passphrase, const char *algs,
                          jeton_error **ret_error)
{
    CHECK_INT(len, strlen(text));
    CHECK_STR(algs, "RS256 ES256");
    if (strncmp(text, "KEY", 3) != 0)
        return jt_error_set(ret_error, JETON_CONFIG, "this is no private key");
    if (text[3] == '!' && (passphrase == NULL || strcmp(passphrase, "open") != 0))
        return jt_error_set(ret_error, JETON_CONFIG, "the passphrase is wrong");
    return JETON_OK;
}

static int fake_check_settings(const struct jt_plugin *checked, const struct jt_fields *settings, const char *base_url,
                               void (*complaint)(void *, const char *, const char *), void *data,
                               jeton_error **ret_error)
{
    asked++;
    CHECK_TRUE(checked == &plugin);
    CHECK_STR(base_url, "https://provider.example");
    if (strcmp(jt_fields_get(settings, "api"), "v3") == 0)
        complaint(data, "api", "v3 needs a key");
    if (strcmp(jt_fields_get(settings, "client_id"), "broken") == 0)
        return jt_error_set(ret_error, JETON_INTERNAL, "the plugin broke its contract");
    return JETON_OK;
}

static const struct jt_net net = {
    .struct_size = sizeof(net), .check_key = fake_check_key, .check_settings = fake_check_settings};

static void make_plugin(void)
{
    static bool made;
    struct jeton_provider table = {.struct_size = sizeof(table),
                                   .setting_size = sizeof(rows[0]),
                                   .name = "line",
                                   .version = "1",
                                   .summary = "x",
                                   .base_url = "https://provider.example",
                                   .settings = rows,
                                   .acquire = operation,
                                   .check = operation};
    jeton_error *error = NULL;

    if (!made)
        CHECK_OK(jt_plugin_table_copy(&table, "line", &plugin, &error), &error);
    made = true;
}

static struct jt_account *account_of(const char *settings, mode_t mode)
{
    struct jt_config *config = NULL;
    struct jt_account *account = NULL;
    jeton_error *error = NULL;
    char text[2000];

    make_plugin();
    if (!files_exists(files_path("providers.d")))
        files_mkdir(files_path("providers.d"), 0755);
    (void)snprintf(text, sizeof(text), "accounts = { bot = {\n%s\n}; };\n", settings);
    files_text(files_path("providers.d/line.conf"), mode, text);
    if (!CHECK_OK(jt_config_open(check_tmpdir(), &config, &error), &error) ||
        !CHECK_OK(jt_config_account(config, "line", "bot", &account, &error), &error))
        abort();
    jt_config_free(&config);
    return account;
}

static void expect_findings(const char *settings, size_t count, const char *part)
{
    JT_CLEANUP(jt_account_free) struct jt_account *account = account_of(settings, 0600);
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    JT_AUTO_FIELDS struct jt_fields none = {0};
    jeton_error *error = NULL;
    bool found = part == NULL;

    CHECK_OK(jt_settings_check(account, &plugin, &net, &findings, &error), &error);
    for (size_t i = 0; i < findings.len; i++) {
        char text[1000];

        (void)snprintf(text, sizeof(text), "%d: %s", findings.items[i].line, findings.items[i].message);
        found = found || strstr(text, part) != NULL;
        CHECK_TRUE(findings.items[i].file != NULL);
        if (findings.len != count || (i + 1 == findings.len && !found))
            printf("  found: %s\n", text);
    }
    CHECK_INT(findings.len, count);
    if (!CHECK_TRUE(found))
        printf("  expected: %s\n", part);
    if (count > 0)
        CHECK_INT(jt_settings_resolve(account, &plugin, &net, &none, NULL), JETON_CONFIG);
}

static void test_good(void)
{
    JT_CLEANUP(jt_account_free) struct jt_account *account = NULL;
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    const struct jt_field *field;
    jeton_error *error = NULL;

    files_text(files_path("secret"), 0600, "s3cr3t\n");
    files_text(files_path("key"), 0600, "KEY!\nof several lines\n");
    account = account_of("client_id = \"1657000000\";\nclient_secret_file = \"secret\";\ntoken_lifetime = 900;\n"
                         "ready = true;\nscope = [\"a\", \"b\"];\nredirect_uri = \"https://me.example/cb\";\n"
                         "private_key_file = \"key\";\nprivate_key_passphrase = \"open\";",
                         0600);
    if (!CHECK_OK(jt_settings_resolve(account, &plugin, &net, &fields, &error), &error))
        return;
    CHECK_STR(jt_fields_get(&fields, "client_id"), "1657000000");
    CHECK_STR(jt_fields_get(&fields, "api"), "v2");
    CHECK_STR(jt_fields_get(&fields, "token_lifetime"), "900");
    CHECK_STR(jt_fields_get(&fields, "ready"), "true");
    CHECK_STR(jt_fields_get(&fields, "scope"), "a b");
    field = jt_fields_find(&fields, "client_secret");
    if (CHECK_TRUE(field != NULL)) {
        CHECK_STR(field->value, "s3cr3t");
        CHECK_INT(field->flags, JT_FIELD_SECRET);
        CHECK_INT(field->line, 3);
        CHECK_CONTAINS(field->file, "line.conf");
    }
    field = jt_fields_find(&fields, "private_key");
    CHECK_TRUE(field != NULL && field->flags == (JT_FIELD_SECRET | JT_FIELD_KEY));
    field = jt_fields_find(&fields, "private_key_passphrase");
    CHECK_TRUE(field != NULL && field->flags == (JT_FIELD_SECRET | JT_FIELD_KEY));
    field = jt_fields_find(&fields, "client_id");
    CHECK_TRUE(field != NULL && field->flags == 0);
}

static void test_unknown(void)
{
    expect_findings("client_id = \"1\"; client_secert = \"x\";", 1,
                    "2: there is no setting \"client_secert\" in the plugin line; did you mean \"client_secret\"?");
    expect_findings("client_id = \"1\"; client_secert_file = \"x\";", 1, "did you mean \"client_secret_file\"?");
    expect_findings("client_id = \"1\"; client_secret_fil = \"x\";", 1, "did you mean \"client_secret_file\"?");
    expect_findings("client_id = \"1\"; client_secret_comand = [\"x\"];", 1, "did you mean \"client_secret_command\"?");
    expect_findings("client_id = \"1\";\ntimeuot = 5;", 1,
                    "3: there is no setting \"timeuot\" in the plugin line; did you mean");
    expect_findings("client_id = \"1\";\nqqqqqqqqq = 5;", 1, "jeton describe line lists those there are");
    expect_findings("client_id = \"1\"; scope_file = \"x\";", 1, "scope is no secret, so there is no scope_file");
}

static void test_missing(void)
{
    expect_findings("api = \"v2\";", 1, "1: the account bot lacks the setting client_id (the client)");
    expect_findings("client_id = \"\";", 1, "client_id is empty");
}

static void test_types(void)
{
    expect_findings("client_id = 1657000000;", 1,
                    "client_id must be put in quotes: it is a text, even where it is made of digits");
    expect_findings("client_id = true;", 1, "client_id must be a string in quotes");
    expect_findings("client_id = 1.5;", 1, "client_id must be a string in quotes");
    expect_findings("client_id = { };", 1, "client_id must be a string in quotes");
    expect_findings("client_id = [\"a\"];", 1, "client_id must be a string in quotes");
    expect_findings("client_id = \"1\"; token_lifetime = \"900\";", 1,
                    "token_lifetime must be a whole number, without quotes");
    expect_findings("client_id = \"1\"; token_lifetime = 901;", 1,
                    "token_lifetime must be a whole number from 1 to 900");
    expect_findings("client_id = \"1\"; token_lifetime = 2.5;", 1, "token_lifetime must be a whole number");
    expect_findings("client_id = \"1\"; ready = \"true\";", 1, "ready must be true or false, without quotes");
    expect_findings("client_id = \"1\"; scope = 1;", 1, "scope must be a string or a list of strings");
    expect_findings("client_id = \"1\"; scope = [1];", 1, "scope must be a string or a list of strings");
    expect_findings("client_id = \"1\"; scope = \"a b\";", 0, NULL);
    expect_findings("client_id = \"1\"; api = \"v4\";", 1, "api must be one of: v2 v2.1 v3");
    expect_findings("client_id = \"1\"; redirect_uri = \"me\";", 1, "redirect_uri must be an absolute https://");
}

static void test_all_at_once(void)
{
    expect_findings("client_id = 1;\ntoken_lifetime = 0;\nclient_secert = \"x\";\nready = 1;\napi = \"v3\";", 4,
                    "5: ready");
}

static void test_inline_secret(void)
{
    JT_CLEANUP(jt_account_free)
    struct jt_account *open = account_of("client_id = \"1\";\nclient_secret = \"x\";", 0644);
    JT_CLEANUP(jt_account_free)
    struct jt_account *closed = account_of("client_id = \"1\";\nclient_secret = \"x\";", 0600);
    JT_CLEANUP(jt_account_free) struct jt_account *harmless = account_of("client_id = \"1\";", 0644);
    JT_AUTO_FIELDS struct jt_fields fields = {0}, others = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(jt_settings_resolve(open, &plugin, &net, &fields, &error), JETON_CONFIG,
                "line.conf:3: client_secret is a secret, and others can read this file (mode 0644): chmod 600", &error);
    CHECK_OK(jt_settings_resolve(closed, &plugin, &net, &fields, &error), &error);
    CHECK_OK(jt_settings_resolve(harmless, &plugin, &net, &others, &error), &error);
}

static void test_secret_sources(void)
{
    files_text(files_path("readable"), 0644, "s3cr3t");
    files_text(files_path("dos"), 0600, "s3cr3t\r\n");
    expect_findings("client_id = \"1\";\nclient_secret_file = \"readable\";", 1, "3: client_secret_file: ");
    expect_findings("client_id = \"1\";\nclient_secret_file = \"readable\";", 1, "readable has mode 0644");
    expect_findings("client_id = \"1\";\nclient_secret_file = \"absent\";", 1, "absent cannot be opened");
    expect_findings("client_id = \"1\";\nclient_secret_file = \"dos\";", 1,
                    "what client_secret_file gives holds a carriage");
    expect_findings("client_id = \"1\";\nclient_secret_env = \"JETON_TEST_NONE\";", 1, "JETON_TEST_NONE is not set");
    expect_findings("client_id = \"1\";\nclient_secret = \"\";", 1, "client_secret is empty");
}

static void test_commands(void)
{
    expect_findings("client_id = \"1\";\nclient_secret_command = [\"/bin/sh\", \"-c\", \"echo s3cr3t; exit $X\"];", 0,
                    NULL);
    expect_findings("client_id = \"1\";\nclient_secret_command = [\"/bin/false\"];", 1, "3: client_secret_command: ");
    expect_findings("client_id = \"1\";\nclient_secret_command = [\"/nonexistent\"];", 1,
                    "/nonexistent cannot be found");
}

static void test_keys(void)
{
    files_text(files_path("public"), 0600, "PUBLIC\n");
    files_text(files_path("locked"), 0600, "KEY!\n");
    expect_findings("client_id = \"1\";\nprivate_key_file = \"public\";", 1, "3: private_key: this is no private key");
    expect_findings("client_id = \"1\";\nprivate_key_file = \"locked\";", 1, "3: private_key: the passphrase is wrong");
    expect_findings("client_id = \"1\";\nprivate_key_file = \"locked\"; private_key_passphrase = \"no\";", 1,
                    "passphrase");
    expect_findings("client_id = \"1\";\nprivate_key_file = \"locked\"; private_key_passphrase_file = \"absent\";", 1,
                    "private_key_passphrase_file: ");
    expect_findings("client_id = \"1\";\nprivate_key_file = \"locked\"; private_key_passphrase = \"open\";", 0, NULL);
}

static void test_plugin_check(void)
{
    expect_findings("client_id = \"1\";\napi = \"v3\";", 1, "3: api: v3 needs a key");
    expect_findings("client_id = \"broken\";", 1, "the plugin broke its contract");
    asked = 0;
    expect_findings("client_id = 1;\napi = \"v3\";", 1, "client_id");
    CHECK_INT(asked, 0);
}

static void test_base_url(void)
{
    JT_CLEANUP(jt_account_free) struct jt_account *account = account_of("client_id = \"1\";", 0600);
    struct jt_plugin without = plugin;
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    jeton_error *error = NULL;

    without.table.base_url = NULL;
    CHECK_FAILS(jt_settings_resolve(account, &without, &net, &fields, &error), JETON_CONFIG,
                "line.conf:1: the account bot lacks the setting base_url", &error);
}

static void test_core_files(void)
{
    files_text(files_path("ca.pem"), 0644, "x");
    files_text(files_path("client.key"), 0640, "x");
    expect_findings(
        "client_id = \"1\";\nca_file = \"ca.pem\"; client_certificate = \"ca.pem\"; client_key = \"client.key\";", 0,
        NULL);
    expect_findings("client_id = \"1\";\nca_file = \"absent.pem\";", 1, "3: ca_file: ");
    expect_findings("client_id = \"1\";\nclient_key = \"client.key\";", 1, "there is none");
    (void)chmod(files_path("client.key"), 0644);
    expect_findings("client_id = \"1\";\nclient_certificate = \"ca.pem\"; client_key = \"client.key\";", 1,
                    "chmod 640");
    (void)chmod(files_path("ca.pem"), 0666);
    expect_findings("client_id = \"1\";\nca_file = \"ca.pem\";", 1, "chmod go-w");
    expect_findings("client_id = \"1\";\nca_file = \".\";", 1, "is not a regular file");
}

static const struct check_case cases[] = {
    {"a good account gives the values for a flow, secrets resolved and defaults filled in", test_good},
    {"an unknown setting is found with the nearest known name", test_unknown},
    {"a required setting that is missing or empty is found", test_missing},
    {"a value of a wrong type, range or choice is found with what it must be", test_types},
    {"everything that is wrong is found, not only the first", test_all_at_once},
    {"a secret in a file that others can read is found, and nothing else in it", test_inline_secret},
    {"a secret that cannot be had is found with the reason", test_secret_sources},
    {"a command that gives no secret is found", test_commands},
    {"a key that does not open is found", test_keys},
    {"the plugin's own check is asked once its table is satisfied", test_plugin_check},
    {"an address must come from somewhere", test_base_url},
    {"files that the core's settings name must be there and safe", test_core_files},
};

int main(int argc, char **argv)
{
    int failed = check_main(argc, argv, "config_check", cases, JT_LEN(cases));

    jt_plugin_table_done(&plugin);
    return failed;
}
