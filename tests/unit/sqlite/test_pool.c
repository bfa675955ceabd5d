/* SPDX-License-Identifier: MIT */
/* Proves that a process which was forked has locks of its own on the store, whatever its parent did with it before and
 * does afterwards. It never looks at what is read. */
#include "tests/unit/store/test_store_help.h"

#include <fcntl.h>
#include <signal.h>

/* Where SQLite's readers lock a database file: part of its file format. */
#define SQLITE_SHARED_FIRST 0x40000002
#define SQLITE_SHARED_LEN   510

static const struct jeton_store_engine *engine;

/* Who keeps us from locking the database; 0: nobody. Nothing of this process may have it open. */
static pid_t who_has_it_open(const char *path)
{
    struct flock range = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SQLITE_SHARED_FIRST, .l_len = SQLITE_SHARED_LEN};
    int fd = open(path, O_RDWR | O_CLOEXEC);

    CHECK_INT(fcntl(fd, F_GETLK, &range), 0);
    (void)close(fd);
    return range.l_type == F_UNLCK ? 0 : range.l_pid;
}

/* In a child: reads, says what it found, and stays. */
static void read_and_stay(void *store, const char *path, const int *ready)
{
    void *mine = store;
    int64_t version = -1;

    if (mine != NULL || engine->open(path, 0, &mine, why, sizeof(why)) == JETON_OK)
        version = version_of(mine, "a/b", "");
    (void)!write(ready[1], &version, sizeof(version));
    for (;;)
        (void)pause();
}

static void a_child_of_a_process_that_read(bool uses_its_parents)
{
    struct jeton_row row = token_row("a/b", "", "x");
    char path[4096];
    int64_t version = 0;
    int ready[2];
    pid_t child;
    void *store;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 1);
    CHECK_INT(put(store, &row, 0, JETON_DURABLE), JETON_OK);
    CHECK_TRUE(((struct jt_store_sqlite *)store)->idle != NULL);
    (void)unlink(beside(path, "-recent"));
    CHECK_INT(pipe(ready), 0);
    if ((child = fork()) == 0)
        read_and_stay(uses_its_parents ? store : NULL, path, ready);
    CHECK_INT(read(ready[0], &version, sizeof(version)), sizeof(version));
    CHECK_INT(version, 1);
    CHECK_TRUE(((struct jt_store_sqlite *)store)->idle != NULL);
    CHECK_INT(version_of(store, "a/b", ""), 1);
    engine->close(store);
    CHECK_INT(who_has_it_open(path), child);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static void test_child_with_a_store_of_its_own(void)
{
    a_child_of_a_process_that_read(false);
}

static void test_child_that_goes_on_with_its_parents(void)
{
    a_child_of_a_process_that_read(true);
}

static const struct check_case cases[] = {
    {"a forked child locks the store that it opens", test_child_with_a_store_of_its_own},
    {"a forked child that goes on with its parent's store locks it", test_child_that_goes_on_with_its_parents},
};

int main(int argc, char **argv)
{
    engine = jt_store_sqlite_engine();
    return check_main(argc, argv, "store_pool", cases, sizeof(cases) / sizeof(cases[0]));
}
