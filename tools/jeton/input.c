/* SPDX-License-Identifier: MIT */
/* Reads values from files and stdin, and makes the parameters of a call from them. */
#include "input.h"
#include "output.h"
#include "report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX (64u * 1024u)

void jt_input_free(char **text)
{
    if (*text != NULL)
        explicit_bzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

static void input_close(int *fd)
{
    if (*fd > STDERR_FILENO)
        (void)close(*fd);
}

static int input_failed(const struct jt_call *call, const char *what, const char *path, int error)
{
    int status = jt_errno_status(error);

    if (status == JETON_CONFIG) /* the path was given on the command line, not in the configuration */
        status = JETON_USAGE;
    return jt_report_failure(call, NULL, status, jt_errno_advice(error), "%s could not be read from %s: %s", what, path,
                             strerror(error));
}

static int input_open(const struct jt_call *call, const char *what, const char *path, int *ret_fd)
{
    static bool stdin_spent;
    int fd;

    if (strcmp(path, "-") == 0) {
        if (stdin_spent)
            return jt_report_failure(call, NULL, JETON_USAGE, NULL, "only one value can be read from stdin with @-");
        stdin_spent = true;
        *ret_fd = STDIN_FILENO;
        return JETON_OK;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return input_failed(call, what, path, errno);
    *ret_fd = fd;
    return JETON_OK;
}

static void input_drop(char **buffer)
{
    if (*buffer != NULL)
        explicit_bzero(*buffer, INPUT_MAX + 2);
    free(*buffer);
}

int jt_input_read(const struct jt_call *call, const char *what, const char *source, char **ret_text)
{
    const char *path = source + 1, *shown = strcmp(path, "-") == 0 ? "stdin" : path;
    char *buffer JT_CLEANUP(input_drop) = malloc(INPUT_MAX + 2);
    int fd JT_CLEANUP(input_close) = -1;
    size_t len = 0;
    int status;

    if (buffer == NULL)
        jt_output_no_memory();
    memset(buffer, 0, INPUT_MAX + 2);
    status = input_open(call, what, path, &fd);
    if (status != JETON_OK)
        return status;
    for (;;) {
        /* Room for the limit, one byte more and a newline, so that a value that is too long is noticed. */
        ssize_t got = read(fd, buffer + len, INPUT_MAX + 2 - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return input_failed(call, what, shown, errno);
        len += (size_t)got;
        if (got == 0 || len == INPUT_MAX + 2)
            break;
    }
    if (len > 0 && buffer[len - 1] == '\n')
        len--;
    if (len > INPUT_MAX)
        return jt_report_failure(call, NULL, JETON_USAGE, NULL, "%s from %s is longer than %u bytes", what, shown,
                                 INPUT_MAX);
    if (len == 0)
        return jt_report_failure(call, NULL, JETON_USAGE, NULL, "%s from %s is empty", what, shown);
    if (memchr(buffer, '\0', len) != NULL)
        return jt_report_failure(call, NULL, JETON_USAGE, NULL, "%s from %s holds a NUL byte: it is not text", what,
                                 shown);
    *ret_text = strndup(buffer, len);
    if (*ret_text == NULL)
        jt_output_no_memory();
    return JETON_OK;
}

void jt_params_done(struct jt_params *params)
{
    for (size_t i = 0; i < params->len; i++) {
        char *value = params->texts[i] == NULL ? NULL : params->texts[i] + strlen(params->texts[i]) + 1;

        if (value != NULL)
            explicit_bzero(value, strlen(value));
        free(params->texts[i]);
    }
    *params = (struct jt_params){.len = 0};
}

/* Copies key and value, one behind the other, into memory of the parameters. */
static void params_add(struct jt_params *params, const char *key, size_t key_len, const char *value)
{
    char *text = malloc(key_len + strlen(value) + 2);

    if (text == NULL)
        jt_output_no_memory();
    memcpy(text, key, key_len);
    text[key_len] = '\0';
    memcpy(text + key_len + 1, value, strlen(value) + 1);
    params->texts[params->len] = text;
    params->items[params->len++] = (struct jeton_param){.name = text, .value = text + key_len + 1};
}

int jt_params_load(const struct jt_call *call, struct jt_params *ret_params)
{
    struct jt_params params JT_AUTO_PARAMS = {.len = 0};

    for (size_t i = 0; i < call->params_len; i++) {
        char *value JT_AUTO_INPUT = NULL, *written = strchr(call->params[i], '=') + 1;
        size_t key_len = (size_t)(written - call->params[i]) - 1;
        char what[96];
        int status;

        if (written[0] != '@') {
            params_add(&params, call->params[i], key_len, written);
            memset(written, 'x', strlen(written));
            continue;
        }
        if (written[1] == '\0')
            return jt_report_failure(call, NULL, JETON_USAGE, NULL, "a file name must follow the @ of -p %.*s=@",
                                     (int)key_len, call->params[i]);
        (void)snprintf(what, sizeof(what), "the parameter %.*s", (int)(key_len < 64 ? key_len : 64), call->params[i]);
        status = jt_input_read(call, what, written, &value);
        if (status != JETON_OK)
            return status;
        params_add(&params, call->params[i], key_len, value);
    }
    *ret_params = params;
    params = (struct jt_params){.len = 0};
    return JETON_OK;
}
