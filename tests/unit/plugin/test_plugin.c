/* SPDX-License-Identifier: MIT */
/* Loading of plugins: every fixture that breaks a rule is refused with that rule's name. */
#include "tests/lib/files.h"
#include "plugin/plugin.h"

static const struct jeton_host host = {.struct_size = sizeof(host), .abi_minor = JETON_PROVIDER_ABI_MINOR};

/* A directory of its own for each test: what was loaded from one stays loaded. */
static const char *fresh_dir(void)
{
    static char dir[512];
    static unsigned count;

    (void)snprintf(dir, sizeof(dir), "%s", files_path("plugins%u", count++));
    files_mkdir(dir, 0755);
    return dir;
}

static const char *dir_with(const char *fixture)
{
    const char *dir = fresh_dir();
    char path[600];

    (void)snprintf(path, sizeof(path), "%s/jeton_%s.so", dir, fixture);
    files_copy_fixture(fixture, path, 0644);
    return dir;
}

static int load(const char *dir, const char *name, const struct jt_plugin **ret_plugin, jeton_error **ret_error)
{
    return jt_plugin_load(dir, name, &host, ret_plugin, ret_error);
}

static void expect_refusal(const char *fixture, int status, const char *part)
{
    const char *dir = dir_with(fixture);
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;

    if (CHECK_INT(load(dir, fixture, &plugin, &error), status)) {
        CHECK_CONTAINS(jeton_error_message(error), dir);
        CHECK_CONTAINS(jeton_error_message(error), fixture);
        CHECK_CONTAINS(jeton_error_message(error), part);
    }
    CHECK_TRUE(plugin == NULL);
    jeton_error_free(&error);
}

static void test_minimal_loads(void)
{
    const char *dir = dir_with("minimal");
    const struct jt_plugin *plugin = NULL, *again = NULL;
    jeton_error *error = NULL;

    if (!CHECK_OK(load(dir, "minimal", &plugin, &error), &error))
        return;
    CHECK_STR(plugin->table.name, "minimal");
    CHECK_TRUE(plugin->table.acquire != NULL);
    CHECK_TRUE(plugin->table.refresh == NULL);
    CHECK_TRUE(plugin->settings != NULL && plugin->settings[0].name == NULL);
    CHECK_TRUE(plugin->table.settings == plugin->settings && plugin->table.parameters == plugin->parameters);
    CHECK_CONTAINS(plugin->path, "/jeton_minimal.so");
    CHECK_OK(load(dir, "minimal", &again, &error), &error);
    CHECK_TRUE(again == plugin);
}

static void expect_not_run(const char *fixture, const char *part)
{
    const char *marker = files_path("marker-%s", fixture);

    (void)setenv("JETON_FIXTURE_MARKER", marker, 1);
    expect_refusal(fixture, JETON_CONFIG, part);
    CHECK_TRUE(!files_exists(marker));
    (void)unsetenv("JETON_FIXTURE_MARKER");
}

static void test_no_symbol(void)
{
    expect_not_run("no_symbol", "does not export jeton_provider_v1");
}

static void test_wrong_major(void)
{
    expect_not_run("wrong_major", "version 2 of the plugin interface, and this jeton has version 1");
}

static void test_short_table(void)
{
    expect_refusal("short_table", JETON_CONFIG, "struct_size");
}

static void test_oversized_table(void)
{
    expect_refusal("oversized_table", JETON_CONFIG, "claims 65537 bytes (struct_size); 65536 is the limit");
}

static void test_wrong_name(void)
{
    expect_refusal("wrong_name", JETON_CONFIG, "calls itself \"voucherify\", and its file says \"wrong_name\"");
}

static void test_unknown_capability(void)
{
    expect_refusal("unknown_capability", JETON_CONFIG, "capabilities 0x0000010000000000");
}

static void test_missing_acquire(void)
{
    expect_refusal("missing_acquire", JETON_CONFIG, "has no acquire");
}

static void test_null_table(void)
{
    expect_refusal("null_table", JETON_CONFIG, "cannot work here");
}

