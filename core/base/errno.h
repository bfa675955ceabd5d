/* SPDX-License-Identifier: MIT */
/* What a failed system call means for the caller of jeton. */
#ifndef JT_BASE_ERRNO_H
#define JT_BASE_ERRNO_H

#include "base/cleanup.h"

/* JETON_TRY_LATER: a shortage, or trouble that passes; JETON_NOT_PERMITTED: the system refuses this user; JETON_CONFIG:
 * a person must change something; JETON_INTERNAL: a defect. */
int jt_errno_status(int error) JT_MUST_CHECK;
/* What a person can do about it. NULL: the system's words say enough. */
const char *jt_errno_advice(int error);

#endif
