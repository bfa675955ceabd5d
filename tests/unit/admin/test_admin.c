/* SPDX-License-Identifier: MIT */
/* Proves what tools that administer get: making the store, checking the configuration, describing plugins and
 * providers. It loads no plugin file. */
#include "tests/lib/fake_net.h"
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void object_done(json_object **object)
{
    (void)json_object_put(*object);
}
#define AUTO_OBJECT JT_CLEANUP(object_done)

static json_object *parse(jeton_answer **answer)
{
    json_object *object = *answer != NULL ? json_tokener_parse(jeton_answer_json(*answer)) : NULL;

    CHECK_TRUE(object != NULL);
    jeton_answer_free(answer);
    return object;
}

/* A member of an object, or an item of an array, by names and digits with slashes. */
static const char *text_at(json_object *object, const char *path)
{
    json_object *value = NULL;

    return json_pointer_get(object, path, &value) == 0 ? json_object_get_string(value) : NULL;
}

static json_object *check(struct fake *fake)
{
    const struct jeton_options options = {.struct_size = sizeof(options), .config_dir = fake->dir};
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jeton_check(&options, &answer, &error), &error);
    return parse(&answer);
}

static bool has_finding(json_object *object, const char *file, int line, const char *part)
{
    json_object *findings = json_object_object_get(object, "findings");

    for (size_t i = 0; i < json_object_array_length(findings); i++) {
        json_object *finding = json_object_array_get_idx(findings, i);
        const char *name = text_at(finding, "/file"), *message = text_at(finding, "/message");
        json_object *number = json_object_object_get(finding, "line");

        if (name != NULL && strstr(name, file) != NULL && message != NULL && strstr(message, part) != NULL &&
            (line == 0 || json_object_get_int(number) == line))
            return true;
    }
    printf("no finding in %s:%d with \"%s\" in %s\n", file, line, part, json_object_to_json_string(object));
    return false;
}

static void init_makes_what_is_missing_and_changes_nothing_that_is_there(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *key = jt_printf("%s/store.key", fake->dir), *what = NULL;
    const struct jeton_options options = {.struct_size = sizeof(options), .config_dir = fake->dir};
    jeton_error *error = NULL;
    struct stat before, after;

    CHECK_INT(stat(key, &before), 0);
    CHECK_INT(before.st_mode & 0777, 0600);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_init(&options, &what, &error), &error);
    CHECK_CONTAINS(what, "found");
    CHECK_TRUE(strstr(what, "made") == NULL);
    CHECK_INT(stat(key, &after), 0);
    CHECK_INT(after.st_ino, before.st_ino);
    CHECK_INT(after.st_mtime, before.st_mtime);
    fake_get_ok(fake, FAKE_NAME, "token-1");
    CHECK_OK(jeton_init(&options, NULL, &error), &error);
}

static void init_makes_the_directory_that_others_say_is_not_there(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *dir = jt_printf("%s/new/jeton", fake->dir), *what = NULL;
    JT_AUTO_STR char *made = jt_printf("made directory %s (mode 0700)", dir);
    const struct jeton_options options = {.struct_size = sizeof(options), .config_dir = dir};
    jeton *ctx = NULL;
    jeton_error *error = NULL;
    struct stat st;

    CHECK_FAILS(jeton_open(&options, &ctx, &error), JETON_CONFIG, dir, &error);
    CHECK_TRUE(stat(dir, &st) != 0);
    CHECK_OK(jeton_init(&options, &what, &error), &error);
    CHECK_CONTAINS(what, made);
    CHECK_OK(jeton_open(&options, &ctx, &error), &error);
    jeton_close(&ctx);
}

static void a_fault_of_jeton_conf_is_a_finding(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_OBJECT json_object *object = NULL;

    fake_write(fake, "jeton.conf", "stoer = { path = \"x\"; };\n");
    object = check(fake);
    CHECK_TRUE(has_finding(object, "jeton.conf", 1, "did you mean \"store\"?"));
}

static void all_findings_are_told_not_the_first(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_OBJECT json_object *object = NULL;

    fake_write(fake, "providers.d/broken.conf", "accounts = {\n  a = {\n");
    fake_write(fake, "providers.d/No Name.conf", "accounts = { a = { client_id = \"x\"; }; };\n");
    fake_write(fake, "providers.d/fake.conf",
               "accounts = {\n  main = { min_ttl = \"soon\"; };\n  other = { timeout = -5; };\n};\n");
    object = check(fake);
    CHECK_TRUE(has_finding(object, "broken.conf", 0, "syntax"));
    CHECK_TRUE(has_finding(object, "fake.conf", 2, "min_ttl"));
    CHECK_TRUE(has_finding(object, "fake.conf", 3, "timeout"));
    CHECK_TRUE(has_finding(object, "No Name.conf", 0, "the file's name is the provider's"));
    CHECK_STR(text_at(object, "/providers"), "3");
}

