/* SPDX-License-Identifier: MIT */
/* Which directory the configuration is in, and which one jeton keeps its state in. */
#ifndef JT_CONFIG_PLACE_H
#define JT_CONFIG_PLACE_H

#include "base/base.h"

struct jt_config_place {
    char *dir;       /* absolute */
    char *state_dir; /* absolute */
    bool must_exist;
};
void jt_config_place_done(struct jt_config_place *place);
/* argument: as given by the caller; NULL: not given. */
int JT_MUST_CHECK jt_config_place_choose(const char *argument, struct jt_config_place *ret_place,
                                         jeton_error **ret_error);

#endif
