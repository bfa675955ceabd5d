/* SPDX-License-Identifier: MIT */
/* Lets the caller of jeton(1) go when there is an answer, while a renewal that was begun is finished behind it. It
 * never decides how long to wait. */
#ifndef JT_BACKGROUND_H
#define JT_BACKGROUND_H

#include "base/base.h"

struct jt_background {
    int report_fd; /* where the child says its status; -1: there is no child */
};
#define JT_BACKGROUND_INIT ((struct jt_background){.report_fd = -1})

void jt_background_done(struct jt_background *background);
#define JT_AUTO_BACKGROUND JT_CLEANUP(jt_background_done)

/* Goes on in a child; only there it returns, and must be called before any thread or context exists. The parent ends
 * inside, with the status that the child reports, or as the child ended without one. Where no child can be made, the
 * work is done in this process, and the caller waits a little longer. */
void jt_background_enter(struct jt_background *background);

/* Lets the caller go with this exit status. Everything must have been printed: standard streams lead nowhere
 * afterwards. */
void jt_background_report(struct jt_background *background, int exit_status);

#endif
