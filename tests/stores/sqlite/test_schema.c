/* SPDX-License-Identifier: MIT */
/* Versions of a store, and files that are no store: version 1 is brought up to date, all else is refused untouched. */
#include "help.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TWO_ROWS                                                                                                       \
    "('a/b', '', 5, 1, 1, 3, 0, 9223372036854775807, 9223372036854775807, 0, 0, 2, 70, 'oops', -2, x'0b'),"            \
    "('a/b', 'scope=x', 6, 2, 3, 1, 4, 77, 78, 9, 8, 7, 6, NULL, 5, NULL)"

/* A store with forty rows, all of them in the database file. */
static void make_store(void)
{
    STORE store = store_new();
    char name[16];

    for (int i = 0; i < 40; i++) {
        (void)snprintf(name, sizeof(name), "a/n%d", i);
        CHECK_INT(easy_put(store, name, 0, "x"), 1);
    }
    store_close(&store);
    help_sql("PRAGMA wal_checkpoint(TRUNCATE)");
}

/* Opening is refused, twice, and the file stays as it is to the last byte. */
static void check_refused_untouched(const char *part)
{
    size_t before_len, after_len;
    char *before = help_snapshot(&before_len), *after;

    CHECK_REFUSED(JETON_CONFIG, part);
    CHECK_REFUSED(JETON_CONFIG, part);
    after = help_snapshot(&after_len);
    CHECK_MEM(after, after_len, before, before_len);
    free(before);
    free(after);
}

static void test_fresh(void)
{
    make_store();
    CHECK_INT(help_number("PRAGMA user_version"), 2);
    CHECK_INT(help_number("PRAGMA application_id"), 0x6a65746f);
    CHECK_INT(help_number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    CHECK_INT(help_number("SELECT count(*) FROM pragma_table_list('row') WHERE wr = 1 AND strict = 1"), 1);
}

static void test_newer(void)
{
    make_store();
    help_sql("ALTER TABLE row ADD COLUMN colour TEXT; PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE)");
    check_refused_untouched("written by a newer jeton (store version 3, this one knows 2)");
}

static void test_other_program(void)
{
    settings_fresh();
    help_sql("CREATE TABLE addresses (name TEXT); PRAGMA application_id = 7");
    CHECK_INT(chmod(help_file(""), 0600), 0);
    check_refused_untouched("an SQLite database of another program (application id 0x00000007)");
    help_sql("PRAGMA application_id = 0");
    check_refused_untouched("an SQLite database of another program");
    help_sql("PRAGMA user_version = 2");
    check_refused_untouched("an SQLite database of another program");
}

static void test_no_database(void)
{
    static const char text[] = "# a configuration file, say, whose path was mistaken for the store's; it is long "
                               "enough to hold what an SQLite header would hold, so that it is looked at";
    char *many = calloc(1, 4096);

    settings_fresh();
    help_write_file(help_file(""), text, sizeof(text), 0600);
    check_refused_untouched("is not a jeton store");
    help_write_file(help_file(""), "x", 1, 0600);
    check_refused_untouched("is not a jeton store");
    memcpy(many, text, sizeof(text));
    help_write_file(help_file(""), many, 4096, 0600);
    check_refused_untouched("is not a jeton store");
    free(many);
}

static void test_empty_file(void)
{
    STORE store = NULL;

    settings_fresh();
    help_write_file(help_file(""), "", 0, 0600);
    store = store_open();
    CHECK_INT(help_put(store, "a/b", 0, 0, "x", 1), JETON_CONFIG);
    CHECK_SENTENCE("run `jeton init`");
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
}

/* Whoever made it died when the file was a WAL database, and had no tables yet. */
static void test_half_made(void)
{
    STORE store = NULL;
    int exists = 1;

    settings_fresh();
    help_sql("PRAGMA journal_mode = WAL");
    CHECK_INT(chmod(help_file(""), 0600), 0);
    store = store_open();
    CHECK_INT(store_exists(store, PATIENT, &exists), JETON_OK);
    CHECK_INT(exists, 0);
    CHECK_INT(store_create(store, PATIENT), JETON_OK);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    CHECK_INT(help_number("PRAGMA user_version"), 2);
}

static void test_damaged_pages(void)
{
    STORE store = NULL;
    char name[16];
    FILE *file;
    int status = JETON_OK;

    make_store();
    file = fopen(help_file(""), "r+b");
    for (long page = 1; page < 8; page++) {
        (void)fseek(file, page * 4096, SEEK_SET);
        for (int i = 0; i < 4096; i++)
            (void)fputc(0xa5, file);
    }
    (void)fclose(file);
    store = store_open();
    for (int i = 0; i < 40 && status == JETON_OK; i++) {
        struct jeton_row_key key = {.kind = JETON_KIND_TOKEN, .name = name, .variant = ""};
        ROWS rows = ROWS_NONE;

        (void)snprintf(name, sizeof(name), "a/n%d", i);
        status = store_get(store, PATIENT, &key, 1, JETON_STORE_BLOBS, &rows);
    }
    CHECK_INT(status, JETON_CONFIG);
    CHECK_SENTENCE("is damaged");
    CHECK_SENTENCE("restore it from a backup");
}

static void test_cut_short(void)
{
    STORE store = NULL;
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/n1", "");
    int status;
    ROWS rows = ROWS_NONE;

    make_store();
    CHECK_INT(truncate(help_file(""), 4096), 0);
    status = store_try_open(PATIENT, &store);
    if (status == JETON_OK)
        status = store_get(store, PATIENT, &key, 1, JETON_STORE_BLOBS, &rows);
    CHECK_INT(status, JETON_CONFIG);
    CHECK_SENTENCE("is damaged");
}

/* Somebody else has been at the tables. */
static void test_other_tables(void)
{
    static const char *const changes[] = {"DROP TABLE row", "ALTER TABLE row DROP COLUMN blob",
                                          "PRAGMA user_version = 0"};

    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/n1", "");
        STORE store = NULL;
        ROWS rows = ROWS_NONE;
        int status;

        make_store();
        help_sql(changes[i]);
        status = store_try_open(PATIENT, &store);
        if (status == JETON_OK)
            status = store_get(store, PATIENT, &key, 1, JETON_STORE_BLOBS, &rows);
        if (status == JETON_OK)
            status = store_create(store, PATIENT);
        CHECK_INT(status, JETON_CONFIG);
        CHECK_SENTENCE("is damaged");
    }
}

