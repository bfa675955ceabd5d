/* SPDX-License-Identifier: MIT */
/* What the tests of the Waves plugin share: accounts to drive, and a look at how a flow failed. */
#ifndef WAVES_FLOW_H
#define WAVES_FLOW_H

#include "tests/lib/drive.h"

/* The account of the recorded exchanges. */
#define WAVES_SEED                                                                                                     \
    "manage manual recall harvest series desert melt police rose hollow moral pledge kitten "                          \
    "position add"
#define WAVES_PRIVATE_KEY "3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYT"
#define WAVES_USERNAME    "HBqhfdFASRQ5eBBpu2y6c6KKi1az6bMx8v1JxX4iW1Q8"
#define WAVES_WEEK_S      604800

/* The plugin with its defaults and this one setting; drive_free. */
struct drive *waves_with_seed(const char *seed);
struct drive *waves_with_private_key(const char *private_key);

/* The flow failed so; message and hint are parts, NULL: not looked at. */
void waves_check_failure(struct drive *d, int status, const char *code, const char *message, const char *hint);

#endif
