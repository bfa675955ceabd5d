/* SPDX-License-Identifier: MIT */
/* Opening modules. A module is a part of jeton that is a shared object of its own (jeton_net.so, jeton_config.so, the
 * store engines that come with jeton), so that a process loads only what it uses. */
#ifndef JT_PLUGIN_MODULE_H
#define JT_PLUGIN_MODULE_H

#include "base/base.h"

/* The function that a module exports. The caller casts it to its real type. */
typedef void jt_module_entry(void);

/* Opens a module ("jeton_net.so") from this library's own plugin directory: the one beside the library, else the one
 * that was configured when jeton was built. The `plugindir` of jeton.conf does not matter here: it is for plugins. The
 * module is loaded once, under the rules for plugins, and stays loaded. Thread-safe. */
int JT_MUST_CHECK jt_module_open(const char *file, const char *symbol, jt_module_entry **ret_entry,
                                 jeton_error **ret_error);

/* Whether that directory has such a file, or jt_module_hand_in was called for it. */
bool jt_module_exists(const char *file) JT_MUST_CHECK;

/* The beginning of a table that must come from the same build as this library. */
struct jt_module_head {
    uint32_t struct_size;
    const char *version; /* JETON_VERSION */
};

/* Opens a module whose symbol is a function without arguments that returns such a table. JETON_CONFIG: size or version
 * is not this library's. */
int JT_MUST_CHECK jt_module_open_table(const char *file, const char *symbol, size_t struct_size,
                                       const struct jt_module_head **ret_table, jeton_error **ret_error);

/* For programs that link a module's code themselves: from now on jt_module_open returns this function for the file and
 * loads nothing. */
void jt_module_hand_in(const char *file, jt_module_entry *entry);

#endif
