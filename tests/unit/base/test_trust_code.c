/* SPDX-License-Identifier: MIT */
/* Code that somebody else could have put there is refused: owners, modes and links of every directory down to it. */
#include "tests/lib/files.h"
#include "base/base.h"
#include <sys/resource.h>

static int try_open(const char *dir, const char *file, jeton_error **ret_error)
{
    int fd = -1;
    int status = jt_trust_open_code(dir, file, &fd, ret_error);

    CHECK_INT(fd >= 0, status == JETON_OK);
    if (fd >= 0)
        (void)close(fd);
    return status;
}

/* tmp/NAME/inner/file, all of it as it should be. */
static const char *tree(const char *name)
{
    const char *inner = files_path("%s/inner", name);

    files_mkdir(files_path("%s", name), 0755);
    files_mkdir(inner, 0755);
    files_text(files_path("%s/inner/file", name), 0644, "x");
    return inner;
}

static void test_good(void)
{
    const char *dir = tree("good");
    jeton_error *error = NULL;

    CHECK_OK(try_open(dir, "file", &error), &error);
}

static void test_ancestor_writable(void)
{
    const char *dir = tree("ancestor");
    jeton_error *error = NULL;

    (void)chmod(files_path("ancestor"), 0775);
    CHECK_FAILS(try_open(dir, "file", &error), JETON_NOT_PERMITTED,
                "ancestor has mode 0775, so that its group can change it: chmod go-w", &error);
    (void)chmod(files_path("ancestor"), 0757);
    CHECK_FAILS(try_open(dir, "file", &error), JETON_NOT_PERMITTED, "everybody can change it", &error);
}

static void test_sticky(void)
{
    const char *dir = tree("sticky");
    jeton_error *error = NULL;

    (void)chmod(files_path("sticky"), 01777);
    if (geteuid() == 0)
        CHECK_OK(try_open(dir, "file", &error), &error);
    (void)chmod(files_path("sticky"), 0755);
    (void)chmod(dir, 01777);
    CHECK_FAILS(try_open(dir, "file", &error), JETON_NOT_PERMITTED, "inner has mode 1777", &error);
}

static void test_sticky_of_another(void)
{
    const char *dir = tree("foreign");
    jeton_error *error = NULL;

    if (geteuid() != 0) {
        printf("needs root to give a directory away\n");
        return;
    }
    (void)chmod(files_path("foreign"), 01777);
    CHECK_INT(chown(files_path("foreign"), 65534, 65534), 0);
    CHECK_FAILS(try_open(dir, "file", &error), JETON_NOT_PERMITTED, "foreign belongs to user 65534", &error);
}

static void test_links(void)
{
    const char *dir = tree("links");
    jeton_error *error = NULL;

    CHECK_INT(symlink("file", files_path("links/inner/link")), 0);
    CHECK_FAILS(try_open(dir, "link", &error), JETON_NOT_PERMITTED, "is a symbolic link", &error);
    /* The directory that is configured may itself be reached through one (/lib is a link): its target is what counts.
     */
    CHECK_INT(symlink("inner", files_path("links/outer")), 0);
    CHECK_OK(try_open(files_path("links/outer"), "file", &error), &error);
    (void)chmod(dir, 0777);
    CHECK_FAILS(try_open(files_path("links/outer"), "file", &error), JETON_NOT_PERMITTED, "links/inner has mode",
                &error);
}