static void test_bad_settings(void)
{
    expect_refusal("bad_setting_name", JETON_CONFIG, "a setting whose name is not [a-z][a-z0-9_]*");
    expect_refusal("core_setting", JETON_CONFIG, "setting base_url is a setting of jeton's own");
    expect_refusal("way_setting", JETON_CONFIG, "setting token_file ends like one of the ways to give a secret");
}

static void test_later_minor_versions(void)
{
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;

    if (CHECK_OK(load(dir_with("larger_table"), "larger_table", &plugin, &error), &error))
        CHECK_INT(plugin->table.abi_minor, 7);
    CHECK_OK(load(dir_with("low_capability"), "low_capability", &plugin, &error), &error);
    if (!CHECK_OK(load(dir_with("larger_stride"), "larger_stride", &plugin, &error), &error))
        return;
    CHECK_STR(plugin->settings[0].name, "client_id");
    CHECK_STR(plugin->settings[1].name, "token_lifetime");
    CHECK_INT(plugin->settings[1].maximum, 900);
    CHECK_STR(plugin->settings[2].name, "private_key");
    CHECK_STR(plugin->settings[3].name, "private_key_passphrase");
    CHECK_INT(plugin->settings[3].flags, JETON_SECRET);
    CHECK_TRUE(plugin->settings[4].name == NULL);
}

static void test_group_writable_file(void)
{
    const char *dir = dir_with("minimal");
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;
    char path[600];

    (void)snprintf(path, sizeof(path), "%s/jeton_minimal.so", dir);
    (void)chmod(path, 0664);
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_NOT_PERMITTED, "its group can change it", &error);
    (void)chmod(path, 0646);
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_NOT_PERMITTED, "everybody can change it", &error);
    (void)chmod(path, 0644);
    CHECK_OK(load(dir, "minimal", &plugin, &error), &error);
}

static void test_group_writable_directory(void)
{
    const char *dir = dir_with("minimal");
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;

    (void)chmod(dir, 0775);
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_NOT_PERMITTED, "chmod go-w", &error);
}

static void test_symlink(void)
{
    const char *dir = dir_with("minimal");
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;
    char link_path[600];

    (void)snprintf(link_path, sizeof(link_path), "%s/jeton_linked.so", dir);
    CHECK_INT(symlink("jeton_minimal.so", link_path), 0);
    CHECK_FAILS(load(dir, "linked", &plugin, &error), JETON_NOT_PERMITTED, "is a symbolic link", &error);
    (void)unlink(link_path);
    CHECK_INT(symlink("nowhere.so", link_path), 0);
    CHECK_FAILS(load(dir, "linked", &plugin, &error), JETON_NOT_PERMITTED, "is a symbolic link", &error);
}

static void test_wrong_owner(void)
{
    const char *dir = dir_with("minimal");
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;
    char path[600];

    if (!check_root())
        return;
    (void)snprintf(path, sizeof(path), "%s/jeton_minimal.so", dir);
    CHECK_INT(chown(path, 65534, 65534), 0);
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_NOT_PERMITTED, "belongs to user 65534", &error);
}

static void test_other_files(void)
{
    const char *dir = fresh_dir();
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;
    char path[600];
    size_t len;
    char *data = files_read(files_fixture("minimal"), &len);

    (void)snprintf(path, sizeof(path), "%s/jeton_minimal.so", dir);
    files_text(path, 0644, "#!/bin/sh\necho no\n");
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_CONFIG, "is not a shared object", &error);
    files_write(path, 0644, data, len / 2);
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_CONFIG, "jeton_minimal.so", &error);
    (void)unlink(path);
    files_mkdir(path, 0755);
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_CONFIG, "is not a regular file", &error);
    (void)rmdir(path);
    CHECK_INT(mkfifo(path, 0644), 0);
    CHECK_FAILS(load(dir, "minimal", &plugin, &error), JETON_CONFIG, "is not a regular file", &error);
    free(data);
}

