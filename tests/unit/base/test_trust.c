/* SPDX-License-Identifier: MIT */
/* The rule for owner and mode, and the files and directories that a store keeps by it. */
#include "tests/lib/files.h"
#include "base/base.h"

static int check_directory(const char *path, bool *ret_there, jeton_error **ret_error)
{
    return jt_trust_check_directory(path, ret_there, ret_error);
}

static int check_file(const char *path, bool *ret_there, jeton_error **ret_error)
{
    return jt_trust_check_file(path, ret_there, ret_error);
}

static void expect_there(int (*check)(const char *, bool *, jeton_error **), const char *path, bool expected)
{
    bool there = !expected;
    jeton_error *error = NULL;

    CHECK_OK(check(path, &there, &error), &error);
    CHECK_INT(there, expected);
}

static void expect_refused(int (*check)(const char *, bool *, jeton_error **), const char *path, int status,
                           const char *part)
{
    bool there = true;
    jeton_error *error = NULL;

    CHECK_FAILS(check(path, &there, &error), status, part, &error);
}

static int open_it(const char *path, int flags, jeton_error **ret_error)
{
    int fd = -1;
    int status = jt_trust_open_file(path, flags, &fd, ret_error);

    CHECK_INT(fd >= 0, status == JETON_OK);
    if (fd >= 0)
        CHECK_TRUE((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    jt_fd_close(&fd);
    return status;
}

static void test_there_or_not(void)
{
    jeton_error *error = NULL;

    files_mkdir(files_path("there"), 0755);
    files_text(files_path("there/file"), 0644, "x");
    expect_there(check_directory, files_path("there"), true);
    expect_there(check_file, files_path("there/file"), true);
    expect_there(check_directory, files_path("absent"), false);
    expect_there(check_file, files_path("there/absent"), false);
    expect_there(check_file, files_path("absent/absent"), false);
    CHECK_OK(open_it(files_path("there/file"), O_RDWR, &error), &error);
    CHECK_FAILS(open_it(files_path("there/absent"), O_RDWR, &error), JETON_CONFIG, "No such file", &error);
}

/* The errors of what has the mode, as a file and as a directory; NULL: none. */
static void test_modes(void)
{
    static const struct {
        mode_t mode;
        const char *part;
    } modes[] = {
        {0700, NULL},
        {0755, NULL},
        {0775, "has mode 0775, so that its group can change it: chmod go-w"},
        {0757, "has mode 0757, so that everybody can change it: chmod go-w"},
        {0777, "has mode 0777, so that everybody can change it: chmod go-w"},
    };

    files_mkdir(files_path("mode"), 0700);
    files_text(files_path("mode-file"), 0600, "x");
    for (size_t i = 0; i < JT_LEN(modes); i++) {
        jeton_error *error = NULL;

        CHECK_INT(chmod(files_path("mode"), modes[i].mode), 0);
        CHECK_INT(chmod(files_path("mode-file"), modes[i].mode), 0);
        if (modes[i].part == NULL) {
            expect_there(check_directory, files_path("mode"), true);
            expect_there(check_file, files_path("mode-file"), true);
            CHECK_OK(open_it(files_path("mode-file"), O_RDONLY, &error), &error);
        } else {
            expect_refused(check_directory, files_path("mode"), JETON_NOT_PERMITTED, modes[i].part);
            expect_refused(check_file, files_path("mode-file"), JETON_NOT_PERMITTED, modes[i].part);
            CHECK_FAILS(open_it(files_path("mode-file"), O_RDONLY, &error), JETON_NOT_PERMITTED, modes[i].part, &error);
        }
    }
}

static void test_shared_directory(void)
{
    files_mkdir(files_path("shared"), 0777);
    CHECK_INT(chmod(files_path("shared"), 01777), 0);
    expect_refused(check_directory, files_path("shared"), JETON_NOT_PERMITTED,
                   "shared is a directory that everybody shares: name a place in a directory of its own");
    expect_refused(check_directory, "/tmp", JETON_NOT_PERMITTED, "/tmp is a directory that everybody shares");
    CHECK_INT(chmod(files_path("shared"), 01755), 0);
    expect_there(check_directory, files_path("shared"), true);
}

static void test_owner(void)
{
    jeton_error *error = NULL;

    if (geteuid() != 0) {
        printf("needs root to give a file away\n");
        return;
    }
    files_mkdir(files_path("away"), 0755);
    files_text(files_path("away-file"), 0644, "x");
    CHECK_INT(chmod(check_tmpdir(), 0755), 0);
    CHECK_INT(chown(files_path("away"), 65534, 65534), 0);
    CHECK_INT(chown(files_path("away-file"), 65534, 65534), 0);
    expect_refused(check_directory, files_path("away"), JETON_NOT_PERMITTED,
                   "away belongs to user 65534; it must belong to root: chown root");
    expect_refused(check_file, files_path("away-file"), JETON_NOT_PERMITTED, "away-file belongs to user 65534");
    CHECK_FAILS(open_it(files_path("away-file"), O_RDONLY, &error), JETON_NOT_PERMITTED, "belongs to user 65534",
                &error);
    /* To that user they are his own, and so is what root has; a third user's are not. */
    CHECK_INT(seteuid(65534), 0);
    expect_there(check_directory, files_path("away"), true);
    CHECK_OK(open_it(files_path("away-file"), O_RDWR, &error), &error);
    expect_there(check_directory, "/usr", true);
    CHECK_INT(seteuid(0), 0);
    CHECK_INT(seteuid(65533), 0);
    expect_refused(check_file, files_path("away-file"), JETON_NOT_PERMITTED,
                   "it must belong to root or to the user of this process: chown 65533");
    CHECK_INT(seteuid(0), 0);
}

static void test_links(void)
{
    jeton_error *error = NULL;

    files_mkdir(files_path("real"), 0755);
    files_text(files_path("real/file"), 0644, "x");
    CHECK_INT(symlink("real", files_path("link")), 0);
    CHECK_INT(symlink("real/file", files_path("link-file")), 0);
    CHECK_INT(symlink("nowhere", files_path("dangling")), 0);
    expect_refused(check_directory, files_path("link"), JETON_NOT_PERMITTED, "it is a symbolic link");
    expect_refused(check_file, files_path("link-file"), JETON_NOT_PERMITTED, "it is a symbolic link");
    expect_refused(check_file, files_path("dangling"), JETON_NOT_PERMITTED, "it is a symbolic link");
    CHECK_FAILS(open_it(files_path("link-file"), O_RDONLY, &error), JETON_NOT_PERMITTED, "it is a symbolic link",
                &error);
    CHECK_FAILS(open_it(files_path("dangling"), O_RDWR | O_CREAT, &error), JETON_NOT_PERMITTED, "it is a symbolic link",
                &error);
    CHECK_TRUE(!files_exists(files_path("nowhere")));
    /* In the middle of a path they are the caller's business. */
    expect_there(check_file, files_path("link/file"), true);
}

static void test_other_things(void)
{
    jeton_error *error = NULL;

    files_mkdir(files_path("thing"), 0755);
    files_text(files_path("thing-file"), 0644, "x");
    CHECK_INT(mkfifo(files_path("fifo"), 0600), 0);
    expect_refused(check_directory, files_path("thing-file"), JETON_CONFIG, "is not a directory");
    expect_refused(check_file, files_path("thing"), JETON_CONFIG, "is not a regular file");
    expect_refused(check_file, files_path("fifo"), JETON_CONFIG, "is not a regular file");
    expect_refused(check_file, files_path("thing-file/file"), JETON_CONFIG, "Not a directory");
    CHECK_FAILS(open_it(files_path("thing"), O_RDONLY, &error), JETON_CONFIG, "is not a regular file", &error);
    CHECK_FAILS(open_it(files_path("thing"), O_RDWR, &error), JETON_CONFIG, "Is a directory", &error);
    /* Nobody writes to it: this would wait for ever. */
    CHECK_FAILS(open_it(files_path("fifo"), O_RDONLY, &error), JETON_CONFIG, "is not a regular file", &error);
}

static void test_creation(void)
{
    const mode_t before = umask(0);
    jeton_error *error = NULL;
    struct stat st;

    CHECK_OK(open_it(files_path("made"), O_RDWR | O_CREAT | O_EXCL, &error), &error);
    (void)umask(before);
    CHECK_INT(stat(files_path("made"), &st), 0);
    CHECK_INT(st.st_mode & 07777, 0600);
    CHECK_FAILS(open_it(files_path("made"), O_RDWR | O_CREAT | O_EXCL, &error), JETON_CONFIG, "File exists", &error);
    CHECK_OK(open_it(files_path("made"), O_RDWR | O_CREAT, &error), &error);
}

static void judge(mode_t mode, uid_t uid, mode_t forbidden, const char *part)
{
    const struct stat st = {.st_mode = S_IFREG | mode, .st_uid = uid};
    jeton_error *error = NULL;

    if (part == NULL)
        CHECK_OK(jt_trust_judge("/x", &st, forbidden, &error), &error);
    else
        CHECK_FAILS(jt_trust_judge("/x", &st, forbidden, &error), JETON_NOT_PERMITTED, part, &error);
}

static void test_secrets(void)
{
    const uid_t own = geteuid();

    judge(0600, own, JT_TRUST_FORBID_READ, NULL);
    judge(0700, 0, JT_TRUST_FORBID_READ, NULL);
    judge(0640, own, JT_TRUST_FORBID_READ, "/x has mode 0640, so that its group can read it: chmod 600 /x");
    judge(0604, own, JT_TRUST_FORBID_READ, "/x has mode 0604, so that everybody can read it: chmod 600 /x");
    judge(0620, own, JT_TRUST_FORBID_READ, "/x has mode 0620, so that its group can change it: chmod 600 /x");
    judge(0610, own, JT_TRUST_FORBID_READ, "/x has mode 0610, so that its group can read it");
    judge(0640, own, JT_TRUST_FORBID_READ_BUT_GROUP, NULL);
    judge(0644, own, JT_TRUST_FORBID_READ_BUT_GROUP, "so that everybody can read it: chmod 640 /x");
    judge(0660, own, JT_TRUST_FORBID_READ_BUT_GROUP, "so that its group can change it: chmod 640 /x");
    judge(0600, own + 1, JT_TRUST_FORBID_READ_BUT_GROUP, "/x belongs to user");
}

static const struct check_case cases[] = {
    {"what keeps the rule is there, and what is absent is no error", test_there_or_not},
    {"what its group or everybody can write is refused with its mode and the chmod to do", test_modes},
    {"a directory that everybody shares is refused, sticky or not", test_shared_directory},
    {"what belongs to neither root nor this user is refused with the chown to do", test_owner},
    {"a link at the end of the path is refused, a dangling one too", test_links},
    {"what is not of the kind that was asked for is refused, and none is waited for", test_other_things},
    {"a file that is created is its owner's only", test_creation},
    {"a secret is its owner's, or its group's to read where that is allowed", test_secrets},
};

CHECK_MAIN("trust", cases)
