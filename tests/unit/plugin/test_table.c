/* SPDX-License-Identifier: MIT */
/* The table that a plugin returns: each rule of the ABI broken once, and what is copied. */
#include "tests/lib/files.h"
#include "plugin/table.h"

static jeton_step operation(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow;
    (void)event;
    return JETON_STEP_FAIL;
}

static const struct jeton_setting good_settings[] = {
    {.name = "client_id", .type = JETON_STRING, .flags = JETON_REQUIRED, .help = "the client"},
    {.name = "key", .type = JETON_KEY, .help = "the key"},
    {.name = NULL},
};

static struct jeton_provider good_table(void)
{
    return (struct jeton_provider){
        .struct_size = sizeof(struct jeton_provider),
        .setting_size = sizeof(struct jeton_setting),
        .name = "example",
        .version = "1.0",
        .summary = "an example",
        .base_url = "https://provider.example",
        .settings = good_settings,
        .acquire = operation,
        .check = operation,
    };
}

static void expect_refused(const struct jeton_provider *table, const char *part)
{
    struct jt_plugin plugin = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(jt_plugin_table_copy(table, "example", &plugin, &error), JETON_CONFIG, part, &error);
    jt_plugin_table_done(&plugin);
}

static void test_copy(void)
{
    struct jeton_provider table = good_table();
    struct jt_plugin plugin = {0};
    jeton_error *error = NULL;

    if (!CHECK_OK(jt_plugin_table_copy(&table, "example", &plugin, &error), &error))
        return;
    CHECK_STR(plugin.settings[0].name, "client_id");
    CHECK_STR(plugin.settings[1].name, "key");
    CHECK_INT(plugin.settings[1].flags, JETON_SECRET);
    CHECK_STR(plugin.settings[2].name, "key_passphrase");
    CHECK_TRUE(plugin.settings[3].name == NULL);
    CHECK_TRUE(plugin.parameters[0].name == NULL);
    CHECK_TRUE(plugin.table.check == operation);
    jt_plugin_table_done(&plugin);
}

/* A table from before `check` was there: what lies behind its end is not looked at. */
static void test_short_but_whole(void)
{
    struct jeton_provider table = good_table();
    struct jt_plugin plugin = {0};
    jeton_error *error = NULL;

    table.struct_size = offsetof(struct jeton_provider, acquire) + sizeof(table.acquire);
    if (!CHECK_OK(jt_plugin_table_copy(&table, "example", &plugin, &error), &error))
        return;
    CHECK_TRUE(plugin.table.acquire == operation);
    CHECK_TRUE(plugin.table.check == NULL);
    jt_plugin_table_done(&plugin);
}

static void test_members(void)
{
    static char long_line[1000];
    struct jeton_provider table;

    memset(long_line, 'x', sizeof(long_line) - 1);
    expect_refused(NULL, "returned NULL");
    table = good_table(), table.struct_size = 0;
    expect_refused(&table, "struct_size");
    table = good_table(), table.struct_size = offsetof(struct jeton_provider, acquire);
    expect_refused(&table, "struct_size");
    table = good_table(), table.struct_size = 65537;
    expect_refused(&table, "65536 is the limit");
    table = good_table(), table.setting_size = 0;
    expect_refused(&table, "setting_size");
    table = good_table(), table.setting_size = sizeof(struct jeton_setting) - 8;
    expect_refused(&table, "setting_size");
    table = good_table(), table.setting_size = sizeof(struct jeton_setting) + 1;
    expect_refused(&table, "setting_size");
    table = good_table(), table.name = NULL;
    expect_refused(&table, "does not say its name");
    table = good_table(), table.name = long_line;
    expect_refused(&table, "does not say its name");
    table = good_table(), table.name = "examples";
    expect_refused(&table, "calls itself \"examples\"");
    table = good_table(), table.version = NULL;
    expect_refused(&table, "no version");
    table = good_table(), table.version = "1\n2";
    expect_refused(&table, "no version");
    table = good_table(), table.summary = NULL;
    expect_refused(&table, "no summary");
    table = good_table(), table.summary = long_line;
    expect_refused(&table, "no summary");
    table = good_table(), table.base_url = "http://provider.example";
    expect_refused(&table, "base_url");
    table = good_table(), table.reserved = 1;
    expect_refused(&table, "reserved");
    table = good_table(), table.capabilities = UINT64_C(1) << 32;
    expect_refused(&table, "0x0000000100000000");
    table = good_table(), table.acquire = NULL;
    expect_refused(&table, "no acquire");
}

