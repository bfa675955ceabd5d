/* SPDX-License-Identifier: MIT */
/* Writes to stdout and stderr: buffering, colours, and replacing control characters in untrusted text. */
#include "output.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_PREFIX "jeton: "

/* A buffer instead of stdio's, so that it can be wiped: tokens go through it. */
static struct {
    char data[8192];
    size_t len;
    int failed; /* errno of the first write that failed */
} output;

void jt_output_guard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        /* A closed stdout becomes one that cannot be written to, so that `get >&-` fails instead of seeming to
         * succeed. */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(JETON_TRY_LATER);
    /* Exceeding a limit on file sizes (ulimit -f) is reported as an error instead of killing the process. */
    (void)signal(SIGXFSZ, SIG_IGN);
}

static bool output_has_colours(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fd) && (no_color == NULL || *no_color == '\0') && term != NULL && *term != '\0' &&
           strcmp(term, "dumb") != 0;
}

static const char *output_escape(enum jt_colour colour)
{
    static const char *const escapes[] = {"", "\033[31m", "\033[32m", "\033[33m", "\033[1m"};

    return escapes[colour];
}

static void output_flush(void)
{
    if (output.len > 0 && output.failed == 0) {
        /* If the reader of a pipe is gone, that is reported as an error instead of killing the process. This is set
         * late, so that programs of x_command settings do not inherit it. */
        (void)signal(SIGPIPE, SIG_IGN);
        output.failed = jt_file_write_all(STDOUT_FILENO, output.data, output.len);
    }
    explicit_bzero(output.data, output.len);
    output.len = 0;
}

void jt_output_write(const void *data, size_t len)
{
    const char *bytes = data;

    while (len > 0) {
        size_t room = sizeof(output.data) - output.len, part = len < room ? len : room;

        memcpy(output.data + output.len, bytes, part);
        output.len += part;
        bytes += part;
        len -= part;
        if (output.len == sizeof(output.data))
            output_flush();
    }
}

void jt_output_puts(const char *text)
{
    jt_output_write(text, strlen(text));
}

/* The length of a UTF-8 character that steers a terminal, or 0: C1 controls (U+0080 to U+009F), line separators, and
 * marks that change the direction of text. */
static size_t output_control_len(const unsigned char *at)
{
    if (at[0] < 0x20 || at[0] == 0x7f)
        return 1;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
        return 2;
    if (at[0] == 0xe2 && at[1] == 0x80 && ((at[2] >= 0xa8 && at[2] <= 0xae) || at[2] == 0x8e || at[2] == 0x8f))
        return 3;
    if (at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9)
        return 3;
    return 0;
}

void jt_output_tame(char *text)
{
    unsigned char *to = (unsigned char *)text, *from = to;

    while (*from != '\0') {
        size_t len = output_control_len(from);

        if (len == 0) {
            *to++ = *from++;
            continue;
        }
        *to++ = *from == '\n' || *from == '\t' ? ' ' : '?';
        from += len;
    }
    *to = '\0';
}

static void output_release(char **text)
{
    if (*text != NULL)
        explicit_bzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

static char *JT_PRINTF(1, 0) output_format(const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        jt_output_no_memory();
    jt_output_tame(text);
    return text;
}

void jt_output_line(const char *format, ...)
{
    char *text JT_CLEANUP(output_release) = NULL;
    va_list args;

    va_start(args, format);
    text = output_format(format, args);
    va_end(args);
    jt_output_puts(text);
    jt_output_puts("\n");
}

size_t jt_output_width(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void jt_output_cell(const char *text, size_t width, enum jt_colour colour)
{
    char *tame JT_CLEANUP(output_release) = strdup(text);
    bool coloured = colour != JT_PLAIN && output_has_colours(STDOUT_FILENO);

    if (tame == NULL)
        jt_output_no_memory();
    jt_output_tame(tame);
    if (coloured)
        jt_output_puts(output_escape(colour));
    jt_output_puts(tame);
    if (coloured)
        jt_output_puts("\033[0m");
    for (size_t column = jt_output_width(tame); column < width; column++)
        jt_output_puts(" ");
}

bool jt_output_part(void)
{
    output_flush();
    return output.failed == 0;
}

int jt_output_finish(void)
{
    output_flush();
    if (output.failed == 0)
        return JETON_OK;
    jt_output_error("standard output could not be written: %s; what was printed is incomplete",
                    strerror(output.failed));
    return JETON_TRY_LATER;
}

static void JT_PRINTF(2, 0) output_message(enum jt_colour colour, const char *format, va_list args)
{
    char *text JT_CLEANUP(output_release) = output_format(format, args);
    char *line JT_CLEANUP(output_release) = NULL;
    bool coloured = colour != JT_PLAIN && output_has_colours(STDERR_FILENO);
    int len = asprintf(&line, "%s" OUTPUT_PREFIX "%s%s\n", coloured ? output_escape(colour) : "",
                       coloured ? "\033[0m" : "", text);

    if (len < 0)
        jt_output_no_memory();
    /* If stderr cannot be written to, the exit status is the only report. */
    (void)(jt_file_write_all(STDERR_FILENO, line, (size_t)len) == 0);
}

void jt_output_message(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    output_message(JT_PLAIN, format, args);
    va_end(args);
}

void jt_output_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    output_message(JT_RED, format, args);
    va_end(args);
}

void jt_output_no_memory(void)
{
    static const char message[] = OUTPUT_PREFIX "out of memory\n";

    (void)(jt_file_write_all(STDERR_FILENO, message, sizeof(message) - 1) == 0);
    explicit_bzero(&output, sizeof(output));
    _exit(JETON_TRY_LATER);
}
