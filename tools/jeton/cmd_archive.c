/* SPDX-License-Identifier: MIT */
/* export and import: tokens to and from another machine, as a file or a stream. An existing file is not overwritten. */
#include "commands.h"
#include "json.h"
#include "output.h"
#include "passphrase.h"
#include "report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file or stream to which the archive is written, or from which it is read. */
struct archive_end {
    const char *path; /* NULL: standard output or input */
    int fd;
    int error;       /* errno of the first error; 0: none */
    bool unfinished; /* a file that is not written to its end, to be removed */
};

static void archive_end_done(struct archive_end *end)
{
    if (end->fd > STDERR_FILENO)
        (void)close(end->fd);
    if (end->unfinished)
        (void)unlink(end->path);
}
#define AUTO_END JT_CLEANUP(archive_end_done)

/* "-" means standard output or input. */
static const char *archive_path(const struct jt_call *call)
{
    return call->file != NULL && strcmp(call->file, "-") != 0 ? call->file : NULL;
}

static const char *archive_shown(const struct archive_end *end, const char *otherwise)
{
    return end->path != NULL ? end->path : otherwise;
}

static int archive_fail(const struct jt_call *call, const struct archive_end *end, const char *otherwise,
                        const char *doing)
{
    int status = jt_errno_status(end->error);

    if (status == JETON_CONFIG) /* the file was named on the command line, not in the configuration */
        status = JETON_USAGE;
    return jt_report_failure(call, NULL, status,
                             end->error == EEXIST ? "name a new file: none is ever written over"
                                                  : jt_errno_advice(end->error),
                             "%s cannot be %s: %s", archive_shown(end, otherwise), doing, strerror(end->error));
}

static int archive_write(void *data, const void *bytes, size_t len)
{
    struct archive_end *end = data;

    if (end->fd == STDOUT_FILENO) {
        jt_output_write(bytes, len);
        return 0;
    }
    end->error = jt_file_write_all(end->fd, bytes, len);
    return end->error == 0 ? 0 : -1;
}

static int archive_read(void *data, void *bytes, size_t size, size_t *ret_len)
{
    struct archive_end *end = data;
    ssize_t got;

    do
        got = read(end->fd, bytes, size);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        end->error = errno;
        return -1;
    }
    *ret_len = (size_t)got;
    return 0;
}

/* Prints "line/bot (scope=a b): kept, the stored one expires no earlier". */
static void archive_print_entry(struct json_object *entry)
{
    static const char *const parts[] = {"scope", "audience", "resource"};
    const char *name = jt_json_string(entry, "name"), *done = jt_json_string(entry, "done");
    const char *message = jt_json_string(entry, "message");
    bool any = false;

    jt_output_cell(name != NULL ? name : "?", 0, JT_PLAIN);
    for (size_t i = 0; i < JT_LEN(parts); i++) {
        const char *text = jt_json_string(entry, parts[i]);

        if (text == NULL)
            continue;
        jt_output_puts(any ? ", " : " (");
        jt_output_puts(parts[i]);
        jt_output_puts("=");
        jt_output_cell(text, 0, JT_PLAIN);
        any = true;
    }
    jt_output_line("%s: %s%s%s", any ? ")" : "", done != NULL ? done : "?", message != NULL ? ", " : "",
                   message != NULL ? message : "");
}

static void archive_print_entries(struct json_object *object)
{
    size_t len = 0;
    struct json_object *entries = jt_json_array(object, "entries", &len);

    for (size_t i = 0; i < len; i++)
        archive_print_entry(json_object_array_get_idx(entries, i));
}

static void archive_print_export(const struct jt_call *call, const struct archive_end *end, struct json_object *object)
{
    const long long exported = jt_json_integer(object, "exported", 0), skipped = jt_json_integer(object, "skipped", 0);

    if (call->json) {
        jt_json_print(object);
        return;
    }
    if (end->fd == STDOUT_FILENO) {
        jt_report_note(call, "exported %lld row%s%s", exported, exported == 1 ? "" : "s",
                       skipped > 0 ? ", and skipped damaged ones: jeton list" : "");
        return;
    }
    archive_print_entries(object);
    jt_output_line("exported %lld row%s, skipped %lld: %s", exported, exported == 1 ? "" : "s", skipped, end->path);
}

