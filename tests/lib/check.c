/* SPDX-License-Identifier: MIT */
/* The checks and the runner over CUnit. It prints; it never decides what is tested. */
#include "check.h"
#include "engines.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool check_note(bool passed, const char *text, const char *file, unsigned line)
{
    CU_assertImplementation(passed ? CU_TRUE : CU_FALSE, line, text, file, "", CU_FALSE);
    return passed;
}

bool check_true(bool value, const char *text, const char *file, unsigned line)
{
    if (!value)
        printf("%s:%u: %s is false\n", file, line, text);
    return check_note(value, text, file, line);
}

bool check_int(intmax_t actual, intmax_t expected, const char *text, const char *file, unsigned line)
{
    if (actual != expected)
        printf("%s:%u: %s is %" PRIdMAX ", expected %" PRIdMAX "\n", file, line, text, actual, expected);
    return check_note(actual == expected, text, file, line);
}

bool check_str(const char *actual, const char *expected, const char *text, const char *file, unsigned line)
{
    bool same = actual == NULL || expected == NULL ? actual == expected : strcmp(actual, expected) == 0;

    if (!same)
        printf("%s:%u: %s is \"%s\", expected \"%s\"\n", file, line, text, actual != NULL ? actual : "(NULL)",
               expected != NULL ? expected : "(NULL)");
    return check_note(same, text, file, line);
}

bool check_contains(const char *actual, const char *part, const char *text, const char *file, unsigned line)
{
    bool contains = actual != NULL && strstr(actual, part) != NULL;

    if (!contains)
        printf("%s:%u: %s is \"%s\", expected \"%s\" in it\n", file, line, text, actual != NULL ? actual : "(NULL)",
               part);
    return check_note(contains, text, file, line);
}

bool check_mem(const void *actual, size_t actual_len, const void *expected, size_t expected_len, const char *text,
               const char *file, unsigned line)
{
    bool same = actual_len == expected_len && (actual_len == 0 || memcmp(actual, expected, actual_len) == 0);

    if (!same) {
        printf("%s:%u: %s has %zu bytes, expected %zu", file, line, text, actual_len, expected_len);
        for (size_t i = 0; i < actual_len && i < expected_len; i++)
            if (((const unsigned char *)actual)[i] != ((const unsigned char *)expected)[i]) {
                printf("; they differ at byte %zu: %02x, expected %02x", i, ((const unsigned char *)actual)[i],
                       ((const unsigned char *)expected)[i]);
                break;
            }
        printf("\n");
    }
    return check_note(same, text, file, line);
}

bool check_status(int actual, int expected, jeton_error **error, const char *text, const char *file, unsigned line)
{
    bool same = actual == expected;

    if (!same)
        printf("%s:%u: %s gave %d (%s), expected %d\n", file, line, text, actual, jeton_error_message(*error),
               expected);
    jeton_error_free(error);
    return check_note(same, text, file, line);
}

bool check_error(int actual, int expected, const char *part, jeton_error **error, const char *text, const char *file,
                 unsigned line)
{
    bool good = actual == expected && *error != NULL && strstr(jeton_error_message(*error), part) != NULL;

    if (!good)
        printf("%s:%u: %s gave %d \"%s\", expected %d with \"%s\"\n", file, line, text, actual,
               *error != NULL ? jeton_error_message(*error) : "(no error)", expected, part);
    jeton_error_free(error);
    return check_note(good, text, file, line);
}

char *check_read_file(const char *path, size_t *ret_len)
{
    const char *srcdir = getenv("srcdir");
    char *full = NULL, *data = NULL;
    FILE *stream;
    long size;

    if (asprintf(&full, "%s/%s", srcdir != NULL ? srcdir : ".", path) < 0)
        abort();
    stream = fopen(full, "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0 || (size = ftell(stream)) < 0) {
        fprintf(stderr, "%s: %s\n", full, strerror(errno));
        abort();
    }
    rewind(stream);
    data = malloc((size_t)size + 1);
    if (data == NULL || fread(data, 1, (size_t)size, stream) != (size_t)size)
        abort();
    data[size] = '\0';
    if (ret_len != NULL)
        *ret_len = (size_t)size;
    (void)fclose(stream);
    free(full);
    return data;
}

static char tmpdir[] = "/tmp/jeton-test-XXXXXX";
static pid_t tmpdir_owner;

static int tmpdir_remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)where;
    if (type == FTW_D)
        (void)chmod(path, 0700);
    return remove(path);
}

static void tmpdir_remove(void)
{
    if (getpid() == tmpdir_owner)
        (void)nftw(tmpdir, tmpdir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *check_tmpdir(void)
{
    if (tmpdir_owner == 0) {
        if (mkdtemp(tmpdir) == NULL) {
            perror(tmpdir);
            abort();
        }
        tmpdir_owner = getpid();
        (void)atexit(tmpdir_remove);
    }
    return tmpdir;
}

static unsigned cases_failed;

static void report_test(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
    (void)suite;
    if (failure != NULL)
        cases_failed++;
    printf("%s - %s\n", failure != NULL ? "FAILED" : "ok", test->pName);
    (void)fflush(stdout);
}

/* There is no installed module yet. Not in check_main: some programs run themselves as something else. */
__attribute__((constructor)) static void check_use_sqlite(void)
{
    test_engines_hand_in();
}

int check_main(int argc, char **argv, const char *suite_name, const struct check_case *cases, size_t count)
{
    unsigned run = 0;
    CU_pSuite suite;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS || (suite = CU_add_suite(suite_name, NULL, NULL)) == NULL)
        return 99;
    for (size_t i = 0; i < count; i++) {
        bool wanted = argc < 2;

        for (int arg = 1; arg < argc; arg++)
            wanted = wanted || strstr(cases[i].name, argv[arg]) != NULL;
        if (!wanted)
            continue;
        if (CU_add_test(suite, cases[i].name, cases[i].run) == NULL)
            return 99;
        run++;
    }
    CU_set_test_complete_handler(report_test);
    (void)CU_run_all_tests();
    CU_cleanup_registry();
    printf("%s: passed=%u failed=%u\n", suite_name, run - cases_failed, cases_failed);
    return cases_failed > 0 || run == 0 ? 1 : 0;
}
