/* SPDX-License-Identifier: MIT */
/* The report on an export or import: counts, and a list of rows that is cut at a length that people read. */
#include "archive/report.h"
#include "broker/broker.h"
#include "token/token.h"

#include <stdlib.h>
#include <string.h>

void jt_archive_report_done(struct jt_archive_report *report)
{
    (void)json_object_put(report->entries);
    report->entries = NULL;
}

static void object_done(json_object **object)
{
    (void)json_object_put(*object);
}
#define AUTO_OBJECT JT_CLEANUP(object_done)

static bool report_put(json_object *object, const char *member, const char *text)
{
    return text == NULL || json_object_object_add(object, member, json_object_new_string(text)) == 0;
}

static bool report_put_part(json_object *object, const char *variant, const char *part)
{
    JT_AUTO_STR char *text = jt_variant_part(variant, part);

    return report_put(object, part, text);
}

int jt_archive_report_add(struct jt_archive_report *report, const char *name, const char *variant, const char *done,
                          const char *message, jeton_error **ret_error)
{
    AUTO_OBJECT json_object *entry = NULL;

    if (report->len++ >= JT_ARCHIVE_REPORT_MAX)
        return JETON_OK;
    if (report->entries == NULL)
        report->entries = json_object_new_array();
    entry = json_object_new_object();
    if (report->entries == NULL || entry == NULL || !report_put(entry, "name", name) ||
        !report_put_part(entry, variant, "scope") || !report_put_part(entry, variant, "audience") ||
        !report_put_part(entry, variant, "resource") || !report_put(entry, "done", done) ||
        !report_put(entry, "message", message) || json_object_array_add(report->entries, entry) != 0)
        return jt_error_no_memory(ret_error);
    entry = NULL;
    return JETON_OK;
}

int jt_archive_report_answer(struct jt_archive_report *report, const struct jt_archive_count *counts, size_t counts_len,
                             jeton_answer **ret_answer, jeton_error **ret_error)
{
    AUTO_OBJECT json_object *object = json_object_new_object();

    if (object == NULL)
        return jt_error_no_memory(ret_error);
    for (size_t i = 0; i < counts_len; i++)
        (void)json_object_object_add(object, counts[i].member, json_object_new_int64((int64_t)counts[i].count));
    if (report->entries == NULL)
        report->entries = json_object_new_array();
    (void)json_object_object_add(object, "entries", jt_take(&report->entries));
    return jt_answer_from_object(object, ret_answer, ret_error);
}