static int archive_open_new(const struct jt_call *call, struct archive_end *end)
{
    end->path = archive_path(call);
    end->fd = STDOUT_FILENO;
    if (end->path == NULL && call->json)
        return jt_report_failure(call, NULL, JETON_USAGE, "name a file for the archive with --file",
                                 "--json prints to standard output, where the archive goes");
    if (end->path == NULL)
        return isatty(STDOUT_FILENO)
                   ? jt_report_failure(call, NULL, JETON_USAGE, "name a file with --file, or redirect the output",
                                       "an archive is no text for a terminal")
                   : JETON_OK;
    end->fd = open(end->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
    end->error = end->fd < 0 ? errno : 0;
    end->unfinished = end->fd >= 0;
    return end->fd < 0 ? archive_fail(call, end, "", "created") : JETON_OK;
}

int jt_cmd_export(const struct jt_call *call, struct jt_session *session)
{
    struct archive_end end AUTO_END = {.fd = -1};
    jeton_answer *answer JT_CLEANUP(jeton_answer_free) = NULL;
    struct json_object *object JT_AUTO_JSON = NULL;
    char *passphrase JT_AUTO_INPUT = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status == JETON_OK)
        status = archive_open_new(call, &end);
    if (status == JETON_OK)
        status = jt_passphrase_read(call, true, false, &passphrase);
    if (status != JETON_OK)
        return status;
    status = jeton_export(session->ctx, (const char *const *)call->operands, call->operands_len, passphrase,
                          archive_write, &end, &answer, &error);
    if (status == JETON_OK && end.unfinished && fsync(end.fd) != 0)
        end.error = errno;
    if (end.error != 0) {
        jeton_error_free(&error);
        return archive_fail(call, &end, "standard output", "written");
    }
    if (status != JETON_OK)
        return jt_report_error(call, NULL, status, &error);
    end.unfinished = false;
    object = jt_json_parse(jeton_answer_json(answer));
    if (object == NULL)
        return jt_report_bad_answer(call);
    archive_print_export(call, &end, object);
    return JETON_OK;
}

static int archive_open_old(const struct jt_call *call, struct archive_end *end)
{
    end->path = archive_path(call);
    end->fd = STDIN_FILENO;
    if (end->path == NULL)
        return isatty(STDIN_FILENO)
                   ? jt_report_failure(call, NULL, JETON_USAGE, "name the archive with --file, or redirect the input",
                                       "an archive cannot be typed at a terminal")
                   : JETON_OK;
    end->fd = open(end->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    end->error = end->fd < 0 ? errno : 0;
    return end->fd < 0 ? archive_fail(call, end, "", "opened") : JETON_OK;
}

int jt_cmd_import(const struct jt_call *call, struct jt_session *session)
{
    struct archive_end end AUTO_END = {.fd = -1};
    jeton_answer *answer JT_CLEANUP(jeton_answer_free) = NULL;
    struct json_object *object JT_AUTO_JSON = NULL;
    char *passphrase JT_AUTO_INPUT = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status == JETON_OK)
        status = archive_open_old(call, &end);
    if (status == JETON_OK)
        status = jt_passphrase_read(call, false, end.fd == STDIN_FILENO, &passphrase);
    if (status != JETON_OK)
        return status;
    status = jeton_import(session->ctx, passphrase, call->replace ? JETON_IMPORT_REPLACE : 0, archive_read, &end,
                          &answer, &error);
    if (status != JETON_OK && end.error != 0) {
        jeton_error_free(&error);
        return archive_fail(call, &end, "standard input", "read");
    }
    if (status != JETON_OK)
        return jt_report_error(call, NULL, status, &error);
    object = jt_json_parse(jeton_answer_json(answer));
    if (object == NULL)
        return jt_report_bad_answer(call);
    if (call->json) {
        jt_json_print(object);
        return JETON_OK;
    }
    archive_print_entries(object);
    jt_output_line("imported %lld, replaced %lld, kept %lld", (long long)jt_json_integer(object, "imported", 0),
                   (long long)jt_json_integer(object, "replaced", 0), (long long)jt_json_integer(object, "kept", 0));
    return JETON_OK;
}