static void test_names(void)
{
    const char *dir = dir_with("minimal");
    const struct jt_plugin *plugin = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(load(dir, "../minimal", &plugin, &error), JETON_CONFIG, "not a path", &error);
    CHECK_FAILS(load(dir, "", &plugin, &error), JETON_CONFIG, "bare name", &error);
    CHECK_FAILS(load(dir, "Minimal", &plugin, &error), JETON_CONFIG, "bare name", &error);
    CHECK_FAILS(load(dir, "minimla", &plugin, &error), JETON_CONFIG, "did you mean \"minimal\"", &error);
    CHECK_FAILS(load(dir, "qqqqqqqq", &plugin, &error), JETON_CONFIG, "there are: minimal", &error);
    CHECK_FAILS(load("/nonexistent", "minimal", &plugin, &error), JETON_CONFIG, "/nonexistent", &error);
}

static int collect(void *data, const char *name, const char *path)
{
    char *text = data;

    (void)path;
    (void)strncat(text, name, 200 - strlen(text));
    (void)strncat(text, " ", 200 - strlen(text));
    return 0;
}

static void test_each(void)
{
    const char *dir = fresh_dir();
    static const char *const files[] = {"jeton_line.so", "jeton_Bad.so",       "jeton_net.so", "jeton_store_etcd.so",
                                        "libx.so",       "jeton_alpha.so",     "jeton_.so",    "jeton_zed.so.bak",
                                        "jeton_line.la", "jeton_voucherify.so"};
    char names[256] = "";
    jeton_error *error = NULL;

    for (size_t i = 0; i < JT_LEN(files); i++) {
        char path[600];

        (void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        files_text(path, 0644, "");
    }
    CHECK_OK(jt_plugin_each(dir, collect, names, &error), &error);
    CHECK_STR(names, "alpha line voucherify ");
    CHECK_FAILS(jt_plugin_each("/nonexistent", collect, names, &error), JETON_CONFIG, "/nonexistent", &error);
}

static void test_open_symbol(void)
{
    const char *dir = dir_with("minimal");
    void *address = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_plugin_open_symbol(dir, "jeton_minimal.so", JETON_PROVIDER_SYMBOL, &address, &error), &error);
    CHECK_TRUE(address != NULL);
    CHECK_FAILS(jt_plugin_open_symbol(dir, "jeton_minimal.so", "jeton_net_v1", &address, &error), JETON_CONFIG,
                "does not export jeton_net_v1", &error);
    CHECK_FAILS(jt_plugin_open_symbol(dir, "jeton_net.so", "jeton_net_v1", &address, &error), JETON_CONFIG,
                "does not exist", &error);
}

static const struct check_case cases[] = {
    {"the smallest plugin loads, and only once", test_minimal_loads},
    {"an object without the entry symbol is refused and its constructor does not run", test_no_symbol},
    {"a plugin for another major version is refused by number and its constructor does not run", test_wrong_major},
    {"a table that ends before acquire is refused", test_short_table},
    {"a table over 64 KiB is refused", test_oversized_table},
    {"a plugin that calls itself something else is refused", test_wrong_name},
    {"an unknown high capability is refused", test_unknown_capability},
    {"a plugin without acquire is refused", test_missing_acquire},
    {"a plugin that returns no table is refused", test_null_table},
    {"settings with impossible names are refused", test_bad_settings},
    {"plugins of later minor versions load, their longer tables and settings cut to what is known",
     test_later_minor_versions},
    {"a file that its group or everybody can write is refused", test_group_writable_file},
    {"a directory that its group can write is refused", test_group_writable_directory},
    {"a symbolic link is refused, a dangling one too", test_symlink},
    {"a file of another owner is refused", test_wrong_owner},
    {"a text file, half a plugin, a directory and a FIFO are refused", test_other_files},
    {"a path is no plugin name, and a misspelt name is answered with the nearest", test_names},
    {"the plugins of a directory are listed in order, without the network module and store engines", test_each},
    {"an object of the core's own is opened under the same rules", test_open_symbol},
};

CHECK_MAIN("plugin", cases)
