/* SPDX-License-Identifier: MIT */
/* Who may touch a store's files: every rule with a store that breaks it, and the command that mends it in the sentence.
 * It needs root for the owners, and leaves those cases out without. */
#include "tests/unit/store/test_store_help.h"

static const struct jeton_store_engine *engine;

static void make_store(char *path, size_t size)
{
    void *store;
    struct jeton_row row = token_row("a/b", "", "x");

    (void)snprintf(path, size, "%s", new_path());
    store = open_store(path, 1);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
    engine->close(store);
}

static unsigned mode_of(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? info.st_mode & 07777u : 0;
}

static void test_made_private(void)
{
    char path[4096];
    mode_t mask = umask(0);
    void *store;

    make_store(path, sizeof(path));
    store = open_store(path, 0);
    (void)engine->generation(store, 0);
    CHECK_INT(mode_of(path), 0600);
    CHECK_INT(mode_of(beside(path, "-wal")), 0600);
    CHECK_INT(mode_of(beside(path, "-shm")), 0600);
    CHECK_INT(mode_of(beside(path, "-gen")), 0600);
    CHECK_INT(mode_of(beside(path, "-lease")), 0600);
    engine->close(store);
    (void)umask(mask);
}

static void test_writable_by_others(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[4096], part[8192];

    make_store(path, sizeof(path));
    for (size_t i = 0; i < JT_LEN(suffixes); i++) {
        CHECK_INT(chmod(beside(path, suffixes[i]), 0620), 0);
        (void)snprintf(part, sizeof(part), "run `chmod 600 %s%s`", path, suffixes[i]);
        open_refused(path, 0, JETON_NOT_PERMITTED, part);
        CHECK_INT(chmod(beside(path, suffixes[i]), 0644), 0); /* for reading, others do no harm */
        engine->close(open_store(path, 0));
        CHECK_INT(chmod(beside(path, suffixes[i]), 0600), 0);
    }
    CHECK_INT(chmod(dir_of(path), 0702), 0);
    (void)snprintf(part, sizeof(part), "run `chmod 700 %s`", dir_of(path));
    open_refused(path, 0, JETON_NOT_PERMITTED, part);
    CHECK_INT(chmod(dir_of(path), 01777), 0);
    open_refused(path, 0, JETON_NOT_PERMITTED, "in a directory of its own");
    CHECK_INT(chmod(dir_of(path), 0755), 0);
    engine->close(open_store(path, 0));
}

static void test_lease_file_writable_by_others(void)
{
    char path[4096];
    void *store, *held = NULL;
    int64_t fence;

    make_store(path, sizeof(path));
    CHECK_INT(chmod(beside(path, "-lease"), 0666), 0);
    store = open_store(path, 0);
    CHECK_INT(engine->lease(store, "a/b", "", 0, &held, &fence, why, sizeof(why)), JETON_NOT_PERMITTED);
    CHECK_CONTAINS(why, "-lease can be written by others");
    engine->close(store);
}

static void test_links(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[4096], elsewhere[8192];

    make_store(path, sizeof(path));
    for (size_t i = 0; i < JT_LEN(suffixes); i++) {
        (void)snprintf(elsewhere, sizeof(elsewhere), "%s-elsewhere", path);
        CHECK_INT(rename(beside(path, suffixes[i]), elsewhere), 0);
        CHECK_INT(symlink(elsewhere, beside(path, suffixes[i])), 0);
        open_refused(path, 0, JETON_NOT_PERMITTED, "is a symbolic link");
        CHECK_INT(unlink(beside(path, suffixes[i])), 0);
        CHECK_INT(rename(elsewhere, beside(path, suffixes[i])), 0);
    }
    engine->close(open_store(path, 0));
}

static void test_link_to_directory(void)
{
    char path[4096], link_dir[8192], through[8300];
    void *store;

    make_store(path, sizeof(path));
    (void)snprintf(link_dir, sizeof(link_dir), "%s-link", dir_of(path));
    CHECK_INT(symlink(dir_of(path), link_dir), 0);
    (void)snprintf(through, sizeof(through), "%s/tokens.db", link_dir);
    store = open_store(through, 0);
    CHECK_INT(version_of(store, "a/b", ""), 1);
    engine->close(store);
}

