/* SPDX-License-Identifier: MIT */
/* What the tests of the LINE plugin share: the accounts and the tokens of the recorded exchanges. */
#ifndef LINE_ACCOUNT_H
#define LINE_ACCOUNT_H

#include "tests/lib/drive.h"

#define LINE_CHANNEL       "1234567890"
#define LINE_SECRET        "7be1a4d0f29c4f6bb0b0c5b8a4c7d9e3"
#define LINE_KEY_ID        "536e453c-aa93-4449-8e90-add2608783c6"
#define LINE_SHORT_LIVED   "W1TeHCgfH2Liwa/+bNl4YEFPI="
#define LINE_JWS           "eyJhbGciOiJIUzI1NiJ9.UnQ_o-GP0VtnwDjbK0C8E_NvK"
#define LINE_ASSERTION_EXP INT64_C(1559702522) /* of the recorded assertions */

/* An account with nothing but its channel; drive_free. */
struct drive *line_channel(const char *api);
struct drive *line_by_secret(const char *api);
/* The clock stands where the plugin's assertions end at the same time as the recorded ones. */
struct drive *line_by_key(const char *api);
/* The test key of the recorded assertions. */
void line_set_private_key(struct drive *d);

#endif
