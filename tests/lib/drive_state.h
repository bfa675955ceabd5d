/* SPDX-License-Identifier: MIT */
/* What a drive is made of, for the files that implement drive.h. It never leaves tests/lib. */
#ifndef DRIVE_STATE_H
#define DRIVE_STATE_H

#include "drive.h"

struct drive {
    struct jt_plugin plugin;
    struct jt_fields settings, params;
    struct jt_tokenset token;
    bool has_token;
    char *subject, *base_url;
    int64_t now;
    unsigned char *random;
    size_t random_len, random_at;
    struct jeton_conversation talk;
    struct jt_flow *flow;
    jeton_step step;
    jeton_error *error;
    struct jt_buf text; /* what the last function that returns text made */
    void *library;
};

/* drive_step.c */
void drive_end_flow(struct drive *d);

#endif
