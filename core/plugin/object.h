/* SPDX-License-Identifier: MIT */
/* Loading one shared object, unless another user could have put it there. */
#ifndef JT_PLUGIN_OBJECT_H
#define JT_PLUGIN_OBJECT_H

#include "base/base.h"

/* Loads the shared object <dir>/<file> for the life of the process, if it keeps the rules of base/trust.h, and returns
 * the address of its entry symbol. JETON_CONFIG, JETON_NOT_PERMITTED: the error names the object, the rule and the
 * path. */
int JT_MUST_CHECK jt_plugin_open_symbol(const char *dir, const char *file, const char *symbol, void **ret_address,
                                        jeton_error **ret_error);

/* Whether there is anything at the path. True for a dangling symbolic link too, which is refused later, as a link. */
bool jt_object_is_there(const char *path);

/* The same as jt_plugin_open_symbol, for a directory whose path has no symbolic links (jt_trust_resolve), so that the
 * file that is checked is the one that is loaded. The error does not name the object; jt_object_prefix adds that. */
int JT_MUST_CHECK jt_object_open(const char *real, const char *file, const char *symbol, void **ret_address,
                                 jeton_error **ret_error);
/* Puts the object's name in front of such an error, and the path unless the message has it already. */
void jt_object_prefix(jeton_error **error, const char *name, const char *dir, const char *file);

#endif