static void test_version_1(void)
{
    struct jeton_row first = row_make(JETON_KIND_TOKEN, "a/b", "", "\x0b");
    struct jeton_row second = row_make(JETON_KIND_TOKEN, "a/b", "scope=x", NULL);
    struct jeton_row check = row_make(JETON_KIND_STORE, "key_check", "", "0123456789abcdef");
    struct jeton_row_key keys[] = {first.key, second.key, check.key};
    STORE store = NULL;
    ROWS rows = ROWS_NONE;

    settings_fresh();
    help_version_1(TWO_ROWS);
    store = store_open();
    CHECK_INT(store_get(store, PATIENT, keys, 3, JETON_STORE_BLOBS, &rows), JETON_OK);
    if (!CHECK_INT(rows.count, 3))
        return;
    first.key.shard = 5, first.state = 1, first.flags = 1, first.version = 3, first.failures = 2;
    first.failure_status = 70, first.config_digest = (uint64_t)-2;
    CHECK_ROW(&rows.at[0], &first, true);
    second.key.shard = 6, second.state = 2, second.flags = 3, second.version = 1, second.fence = 4;
    second.expires_at = 77, second.due_at = 78, second.failed_at = 9, second.retry_at = 8, second.failures = 7;
    second.failure_status = 6, second.config_digest = 5;
    CHECK_ROW(&rows.at[1], &second, true);
    check.version = 1;
    check.key.shard = 771; /* what the library computes for this name */
    CHECK_ROW(&rows.at[2], &check, true);
    CHECK_INT(help_number("SELECT count(*) FROM row"), 3);
    CHECK_INT(help_number("SELECT count(*) FROM sqlite_schema WHERE name IN ('token', 'token_due', 'meta')"), 0);
    CHECK_INT(help_number("PRAGMA user_version"), 2);
}

/* Without a key_check, there is none afterwards. */
static void test_version_1_empty(void)
{
    STORE store = NULL;

    settings_fresh();
    help_version_1(NULL);
    help_sql("DELETE FROM meta");
    store = store_open();
    CHECK_INT(help_number("SELECT count(*) FROM row"), 0);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
}

/* The number that stands for all shards, in the file. */
static uint64_t page_number(void)
{
    uint64_t number = 0;
    int fd = open(help_file("-gen"), O_RDONLY | O_CLOEXEC);

    CHECK_INT(pread(fd, &number, sizeof(number), 0), sizeof(number));
    (void)close(fd);
    return number;
}

/* A program of the former version that goes by its memory or its copies looks again. */
static void test_version_1_copies(void)
{
    char zeros[12288] = "";
    STORE store = NULL;

    settings_fresh();
    help_version_1(TWO_ROWS);
    help_write_file(help_file("-gen"), zeros, sizeof(zeros), 0600);
    help_write_file(help_file("-recent"), "copies", 6, 0600);
    store = store_open();
    CHECK_TRUE(page_number() != 0);
    CHECK_INT(help_len("-recent"), -1);
}

static void lock_byte(int fd, short type)
{
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = 123456789, .l_len = 1};

    CHECK_INT(fcntl(fd, F_OFD_SETLK, &range), 0);
}

