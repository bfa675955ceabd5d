/* SPDX-License-Identifier: MIT */
/* What a rekey leaves behind that was killed, met another one, found no room or may not write; and that the next open
 * or the next rekey puts it right. */
#include "test_rekey_help.h"

#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>

#define KILL_ROWS   1000
#define KILL_ROUNDS 20

/* Killed behind the commit: the former key is at key_file still. */
static void test_left_behind_commit(void)
{
    JT_AUTO_STR char *what = NULL;
    JT_AUTO_STR char *former = NULL;
    JT_AUTO_STR char *now = NULL;
    size_t former_len, now_len;
    char next[8192];

    new_store();
    fill(5);
    former = snapshot(key_path, &former_len);
    what = rekey(NULL);
    (void)snprintf(next, sizeof(next), "%s", beside(key_path, ".new"));
    CHECK_INT(rename(key_path, next), 0);
    write_file(key_path, former, former_len, 0600);
    CHECK_INT(count_good(5), 5);
    CHECK_TRUE(!is_there(next));
    now = snapshot(key_path, &now_len);
    CHECK_TRUE(memcmp(now, former, 64) != 0);
    /* The same with the former key gone. */
    CHECK_INT(rename(key_path, next), 0);
    CHECK_INT(count_good(5), 5);
    CHECK_TRUE(!is_there(next));
}

/* Killed before the commit, or in the middle of the write. */
static void test_left_before_commit(void)
{
    static const char *const left[] = {KEY_B "\n", "ff11", ""};

    for (size_t i = 0; i < JT_LEN(left); i++) {
        JT_AUTO_STR char *what = NULL;
        char next[8192];

        new_store();
        fill(5);
        (void)snprintf(next, sizeof(next), "%s", beside(key_path, ".new"));
        write_file(next, left[i], strlen(left[i]), 0600);
        CHECK_INT(count_good(5), 5);
        CHECK_TRUE(is_there(next));
        what = rekey(NULL);
        CHECK_TRUE(!is_there(next));
        CHECK_INT(count_good(5), 5);
    }
}

static void test_two_at_once(void)
{
    JT_AUTO_FD int fd = -1;
    char next[8192];

    new_store();
    fill(1);
    (void)snprintf(next, sizeof(next), "%s", beside(key_path, ".new"));
    write_file(next, KEY_B "\n", 65, 0600);
    fd = open(next, O_RDONLY);
    CHECK_INT(flock(fd, LOCK_EX), 0);
    rekey_fails(NULL, JETON_TRY_LATER, "another process is changing the store key");
    CHECK_TRUE(is_there(next));
    CHECK_INT(count_good(1), 1);
}

static int64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* How long a rekey takes when nothing stops it. */
static int64_t whole_rekey_us(void)
{
    int64_t least_us = INT64_MAX;

    for (int i = 0; i < 3; i++) {
        const int64_t began_us = now_us();
        JT_AUTO_STR char *what = NULL;

        what = rekey(NULL);
        if (now_us() - began_us < least_us)
            least_us = now_us() - began_us;
    }
    return least_us;
}