static void test_not_a_file(void)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s", new_path());
    CHECK_INT(mkdir(path, 0700), 0);
    open_refused(path, 0, JETON_CONFIG, "is a directory");
    CHECK_INT(rmdir(path), 0);
    CHECK_INT(mkfifo(path, 0600), 0);
    open_refused(path, 0, JETON_CONFIG, "is not a file");
    open_refused(dir_of(path), 0, JETON_CONFIG, "is a directory");
    (void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "/deeper");
    open_refused(path, 0, JETON_CONFIG, "correct `store.path`");
}

static void test_owner(void)
{
    char path[4096];

    make_store(path, sizeof(path));
    if (geteuid() != 0) {
        (void)printf("   (left out: needs root)\n");
        return;
    }
    CHECK_INT(chown(path, NOBODY, NOBODY), 0);
    open_refused(path, 0, JETON_NOT_PERMITTED, "belongs to uid 65534");
    CHECK_INT(chown(path, 0, 0), 0);
    CHECK_INT(chown(dir_of(path), NOBODY, NOBODY), 0);
    open_refused(path, 0, JETON_NOT_PERMITTED, "belongs to uid 65534");
}

static void use_as_nobody(struct report *report, void *data)
{
    struct jeton_row row = token_row("new", "", "x");
    void *store = NULL;

    report->status = engine->open(data, 0, &store, report->text, sizeof(report->text));
    if (report->status != JETON_OK)
        return;
    report->number = version_of(store, "a/b", "");
    report->status = put(store, &row, 0, 0);
    (void)snprintf(report->text, sizeof(report->text), "%s", why);
    engine->close(store);
}

static void create_as_nobody(struct report *report, void *data)
{
    void *store = NULL;

    report->status = engine->open(data, 1, &store, report->text, sizeof(report->text));
}

static void test_other_user(void)
{
    char path[4096];
    struct report report;

    if (geteuid() != 0) {
        (void)printf("   (left out: needs root)\n");
        return;
    }
    make_store(path, sizeof(path));
    CHECK_INT(chmod(check_tmpdir(), 0711), 0);
    report = in_child(NOBODY, use_as_nobody, path);
    CHECK_INT(report.status, JETON_NOT_PERMITTED);
    CHECK_CONTAINS(report.text, "run jeton as the store's owner");

    /* Root's store that this user may read but not write. */
    CHECK_INT(chmod(dir_of(path), 0755), 0);
    CHECK_INT(chmod(path, 0644), 0);
    CHECK_INT(chmod(beside(path, "-wal"), 0644), 0);
    CHECK_INT(chmod(beside(path, "-shm"), 0644), 0);
    report = in_child(NOBODY, use_as_nobody, path);
    CHECK_INT(report.number, 1);
    CHECK_INT(report.status, JETON_NOT_PERMITTED);
    CHECK_CONTAINS(report.text, "may not write it");

    (void)snprintf(path, sizeof(path), "%s", new_path());
    CHECK_INT(chown(dir_of(path), NOBODY, NOBODY), 0);
    CHECK_INT(chmod(dir_of(path), 0500), 0);
    report = in_child(NOBODY, create_as_nobody, path);
    CHECK_INT(report.status, JETON_NOT_PERMITTED);
    CHECK_CONTAINS(report.text, "may not create it");
    CHECK_INT(chmod(check_tmpdir(), 0700), 0);
}

static const struct check_case cases[] = {
    {"all files of a store are made for the owner alone, whatever the umask", test_made_private},
    {"a store that others can write is refused with the chmod to do", test_writable_by_others},
    {"a lock file that others can write is refused", test_lease_file_writable_by_others},
    {"links in the place of a store's files are not followed", test_links},
    {"a link in the place of the directory is resolved", test_link_to_directory},
    {"what is no file is no store", test_not_a_file},
    {"a store of another user is refused", test_owner},
    {"a user without rights is told so, and reads what may be read", test_other_user},
};

int main(int argc, char **argv)
{
    engine = jt_store_sqlite_engine();
    return check_main(argc, argv, "store_files", cases, sizeof(cases) / sizeof(cases[0]));
}
