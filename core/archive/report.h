/* SPDX-License-Identifier: MIT */
/* The report on what an export or import did, row by row. */
#ifndef JT_ARCHIVE_REPORT_H
#define JT_ARCHIVE_REPORT_H

#include "base/base.h"

#define JT_ARCHIVE_REPORT_MAX 1000u /* rows that are listed at most */

struct json_object;
struct jt_archive_report {
    struct json_object *entries;
    size_t len; /* rows, those that are not listed included */
};
int JT_MUST_CHECK jt_archive_report_add(struct jt_archive_report *report, const char *name, const char *variant,
                                        const char *done, const char *message, jeton_error **ret_error);
/* The answer is an object of these numbers and the list of rows. */
struct jt_archive_count {
    const char *member;
    size_t count;
};
int JT_MUST_CHECK jt_archive_report_answer(struct jt_archive_report *report, const struct jt_archive_count *counts,
                                           size_t counts_len, jeton_answer **ret_answer, jeton_error **ret_error);
void jt_archive_report_done(struct jt_archive_report *report);

#endif
