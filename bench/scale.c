/* SPDX-License-Identifier: MIT */
/* The same work on a store of a few names and on one of a million: gets, puts, the list, what is due. The rounds of
 * both alternate, so that a noisy machine is noisy for both. */
#include "bench.h"
#include "fill.h"
#include "config/config.h"
#include <fcntl.h>
#include <jeton/jeton.h>
#include <spawn.h>
#include "broker/store_setup.h"
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS    9
#define GETS      1000
#define PROCESSES 40
#define PUTS      300
#define LISTS     20
#define LIST_PAGE 500
#define DUE       64
#define STEP      UINT64_C(6700417) /* a prime, so that a walk by it visits every row */

struct side {
    const char *config_dir;
    size_t count;
    size_t at; /* of the walk: no row is asked for twice */
    jeton *ctx;
    struct jt_config *config;
    struct jt_store *store;
};

static const char *account, *command;

static void fail(const jeton_error *error)
{
    fprintf(stderr, "%s\n", jeton_error_message(error));
    exit(1);
}

static void side_open(struct side *side)
{
    struct jeton_options options = {.struct_size = sizeof(options), .config_dir = side->config_dir};
    jeton_error *error = NULL;

    if (jeton_open(&options, &side->ctx, &error) != JETON_OK ||
        jt_config_open(side->config_dir, &side->config, &error) != JETON_OK ||
        jt_store_setup_open(side->config, NULL, &side->store, &error) != JETON_OK)
        fail(error);
}

static void side_close(struct side *side)
{
    jt_store_free(&side->store);
    jt_config_free(&side->config);
    jeton_close(&side->ctx);
}

static void next_name(struct side *side, char *ret_name, size_t size)
{
    side->at = (side->at + STEP) % side->count;
    fill_name(account, side->at, ret_name, size);
}

static double measure_get(struct side *side)
{
    int64_t start = bench_now_ns();

    for (int i = 0; i < GETS; i++) {
        jeton_token *token = NULL;
        jeton_error *error = NULL;
        char name[256];

        next_name(side, name, sizeof(name));
        if (jeton_get(side->ctx, name, NULL, &token, &error) != JETON_OK)
            fail(error);
        jeton_token_free(&token);
    }
    return (double)(bench_now_ns() - start) / GETS;
}

/* Runs the command with its output thrown away; ret_kb: the most memory that it had. */
static double run(const char *config_dir, const char *verb, const char *name, long *ret_kb)
{
    char *argv[] = {(char *)command, "--config", (char *)config_dir, (char *)verb, (char *)name, NULL};
    int64_t start = bench_now_ns();
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    int status;
    pid_t pid;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, command, &actions, NULL, argv, environ) != 0 || wait4(pid, &status, 0, &usage) != pid ||
        status != 0) {
        fprintf(stderr, "%s %s failed\n", command, verb);
        exit(1);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    if (ret_kb != NULL)
        *ret_kb = usage.ru_maxrss;
    return (double)(bench_now_ns() - start);
}

static double measure_process(struct side *side)
{
    double times[PROCESSES];

    for (int i = 0; i < PROCESSES; i++) {
        char name[256];

        next_name(side, name, sizeof(name));
        times[i] = run(side->config_dir, "get", name, NULL);
    }
    return bench_median(times, PROCESSES);
}

static int note_row(void *data, const char *name, const char *variant, uint32_t flags, const struct jt_entry *entry)
{
    (void)name;
    (void)variant;
    (void)flags;
    (void)entry;
    ++*(size_t *)data;
    return 0;
}

static double measure_due(struct side *side)
{
    int64_t start = bench_now_ns();

    for (int i = 0; i < LISTS; i++) {
        jeton_error *error = NULL;
        size_t found = 0;

        if (jt_store_scan_due(side->store, jt_now(), 2 * DUE, note_row, &found, &error) != JETON_OK)
            fail(error);
        if (found != DUE)
            abort();
    }
    return (double)(bench_now_ns() - start) / LISTS;
}

static double measure_page(struct side *side)
{
    int64_t start = bench_now_ns();

    for (int i = 0; i < LISTS; i++) {
        jeton_list *list = NULL;
        jeton_error *error = NULL;
        char after[256];

        fill_name(account, i % 2 == 0 ? 0 : side->count / 2, after, sizeof(after));
        if (jeton_list_names(side->ctx, after, LIST_PAGE, &list, &error) != JETON_OK)
            fail(error);
        if (jeton_list_len(list) != LIST_PAGE)
            abort();
        jeton_list_free(&list);
    }
    return (double)(bench_now_ns() - start) / LISTS;
}