static void a_fault_in_one_place_hides_no_other(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_OBJECT json_object *object = NULL;

    fake_write(fake, "jeton.conf",
               "stoer = { path = \"x\"; };\nstore = { key_fil = \"x\"; };\nlog = { level = \"loud\"; };\n");
    fake_write(fake, "providers.d/fake.conf",
               "base_url = \"http://example.com\";\n"
               "accounts = {\n"
               "  main = { min_ttl = \"soon\";  };\n"
               "  other = {\n"
               "    client_secret_command = \"/bin/true\";\n"
               "  };\n"
               "};\n");
    object = check(fake);
    CHECK_TRUE(has_finding(object, "jeton.conf", 1, "did you mean \"store\"?"));
    CHECK_TRUE(has_finding(object, "jeton.conf", 2, "did you mean \"key_file\"?"));
    CHECK_TRUE(has_finding(object, "jeton.conf", 3, "log.level must be one of"));
    CHECK_TRUE(has_finding(object, "fake.conf", 1, "base_url"));
    CHECK_TRUE(has_finding(object, "fake.conf", 3, "min_ttl"));
    CHECK_TRUE(has_finding(object, "fake.conf", 5, "client_secret_command must be a list"));
}

static void a_jeton_conf_that_cannot_be_read_does_not_stop_the_check(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_OBJECT json_object *object = NULL;

    fake_write(fake, "jeton.conf", "store = {\n");
    fake_write(fake, "providers.d/fake.conf", "accounts = { main = { min_ttl = \"soon\"; }; };\n");
    object = check(fake);
    CHECK_TRUE(has_finding(object, "jeton.conf", 0, "syntax"));
    CHECK_TRUE(has_finding(object, "fake.conf", 1, "min_ttl"));
}

static void without_the_network_module_every_account_says_so(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_OBJECT json_object *object = NULL;

    fake_write(fake, "jeton.conf", "plugindir = \"plugins\";\n");
    object = check(fake);
    CHECK_TRUE(has_finding(object, "fake.conf", 0, "plugins"));
    CHECK_STR(text_at(object, "/accounts"), "2");
}

static void a_plugin_is_described_by_its_table(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_OBJECT json_object *object = NULL;
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    fake->plugin.table.list_keys = NULL;
    CHECK_OK(jeton_describe(fake->ctx, "fake", &answer, &error), &error);
    object = parse(&answer);
    CHECK_STR(text_at(object, "/name"), "fake");
    CHECK_STR(text_at(object, "/base_url"), "https://fake.example");
    CHECK_STR(text_at(object, "/abi"), "1.0");
    CHECK_STR(text_at(object, "/operations/0"), "acquire");
    CHECK_STR(text_at(object, "/operations/3"), "introspect");
    CHECK_STR(text_at(object, "/operations/4"), NULL);
    CHECK_STR(text_at(object, "/capabilities/0"), "unattended");
    CHECK_STR(text_at(object, "/settings/1/name"), "client_secret");
    CHECK_STR(text_at(object, "/settings/1/type"), "string");
    CHECK_STR(text_at(object, "/settings/1/secret"), "true");
    CHECK_STR(text_at(object, "/settings/0/secret"), "false");
    CHECK_STR(text_at(object, "/settings/0/required"), "false");
    CHECK_STR(text_at(object, "/parameters/0/type"), "list");
    CHECK_STR(text_at(object, "/parameters/2/one_time"), "true");
}

