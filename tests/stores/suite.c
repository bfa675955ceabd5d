/* SPDX-License-Identifier: MIT */
/* The contract suite: suite [--one-process] [--only PART]... ENGINE [KEY=VALUE]... */
#include "cases.h"
#include "engine.h"
#include "process.h"
#include "settings.h"
#include "store.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CASES_MAX 512u

static const struct check_case *const all[] = {
    table_cases,   conditions_cases, transactions_cases,    kinds_cases,
    kept_cases,    get_cases,        order_cases,           due_cases,
    claims_cases,  leases_cases,     lease_processes_cases, deadlines_cases,
    numbers_cases, notices_cases,    opening_cases,         forks_cases,
    rewrite_cases, limits_cases,     shortages_cases,       writable_cases,
    hostile_cases, killed_cases,     storms_cases,
};

static int usage(const char *why)
{
    fprintf(stderr,
            "%s\n"
            "Usage: tests/stores/run [--one-process] [--only PART]... ENGINE [KEY=VALUE]...\n"
            "  ENGINE  the path of a jeton_store_NAME.so, or NAME in the plugin directory\n"
            "  VALUE   {dir} is a new directory for each test, {number} another number\n"
            "  --one-process  other processes do not see this store\n"
            "  --only PART    only the tests with PART in their names\n",
            why);
    return 64;
}

/* Async-signal-safe: the program hangs somewhere. */
static void end_hanging(int number)
{
    static const char result[] = "passed=0 failed=1\n";
    static const char words[] = "FAILED - it hangs (a minute): ";
    const CU_pTest test = CU_get_current_test();

    (void)number;
    if (write(STDOUT_FILENO, words, sizeof(words) - 1) < 0 ||
        (test != NULL && write(STDOUT_FILENO, test->pName, strlen(test->pName)) < 0) ||
        write(STDOUT_FILENO, "\n", 1) < 0 || write(STDOUT_FILENO, result, sizeof(result) - 1) < 0)
        _exit(2);
    _exit(1);
}

static size_t collect(struct check_case *ret_cases, bool refused)
{
    size_t count = 0;

    for (size_t list = 0; list < (refused ? 1 : sizeof(all) / sizeof(all[0])); list++)
        for (const struct check_case *one = all[list]; one->name != NULL; one++) {
            if (count == CASES_MAX)
                abort();
            ret_cases[count++] = *one;
        }
    return count;
}

static int run(char **only, int only_count)
{
    static struct check_case cases[CASES_MAX];
    char title[512];

    (void)snprintf(title, sizeof(title), "stores/%s", engine.name != NULL ? engine.name : "?");
    return check_main(only_count, only, title, cases, collect(cases, engine_refused() != NULL));
}

int main(int argc, char **argv)
{
    char *only[64] = {argv[0]};
    int only_count = 1, arg = 1;
    const char *why;

    for (; arg < argc && strncmp(argv[arg], "--", 2) == 0; arg++)
        if (strcmp(argv[arg], "--one-process") == 0)
            process_forbid();
        else if (strcmp(argv[arg], "--only") == 0 && arg + 1 < argc && only_count < 64)
            only[only_count++] = argv[++arg];
        else
            return usage(argv[arg]);
    if (arg == argc)
        return usage("ENGINE is missing");
    if (!engine_load(engine_path(argv[arg]), &engine))
        return 66;
    if (engine_refused() == NULL && !settings_given(engine.settings, argv + arg + 1, (size_t)(argc - arg - 1), &why))
        return usage(why);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGALRM, end_hanging);
    return run(only, only_count);
}
