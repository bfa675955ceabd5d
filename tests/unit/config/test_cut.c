/* SPDX-License-Identifier: MIT */
/* Provider files with thousands of accounts: what is read of them is what is written there, each account with its line,
 * whether all were asked for or one, and no group that libconfig gets is long. */
#include "config/file.h"
#include "tests/lib/files.h"

#define ACCOUNTS 3000

/* What may stand between two accounts, and in one: the cut must not take any of it for something else. */
static const char *const shapes[] = {
    "  a%04d = { client_id = \"id%d\"; note = \"} ; a0001 = { \\\" // \"; };\n",
    "  // a0001 = {\n  a%04d : { client_id = \"id%d\"; scope = [\"a\", \"}\"]; } /* { \" */\n",
    "  # { \"\n  a%04d={client_id=\"id\" \"%d\";min_ttl=10},",
    "  a%04d\n  =\n  {\n    client_id = \"id%d\"\n    ready = true, count = 3L;\n  }\n  ;\n",
};

/* ends: what stands behind the last account's lines. */
static char *make_text(const char *ends, int *ret_lines)
{
    struct jt_buf text = JT_BUF_INIT(4 * 1024 * 1024);

    jt_buf_puts(&text, "base_url = \"https://api.example\"; /* accounts = { */\naccounts =\n{\n");
    for (int i = 0; i < ACCOUNTS; i++) {
        const char *const shape = shapes[i % (int)JT_LEN(shapes)];

        ret_lines[i] = 1;
        for (size_t at = 0; at < text.len; at++)
            ret_lines[i] += text.data[at] == '\n';
        for (const char *at = shape; *at != '\0' && strncmp(at, "a%04d", 5) != 0; at++)
            ret_lines[i] += *at == '\n';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        jt_buf_printf(&text, shape, i, i);
#pragma GCC diagnostic pop
    }
    jt_buf_puts(&text, ends);
    return jt_buf_take(&text);
}

static struct jt_provider_file *read_text(const char *text, const char *account, jeton_error **ret_error)
{
    struct jt_provider_file *file = NULL;

    if (!files_exists(files_path("providers.d")))
        files_mkdir(files_path("providers.d"), 0755);
    files_text(files_path("providers.d/line.conf"), 0600, text);
    if (jt_provider_file_read(check_tmpdir(), "line", account, &file, ret_error) != JETON_OK)
        return NULL;
    return file;
}

static void expect_account(const struct jt_provider_file *file, int index, int line)
{
    JT_CLEANUP(jt_account_free) struct jt_account *account = NULL;
    const struct jt_raw_setting *setting;
    jeton_error *error = NULL;
    char name[16], id[16];

    (void)snprintf(name, sizeof name, "a%04d", index);
    (void)snprintf(id, sizeof id, "id%d", index);
    if (!CHECK_OK(jt_provider_file_account(file, name, &account, &error), &error))
        return;
    CHECK_STR(account->account, name);
    CHECK_INT(account->line, line);
    CHECK_STR(account->core.base_url, "https://api.example");
    CHECK_INT(account->core.timeout_s, 7);
    setting = jt_raw_setting_find(account->settings, account->settings_len, "client_id");
    if (CHECK_TRUE(setting != NULL))
        CHECK_STR(setting->text, id);
    setting = jt_raw_setting_find(account->settings, account->settings_len, "note");
    CHECK_STR(setting != NULL ? setting->text : NULL, index % 4 == 0 ? "} ; a0001 = { \" // " : NULL);
}

static const char good_end[] = "};\n/* } */ timeout = 7;\n# the end\n";

static void all_accounts_are_read(void)
{
    static int lines[ACCOUNTS];
    JT_AUTO_STR char *text = make_text(good_end, lines);
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
    jeton_error *error = NULL;

    file = read_text(text, NULL, &error);
    if (!CHECK_TRUE(file != NULL && error == NULL))
        return;
    CHECK_INT(file->accounts_len, ACCOUNTS);
    CHECK_INT(file->findings.len, 0);
    CHECK_TRUE(file->only == NULL);
    for (int i = 0; i < ACCOUNTS; i++)
        expect_account(file, i, lines[i]);
}

