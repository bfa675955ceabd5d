/* SPDX-License-Identifier: MIT */
/* What a failed system call means for the caller of jeton: wait, ask for a right, or change something. */
#include "base/errno.h"
#include <errno.h>

/* An error that is not in the table counts as passing (JETON_TRY_LATER): a caller that tries again later does less harm
 * than one that gives a token up for good. The message has the system's words either way. */
static const struct errno_row {
    int error;
    int status;
    const char *advice; /* NULL: the system's words say it all */
} errno_rows[] = {
    /* Shortages: they end when another process frees something. */
    {ENOMEM, JETON_TRY_LATER, NULL},
    {ENOBUFS, JETON_TRY_LATER, NULL},
    {EMFILE, JETON_TRY_LATER, "raise the limit of this process: ulimit -n"},
    {ENFILE, JETON_TRY_LATER, "raise the limit of this machine: sysctl fs.file-max"},
    {ENOSPC, JETON_TRY_LATER, "free some space"},
    {EDQUOT, JETON_TRY_LATER, "free some space, or raise the quota"},
    {ENOLCK, JETON_TRY_LATER, NULL},
    /* Another process, or a signal, was in the way for a moment. */
    {EAGAIN, JETON_TRY_LATER, NULL},
    {EINTR, JETON_TRY_LATER, NULL},
    {EBUSY, JETON_TRY_LATER, NULL},
    {ETXTBSY, JETON_TRY_LATER, NULL},
    {EDEADLK, JETON_TRY_LATER, NULL},
    {ETIMEDOUT, JETON_TRY_LATER, NULL},
    {EPIPE, JETON_TRY_LATER, NULL},
    /* A device or a server that may be there again in a minute. */
    {EIO, JETON_TRY_LATER, "the kernel's log may say more: dmesg"},
    {ESTALE, JETON_TRY_LATER, NULL},
    /* The system refuses this user. */
    {EACCES, JETON_NOT_PERMITTED, "run this as the owner, or give this user the right to"},
    {EPERM, JETON_NOT_PERMITTED, "run this as the owner, or give this user the right to"},
    {EROFS, JETON_NOT_PERMITTED, "it is mounted read-only"},
    /* A symbolic link where none is followed, since another user could make it lead elsewhere. */
    {ELOOP, JETON_NOT_PERMITTED, "it is a symbolic link, and links are not followed here: put the thing itself there"},
    /* Nothing is at the path, or the wrong thing, and waiting does not change that. */
    {ENOENT, JETON_CONFIG, NULL},
    {ENOTDIR, JETON_CONFIG, NULL},
    {EISDIR, JETON_CONFIG, NULL},
    {ENAMETOOLONG, JETON_CONFIG, NULL},
    {EEXIST, JETON_CONFIG, NULL},
    {ENOTEMPTY, JETON_CONFIG, NULL},
    {EXDEV, JETON_CONFIG, NULL},
    {EMLINK, JETON_CONFIG, NULL},
    {ENXIO, JETON_CONFIG, NULL},
    {ENODEV, JETON_CONFIG, NULL},
    {ENOEXEC, JETON_CONFIG, NULL},
    {E2BIG, JETON_CONFIG, NULL},
    /* A limit that stays until a person raises it; the file does not shrink by itself. */
    {EFBIG, JETON_CONFIG, "raise the limit of this process: ulimit -f"},
    /* The file system cannot do it, or must be repaired. */
    {ENOSYS, JETON_CONFIG, NULL},
    {EOPNOTSUPP, JETON_CONFIG, NULL},
    {EUCLEAN, JETON_CONFIG, "check the file system: fsck"},
    {EBADMSG, JETON_CONFIG, "check the file system: fsck"},
    /* Defects of jeton's own. */
    {EINVAL, JETON_INTERNAL, NULL},
    {EBADF, JETON_INTERNAL, NULL},
    {EFAULT, JETON_INTERNAL, NULL},
};

static const struct errno_row *errno_find(int error)
{
    static const struct errno_row other = {0, JETON_TRY_LATER, NULL};

    for (size_t i = 0; i < JT_LEN(errno_rows); i++)
        if (errno_rows[i].error == error)
            return &errno_rows[i];
    return &other;
}

int jt_errno_status(int error)
{
    return errno_find(error)->status;
}

const char *jt_errno_advice(int error)
{
    return errno_find(error)->advice;
}
