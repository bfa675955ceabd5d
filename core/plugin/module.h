/* SPDX-License-Identifier: MIT */
/* Opening of modules: the parts of jeton that are shared objects of their own (jeton_net.so, jeton_config.so, the store
 * engines that come with it), so that a process loads only what it uses. */
#ifndef JT_PLUGIN_MODULE_H
#define JT_PLUGIN_MODULE_H

#include "base/base.h"

/* The function that a module exports; the caller casts it to the type that it has. */
typedef void jt_module_entry(void);

/* Opens a module ("jeton_net.so") from the plugin directory that belongs to this library: beside it, else where it was
 * to be installed. The configuration names directories for the plugins of others only. It is loaded once, under the
 * rules for plugins, and stays. Thread-safe. */
int JT_MUST_CHECK jt_module_open(const char *file, const char *symbol, jt_module_entry **ret_entry,
                                 jeton_error **ret_error);

/* Whether there is such a file in that directory, or it was handed in. */
bool jt_module_exists(const char *file) JT_MUST_CHECK;

/* What the table of a module begins with, where it must be of the same build as this library. */
struct jt_module_head {
    uint32_t struct_size;
    const char *version; /* JETON_VERSION */
};

/* The same for a symbol that is a function without arguments and returns such a table. JETON_CONFIG where the size or
 * the version is not this library's. */
int JT_MUST_CHECK jt_module_open_table(const char *file, const char *symbol, size_t struct_size,
                                       const struct jt_module_head **ret_table, jeton_error **ret_error);

/* For programs that link a module's code themselves: from now on jt_module_open gives this function for the file and
 * loads nothing. */
void jt_module_hand_in(const char *file, jt_module_entry *entry);

#endif
