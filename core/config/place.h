/* SPDX-License-Identifier: MIT */
/* Choosing the directory of the configuration and the one for jeton's state. */
#ifndef JT_CONFIG_PLACE_H
#define JT_CONFIG_PLACE_H

#include "base/base.h"

struct jt_config_place {
    char *dir;       /* absolute */
    char *state_dir; /* absolute */
    bool must_exist;
};
void jt_config_place_done(struct jt_config_place *place);
/* argument: the directory that the caller named, or NULL. */
int JT_MUST_CHECK jt_config_place_choose(const char *argument, struct jt_config_place *ret_place,
                                         jeton_error **ret_error);

#endif
