/* SPDX-License-Identifier: MIT */
/* jeton.conf: its defaults, its settings, and each way to get one wrong. */
#include "config/main.h"
#include "tests/lib/files.h"
#include <syslog.h>

static int read_main(const char *text, mode_t mode, struct jt_main_config *ret_main, jeton_error **ret_error)
{
    struct jt_config_place place = {(char *)(uintptr_t)check_tmpdir(), (char *)(uintptr_t) "/state", false};

    (void)unlink(files_path("jeton.conf"));
    if (text != NULL)
        files_text(files_path("jeton.conf"), mode, text);
    return jt_main_config_read(&place, NULL, ret_main, ret_error);
}

static void expect_refused(const char *text, const char *part)
{
    struct jt_main_config config = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(read_main(text, 0600, &config, &error), JETON_CONFIG, part, &error);
    CHECK_TRUE(config.plugindir == NULL);
}

static void check_defaults(const char *text)
{
    JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
    jeton_error *error = NULL;

    if (!CHECK_OK(read_main(text, 0644, &config, &error), &error))
        return;
    CHECK_STR(config.store_engine, "sqlite");
    CHECK_STR(config.state_dir, "/state");
    CHECK_INT(config.store_settings_len, 0);
    CHECK_INT(config.store_key->source, JT_SECRET_FILE);
    CHECK_STR(config.store_key->text, files_path("store.key"));
    CHECK_INT(config.connect_timeout_s, 10);
    CHECK_INT(config.timeout_s, 30);
    CHECK_INT(config.log_level, LOG_WARNING);
    CHECK_INT(config.log_to, JT_LOG_STDERR);
    CHECK_TRUE(config.ca_file == NULL && config.proxy == NULL);
    CHECK_TRUE(config.plugindir != NULL && config.plugindir[0] == '/');
}

static void test_defaults(void)
{
    check_defaults(NULL);
    check_defaults("");
    check_defaults("store = { }; http = { }; log = { };\n");
}

static void test_everything(void)
{
    JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
    jeton_error *error = NULL;

    if (!CHECK_OK(
            read_main("plugindir = \"plugins\";\n"
                      "store = { engine = \"etcd\"; path = \"db/tokens.db\"; key_command = [\"/bin/pass\", \"k\"]; };\n"
                      "http = { connect_timeout = 5; timeout = 60L; ca_file = \"/ca.pem\"; "
                      "proxy = \"http://proxy:3128\"; };\n"
                      "log = { level = \"debug\"; to = \"journal\"; };\n",
                      0644, &config, &error),
            &error))
        return;
    CHECK_STR(config.plugindir, files_path("plugins"));
    CHECK_STR(config.store_engine, "etcd");
    if (CHECK_INT(config.store_settings_len, 1)) {
        CHECK_STR(config.store_settings[0].name, "path");
        CHECK_STR(config.store_settings[0].text, "db/tokens.db");
    }
    CHECK_INT(config.store_key->source, JT_SECRET_COMMAND);
    CHECK_STR(config.store_key->argv[1], "k");
    CHECK_INT(config.connect_timeout_s, 5);
    CHECK_INT(config.timeout_s, 60);
    CHECK_STR(config.ca_file, "/ca.pem");
    CHECK_STR(config.proxy, "http://proxy:3128");
    CHECK_INT(config.log_level, LOG_DEBUG);
    CHECK_INT(config.log_to, JT_LOG_JOURNAL);
}

static void test_ways(void)
{
    static const struct {
        const char *text;
        enum jt_secret_source source;
        const char *value;
    } ways[] = {{"store = { key_file = \"/k\"; };", JT_SECRET_FILE, "/k"},
                {"store = { key_credential = \"k\"; };", JT_SECRET_CREDENTIAL, "k"},
                {"store = { key_env = \"K\"; };", JT_SECRET_ENV, "K"},
                {"store = { key = \"00ff\"; };", JT_SECRET_INLINE, "00ff"}};

    for (size_t i = 0; i < JT_LEN(ways); i++) {
        JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
        jeton_error *error = NULL;

        if (!CHECK_OK(read_main(ways[i].text, 0600, &config, &error), &error))
            continue;
        CHECK_INT(config.store_key->source, ways[i].source);
        CHECK_STR(config.store_key->text, ways[i].value);
    }
}

