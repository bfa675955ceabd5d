/* SPDX-License-Identifier: MIT */
/* Whether another user could have put a file where it is, could change it, or could read it. */
#ifndef JT_BASE_TRUST_H
#define JT_BASE_TRUST_H

#include "base/error.h"
#include <sys/stat.h>

/* Mode bits that a file must not have. */
#define JT_TRUST_FORBID_WRITE          022u
#define JT_TRUST_FORBID_READ           077u /* nor write: for a secret */
#define JT_TRUST_FORBID_READ_BUT_GROUP 027u /* for a secret of root's that a service's group may read */

/* The rule for the owner and mode of a file or directory: it belongs to root or to the user of this process, and has
 * none of the forbidden mode bits. The error names path, owner, mode, and the command that mends it. */
int JT_MUST_CHECK jt_trust_judge(const char *path, const struct stat *st, mode_t forbidden, jeton_error **ret_error);

/* The rule with JT_TRUST_FORBID_WRITE, for code that keeps files, such as a store. A symbolic link at the end of the
 * path is not followed. *ret_there false: nothing is at the path. A directory that everybody shares (/tmp) is
 * refused. */
int JT_MUST_CHECK jt_trust_check_directory(const char *path, bool *ret_there, jeton_error **ret_error);
int JT_MUST_CHECK jt_trust_check_file(const char *path, bool *ret_there, jeton_error **ret_error);
/* Opens a file that keeps the same rule. flags as for open(2); O_CREAT makes the file with mode 0600. The caller closes
 * the descriptor, which is close-on-exec. */
int JT_MUST_CHECK jt_trust_open_file(const char *path, int flags, int *ret_fd, jeton_error **ret_error);

/* Opens a file of code that will be loaded or run. Every directory on the way to the file, and the file itself, must
 * keep the rule; a sticky directory of root's, such as /tmp, may lie on the way. Below the configured directory no
 * symbolic link is followed. */
int JT_MUST_CHECK jt_trust_open_code(const char *dir, const char *file, int *ret_fd, jeton_error **ret_error);
/* The directory's path without symbolic links. A caller that checks a path below the directory and then uses it
 * resolves the directory once, so that both are the same file. */
int JT_MUST_CHECK jt_trust_resolve(const char *dir, char **ret_real, jeton_error **ret_error);
/* Refuses a path on which another user could have put a symbolic link, or could make one lead elsewhere. */
int JT_MUST_CHECK jt_trust_check_links(const char *path, jeton_error **ret_error);

#endif
