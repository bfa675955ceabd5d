/* SPDX-License-Identifier: MIT */
/* Words errors: what failed, for which name, why, and what to do. The library's errors contain no secrets. */
#include "report.h"
#include "json.h"
#include "output.h"
#include "times.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is to be reported. NULL, 0 (http_status) and -1 (retry_after_s) mean unknown. */
struct report {
    int status;
    const char *name, *message, *code, *description, *hint;
    int http_status;
    int64_t retry_after_s;
};

static bool report_says(const char *text, const char *part)
{
    return part == NULL || *part == '\0' || strcasestr(text, part) != NULL;
}

/* Prints "message (code: description; try again in 30 s)". Parts that the message contains already are left out. */
static void report_to_person(const struct jt_call *call, const struct report *report)
{
    const char *message = report->message, *code = report->code, *description = report->description;
    char when[JT_TIMES_SIZE] = "", again[JT_TIMES_SIZE + 16] = "";

    code = report_says(message, code) ? NULL : code;
    description = report_says(message, description) ? NULL : description;
    if (report->retry_after_s > 0 && !report_says(message, "try again") && !report_says(message, "retry")) {
        jt_times_span(report->retry_after_s, when, sizeof(when));
        (void)snprintf(again, sizeof(again), "try again in %s", when);
    }
    jt_output_error("%s%s%s%s%s%s%s%s%s%s", report_says(message, report->name) ? "" : report->name,
                    report_says(message, report->name) ? "" : ": ", message,
                    code != NULL || description != NULL || *again != '\0' ? " (" : "", code != NULL ? code : "",
                    code != NULL && description != NULL ? ": " : "", description != NULL ? description : "",
                    (code != NULL || description != NULL) && *again != '\0' ? "; " : "", again,
                    code != NULL || description != NULL || *again != '\0' ? ")" : "");
    if (!call->quiet && !report_says(message, report->hint))
        jt_output_message("%s", report->hint);
}

static void report_as_json(const struct report *report)
{
    struct json_object *outer JT_AUTO_JSON = jt_json_new();
    struct json_object *inner = jt_json_new();

    jt_json_add_object(outer, "error", inner);
    jt_json_add_string(inner, "name", report->name);
    jt_json_add_integer(inner, "status", JETON_STATUS_EXIT(report->status));
    jt_json_add_string(inner, "message", report->message);
    jt_json_add_string(inner, "error", report->code);
    jt_json_add_string(inner, "error_description", report->description);
    if (report->http_status > 0)
        jt_json_add_integer(inner, "http_status", report->http_status);
    if (report->retry_after_s >= 0)
        jt_json_add_integer(inner, "retry_after", report->retry_after_s);
    jt_json_add_string(inner, "hint", report->hint);
    jt_json_print(outer);
}

static int report_print(const struct jt_call *call, const struct report *report)
{
    report_to_person(call, report);
    if (call->json)
        report_as_json(report);
    return report->status;
}

int jt_report_error(const struct jt_call *call, const char *name, int status, jeton_error **error)
{
    jeton_error *taken JT_CLEANUP(jeton_error_free) = jt_take(error);
    struct report report = {
        .status = status, .name = name, .message = "it failed without saying why", .retry_after_s = -1};

    if (taken != NULL) {
        report.name = jeton_error_name(taken) != NULL ? jeton_error_name(taken) : name;
        if (jeton_error_message(taken) != NULL)
            report.message = jeton_error_message(taken);
        report.code = jeton_error_code(taken);
        report.description = jeton_error_description(taken);
        report.hint = jeton_error_hint(taken);
        report.http_status = jeton_error_http_status(taken);
        report.retry_after_s = jeton_error_retry_after(taken);
    }
    return report_print(call, &report);
}

int jt_report_failure(const struct jt_call *call, const char *name, int status, const char *hint, const char *format,
                      ...)
{
    struct report report = {.status = status, .name = name, .hint = hint, .retry_after_s = -1};
    char *message = NULL;
    va_list args;
    int len;

    va_start(args, format);
    len = vasprintf(&message, format, args);
    va_end(args);
    if (len < 0)
        jt_output_no_memory();
    report.message = message;
    (void)report_print(call, &report);
    free(message);
    return status;
}

int jt_report_bad_answer(const struct jt_call *call)
{
    return jt_report_failure(call, call->operand, JETON_INTERNAL, "are jeton and libjeton of different versions?",
                             "the answer of libjeton %s is not the JSON that it should be", jeton_version());
}

void jt_report_note(const struct jt_call *call, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int len;

    if (call->quiet)
        return;
    va_start(args, format);
    len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        jt_output_no_memory();
    jt_output_message("%s", text);
    free(text);
}
