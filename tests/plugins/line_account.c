/* SPDX-License-Identifier: MIT */
/* Accounts of LINE as the recorded exchanges have them. */
#include "line_account.h"
#include <jeton/provider.h>
#include <string.h>

void line_set_private_key(struct drive *d)
{
    drive_setting(d, "private_key", drive_vector_text("line-jwt.v2_1", "/private_key_pem"));
}

struct drive *line_channel(const char *api)
{
    struct drive *d = drive_new(jeton_provider_v1);

    drive_setting(d, "api", api);
    drive_setting(d, "client_id", LINE_CHANNEL);
    return d;
}

struct drive *line_by_secret(const char *api)
{
    struct drive *d = line_channel(api);

    drive_setting(d, "client_secret", LINE_SECRET);
    return d;
}

struct drive *line_by_key(const char *api)
{
    struct drive *d = line_channel(api);

    drive_setting(d, "key_id", LINE_KEY_ID);
    line_set_private_key(d);
    if (strcmp(api, "v2.1") == 0)
        drive_setting(d, "token_lifetime", "86400");
    drive_clock(d, LINE_ASSERTION_EXP - 900);
    return d;
}
