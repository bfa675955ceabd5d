/* SPDX-License-Identifier: MIT */
/* One configuration file as libconfig's tree, where only root or the invoking user can have written it. */
#ifndef JT_CONFIG_FILE_H
#define JT_CONFIG_FILE_H

#include "base/base.h"
#include <libconfig.h>

struct jt_config_file {
    char *path;
    config_t tree;
    bool parsed;
    bool missing; /* it does not exist: no error, and nothing else is set */
    unsigned mode;
    uint64_t stamp; /* jt_file_stamp, when it was read */
};
void jt_config_file_done(struct jt_config_file *file); /* wipes what the tree held */
/* dir is the configuration directory, which a link may not lead out of. file is zeroed, stays where it is (the tree
 * points to itself) and is done with also after an error. */
int JT_MUST_CHECK jt_config_file_read(const char *dir, const char *path, struct jt_config_file *file,
                                      jeton_error **ret_error);
int JT_MUST_CHECK jt_config_file_check_dir(const char *path, bool must_exist, jeton_error **ret_error);

#endif