static double measure_put(struct side *side)
{
    double times[PUTS];

    for (int i = 0; i < PUTS; i++) {
        struct jt_entry entry = JT_ENTRY_INIT;
        jeton_error *error = NULL;
        bool done = false;
        char name[256];
        int64_t start;

        next_name(side, name, sizeof(name));
        if (jt_store_get(side->store, name, "", &entry, &error) != JETON_OK)
            fail(error);
        entry.due_at++;
        start = bench_now_ns();
        if (jt_store_put(side->store, name, "", &entry, entry.version, false, &done, &error) != JETON_OK)
            fail(error);
        times[i] = (double)(bench_now_ns() - start);
        if (!done)
            abort();
        jt_entry_done(&entry);
    }
    return bench_median(times, PUTS);
}

static double measure_open(struct side *side)
{
    int64_t start = bench_now_ns();
    struct jt_store *store = NULL;
    jeton_error *error = NULL;

    if (jt_store_setup_open(side->config, NULL, &store, &error) != JETON_OK)
        fail(error);
    jt_store_free(&store);
    return (double)(bench_now_ns() - start);
}

static void compare(const char *what, double (*measure)(struct side *side), double unit, const char *unit_name,
                    struct side sides[2])
{
    double times[2][ROUNDS];

    for (int i = 0; i < 2; i++)
        (void)measure(&sides[i]);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 2; i++)
            times[i][round] = measure(&sides[i]);
    printf("| %s | %.1f %s | %.1f %s | %.2f |\n", what, bench_median(times[0], ROUNDS) / unit, unit_name,
           bench_median(times[1], ROUNDS) / unit, unit_name,
           bench_median(times[1], ROUNDS) / bench_median(times[0], ROUNDS));
}

/* All of the list, in a process of its own: what counts is the memory, which must not grow with the store. */
static void compare_lists(const struct side sides[2])
{
    double ns[2];
    long kb[2];

    for (int i = 0; i < 2; i++)
        ns[i] = run(sides[i].config_dir, "list", NULL, &kb[i]);
    printf("| `jeton list`, all of it: memory of the process | %.1f MB | %.1f MB | %.2f |\n", (double)kb[0] / 1000,
           (double)kb[1] / 1000, (double)kb[1] / (double)kb[0]);
    printf("| the same: time a name | %.1f us | %.1f us | %.2f |\n", ns[0] / 1000 / (double)sides[0].count,
           ns[1] / 1000 / (double)sides[1].count, ns[1] / (double)sides[1].count / (ns[0] / (double)sides[0].count));
}

/* In a process of its own: this one stays small, since a child's memory counts from its parent's when it began. */
static void fill_apart(const struct side *side)
{
    static const struct fill_kind kind = {.access_len = 200, .scope_len = 30};
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        fill_store(side->config_dir, account, side->count, DUE, &kind);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        exit(1);
}

static size_t to_count(const char *text)
{
    char *end = NULL;
    unsigned long count = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || count <= LIST_PAGE * 2) {
        fprintf(stderr, "%s: not a number of names over %d\n", text, LIST_PAGE * 2);
        exit(64);
    }
    return count;
}

int main(int argc, char **argv)
{
    struct side sides[2];

    if (argc != 7) {
        fprintf(stderr, "usage: scale ACCOUNT JETON CONFIG_DIR COUNT CONFIG_DIR COUNT\n");
        return 64;
    }
    account = argv[1];
    command = argv[2];
    for (int i = 0; i < 2; i++) {
        sides[i] = (struct side){.config_dir = argv[3 + 2 * i], .count = to_count(argv[4 + 2 * i])};
        fill_apart(&sides[i]);
    }
    compare_lists(sides);
    for (int i = 0; i < 2; i++)
        side_open(&sides[i]);
    compare("`jeton_get` of a stored token, first time in the process", measure_get, 1e3, "us", sides);
    compare("`jeton get` of a stored token, new process, another name each time", measure_process, 1e6, "ms", sides);
    compare("a put over a stored row", measure_put, 1e3, "us", sides);
    compare("what is due: 64 rows", measure_due, 1e3, "us", sides);
    compare("a page of the list: 500 names", measure_page, 1e3, "us", sides);
    compare("opening the store", measure_open, 1e3, "us", sides);
    for (int i = 0; i < 2; i++)
        side_close(&sides[i]);
    return 0;
}
