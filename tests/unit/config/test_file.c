/* SPDX-License-Identifier: MIT */
/* Reading one configuration file: who may have written it, what kind of file it is, how large. No setting is looked at.
 */
#include "config/file.h"
#include "tests/lib/files.h"

static int read_file(const char *path, jeton_error **ret_error)
{
    JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};

    return jt_config_file_read(check_tmpdir(), path, &file, ret_error);
}

static void expect_refused(const char *path, int status, const char *part)
{
    jeton_error *error = NULL;

    CHECK_FAILS(read_file(path, &error), status, part, &error);
}

static void test_good(void)
{
    JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};
    const char *path = files_path("good.conf");
    jeton_error *error = NULL;
    const char *value = NULL;

    files_text(path, 0640, "a = \"b\";\n");
    CHECK_OK(jt_config_file_read(check_tmpdir(), path, &file, &error), &error);
    CHECK_INT(file.mode, 0640);
    CHECK_TRUE(file.stamp != 0 && file.stamp == jt_file_stamp_at(path));
    CHECK_TRUE(config_lookup_string(&file.tree, "a", &value));
    CHECK_STR(value, "b");
}

static void test_missing(void)
{
    JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};
    jeton_error *error = NULL;

    CHECK_OK(jt_config_file_read(check_tmpdir(), files_path("missing.conf"), &file, &error), &error);
    CHECK_TRUE(file.missing);
}

static void test_modes(void)
{
    const char *path = files_path("modes.conf");

    files_text(path, 0664, "a = 1;\n");
    expect_refused(path, JETON_NOT_PERMITTED, "modes.conf has mode 0664, so that its group can change it: chmod go-w");
    files_text(path, 0646, "a = 1;\n");
    expect_refused(path, JETON_NOT_PERMITTED, "chmod go-w");
    if (check_root()) {
        files_text(path, 0644, "a = 1;\n");
        CHECK_INT(chown(path, 65534, 65534), 0);
        expect_refused(path, JETON_NOT_PERMITTED, "belongs to user 65534");
    }
}

static void test_kinds(void)
{
    const char *fifo = files_path("fifo.conf"), *directory = files_path("directory.conf");

    CHECK_INT(mkfifo(fifo, 0600), 0);
    expect_refused(fifo, JETON_CONFIG, "fifo.conf is not a regular file");
    files_mkdir(directory, 0755);
    expect_refused(directory, JETON_CONFIG, "directory.conf is not a regular file");
}

static void test_size(void)
{
    const char *path = files_path("large.conf");
    size_t len = 8 * 1024 * 1024 + 1;
    char *text = malloc(len);
    jeton_error *error = NULL;

    memset(text, '\n', len);
    files_write(path, 0600, text, len);
    expect_refused(path, JETON_CONFIG, "larger than 8 MiB");
    files_write(path, 0600, text, len - 1);
    CHECK_OK(read_file(path, &error), &error);
    text[len - 2] = '#';
    files_write(path, 0600, text, len - 1);
    CHECK_OK(read_file(path, &error), &error);
    free(text);
}

/* An editor may leave the last line without its newline; libconfig takes such a comment for a syntax error. */
static void test_last_line(void)
{
    static const char *const texts[] = {"# c",   "// c",     "a = 1; # c", "a = 1; // c", "a = 1; /* c */",
                                        "a = 1", "a = \"#\""};
    const char *path = files_path("last.conf");
    jeton_error *error = NULL;

    for (size_t i = 0; i < JT_LEN(texts); i++) {
        files_text(path, 0600, texts[i]);
        CHECK_OK(read_file(path, &error), &error);
    }
}

