/* SPDX-License-Identifier: MIT */
/* Writing and reading in full, and telling whether a file has changed. */
#include "tests/lib/files.h"
#include "base/base.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#define LONG_LEN (1024u * 1024u) /* more than a pipe takes at once */

static void interrupted(int number)
{
    (void)number;
}

struct reading {
    int fd;
    size_t got;
    bool right;
    pthread_t other; /* gets the signals */
};

/* Reads slowly, and sends the writer signals between: the first ends a write(2) that has written a part, the second one
 * that waits and has written nothing. */
static void *read_slowly(void *data)
{
    struct reading *reading = data;
    unsigned char chunk[30000];
    ssize_t len;

    reading->right = true;
    while ((len = read(reading->fd, chunk, sizeof(chunk))) > 0) {
        for (ssize_t i = 0; i < len; i++)
            reading->right = reading->right && chunk[i] == (unsigned char)((reading->got + (size_t)i) * 7 % 251);
        reading->got += (size_t)len;
        for (unsigned i = 0; i < 2 && reading->got < LONG_LEN; i++) {
            (void)usleep(1000);
            (void)pthread_kill(reading->other, SIGUSR1);
        }
    }
    return NULL;
}

static void all_is_written_despite_signals_and_a_slow_reader(void)
{
    struct sigaction action = {.sa_handler = interrupted}; /* no SA_RESTART: write(2) gives up in the middle */
    struct reading reading = {.other = pthread_self()};
    unsigned char *data = malloc(LONG_LEN);
    pthread_t thread;
    int ends[2];

    for (size_t i = 0; i < LONG_LEN; i++)
        data[i] = (unsigned char)(i * 7 % 251);
    CHECK_INT(sigaction(SIGUSR1, &action, NULL), 0);
    CHECK_INT(pipe(ends), 0);
    reading.fd = ends[0];
    CHECK_INT(pthread_create(&thread, NULL, read_slowly, &reading), 0);
    CHECK_INT(jt_file_write_all(ends[1], data, LONG_LEN), 0);
    (void)close(ends[1]);
    (void)pthread_join(thread, NULL);
    CHECK_INT(reading.got, LONG_LEN);
    CHECK_TRUE(reading.right);
    (void)close(ends[0]);
    free(data);
}

/* Sends the reader a signal while it waits, then gives it something to read. */
static void *write_late(void *data)
{
    struct reading *reading = data;

    (void)usleep(20000);
    (void)pthread_kill(reading->other, SIGUSR1);
    (void)usleep(1000);
    CHECK_INT(jt_file_write_all(reading->fd, "late", 4), 0);
    (void)close(reading->fd);
    return NULL;
}

static void reading_goes_on_after_a_signal(void)
{
    struct sigaction action = {.sa_handler = interrupted};
    struct reading reading = {.other = pthread_self()};
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(10);
    pthread_t thread;
    int ends[2];

    CHECK_INT(sigaction(SIGUSR1, &action, NULL), 0);
    CHECK_INT(pipe(ends), 0);
    reading.fd = ends[1];
    CHECK_INT(pthread_create(&thread, NULL, write_late, &reading), 0);
    CHECK_INT(jt_file_read_all(ends[0], &buf), 0);
    CHECK_STR(jt_buf_str(&buf), "late");
    (void)pthread_join(thread, NULL);
    (void)close(ends[0]);
}