static void one_account_is_read_alone(void)
{
    static int lines[ACCOUNTS];
    JT_AUTO_STR char *text = make_text(good_end, lines);

    for (int i = 0; i < ACCOUNTS; i += i < 8 || i > ACCOUNTS - 8 ? 1 : 371) {
        JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
        jeton_error *error = NULL;
        char name[16];

        (void)snprintf(name, sizeof name, "a%04d", i);
        file = read_text(text, name, &error);
        if (!CHECK_TRUE(file != NULL && error == NULL))
            return;
        CHECK_INT(file->accounts_len, 1);
        CHECK_STR(file->only, name);
        expect_account(file, i, lines[i]);
    }
}

static void a_name_that_is_not_there_is_told_with_its_neighbours(void)
{
    static int lines[ACCOUNTS];
    JT_AUTO_STR char *text = make_text(good_end, lines);
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
    struct jt_account *account = NULL;
    jeton_error *error = NULL;

    file = read_text(text, "a00077", &error);
    if (CHECK_TRUE(file != NULL))
        CHECK_FAILS(jt_provider_file_account(file, "a00077", &account, &error), JETON_USAGE, "a0011 and 2988 more",
                    &error);
    CHECK_TRUE(account == NULL);
}

static void an_account_that_is_there_twice_is_found(void)
{
    static int lines[ACCOUNTS];
    JT_AUTO_STR char *text =
        make_text("\n a0005 = { client_id = \"other\"; };\n a0005 = { };\n};\ntimeout = 7;", lines);
    const char *const asked[] = {NULL, "a0005"};
    char part[64];

    (void)snprintf(part, sizeof part, "the account a0005 is there already, in line %d; keep one", lines[5]);
    for (size_t i = 0; i < JT_LEN(asked); i++) {
        JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
        struct jt_account *account = NULL;
        jeton_error *error = NULL;

        file = read_text(text, asked[i], &error);
        if (file == NULL) { /* both new ones are in one group of libconfig's */
            CHECK_CONTAINS(jeton_error_message(error), "duplicate setting name");
            jeton_error_free(&error);
            continue;
        }
        CHECK_FAILS(jt_provider_file_account(file, "a0005", &account, &error), JETON_CONFIG, part, &error);
    }
    free(text);
    text = make_text("\n a0005 = { client_id = \"other\"; };\n};\ntimeout = 7;", lines);
    for (size_t i = 0; i < JT_LEN(asked); i++) {
        JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
        struct jt_account *account = NULL;
        jeton_error *error = NULL;

        file = read_text(text, asked[i], &error);
        if (!CHECK_TRUE(file != NULL))
            continue;
        CHECK_FAILS(jt_provider_file_account(file, "a0005", &account, &error), JETON_CONFIG, part, &error);
        CHECK_INT(file->accounts_len, ACCOUNTS);
        CHECK_OK(jt_provider_file_account(file, "a0006", &account, &error), &error);
        jt_account_free(&account);
    }
}

/* What libconfig refuses is refused still, with the same line. */
static void mistakes_keep_their_lines(void)
{
    static const char *const ends[] = {
        "b1 = { client_id = ; };\n};\n",           "b1 = { client_id = \"1\";\n};\n",
        "b1 = { client_id = \"1\"; }};\n};\n",     "b1 = { x = (1, { }; };\n};\n",
        "b1 = { a = \"1\";\n a = \"2\"; };\n};\n", "};\naccounts = { b1 = { }; };\n",
        "};\ntimeout = 7;\ntimeout = 8;\n",        "};\n= 5;\n",
        "b1 = { 5 = 6; };\n b2 = { };\n};\n",
    };
    static int lines[ACCOUNTS];

    for (size_t i = 0; i < JT_LEN(ends); i++) {
        JT_AUTO_STR char *text = make_text(ends[i], lines);
        JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
        JT_AUTO_ERROR jeton_error *error = NULL;
        config_t tree;
        char part[64];

        config_init(&tree);
        CHECK_INT(config_read_string(&tree, text), CONFIG_FALSE);
        CHECK_TRUE(config_error_line(&tree) >= lines[ACCOUNTS - 1]);
        (void)snprintf(part, sizeof part, "line.conf:%d: %s", config_error_line(&tree), config_error_text(&tree));
        config_destroy(&tree);
        file = read_text(text, NULL, &error);
        CHECK_TRUE(file == NULL);
        CHECK_CONTAINS(error != NULL ? jeton_error_message(error) : "none", part);
    }
}

