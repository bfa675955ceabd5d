/* SPDX-License-Identifier: MIT */
/* Accounts and checks for the tests of the Waves plugin. */
#include "waves_flow.h"
#include <jeton/provider.h>

struct drive *waves_with_seed(const char *seed)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_setting(d, "seed", seed);
    return d;
}

struct drive *waves_with_private_key(const char *private_key)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_setting(d, "private_key", private_key);
    return d;
}

void waves_check_failure(struct drive *d, int status, const char *code, const char *message, const char *hint)
{
    CHECK_REFUSAL(d, status, code, NULL, hint);
    if (message != NULL)
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), message);
}