static void what_cannot_be_written_gives_its_error(void)
{
    const struct rlimit small = {.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    struct rlimit before;
    char data[200] = "";
    int fd = open(files_path("limited"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    CHECK_INT(jt_file_write_all(-1, "x", 1), EBADF);
    CHECK_INT(jt_file_write_all(-1, "x", 0), 0);
    if (full >= 0)
        CHECK_INT(jt_file_write_all(full, "x", 1), ENOSPC);
    jt_fd_close(&full);
    (void)signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
    CHECK_INT(jt_file_write_all(fd, data, sizeof(data)), EFBIG); /* the first hundred bytes were taken */
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
    jt_fd_close(&fd);
}

static void a_file_is_read_to_its_end_and_no_further_than_the_cap(void)
{
    JT_AUTO_BUF struct jt_buf exact = JT_BUF_INIT(10000);
    JT_AUTO_BUF struct jt_buf small = JT_BUF_INIT(9999);
    char data[10000];
    int fd;

    memset(data, 'x', sizeof(data));
    files_write(files_path("long"), 0600, data, sizeof(data));
    fd = open(files_path("long"), O_RDONLY | O_CLOEXEC);
    CHECK_INT(jt_file_read_all(fd, &exact), 0);
    CHECK_MEM(exact.data, exact.len, data, sizeof(data));
    CHECK_TRUE(!exact.failed);
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    CHECK_INT(jt_file_read_all(fd, &small), 0);
    CHECK_TRUE(small.failed);
    jt_fd_close(&fd);
    CHECK_INT(jt_file_read_all(-1, &exact), EBADF);
    fd = open(check_tmpdir(), O_RDONLY | O_CLOEXEC);
    CHECK_INT(jt_file_read_all(fd, &exact), EISDIR);
    jt_fd_close(&fd);
}

static void expect_directory(const char *path, const char *expected)
{
    JT_AUTO_STR char *directory = jt_file_directory_of(path);

    CHECK_STR(directory, expected);
}

static void a_path_is_in_its_directory(void)
{
    expect_directory("/etc/jeton/key", "/etc/jeton");
    expect_directory("/key", "/");
    expect_directory("key", ".");
    expect_directory("", ".");
    expect_directory("a/key", "a");
    expect_directory("a//key", "a/");
    expect_directory("/", "/");
}

static void a_directory_is_synced_or_gives_its_error(void)
{
    files_text(files_path("synced"), 0600, "x");
    CHECK_INT(jt_file_sync_directory(check_tmpdir()), 0);
    CHECK_INT(jt_file_sync_directory(files_path("absent")), ENOENT);
    CHECK_INT(jt_file_sync_directory(files_path("synced")), ENOTDIR);
}

static void a_stamp_changes_with_the_file_and_not_without(void)
{
    const char *path = files_path("stamped");
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct stat st;
    uint64_t first, second;

    CHECK_TRUE(jt_file_stamp_at(path) == 0);
    files_text(path, 0600, "x");
    CHECK_INT(utimensat(AT_FDCWD, path, times, 0), 0);
    first = jt_file_stamp_at(path);
    CHECK_TRUE(first != 0);
    CHECK_TRUE(first == jt_file_stamp_at(path));
    CHECK_INT(stat(path, &st), 0);
    CHECK_TRUE(jt_file_stamp(&st) == first);
    (void)usleep(20000); /* a tick of the kernel's clock, which stamps the file */
    CHECK_INT(chmod(path, 0640), 0);
    second = jt_file_stamp_at(path);
    CHECK_TRUE(second != first);
    CHECK_INT(rename(path, files_path("moved")), 0);
    files_text(path, 0640, "x");
    CHECK_INT(utimensat(AT_FDCWD, path, times, 0), 0);
    CHECK_TRUE(jt_file_stamp_at(path) != second); /* another file, though of the same size and age */
    /* A link's is that of what it leads to. */
    CHECK_INT(symlink("stamped", files_path("link")), 0);
    CHECK_TRUE(jt_file_stamp_at(files_path("link")) == jt_file_stamp_at(path));
}

/* Each of these alone. */
static void every_fact_of_a_file_counts(void)
{
    const struct stat plain = {.st_dev = 1, .st_ino = 2, .st_size = 3, .st_mtim = {4, 5}, .st_ctim = {6, 7}};
    struct stat changed[7];

    for (size_t i = 0; i < JT_LEN(changed); i++)
        changed[i] = plain;
    changed[0].st_dev++;
    changed[1].st_ino++;
    changed[2].st_size++;
    changed[3].st_mtim.tv_sec++;
    changed[4].st_mtim.tv_nsec++;
    changed[5].st_ctim.tv_sec++;
    changed[6].st_ctim.tv_nsec++;
    for (size_t i = 0; i < JT_LEN(changed); i++)
        CHECK_TRUE(jt_file_stamp(&changed[i]) != jt_file_stamp(&plain));
}

static const struct check_case cases[] = {
    {"all is written despite signals and a slow reader", all_is_written_despite_signals_and_a_slow_reader},
    {"reading goes on after a signal", reading_goes_on_after_a_signal},
    {"what cannot be written gives its error", what_cannot_be_written_gives_its_error},
    {"a file is read to its end and no further than the cap", a_file_is_read_to_its_end_and_no_further_than_the_cap},
    {"a path is in its directory", a_path_is_in_its_directory},
    {"a directory is synced or gives its error", a_directory_is_synced_or_gives_its_error},
    {"a stamp changes with the file and not without", a_stamp_changes_with_the_file_and_not_without},
    {"every fact of a file counts", every_fact_of_a_file_counts},
};

CHECK_MAIN("file", cases)