static void test_settings(void)
{
    static const struct {
        struct jeton_setting row;
        const char *part;
    } wrong[] = {
        {{.name = "", .type = JETON_STRING, .help = "x"}, "[a-z][a-z0-9_]*"},
        {{.name = "9x", .type = JETON_STRING, .help = "x"}, "[a-z][a-z0-9_]*"},
        {{.name = "client-id", .type = JETON_STRING, .help = "x"}, "[a-z][a-z0-9_]*"},
        {{.name = "accounts", .type = JETON_STRING, .help = "x"}, "jeton's own"},
        {{.name = "plugin", .type = JETON_STRING, .help = "x"}, "jeton's own"},
        {{.name = "timeout", .type = JETON_INTEGER, .help = "x"}, "jeton's own"},
        {{.name = "x_env", .type = JETON_STRING, .help = "x"}, "ways to give a secret"},
        {{.name = "x_command", .type = JETON_STRING, .help = "x"}, "ways to give a secret"},
        {{.name = "x_credential", .type = JETON_STRING, .help = "x"}, "ways to give a secret"},
        {{.name = "x", .type = 0, .help = "x"}, "type 0"},
        {{.name = "x", .type = 7, .help = "x"}, "type 7"},
        {{.name = "x", .type = JETON_STRING, .flags = 0x80, .help = "x"}, "flags 0x80"},
        {{.name = "x", .type = JETON_STRING}, "no line of help"},
        {{.name = "x", .type = JETON_STRING, .help = "a\nb"}, "no line of help"},
        {{.name = "x", .type = JETON_STRING, .help = "x", .choices = "a b", .default_value = "c"}, "one of: a b"},
        {{.name = "x", .type = JETON_INTEGER, .help = "x", .minimum = 1, .maximum = 5, .default_value = "6"},
         "from 1 to 5"},
        {{.name = "x", .type = JETON_BOOLEAN, .help = "x", .default_value = "yes"}, "true or false"},
    };

    for (size_t i = 0; i < JT_LEN(wrong); i++) {
        struct jeton_setting rows[2] = {wrong[i].row, {.name = NULL}};
        struct jeton_provider table = good_table();

        table.settings = rows;
        expect_refused(&table, wrong[i].part);
    }
}

static void test_repeated(void)
{
    static const struct jeton_setting twice[] = {{.name = "x", .type = JETON_STRING, .help = "x"},
                                                 {.name = "x", .type = JETON_STRING, .help = "x"},
                                                 {.name = NULL}};
    static const struct jeton_setting passphrase[] = {{.name = "key", .type = JETON_KEY, .help = "x"},
                                                      {.name = "key_passphrase", .type = JETON_STRING, .help = "x"},
                                                      {.name = NULL}};
    struct jeton_provider table = good_table();

    table.settings = twice;
    expect_refused(&table, "x is there twice");
    table.settings = passphrase;
    expect_refused(&table, "key_passphrase is there twice");
    table.settings = NULL;
    table.parameters = twice;
    expect_refused(&table, "parameter x is there twice");
}

static void test_endless(void)
{
    static struct jeton_setting rows[300];
    static char names[300][8];
    struct jeton_provider table = good_table();
    struct jt_plugin plugin = {0};
    jeton_error *error = NULL;

    for (size_t i = 0; i < JT_LEN(rows) - 1; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "s%zu", i);
        rows[i] = (struct jeton_setting){.name = names[i], .type = JETON_STRING, .help = "x"};
    }
    table.settings = rows;
    expect_refused(&table, "more than 256 settings");
    rows[256].name = NULL;
    CHECK_OK(jt_plugin_table_copy(&table, "example", &plugin, &error), &error);
    jt_plugin_table_done(&plugin);
}

static void test_parameters_may_share_names(void)
{
    static const struct jeton_setting parameters[] = {{.name = "client_id", .type = JETON_STRING, .help = "x"},
                                                      {.name = "token_file", .type = JETON_STRING, .help = "x"},
                                                      {.name = NULL}};
    struct jeton_provider table = good_table();
    struct jt_plugin plugin = {0};
    jeton_error *error = NULL;

    table.parameters = parameters;
    CHECK_OK(jt_plugin_table_copy(&table, "example", &plugin, &error), &error);
    jt_plugin_table_done(&plugin);
}

static const struct check_case cases[] = {
    {"a table is copied, and a key brings its passphrase with it", test_copy},
    {"a table that ends behind acquire is whole, the rest is absent", test_short_but_whole},
    {"each member that is wrong is refused by name", test_members},
    {"each fault of a setting is refused by name", test_settings},
    {"a name that is there twice is refused", test_repeated},
    {"a list of settings that does not end is refused", test_endless},
    {"parameters may be called like settings and end like files", test_parameters_may_share_names},
};

CHECK_MAIN("plugin_table", cases)