/* As the former version locks a name while it renews a token. */
static void test_version_1_renewing(void)
{
    STORE store = NULL;
    int fd;

    settings_fresh();
    help_version_1(TWO_ROWS);
    fd = open(help_file("-lease"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    lock_byte(fd, F_WRLCK);
    CHECK_INT(store_try_open(100, &store), JETON_TRY_LATER);
    CHECK_SENTENCE("is renewing a token");
    CHECK_INT(help_number("PRAGMA user_version"), 1);
    lock_byte(fd, F_UNLCK);
    store = store_open();
    CHECK_INT(help_number("PRAGMA user_version"), 2);
    lock_byte(fd, F_WRLCK); /* the whole file is locked no more */
    (void)close(fd);
}

static void upgrade(struct process *parent, void *data)
{
    STORE store = NULL;

    (void)data;
    process_tell(parent, 0);
    (void)process_hear(parent);
    store = store_open();
    CHECK_INT(easy_version(store, "a/b"), 3);
    CHECK_INT(help_number("SELECT count(*) FROM row"), 3);
}

static void test_version_1_at_once(void)
{
    struct process processes[4];

    settings_fresh();
    help_version_1(TWO_ROWS);
    for (size_t i = 0; i < 4; i++)
        processes[i] = process_start(upgrade, NULL);
    for (size_t i = 0; i < 4; i++)
        (void)process_hear(&processes[i]);
    for (size_t i = 0; i < 4; i++)
        process_tell(&processes[i], 0);
    for (size_t i = 0; i < 4; i++)
        process_end(&processes[i]);
}

/* Something in the middle of it fails, in a store that somebody has changed by hand. */
static void test_version_1_fails(void)
{
    settings_fresh();
    help_version_1(TWO_ROWS);
    help_sql("ALTER TABLE token RENAME COLUMN due_at TO due");
    CHECK_REFUSED(JETON_CONFIG, "is damaged");
    CHECK_INT(help_number("PRAGMA user_version"), 1);
    CHECK_INT(help_number("SELECT count(*) FROM token"), 2);
    CHECK_INT(help_number("SELECT count(*) FROM sqlite_schema WHERE name = 'row'"), 0);
}

static void open_as_nobody(struct process *parent, void *data)
{
    (void)parent;
    (void)data;
    help_become(NOBODY);
    CHECK_REFUSED(JETON_NOT_PERMITTED, "written by an earlier jeton, and this user (uid 65534) cannot bring it up");
}

static void test_version_1_of_others(void)
{
    struct process other;

    if (!help_is_root())
        return;
    settings_fresh();
    help_version_1(TWO_ROWS);
    CHECK_INT(chmod(check_tmpdir(), 0711), 0);
    CHECK_INT(chmod(help_dir(), 0755), 0);
    CHECK_INT(chmod(help_file(""), 0644), 0);
    help_write_file(help_file("-wal"), "", 0, 0644);
    help_write_file(help_file("-shm"), "", 0, 0644);
    other = process_start(open_as_nobody, NULL);
    process_end(&other);
    CHECK_INT(chmod(check_tmpdir(), 0700), 0);
    CHECK_INT(help_number("PRAGMA user_version"), 1);
}

/* VACUUM INTO makes such a copy. */
static void test_restored_without_log(void)
{
    STORE store = store_new();

    CHECK_INT(help_put(store, "a/b", 0, 0, "x", 1), JETON_OK);
    store_close(&store);
    help_sql("PRAGMA journal_mode = DELETE");
    store = store_open();
    CHECK_INT(store_prove_writable(store, PATIENT), JETON_OK);
    CHECK_STR(store_sentence(), "");
    CHECK_INT(help_put(store, "a/b", 1, JETON_STORE_DURABLE, "y", 1), JETON_OK);
    CHECK_INT(help_number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
}

static const struct check_case cases[] = {
    {"a fresh store has its version, its mark and a write-ahead log", test_fresh},
    {"a newer store is refused and stays as it is to the last byte", test_newer},
    {"another program's database is refused and stays as it is", test_other_program},
    {"a file that is no database is refused and stays as it is", test_no_database},
    {"an empty file is a store that is not there yet", test_empty_file},
    {"a store whose making was interrupted is completed", test_half_made},
    {"damaged pages are an error that says what to do", test_damaged_pages},
    {"a file that was cut short is an error that says what to do", test_cut_short},
    {"tables that somebody else changed are an error that says what to do", test_other_tables},
    {"a store of version 1 is brought up to date with all that it holds", test_version_1},
    {"a store of version 1 that nobody used is brought up to date", test_version_1_empty},
    {"what a former version remembers is no longer good then, and its copies are removed", test_version_1_copies},
    {"a store of version 1 is not touched while somebody renews a token", test_version_1_renewing},
    {"of many processes that bring a store up to date one does", test_version_1_at_once},
    {"a store that cannot be brought up to date stays as it is", test_version_1_fails},
    {"who may not bring a store up to date is told so", test_version_1_of_others},
    {"a copy that is no WAL database becomes one again", test_restored_without_log},
};

HELP_MAIN("stores/sqlite/schema", cases)
