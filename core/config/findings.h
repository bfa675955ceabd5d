/* SPDX-License-Identifier: MIT */
/* A list of everything that is wrong with a configuration, each with file and line. */
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

/* Adds a finding about one account; account NULL: about the whole file. JETON_TRY_LATER: out of memory. */
int JT_MUST_CHECK jt_findings_add(struct jt_findings *findings, const char *account, const char *file, int line,
                                  jeton_error **ret_error, const char *format, ...) JT_PRINTF(6, 7);
int JT_MUST_CHECK jt_findings_vadd(struct jt_findings *findings, const char *account, const char *file, int line,
                                   jeton_error **ret_error, const char *format, va_list args) JT_PRINTF(6, 0);
/* Adds an error as a finding in file. If the error's message begins with the file, or file and line, that part is cut
 * off, and the line becomes the finding's. */
int JT_MUST_CHECK jt_findings_add_error(struct jt_findings *findings, const char *account, const char *file, int line,
                                        const jeton_error *error, jeton_error **ret_error);

/* Whether there is a finding about this account or about the whole file. */
bool jt_findings_concern(const struct jt_findings *findings, const char *account);
/* The findings about the account and about the whole file (account NULL: all findings) as one JETON_CONFIG error. The
 * first finding is the message, the next few are the hint. JETON_OK: there are none. */
int JT_MUST_CHECK jt_findings_error(const struct jt_findings *findings, const char *account, jeton_error **ret_error);

#endif