/* Directories whose paths begin like the configuration's, or are only as long. */
static void test_links_to_neighbours(void)
{
    static const char *const neighbours[] = {"conf-evil", "cone"};
    files_mkdir(files_path("conf"), 0755);
    for (size_t i = 0; i < JT_LEN(neighbours); i++) {
        JT_CLEANUP(jt_config_file_done) struct jt_config_file file = {0};
        const char *path = files_path("conf/line.conf");
        jeton_error *error = NULL;

        files_mkdir(files_path("%s", neighbours[i]), 0755);
        files_text(files_path("%s/x.conf", neighbours[i]), 0600, "a = 1;\n");
        (void)unlink(path);
        CHECK_INT(symlink(files_path("%s/x.conf", neighbours[i]), path), 0);
        CHECK_FAILS(jt_config_file_read(files_path("conf"), path, &file, &error), JETON_NOT_PERMITTED, "outside of",
                    &error);
    }
}

static void test_links(void)
{
    jeton_error *error = NULL;

    files_text(files_path("target.conf"), 0600, "a = 1;\n");
    CHECK_INT(symlink("target.conf", files_path("inside.conf")), 0);
    CHECK_OK(read_file(files_path("inside.conf"), &error), &error);
    CHECK_INT(symlink("/etc/passwd", files_path("outside.conf")), 0);
    expect_refused(files_path("outside.conf"), JETON_NOT_PERMITTED, "is a symbolic link to /etc/passwd, outside of");
    CHECK_INT(symlink("absent", files_path("dangling.conf")), 0);
    expect_refused(files_path("dangling.conf"), JETON_CONFIG, "leads nowhere");
}

static void test_syntax(void)
{
    const char *path = files_path("syntax.conf");

    files_text(path, 0600, "a = 1;\nb = ;\n");
    expect_refused(path, JETON_CONFIG, "syntax.conf:2: syntax error");
    files_text(path, 0600, "a = 1;\n\na = 2;\n");
    expect_refused(path, JETON_CONFIG, "syntax.conf:3: duplicate setting name");
    files_text(path, 0600, "a = 1;\n@include \"/etc/passwd\"\n");
    expect_refused(path, JETON_CONFIG, "syntax.conf:2: @include");
    files_text(path, 0600, "a = {\n");
    expect_refused(path, JETON_CONFIG, "syntax.conf:2: syntax error");
    files_text(path, 0600, "\177ELF\001\002");
    expect_refused(path, JETON_CONFIG, "syntax.conf:1: syntax error");
}

static void test_nesting(void)
{
    const char *path = files_path("deep.conf");
    size_t len = 400000;
    char *text = malloc(len);

    memset(text, '(', len);
    memcpy(text, "a = ", 4);
    files_write(path, 0600, text, len);
    expect_refused(path, JETON_CONFIG, "deep.conf:");
    free(text);
}

static void test_directory(void)
{
    const char *dir = files_path("dir");
    jeton_error *error = NULL;

    files_mkdir(dir, 0755);
    CHECK_OK(jt_config_file_check_dir(dir, true, &error), &error);
    (void)chmod(dir, 0775);
    CHECK_FAILS(jt_config_file_check_dir(dir, true, &error), JETON_NOT_PERMITTED, "chmod go-w", &error);
    CHECK_FAILS(jt_config_file_check_dir(files_path("none"), true, &error), JETON_CONFIG, "does not exist", &error);
    CHECK_OK(jt_config_file_check_dir(files_path("none"), false, &error), &error);
    files_text(files_path("plain"), 0600, "");
    CHECK_FAILS(jt_config_file_check_dir(files_path("plain"), true, &error), JETON_CONFIG, "is not a directory",
                &error);
}

static const struct check_case cases[] = {
    {"a file is read into libconfig's tree", test_good},
    {"a file that is not there is no error", test_missing},
    {"a file that others can write, or that is somebody else's, is refused", test_modes},
    {"a FIFO and a directory are refused", test_kinds},
    {"a file of 8 MiB is read and a larger one is refused", test_size},
    {"a comment may be the last line, without a newline", test_last_line},
    {"a link within the directory is followed and one that leads out of it is refused", test_links},
    {"a directory whose name only begins like the configuration's is outside of it", test_links_to_neighbours},
    {"a syntax error, a repeated setting and an include are told by file and line", test_syntax},
    {"nesting without end is refused and does no harm", test_nesting},
    {"a configuration directory that others can write is refused", test_directory},
};

CHECK_MAIN("config_file", cases)
