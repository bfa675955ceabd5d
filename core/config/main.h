/* SPDX-License-Identifier: MIT */
/* Reading jeton.conf into a struct. */
#ifndef JT_CONFIG_MAIN_H
#define JT_CONFIG_MAIN_H

#include "config/config.h"
#include "config/place.h"

void jt_main_config_done(struct jt_main_config *main_config);
/* Reads jeton.conf. With findings NULL, what is wrong with the file is an error; else it is added to findings, and the
 * rest of the file is used. */
int JT_MUST_CHECK jt_main_config_read(const struct jt_config_place *place, struct jt_findings *findings,
                                      struct jt_main_config *ret_main, jeton_error **ret_error);

#endif
