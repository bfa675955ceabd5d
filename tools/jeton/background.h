/* SPDX-License-Identifier: MIT */
/* Lets jeton(1) exit as soon as there is an answer, while a child process finishes a renewal that was begun. */
#ifndef JT_BACKGROUND_H
#define JT_BACKGROUND_H

#include "base/base.h"

struct jt_background {
    int report_fd; /* the pipe for the child's status; -1: there is no child */
};
#define JT_BACKGROUND_INIT ((struct jt_background){.report_fd = -1})

void jt_background_done(struct jt_background *background);
#define JT_AUTO_BACKGROUND JT_CLEANUP(jt_background_done)

/* Forks, and returns in the child only. The parent waits inside and exits with the status that the child reports; if
 * the child ends without a report, the parent ends in the same way. If fork fails, returns in this process, and the
 * caller only waits longer. Call it before any thread or context exists. */
void jt_background_enter(struct jt_background *background);

/* Makes the parent exit with this status. Everything must have been printed: afterwards the standard streams are
 * /dev/null. */
void jt_background_report(struct jt_background *background, int exit_status);

#endif