static void test_unknown(void)
{
    expect_refused("stroe = { };", "jeton.conf:1: there is no setting \"stroe\"; did you mean \"store\"?");
    expect_refused("\nhttp = {\n tiemout = 5; };",
                   "jeton.conf:3: there is no setting \"http.tiemout\"; did you mean \"timeout\"?");
    expect_refused("http = { verify = false; };", "there is no setting \"http.verify\"");
    expect_refused("store = { engine_file = \"x\"; };", "there is no setting \"store.engine_file\"");
    expect_refused("path = \"x\";", "there is no setting \"path\"");
    expect_refused("plugindri = \"x\";", "did you mean \"plugindir\"?");
}

static void test_types(void)
{
    expect_refused("store = \"x\";", "jeton.conf:1: store must be a group: store = { … };");
    expect_refused("http = { timeout = \"30\"; };", "http.timeout must be a whole number, without quotes");
    expect_refused("http = { timeout = 2.5; };", "http.timeout must be a whole number");
    expect_refused("http = { timeout = 0; };", "http.timeout must be a whole number from 1 to 3600");
    expect_refused("http = { connect_timeout = 301; };", "from 1 to 300");
    expect_refused("http = { ca_file = 1; };", "http.ca_file must be put in quotes");
    expect_refused("http = { ca_file = \"\"; };", "http.ca_file is empty");
    expect_refused("http = { proxy = \"proxy:3128\"; };", "http.proxy must be a proxy's URL");
    expect_refused("log = { level = \"warn\"; };", "log.level must be one of: error warning notice info debug");
    expect_refused("log = { to = \"file\"; };", "log.to must be one of: stderr syslog journal");
    expect_refused("store = { engine = \"../x\"; };", "store.engine must be the bare name of a store engine");
    expect_refused("store = { key_command = \"pass\"; };", "store.key_command must be a list of strings");
    expect_refused("store = { key_file = [\"a\"]; };", "store.key_file must be a string in quotes: the path");
}

static void test_key(void)
{
    struct jt_main_config config = {0};
    jeton_error *error = NULL;

    expect_refused("store = {\n key_file = \"a\";\n key_env = \"B\";\n};",
                   "jeton.conf:3: store.key_env gives the store key a second time, after key_file in line 2");
    CHECK_FAILS(read_main("store = { key = \"00\"; };", 0644, &config, &error), JETON_CONFIG, "chmod 600", &error);
    CHECK_FAILS(read_main("store = { key = \"00\"; };", 0640, &config, &error), JETON_CONFIG, "chmod 600", &error);
}

/* Which settings an engine has is not known yet. */
static void test_engine_settings(void)
{
    JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
    jeton_error *error = NULL;

    if (CHECK_OK(read_main("store = {\n whatever = 5;\n token_file = \"t\";\n};\nhttp = { timeout = 7; };\n", 0640,
                           &config, &error),
                 &error) &&
        CHECK_INT(config.store_settings_len, 2)) {
        CHECK_STR(config.store_settings[0].name, "whatever");
        CHECK_INT(config.store_settings[0].line, 2);
        CHECK_STR(config.store_settings[1].name, "token");
        CHECK_STR(config.store_settings[1].text, files_path("t"));
        CHECK_INT(config.store_settings[1].file_mode, 0640);
        CHECK_INT(config.timeout_s, 7);
    }
    expect_refused("store = {\n x_file = \"a\";\n x = \"b\";\n};",
                   "jeton.conf:3: store.x gives x a second time, after x_file in line 2; keep one of them");
    expect_refused("store = { x_command = \"a\"; };", "store.x_command must be a list of strings");
}

static void test_several(void)
{
    struct jt_main_config config = {0};
    jeton_error *error = NULL;

    CHECK_INT(read_main("stroe = 1;\nhttp = { timeout = 0; };\n", 0600, &config, &error), JETON_CONFIG);
    CHECK_CONTAINS(jeton_error_message(error), "jeton.conf:1: there is no setting \"stroe\"");
    CHECK_CONTAINS(jeton_error_hint(error), "jeton.conf:2: http.timeout must be");
    jeton_error_free(&error);
}

static const struct check_case cases[] = {
    {"a file that is missing or empty means the defaults", test_defaults},
    {"everything can be set, relative paths from the configuration directory", test_everything},
    {"the store key can be given in each of the ways", test_ways},
    {"an unknown setting is told by file and line with the nearest known name", test_unknown},
    {"a setting of a wrong type or out of its range is told with what it must be", test_types},
    {"the store key is given once, and not where others can read it", test_key},
    {"the settings of the store's engine are kept as they were written", test_engine_settings},
    {"of several faults the first is the message and the others the hint", test_several},
};

CHECK_MAIN("config_main", cases)
