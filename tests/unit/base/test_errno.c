/* SPDX-License-Identifier: MIT */
/* What each failed system call means, and how it is told. */
#include "base/base.h"
#include "tests/lib/check.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void each_error_has_the_status_that_its_cure_asks_for(void)
{
    static const struct {
        int status;
        int errors[20];
    } expected[] = {
        {JETON_TRY_LATER,
         {ENOMEM, ENOBUFS, EMFILE, ENFILE, ENOSPC, EDQUOT, ENOLCK, EAGAIN, EINTR, EBUSY, ETXTBSY, EDEADLK, ETIMEDOUT,
          EPIPE, EIO, ESTALE}},
        {JETON_NOT_PERMITTED, {EACCES, EPERM, EROFS, ELOOP}},
        {JETON_CONFIG,
         {ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, EEXIST, ENOTEMPTY, EXDEV, EMLINK, ENXIO, ENODEV, ENOEXEC, E2BIG, EFBIG,
          ENOSYS, EOPNOTSUPP, EUCLEAN, EBADMSG}},
        {JETON_INTERNAL, {EINVAL, EBADF, EFAULT}},
    };

    for (size_t i = 0; i < JT_LEN(expected); i++)
        for (size_t j = 0; expected[i].errors[j] != 0; j++)
            if (!CHECK_INT(jt_errno_status(expected[i].errors[j]), expected[i].status))
                printf("  for %s\n", strerror(expected[i].errors[j]));
}

static void an_error_that_nobody_thought_of_may_pass(void)
{
    CHECK_INT(jt_errno_status(EHOSTDOWN), JETON_TRY_LATER);
    CHECK_INT(jt_errno_status(99999), JETON_TRY_LATER);
    CHECK_INT(jt_errno_status(0), JETON_TRY_LATER);
    CHECK_TRUE(jt_errno_advice(99999) == NULL);
}

static void expect_sentence(int error, int status, const char *sentence)
{
    jeton_error *made = NULL;

    CHECK_INT(jt_error_errno(&made, error, "%s cannot be %s", "/x", "opened"), status);
    CHECK_INT(jeton_error_status(made), status);
    CHECK_STR(jeton_error_message(made), sentence);
    jeton_error_free(&made);
}

static void the_sentence_has_the_systems_words_and_the_cure(void)
{
    char denied[160];

    expect_sentence(ENOENT, JETON_CONFIG, "/x cannot be opened: No such file or directory");
    expect_sentence(EMFILE, JETON_TRY_LATER,
                    "/x cannot be opened: Too many open files (raise the limit of this process: ulimit -n)");
    expect_sentence(ENOSPC, JETON_TRY_LATER, "/x cannot be opened: No space left on device (free some space)");
    expect_sentence(EROFS, JETON_NOT_PERMITTED, "/x cannot be opened: Read-only file system (it is mounted read-only)");
    (void)snprintf(denied, sizeof(denied),
                   "/x cannot be opened: Permission denied for user %u (run this as the owner, or give this user the "
                   "right to)",
                   (unsigned)geteuid());
    expect_sentence(EACCES, JETON_NOT_PERMITTED, denied);
    expect_sentence(99999, JETON_TRY_LATER, "/x cannot be opened: Unknown error 99999");
}

static void without_a_place_for_the_error_there_is_the_status(void)
{
    CHECK_INT(jt_error_errno(NULL, EACCES, "x"), JETON_NOT_PERMITTED);
    CHECK_INT(jt_error_set(NULL, JETON_CONFIG, "x"), JETON_CONFIG);
    CHECK_INT(jt_error_no_memory(NULL), JETON_TRY_LATER);
}

static const struct check_case cases[] = {
    {"each error has the status that its cure asks for", each_error_has_the_status_that_its_cure_asks_for},
    {"an error that nobody thought of may pass", an_error_that_nobody_thought_of_may_pass},
    {"the sentence has the system's words and the cure", the_sentence_has_the_systems_words_and_the_cure},
    {"without a place for the error there is the status", without_a_place_for_the_error_there_is_the_status},
};

CHECK_MAIN("errno", cases)
