/* SPDX-License-Identifier: MIT */
/* Small files and directories for tests of code that reads them. It makes things below check_tmpdir() only. */
#ifndef FILES_H
#define FILES_H

#include "check.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_UNUSED __attribute__((unused))

/* A path below the temporary directory; one of 32 buffers, so that some can be used at a time. */
__attribute__((format(printf, 1, 2))) FILES_UNUSED static const char *files_path(const char *format, ...)
{
    static char paths[32][512];
    static unsigned next;
    char *path = paths[next++ % 32];
    int base = snprintf(path, sizeof(paths[0]), "%s/", check_tmpdir());
    va_list args;

    va_start(args, format);
    (void)vsnprintf(path + base, sizeof(paths[0]) - (size_t)base, format, args);
    va_end(args);
    return path;
}

FILES_UNUSED static void files_fail(const char *path)
{
    perror(path);
    abort();
}

/* The umask must not decide what a test is about. */
FILES_UNUSED static void files_mkdir(const char *path, mode_t mode)
{
    if (mkdir(path, 0700) != 0 || chmod(path, mode) != 0)
        files_fail(path);
}

FILES_UNUSED static void files_write(const char *path, mode_t mode, const void *data, size_t len)
{
    FILE *stream;

    (void)unlink(path);
    stream = fopen(path, "wb");
    if (stream == NULL || fwrite(data, 1, len, stream) != len || fclose(stream) != 0 || chmod(path, mode) != 0)
        files_fail(path);
}

FILES_UNUSED static void files_text(const char *path, mode_t mode, const char *text)
{
    files_write(path, mode, text, strlen(text));
}

FILES_UNUSED static char *files_read(const char *path, size_t *ret_len)
{
    FILE *stream = fopen(path, "rb");
    struct stat st;
    char *data;

    if (stream == NULL || fstat(fileno(stream), &st) != 0)
        files_fail(path);
    data = malloc((size_t)st.st_size + 1);
    if (data == NULL || fread(data, 1, (size_t)st.st_size, stream) != (size_t)st.st_size)
        abort();
    data[st.st_size] = '\0';
    *ret_len = (size_t)st.st_size;
    (void)fclose(stream);
    return data;
}

FILES_UNUSED static bool files_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Runs this program again with one argument as a set-user-id program of root's that a user without rights has called,
 * so that AT_SECURE is set in it. Returns its exit status; root only. */
FILES_UNUSED static int files_run_set_user_id(const char *argument)
{
    const char *copy = files_path("set-user-id");
    size_t len;
    char *data = files_read("/proc/self/exe", &len);
    int status = 0;
    pid_t child;

    files_write(copy, 0700, data, len);
    free(data);
    if (chmod(copy, 04755) != 0 || chmod(check_tmpdir(), 0755) != 0)
        files_fail(copy);
    child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(90);
        (void)execl(copy, copy, argument, (char *)NULL);
        _exit(91);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Where the build put the fixture plugins: the build's directory, or $JETON_FIXTURES for those who build by hand. */
FILES_UNUSED static const char *files_fixture(const char *name)
{
    static char path[512];
    const char *own = getenv("JETON_FIXTURES"), *build = getenv("builddir");

    if (own != NULL)
        (void)snprintf(path, sizeof(path), "%s/jeton_%s.so", own, name);
    else
        (void)snprintf(path, sizeof(path), "%s/tests/fixtures/.libs/jeton_%s.so", build != NULL ? build : ".", name);
    return path;
}

/* Copies a fixture plugin to a path. */
FILES_UNUSED static void files_copy_fixture(const char *name, const char *to, mode_t mode)
{
    size_t len;
    char *data = files_read(files_fixture(name), &len);

    files_write(to, mode, data, len);
    free(data);
}

#endif
