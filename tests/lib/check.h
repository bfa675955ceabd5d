/* SPDX-License-Identifier: MIT */
/* Typed checks over CUnit: a failing one prints both values and the line. */
#ifndef CHECK_H
#define CHECK_H

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <jeton/jeton.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check_case {
    const char *name; /* reads as a sentence */
    void (*run)(void);
};

/* Runs the cases as one suite, prints a line for each and `N passed, N failed` at the end, with the number of skipped
 * ones and the reasons where there are any. Gives 0 when none failed, 77 when all were skipped. Arguments name the
 * cases to run (any part of the name). A case that neither checks nor skips anything fails. */
int check_main(int argc, char **argv, const char *suite, const struct check_case *cases, size_t count);
#define CHECK_MAIN(suite, cases)                                                                                       \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        return check_main(argc, argv, suite, cases, sizeof(cases) / sizeof((cases)[0]));                               \
    }

/* This case cannot be tested here, or a part of it cannot; `why` is a string constant. The case returns after it, or
 * goes on with what can be tested. */
void check_skip(const char *why);
/* Whether this is root; where it is not, the case is skipped. */
bool check_root(void);

/* Tells watched.c what begins now, which it names where that hangs; check_main does so for each case. */
void check_progress(unsigned passed, unsigned failed, unsigned skipped, const char *name);

/* What every check ends with. */
bool check_note(bool passed, const char *text, const char *file, unsigned line);
bool check_int(intmax_t actual, intmax_t expected, const char *text, const char *file, unsigned line);
bool check_str(const char *actual, const char *expected, const char *text, const char *file, unsigned line);
bool check_contains(const char *actual, const char *part, const char *text, const char *file, unsigned line);
bool check_mem(const void *actual, size_t actual_len, const void *expected, size_t expected_len, const char *text,
               const char *file, unsigned line);
bool check_true(bool value, const char *text, const char *file, unsigned line);
/* The status is the expected one; prints the error's message when it is not. Frees the error. */
bool check_status(int actual, int expected, jeton_error **error, const char *text, const char *file, unsigned line);
/* The same, and the message contains the part. */
bool check_error(int actual, int expected, const char *part, jeton_error **error, const char *text, const char *file,
                 unsigned line);

#define CHECK_INT(actual, expected)        check_int((intmax_t)(actual), (intmax_t)(expected), #actual, __FILE__, __LINE__)
#define CHECK_STR(actual, expected)        check_str((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_CONTAINS(actual, part)       check_contains((actual), (part), #actual, __FILE__, __LINE__)
#define CHECK_MEM(actual, alen, exp, elen) check_mem((actual), (alen), (exp), (elen), #actual, __FILE__, __LINE__)
#define CHECK_TRUE(value)                  check_true((value), #value, __FILE__, __LINE__)
#define CHECK_OK(status, error)            check_status((status), JETON_OK, (error), #status, __FILE__, __LINE__)
#define CHECK_FAILS(status, expected, part, error)                                                                     \
    check_error((status), (expected), (part), (error), #status, __FILE__, __LINE__)

/* A file of the source tree, read whole and NUL-terminated: "tests/vectors/line.json", below $srcdir or ".". Aborts
 * when it is not there. The caller frees. */
char *check_read_file(const char *path, size_t *ret_len);
/* A fresh directory (0700) that is removed with all that is in it when the program ends. */
const char *check_tmpdir(void);

#endif
