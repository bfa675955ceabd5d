/* SPDX-License-Identifier: MIT */
/* One configuration file, parsed to libconfig's tree. A file that another user than root or the invoking one could have
 * written is refused. */
#ifndef JT_CONFIG_FILE_H
#define JT_CONFIG_FILE_H

#include "base/base.h"
#include <libconfig.h>

struct jt_config_file {
    char *path;
    config_t tree;
    bool parsed;
    bool missing; /* there is no such file, which is no error; nothing else is set */
    unsigned mode;
    uint64_t stamp; /* jt_file_stamp, when it was read */
};
void jt_config_file_done(struct jt_config_file *file); /* wipes the tree's strings */
/* dir is the configuration directory; a symbolic link may not lead out of it. The caller zeroes *file first, keeps it
 * at one address (the tree points to itself), and calls jt_config_file_done also after an error. */
int JT_MUST_CHECK jt_config_file_read(const char *dir, const char *path, struct jt_config_file *file,
                                      jeton_error **ret_error);
int JT_MUST_CHECK jt_config_file_check_dir(const char *path, bool must_exist, jeton_error **ret_error);

#endif
