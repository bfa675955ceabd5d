/* SPDX-License-Identifier: MIT */
/* Whether somebody else could have put a file where it is, or could change it. */
#ifndef JT_BASE_TRUST_H
#define JT_BASE_TRUST_H

#include "base/base.h"

/* Every directory down to the file, and the file itself, belong to root or to the invoking user, and nobody else can
 * write there (a sticky directory of root's, such as /tmp, may be passed through). No link anywhere below the directory
 * that was configured is followed. Returns an open descriptor of the file. */
int JT_MUST_CHECK jt_trust_open(const char *dir, const char *file, int *ret_fd, jeton_error **ret_error);

/* The directory's path without links. A caller that goes on to use a path under it resolves it once, with this, so that
 * what was checked is what is used. */
int JT_MUST_CHECK jt_trust_real(const char *dir, char **ret_real, jeton_error **ret_error);
/* Could somebody else have put a link there, or make it lead elsewhere, on the way that path names? */
int JT_MUST_CHECK jt_trust_links(const char *path, jeton_error **ret_error);

#endif