static void a_setting_is_described_in_full(void)
{
    static const struct jeton_setting rows[] = {
        {.name = "api",
         .type = JETON_STRING,
         .flags = JETON_REQUIRED,
         .default_value = "v2",
         .choices = "v2  v3",
         .help = "h"},
        {.name = "life", .type = JETON_INTEGER, .minimum = 1, .maximum = 900, .help = "h"},
        {.name = "key", .type = JETON_KEY, .help = "h"},
        {.name = NULL},
    };
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_OBJECT json_object *object = NULL;
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    fake->plugin.settings = rows;
    CHECK_OK(jeton_describe(fake->ctx, "fake", &answer, &error), &error);
    object = parse(&answer);
    CHECK_STR(text_at(object, "/settings/0/required"), "true");
    CHECK_STR(text_at(object, "/settings/0/default"), "v2");
    CHECK_STR(text_at(object, "/settings/0/choices/1"), "v3");
    CHECK_STR(text_at(object, "/settings/0/choices/2"), NULL);
    CHECK_STR(text_at(object, "/settings/0/minimum"), NULL);
    CHECK_STR(text_at(object, "/settings/1/minimum"), "1");
    CHECK_STR(text_at(object, "/settings/1/maximum"), "900");
    CHECK_STR(text_at(object, "/settings/2/type"), "key");
    CHECK_STR(text_at(object, "/settings/2/secret"), "true");
}

static void an_unknown_plugin_is_an_error(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_describe(fake->ctx, "line", &answer, &error), JETON_CONFIG, "line", &error);
    CHECK_FAILS(jeton_describe(fake->ctx, NULL, &answer, &error), JETON_USAGE, "no plugin is named", &error);
    CHECK_TRUE(answer == NULL);
}

static void providers_are_listed_with_their_accounts_or_their_error(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *plugins = jt_printf("%s/plugins", fake->dir);
    AUTO_OBJECT json_object *object = NULL;
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    CHECK_INT(mkdir(plugins, 0700), 0);
    fake_write(fake, "jeton.conf", "plugindir = \"plugins\";\n");
    fake_write(fake, "plugins/jeton_fake.so", "");
    fake_write(fake, "plugins/jeton_other.so", "");
    fake_write(fake, "plugins/jeton_net.so", "");
    fake_write(fake, "providers.d/broken.conf", "accounts = {\n  a = {\n");
    jeton_close(&fake->ctx);
    fake->ctx = fake_open(fake);
    CHECK_OK(jeton_providers(fake->ctx, &answer, &error), &error);
    object = parse(&answer);
    CHECK_STR(text_at(object, "/plugins/0/name"), "fake");
    CHECK_STR(text_at(object, "/plugins/0/summary"), "answers from a script");
    CHECK_STR(text_at(object, "/plugins/1/name"), "other");
    CHECK_CONTAINS(text_at(object, "/plugins/1/error"), "no plugin other");
    CHECK_STR(text_at(object, "/plugins/2"), NULL);
    CHECK_STR(text_at(object, "/providers/0/name"), "broken");
    CHECK_CONTAINS(text_at(object, "/providers/0/error"), "broken.conf");
    CHECK_STR(text_at(object, "/providers/1/name"), "fake");
    CHECK_STR(text_at(object, "/providers/1/plugin"), "fake");
    CHECK_STR(text_at(object, "/providers/1/accounts/0"), "main");
    CHECK_STR(text_at(object, "/providers/1/accounts/1"), "other");
    CHECK_STR(text_at(object, "/providers/1/error"), NULL);
}

static void options_that_say_no_size_are_a_mistake_of_the_caller(void)
{
    const struct jeton_options options = {.struct_size = 1};
    jeton *ctx = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_open(&options, &ctx, &error), JETON_USAGE, "sizeof(struct jeton_options)", &error);
    CHECK_TRUE(ctx == NULL);
    jeton_close(&ctx);
    jeton_close(NULL);
    CHECK_STR(jeton_version(), JETON_VERSION);
}

static const struct check_case cases[] = {
    {"init makes what is missing and changes nothing that is there",
     init_makes_what_is_missing_and_changes_nothing_that_is_there},
    {"init makes the directory that others say is not there", init_makes_the_directory_that_others_say_is_not_there},
    {"a fault of jeton.conf is a finding", a_fault_of_jeton_conf_is_a_finding},
    {"all findings are told, not the first", all_findings_are_told_not_the_first},
    {"a fault in one place hides no other", a_fault_in_one_place_hides_no_other},
    {"a jeton.conf that cannot be read does not stop the check",
     a_jeton_conf_that_cannot_be_read_does_not_stop_the_check},
    {"without the network module every account says so", without_the_network_module_every_account_says_so},
    {"a plugin is described by its table", a_plugin_is_described_by_its_table},
    {"a setting is described in full", a_setting_is_described_in_full},
    {"an unknown plugin is an error", an_unknown_plugin_is_an_error},
    {"providers are listed with their accounts or their error",
     providers_are_listed_with_their_accounts_or_their_error},
    {"options that say no size are a mistake of the caller", options_that_say_no_size_are_a_mistake_of_the_caller},
};

CHECK_MAIN("admin", cases)
