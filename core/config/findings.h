/* SPDX-License-Identifier: MIT */
/* What is wrong with a configuration, with file and line, gathered instead of stopping at the first. */
#ifndef JT_CONFIG_FINDINGS_H
#define JT_CONFIG_FINDINGS_H

#include "base/base.h"

struct jt_finding {
    char *file;
    int line; /* 0: the whole file */
    char *message;
    char *account; /* NULL: the whole file */
};
struct jt_findings {
    struct jt_finding *items;
    size_t len, size;
};
void jt_findings_done(struct jt_findings *findings);
#define JT_AUTO_FINDINGS JT_CLEANUP(jt_findings_done)

/* account: whom it concerns; NULL: the whole file. JETON_TRY_LATER: out of memory. */
int JT_MUST_CHECK jt_findings_add(struct jt_findings *findings, const char *account, const char *file, int line,
                                  jeton_error **ret_error, const char *format, ...) JT_PRINTF(6, 7);
int JT_MUST_CHECK jt_findings_vadd(struct jt_findings *findings, const char *account, const char *file, int line,
                                   jeton_error **ret_error, const char *format, va_list args) JT_PRINTF(6, 0);
/* The error as a finding in file. Where its message begins with the file, and perhaps a line, it loses that: the line
 * is the finding's. */
int JT_MUST_CHECK jt_findings_add_error(struct jt_findings *findings, const char *account, const char *file, int line,
                                        const jeton_error *error, jeton_error **ret_error);

/* Is there one about this account, or about the whole file? */
bool jt_findings_concern(const struct jt_findings *findings, const char *account);
/* The findings that concern the account (those of the whole file do; account NULL: all) as one JETON_CONFIG error: the
 * first is the message, the next few are the hint. JETON_OK: there are none. */
int JT_MUST_CHECK jt_findings_error(const struct jt_findings *findings, const char *account, jeton_error **ret_error);

#endif
