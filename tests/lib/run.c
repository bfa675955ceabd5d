/* SPDX-License-Identifier: MIT */
/* Runs the cases of a test program over CUnit, counts them, and writes down for watched.c which one is running. */
#include "check.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REASONS_MAX 8

static struct {
    unsigned passed, failed, skipped;
    unsigned checks_before;           /* of the running case */
    const char *skip;                 /* why the running case is skipped, or a part of it */
    const char *reasons[REASONS_MAX]; /* why cases were skipped, each once */
} run;

void check_skip(const char *why)
{
    run.skip = why;
    for (size_t i = 0; i < REASONS_MAX; i++) {
        if (run.reasons[i] == NULL)
            run.reasons[i] = why;
        if (strcmp(run.reasons[i], why) == 0)
            return;
    }
}

bool check_root(void)
{
    if (geteuid() != 0)
        check_skip("needs root");
    return geteuid() == 0;
}

/* One write of one size, so that the reader never finds half of it. */
void check_progress(unsigned passed, unsigned failed, unsigned skipped, const char *name)
{
    static int fd = -1;
    const char *path = getenv("CHECK_PROGRESS");
    char line[512] = {0};

    if (path == NULL || (fd < 0 && (fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) < 0))
        return;
    (void)snprintf(line, sizeof(line), "%u %u %u 0 %s\n", passed, failed, skipped, name);
    if (pwrite(fd, line, sizeof(line), 0) != (ssize_t)sizeof(line))
        perror(path);
}

static void run_case_begins(const CU_pTest test, const CU_pSuite suite)
{
    (void)suite;
    run.checks_before = CU_get_number_of_asserts();
    run.skip = NULL;
    check_progress(run.passed, run.failed, run.skipped, test->pName);
}

static void run_case_ended(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
    (void)suite;
    if (failure != NULL) {
        run.failed++;
        printf("FAILED - %s\n", test->pName);
    } else if (run.skip != NULL) {
        run.skipped++;
        printf("skipped - %s: %s\n", test->pName, run.skip);
    } else if (CU_get_number_of_asserts() == run.checks_before) {
        run.failed++;
        printf("FAILED - %s: it checked nothing\n", test->pName);
    } else {
        run.passed++;
        printf("ok - %s\n", test->pName);
    }
    (void)fflush(stdout);
}

static void run_print_result(const char *suite)
{
    printf("%s: %u passed, %u failed", suite, run.passed, run.failed);
    if (run.skipped > 0)
        printf(", %u skipped (", run.skipped);
    for (size_t i = 0; run.skipped > 0 && i < REASONS_MAX && run.reasons[i] != NULL; i++)
        printf("%s%s", i > 0 ? "; " : "", run.reasons[i]);
    printf("%s\n", run.skipped > 0 ? ")" : "");
}

static bool run_wants(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strstr(name, argv[i]) != NULL)
            return true;
    return argc < 2;
}

int check_main(int argc, char **argv, const char *suite_name, const struct check_case *cases, size_t count)
{
    CU_pSuite suite;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS || (suite = CU_add_suite(suite_name, NULL, NULL)) == NULL)
        return 99;
    for (size_t i = 0; i < count; i++)
        if (run_wants(argc, argv, cases[i].name) && CU_add_test(suite, cases[i].name, cases[i].run) == NULL)
            return 99;
    CU_set_test_start_handler(run_case_begins);
    CU_set_test_complete_handler(run_case_ended);
    (void)CU_run_all_tests();
    CU_cleanup_registry();
    run_print_result(suite_name);
    if (run.failed == 0 && run.passed == 0 && run.skipped > 0)
        return 77;
    return run.failed > 0 || run.passed == 0;
}