static void expect_groups(const char *text, int most)
{
    JT_AUTO_BUF struct jt_buf cut = JT_BUF_INIT(8 * 1024 * 1024);
    const config_setting_t *accounts;
    config_t tree;
    int count = 0;

    if (!CHECK_TRUE(jt_config_cut(text, strlen(text), NULL, &cut)))
        return;
    config_init(&tree);
    CHECK_INT(config_read_string(&tree, jt_buf_str(&cut)), CONFIG_TRUE);
    accounts = config_lookup(&tree, "accounts");
    for (int i = 0; accounts != NULL && i < config_setting_length(accounts); i++) {
        const config_setting_t *group = config_setting_get_elem(accounts, (unsigned)i);

        CHECK_INT(config_setting_name(group)[0], JT_CONFIG_PART);
        CHECK_TRUE(config_setting_length(group) <= most);
        count += config_setting_length(group);
    }
    CHECK_INT(count, ACCOUNTS);
    config_destroy(&tree);
}

static void no_group_is_long(void)
{
    static int lines[ACCOUNTS];
    JT_AUTO_STR char *text = make_text(good_end, lines);
    JT_AUTO_BUF struct jt_buf cut = JT_BUF_INIT(8 * 1024 * 1024);

    expect_groups(text, 64);
    /* Without the others the text is little more than its line ends. */
    CHECK_TRUE(jt_config_cut(text, strlen(text), "a0100", &cut));
    CHECK_TRUE(cut.len < strlen(text) / 4);
    CHECK_CONTAINS(jt_buf_str(&cut), "\"id100\"");
    CHECK_TRUE(strstr(jt_buf_str(&cut), "\"id101\"") == NULL);
}

static void what_is_not_understood_is_left_alone(void)
{
    static const char *const ends[] = {
        "};\naccounts = { b = { }; };",
        " *0 = { };\n};",
        " b = 5;\n};",
        " b = { };\n",
        " b = { };\n}; }",
        " b = { x = \"",
        " b = { x = \"\\",
        " b = { /*",
        " b = { ] };\n};",
        " b",
        " b =",
        " = { };\n};",
        "};\n timeout",
        "};\n timeout =",
        "};\n timeout = ;",
        "};\n \"x\"",
        "};\n /",
        "};\n timeout = /",
    };
    static int lines[ACCOUNTS];

    for (size_t i = 0; i < JT_LEN(ends); i++) {
        JT_AUTO_STR char *text = make_text(ends[i], lines);
        JT_AUTO_BUF struct jt_buf cut = JT_BUF_INIT(8 * 1024 * 1024);

        CHECK_TRUE(!jt_config_cut(text, strlen(text), NULL, &cut));
        jt_buf_reset(&cut);
        CHECK_TRUE(!jt_config_cut(text, strlen(text), "a0100", &cut));
    }
    {
        JT_AUTO_BUF struct jt_buf cut = JT_BUF_INIT(1024);
        const char *text = "accounts = { a = { }; };";

        CHECK_TRUE(!jt_config_cut(text, strlen(text), NULL, &cut));
        CHECK_TRUE(!jt_config_cut("", 0, NULL, &cut));
    }
}

static const struct check_case cases[] = {
    {"all accounts are read", all_accounts_are_read},
    {"one account is read alone", one_account_is_read_alone},
    {"a name that is not there is told with its neighbours", a_name_that_is_not_there_is_told_with_its_neighbours},
    {"an account that is there twice is found", an_account_that_is_there_twice_is_found},
    {"mistakes keep their lines", mistakes_keep_their_lines},
    {"no group is long", no_group_is_long},
    {"what is not understood is left alone", what_is_not_understood_is_left_alone},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, "config_cut", cases, JT_LEN(cases));
}