static void test_links_of_others(void)
{
    jeton_error *error = NULL;

    (void)tree("linked");
    files_mkdir(files_path("open"), 0755);
    CHECK_INT(symlink("../linked/inner", files_path("open/first")), 0);
    files_mkdir(files_path("second"), 0755);
    CHECK_INT(symlink(files_path("open/./first"), files_path("second/link")), 0);
    CHECK_OK(try_open(files_path("open/first"), "file", &error), &error);
    CHECK_OK(try_open(files_path("second/link"), "file", &error), &error);
    /* Who can write there can let the link lead to another directory that is as trustworthy by itself. */
    (void)chmod(files_path("open"), 0777);
    CHECK_FAILS(try_open(files_path("open/first"), "file", &error), JETON_NOT_PERMITTED, "open has mode 0777", &error);
    CHECK_FAILS(try_open(files_path("second/link"), "file", &error), JETON_NOT_PERMITTED, "open has mode 0777", &error);
    if (geteuid() != 0)
        return;
    (void)chmod(files_path("open"), 01777);
    CHECK_OK(try_open(files_path("open/first"), "file", &error), &error);
    CHECK_INT(lchown(files_path("open/first"), 65534, 65534), 0);
    CHECK_FAILS(try_open(files_path("open/first"), "file", &error), JETON_NOT_PERMITTED,
                "open/first belongs to user 65534", &error);
}

static void test_names(void)
{
    const char *dir = tree("names");
    jeton_error *error = NULL;

    CHECK_FAILS(try_open(dir, "../inner/file", &error), JETON_CONFIG, "is not the name of a file", &error);
    CHECK_FAILS(try_open(dir, "", &error), JETON_CONFIG, "is not the name of a file", &error);
    CHECK_FAILS(try_open(dir, "absent", &error), JETON_CONFIG, "absent does not exist", &error);
    CHECK_FAILS(try_open(files_path("names/absent"), "file", &error), JETON_CONFIG, "names/absent cannot be found",
                &error);
    CHECK_FAILS(try_open(files_path("names/inner/file"), "file", &error), JETON_NOT_PERMITTED, "names/inner/file",
                &error);
}

static void test_other_user(void)
{
    const char *dir = tree("other");
    jeton_error *error = NULL;

    if (geteuid() != 0) {
        printf("needs root to be another user\n");
        return;
    }
    CHECK_INT(chmod(check_tmpdir(), 0755), 0);
    CHECK_INT(chown(files_path("other/inner/file"), 65534, 65534), 0);
    CHECK_FAILS(try_open(dir, "file", &error), JETON_NOT_PERMITTED, "chown root", &error);
    CHECK_INT(seteuid(65534), 0);
    CHECK_OK(try_open(dir, "file", &error), &error);
    CHECK_INT(seteuid(0), 0);
    CHECK_INT(chown(files_path("other/inner/file"), 65533, 65534), 0);
    CHECK_INT(seteuid(65534), 0);
    CHECK_FAILS(try_open(dir, "file", &error), JETON_NOT_PERMITTED, "belongs to user 65533", &error);
    CHECK_INT(seteuid(0), 0);
}

/* Whichever of the opens is the one too many. */
static void test_too_many_files(void)
{
    const char *dir = tree("full");
    struct rlimit before, few;
    jeton_error *error = NULL;
    int lowest = dup(STDOUT_FILENO);

    (void)close(lowest);
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (int more = 0; more < 2; more++) {
        few = (struct rlimit){(rlim_t)(lowest + more), before.rlim_max};
        CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
        CHECK_FAILS(try_open(dir, "file", &error), JETON_TRY_LATER, "ulimit -n", &error);
        CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    }
}

static const struct check_case cases[] = {
    {"a file that only its owner could have written is opened", test_good},
    {"a directory above that others can write is refused", test_ancestor_writable},
    {"a sticky directory of root's may be passed through, but not be the directory itself", test_sticky},
    {"a sticky directory of somebody else's is refused", test_sticky_of_another},
    {"links are not followed below the directory, and the directory's own target is what is checked", test_links},
    {"links on the way to the directory that others could have put there are refused", test_links_of_others},
    {"paths, absent files and files in place of directories are refused", test_names},
    {"the invoking user's own files are trusted when that is not root, and nobody else's", test_other_user},
    {"a process that has too many files open may try again", test_too_many_files},
};

CHECK_MAIN("trust code", cases)
