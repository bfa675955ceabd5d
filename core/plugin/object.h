/* SPDX-License-Identifier: MIT */
/* Opening one shared object, if nobody else can have put it there. */
#ifndef JT_PLUGIN_OBJECT_H
#define JT_PLUGIN_OBJECT_H

#include "base/base.h"

/* Loads the shared object <dir>/<file> for the life of the process, if it keeps every rule of trust; returns the
 * address of its entry symbol. JETON_CONFIG or JETON_NOT_PERMITTED, with the object, the rule and the path. */
int JT_MUST_CHECK jt_plugin_open_symbol(const char *dir, const char *file, const char *symbol, void **ret_address,
                                        jeton_error **ret_error);

/* The same in a directory whose path has no links (jt_trust_resolve), so that what is checked is what is loaded. The
 * error does not name the object yet. */
int JT_MUST_CHECK jt_object_open(const char *real, const char *file, const char *symbol, void **ret_address,
                                 jeton_error **ret_error);
/* Puts the name in front of such an error, and the path where the message does not have it. */
void jt_object_prefix(jeton_error **error, const char *name, const char *dir, const char *file);

#endif
