/* SPDX-License-Identifier: MIT */
/* Whether somebody else could have put a file where it is, could change it, or could read it. */
#ifndef JT_BASE_TRUST_H
#define JT_BASE_TRUST_H

#include "base/error.h"
#include <sys/stat.h>

/* What is forbidden to all but the owner. */
#define JT_TRUST_FORBID_WRITE          022u
#define JT_TRUST_FORBID_READ           077u /* and to write: a secret */
#define JT_TRUST_FORBID_READ_BUT_GROUP 027u /* a secret that root lets a service's group read */

/* The rule for the owner and the mode of a file or a directory: it belongs to root or to the user of this process, and
 * nobody else can do with it what is forbidden. The error names path, owner, mode, and the command that mends it. */
int JT_MUST_CHECK jt_trust_judge(const char *path, const struct stat *st, mode_t forbidden, jeton_error **ret_error);

/* For a store and other code that keeps files: the rule with JT_TRUST_FORBID_WRITE. No link is followed at the end of
 * the path. *ret_there false: nothing is at the path. A directory that everybody shares (/tmp) is refused. */
int JT_MUST_CHECK jt_trust_check_directory(const char *path, bool *ret_there, jeton_error **ret_error);
int JT_MUST_CHECK jt_trust_check_file(const char *path, bool *ret_there, jeton_error **ret_error);
/* flags as for open(2); what O_CREAT makes has mode 0600. The descriptor is close-on-exec, and the caller's. */
int JT_MUST_CHECK jt_trust_open_file(const char *path, int flags, int *ret_fd, jeton_error **ret_error);

/* For code that will be loaded or run: every directory down to the file, and the file itself, keep the rule (a sticky
 * directory of root's, such as /tmp, may be passed through). No link anywhere below the directory that was configured
 * is followed. Returns an open descriptor of the file. */
int JT_MUST_CHECK jt_trust_open_code(const char *dir, const char *file, int *ret_fd, jeton_error **ret_error);
/* The directory's path without links. A caller that goes on to use a path under it resolves it once, with this, so that
 * what was checked is what is used. */
int JT_MUST_CHECK jt_trust_resolve(const char *dir, char **ret_real, jeton_error **ret_error);
/* Refuses a path on which somebody else could have put a symbolic link, or could make one lead elsewhere. */
int JT_MUST_CHECK jt_trust_check_links(const char *path, jeton_error **ret_error);

#endif