/* Every round kills at another moment; one that ended before its signal came does not count. */
static void test_killed_anywhere(void)
{
    int64_t whole_us;
    int killed = 0, left = 0, round = 0;

    new_store();
    fill(KILL_ROWS);
    whole_us = whole_rekey_us();
    for (; killed < KILL_ROUNDS && round < 10 * KILL_ROUNDS; round++) {
        const int64_t after_us = (int64_t)randombytes_uniform((uint32_t)whole_us);
        const struct timespec nap = {after_us / 1000000, after_us % 1000000 * 1000};
        JT_AUTO_STORE struct jt_store *store = NULL;
        int64_t open_us;
        pid_t child = fork();
        int state = 0;

        if (child == 0) {
            char *said = NULL;

            _exit(jt_store_rekey(&options, NULL, &said, NULL) == JETON_OK ? 0 : 1);
        }
        (void)nanosleep(&nap, NULL);
        (void)kill(child, SIGKILL);
        (void)waitpid(child, &state, 0);
        killed += WIFSIGNALED(state);
        left += is_there(beside(key_path, ".new"));
        CHECK_TRUE(WIFSIGNALED(state) || WEXITSTATUS(state) == 0);
        open_us = now_us();
        store = open_store();
        get_token(store, "a/b/1", "a/b/1");
        CHECK_TRUE(now_us() - open_us < 1000000);
        jt_store_free(&store);
        CHECK_INT(count_good(KILL_ROWS), KILL_ROWS);
    }
    printf("    killed %d of %d; a next key was left %d times; a whole one takes %lld ms\n", killed, round, left,
           (long long)whole_us / 1000);
    CHECK_INT(killed, KILL_ROUNDS);
}

static void body_rekey(struct report *report, void *data)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    char *what = NULL;

    (void)data;
    report->status = jt_store_rekey(&options, NULL, &what, &error);
    (void)snprintf(report->text, sizeof(report->text), "%s", jeton_error_message(error));
}

static void body_full_disk(struct report *report, void *data)
{
    const struct rlimit limit = {128 * 1024, 128 * 1024};

    (void)signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    body_rekey(report, data);
}

static void test_full_disk(void)
{
    struct report report;

    new_store();
    fill(1000);
    report = in_child(0, body_full_disk, NULL);
    CHECK_INT(report.status, JETON_TRY_LATER);
    CHECK_CONTAINS(report.text, "full");
    CHECK_TRUE(!is_there(beside(key_path, ".new")));
    CHECK_INT(count_good(1000), 1000);
}

/* The key's directory is one that the store's owner may not write: nothing of the store is touched. */
static void test_key_place_not_writable(void)
{
    struct report report;
    char dir[4096], moved[8192];

    if (!check_root())
        return;
    new_store();
    fill(3);
    (void)snprintf(dir, sizeof(dir), "%.3000s/etc", dir_of(store_path));
    (void)snprintf(moved, sizeof(moved), "%s/store.key", dir);
    CHECK_INT(mkdir(dir, 0755), 0);
    CHECK_INT(rename(key_path, moved), 0);
    (void)snprintf(key_path, sizeof(key_path), "%.4000s", moved);
    CHECK_INT(chmod(check_tmpdir(), 0755), 0);
    CHECK_INT(chown(key_path, NOBODY, NOBODY), 0);
    CHECK_INT(chown(dir_of(store_path), NOBODY, NOBODY), 0);
    for (size_t i = 0; i < 5; i++) {
        static const char *const suffixes[] = {"", "-wal", "-shm", "-lease", "-gen"};

        (void)!chown(beside(store_path, suffixes[i]), NOBODY, NOBODY);
    }
    report = in_child(NOBODY, body_rekey, NULL);
    CHECK_INT(report.status, JETON_NOT_PERMITTED);
    CHECK_CONTAINS(report.text, "store.key.new cannot be created");
    CHECK_CONTAINS(report.text, "needs to write to the directory of the key");
    CHECK_INT(chown(key_path, 0, 0), 0);
    CHECK_INT(chown(dir_of(store_path), 0, 0), 0);
}

static const struct check_case cases[] = {
    {"a rekey killed behind its commit is finished by the next open", test_left_behind_commit},
    {"a rekey killed before its commit leaves a key that the next one removes", test_left_before_commit},
    {"two rekeys at once do not take each other's key away", test_two_at_once},
    {"a rekey killed at any moment leaves a store that opens whole", test_killed_anywhere},
    {"a rekey on a full disk leaves the store and its key as they were", test_full_disk},
    {"a key that cannot be put in its place leaves the store as it was", test_key_place_not_writable},
};

CHECK_MAIN("rekey_killed", cases)
