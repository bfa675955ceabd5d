/* SPDX-License-Identifier: MIT */
/* The settings of a store's engine, from jeton.conf, against the engine's table. */
#include "settings/settings.h"
#include "tests/lib/files.h"

static const struct jeton_setting rows[] = {
    {.name = "path", .type = JETON_PATH, .default_value = "tokens.db", .help = "the database"},
    {.name = "journal", .type = JETON_PATH, .help = "where answers go that cannot be stored"},
    {.name = "pages", .type = JETON_INTEGER, .minimum = 1, .maximum = 9, .default_value = "4", .help = "how many"},
    {.name = "password", .type = JETON_STRING, .flags = JETON_SECRET, .help = "of the database"},
    {.name = NULL},
};
static const struct jeton_setting needy_rows[] = {
    {.name = "host", .type = JETON_STRING, .flags = JETON_REQUIRED, .help = "where it is"},
    {.name = NULL},
};

static int fill(const char *text, mode_t mode, const struct jeton_setting *table, struct jt_fields *ret_values,
                jeton_error **ret_error)
{
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    JT_CLEANUP(jt_config_free) struct jt_config *config = NULL;
    const struct jt_main_config *main_config;
    int status;

    files_text(files_path("jeton.conf"), mode, text);
    status = jt_config_open(check_tmpdir(), &config, ret_error);
    if (status != JETON_OK)
        return status;
    main_config = jt_config_main(config);
    status = jt_settings_fill(main_config->store_settings, main_config->store_settings_len, table, "store.",
                              jt_config_dir(config), "/state", &findings, ret_values, ret_error);
    return status == JETON_OK ? jt_findings_error(&findings, NULL, ret_error) : status;
}

static void expect_refused(const char *text, const struct jeton_setting *table, const char *part)
{
    JT_AUTO_FIELDS struct jt_fields values = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(fill(text, 0600, table, &values, &error), JETON_CONFIG, part, &error);
}

static void test_defaults(void)
{
    JT_AUTO_FIELDS struct jt_fields values = {0};
    jeton_error *error = NULL;

    if (!CHECK_OK(fill("store = { engine = \"sqlite\"; key_file = \"k\"; };", 0644, rows, &values, &error), &error))
        return;
    CHECK_INT(values.len, 2);
    CHECK_STR(jt_fields_get(&values, "path"), "/state/tokens.db");
    CHECK_STR(jt_fields_get(&values, "pages"), "4");
}

static void test_values(void)
{
    JT_AUTO_FIELDS struct jt_fields values = {0};
    const struct jt_field *field;
    jeton_error *error = NULL;

    files_text(files_path("secret"), 0600, "s3cr3t\n");
    if (!CHECK_OK(
            fill("store = {\n path = \"db/x.db\";\n journal = \"/j\";\n pages = 9;\n password_file = \"secret\";\n};",
                 0644, rows, &values, &error),
            &error))
        return;
    CHECK_STR(jt_fields_get(&values, "path"), files_path("db/x.db"));
    CHECK_STR(jt_fields_get(&values, "journal"), "/j");
    CHECK_STR(jt_fields_get(&values, "pages"), "9");
    field = jt_fields_find(&values, "password");
    if (CHECK_TRUE(field != NULL)) {
        CHECK_STR(field->value, "s3cr3t");
        CHECK_INT(field->flags, JT_FIELD_SECRET);
        CHECK_INT(field->line, 5);
        CHECK_STR(field->file, files_path("jeton.conf"));
    }
}

static void test_unknown(void)
{
    expect_refused("\nstore = {\n pth = \"x\"; };", rows,
                   "jeton.conf:3: there is no setting \"store.pth\"; did you mean \"path\"?");
    expect_refused("store = { enigne = \"x\"; };", rows, "\"store.enigne\"; did you mean \"engine\"?");
    expect_refused("store = { key_fiel = \"x\"; };", rows, "\"store.key_fiel\"; did you mean \"key_file\"?");
    expect_refused("store = { pasword_env = \"x\"; };", rows, "\"store.pasword_env\"; did you mean \"password_env\"?");
    expect_refused("store = { qqqqqq = \"x\"; };", rows, "jeton.conf:1: there is no setting \"store.qqqqqq\"");
    expect_refused("store = { path_file = \"x\"; };", rows,
                   "store.path is no secret, so there is no store.path_file; write: path = …");
}

static void test_wrong_values(void)
{
    JT_AUTO_FIELDS struct jt_fields values = {0};
    jeton_error *error = NULL;

    expect_refused("store = { path = 5; };", rows, "jeton.conf:1: store.path must be put in quotes");
    expect_refused("store = { path = \"\"; };", rows, "store.path is empty; leave it out instead");
    expect_refused("store = { pages = 10; };", rows, "store.pages must be a whole number from 1 to 9");
    expect_refused("store = { password_file = \"absent\"; };", rows, "store.password_file: ");
    expect_refused("store = { password = \"\"; };", rows, "store.password is empty");
    expect_refused("", needy_rows, "jeton.conf: the configuration lacks the setting store.host (where it is)");
    CHECK_FAILS(fill("store = { password = \"p\"; };", 0644, rows, &values, &error), JETON_CONFIG,
                "store.password is a secret, and others can read this file (mode 0644): chmod 600", &error);
}

static const struct check_case cases[] = {
    {"what is not written has its default, a relative path below the state directory", test_defaults},
    {"what is written has its value, a relative path below the configuration's directory", test_values},
    {"an unknown setting is told with the nearest of the engine's and of jeton's own", test_unknown},
    {"what does not fit is told by file and line", test_wrong_values},
};

CHECK_MAIN("settings_fill", cases)
