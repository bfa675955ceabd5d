/* SPDX-License-Identifier: MIT */
/* Which directory is chosen, and where its state is. The environment is the test's own. */
#include "config/place.h"
#include "tests/lib/files.h"
#include <sys/auxv.h>

/* What config/place.c takes where the build says nothing else. */
#ifndef JETON_SYSCONFDIR
#define JETON_SYSCONFDIR "/etc"
#endif
#ifndef JETON_LOCALSTATEDIR
#define JETON_LOCALSTATEDIR "/var"
#endif

static void clear_environment(void)
{
    (void)unsetenv("JETON_CONFIG");
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("XDG_STATE_HOME");
    (void)setenv("HOME", files_path("home"), 1);
}

static void expect(const char *argument, const char *dir, const char *state, bool must_exist)
{
    JT_CLEANUP(jt_config_place_done) struct jt_config_place place = {0};
    jeton_error *error = NULL;

    if (!CHECK_OK(jt_config_place_choose(argument, &place, &error), &error))
        return;
    CHECK_STR(place.dir, dir);
    CHECK_STR(place.state_dir, state);
    CHECK_INT(place.must_exist, must_exist);
}

/* As an ordinary user, which root can become for a while. */
static void as_user(void (*run)(void))
{
    bool root = geteuid() == 0;

    if (root) {
        CHECK_INT(chmod(check_tmpdir(), 0755), 0);
        CHECK_INT(seteuid(65534), 0);
    }
    run();
    if (root)
        CHECK_INT(seteuid(0), 0);
}

static void test_argument(void)
{
    clear_environment();
    (void)setenv("JETON_CONFIG", "/from/environment", 1);
    expect("/named/", "/named", "/named", true);
}

static void test_relative(void)
{
    char here[512], expected[600];

    clear_environment();
    CHECK_TRUE(getcwd(here, sizeof(here)) != NULL);
    (void)snprintf(expected, sizeof(expected), "%s/some/dir", here);
    expect("some/dir", expected, expected, true);
}

static void test_environment(void)
{
    clear_environment();
    (void)setenv("JETON_CONFIG", "/from/environment", 1);
    expect(NULL, "/from/environment", "/from/environment", true);
    (void)setenv("JETON_CONFIG", "", 1);
    expect(NULL, JETON_SYSCONFDIR "/jeton", JETON_LOCALSTATEDIR "/lib/jeton", false);
}

static void test_empty(void)
{
    struct jt_config_place place = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(jt_config_place_choose("", &place, &error), JETON_USAGE, "is empty", &error);
}

static void test_no_working_directory(void)
{
    struct jt_config_place place = {0};
    jeton_error *error = NULL;
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    files_mkdir(files_path("gone"), 0755);
    CHECK_INT(chdir(files_path("gone")), 0);
    CHECK_INT(rmdir(files_path("gone")), 0);
    CHECK_FAILS(jt_config_place_choose("etc", &place, &error), JETON_CONFIG,
                "the working directory, which \"etc\" starts from, cannot be found", &error);
    CHECK_INT(fchdir(here), 0);
    (void)close(here);
}

static void make_home(void)
{
    if (files_exists(files_path("home")))
        return;
    files_mkdir(files_path("home"), 0755);
    files_mkdir(files_path("home/.config"), 0755);
    files_mkdir(files_path("home/.config/jeton"), 0755);
}

static void user_without_directory(void)
{
    expect(NULL, JETON_SYSCONFDIR "/jeton", JETON_LOCALSTATEDIR "/lib/jeton", false);
}

static void user_with_directory(void)
{
    expect(NULL, files_path("home/.config/jeton"), files_path("home/.local/state/jeton"), false);
    (void)setenv("XDG_STATE_HOME", "/state", 1);
    expect(NULL, files_path("home/.config/jeton"), "/state/jeton", false);
    /* Naming the directory that would have been found anyway leads to the same state. */
    expect(files_path("home/.config/jeton"), files_path("home/.config/jeton"), "/state/jeton", true);
    (void)setenv("XDG_STATE_HOME", "relative", 1);
    expect(NULL, files_path("home/.config/jeton"), files_path("home/.local/state/jeton"), false);
    (void)setenv("XDG_CONFIG_HOME", files_path("xdg"), 1);
    expect(NULL, files_path("xdg/jeton"), files_path("home/.local/state/jeton"), false);
}

static void test_user(void)
{
    clear_environment();
    as_user(user_without_directory);
    make_home();
    files_mkdir(files_path("xdg"), 0755);
    files_mkdir(files_path("xdg/jeton"), 0755);
    as_user(user_with_directory);
}

static void test_root(void)
{
    if (!check_root())
        return;
    clear_environment();
    make_home();
    expect(NULL, JETON_SYSCONFDIR "/jeton", JETON_LOCALSTATEDIR "/lib/jeton", false);
    (void)setenv("XDG_CONFIG_HOME", "relative", 1);
    expect(NULL, JETON_SYSCONFDIR "/jeton", JETON_LOCALSTATEDIR "/lib/jeton", false);
    (void)setenv("XDG_CONFIG_HOME", files_path("roots"), 1);
    expect(NULL, JETON_SYSCONFDIR "/jeton", JETON_LOCALSTATEDIR "/lib/jeton", false);
    files_mkdir(files_path("roots"), 0755);
    files_mkdir(files_path("roots/jeton"), 0755);
    expect(NULL, files_path("roots/jeton"), files_path("home/.local/state/jeton"), false);
}

/* Exit status 0 when none of the variables that name directories had its way. */
static int as_set_user_id_program(void)
{
    JT_CLEANUP(jt_config_place_done) struct jt_config_place place = {0};
    jeton_error *error = NULL;
    bool good = jt_config_place_choose(NULL, &place, &error) == JETON_OK &&
                strcmp(place.dir, JETON_SYSCONFDIR "/jeton") == 0 &&
                strcmp(place.state_dir, JETON_LOCALSTATEDIR "/lib/jeton") == 0;

    jeton_error_free(&error);
    return getauxval(AT_SECURE) != 0 && good ? 0 : 1;
}

static void test_secure(void)
{
    if (!check_root())
        return;
    clear_environment();
    (void)setenv("JETON_CONFIG", check_tmpdir(), 1);
    (void)setenv("XDG_CONFIG_HOME", files_path("xdg"), 1);
    (void)setenv("XDG_STATE_HOME", "/state", 1);
    CHECK_INT(files_run_set_user_id("--as-set-user-id-program"), 0);
    clear_environment();
}

static const struct check_case cases[] = {
    {"the argument comes first, and its state is within it", test_argument},
    {"a relative directory is made absolute at once", test_relative},
    {"then comes $JETON_CONFIG, unless it is empty", test_environment},
    {"an empty argument is an error", test_empty},
    {"a relative path without a working directory is an error that says so", test_no_working_directory},
    {"then the user's own directory, if there is one, with the state where the user keeps state", test_user},
    {"root has a directory of its own only where $XDG_CONFIG_HOME names it", test_root},
    {"a program with more rights than its caller does not let the environment choose", test_secure},
};

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--as-set-user-id-program") == 0)
        return as_set_user_id_program();
    return check_main(argc, argv, "config_place", cases, JT_LEN(cases));
}
