/* SPDX-License-Identifier: MIT */
/* The typed checks, which may be made from any thread, and the files of a test. */
#include "check.h"
#include "remove_tree.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool check_note(bool passed, const char *text, const char *file, unsigned line)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* CUnit's records are a list without a lock */

    (void)pthread_mutex_lock(&lock);
    CU_assertImplementation(passed ? CU_TRUE : CU_FALSE, line, text, file, "", CU_FALSE);
    (void)pthread_mutex_unlock(&lock);
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

static char tmpdir[4096];
static pid_t tmpdir_owner;

static void tmpdir_remove(void)
{
    if (getpid() == tmpdir_owner)
        remove_tree(tmpdir);
}

const char *check_tmpdir(void)
{
    const char *parent = getenv("TMPDIR");

    if (tmpdir_owner == 0) {
        (void)snprintf(tmpdir, sizeof(tmpdir), "%s/check-XXXXXX", parent != NULL ? parent : "/tmp");
        if (mkdtemp(tmpdir) == NULL) {
            perror(tmpdir);
            abort();
        }
        tmpdir_owner = getpid();
        (void)atexit(tmpdir_remove);
    }
    return tmpdir;
}
