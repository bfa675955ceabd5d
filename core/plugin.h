/* SPDX-License-Identifier: MIT */
/* Loading of plugins: which file, whether it may be trusted, what its table says. It calls nothing of a plugin but its
 * entry symbol. */
#ifndef JT_PLUGIN_H
#define JT_PLUGIN_H

#include "base.h"
#include <jeton/provider.h>

/* A loaded plugin; lives as long as the process. The table is a copy whose every member is the host's to call. */
struct jt_plugin {
    struct jeton_provider table;          /* settings and parameters point to the two below; never NULL */
    const struct jeton_setting *settings; /* copied, `<key>_passphrase` settings added; ends with a NULL name */
    const struct jeton_setting *parameters;
    char *path;
};

/* Loads <dir>/jeton_<name>.so once; later calls return the same. Refusals are JETON_CONFIG or JETON_NOT_PERMITTED and
 * name the rule and the path. */
int JT_MUST_CHECK jt_plugin_load(const char *dir, const char *name, const struct jeton_host *host,
                                 const struct jt_plugin **ret_plugin, jeton_error **ret_error);

/* The names of the plugins in a directory (jeton_<name>.so, not jeton_net, not jeton_store_*), sorted; visit returns
 * non-zero to stop. */
int JT_MUST_CHECK jt_plugin_each(const char *dir, int (*visit)(void *data, const char *name, const char *path),
                                 void *data, jeton_error **ret_error);

/* trust.c: every directory down to the file, and the file itself, belong to root or to the invoking user, and nobody
 * else can write there (a sticky directory of root's, such as /tmp, may be passed through). No link anywhere below the
 * directory that was configured is followed. Returns an open descriptor of the file. */
int JT_MUST_CHECK jt_trust_open(const char *dir, const char *file, int *ret_fd, jeton_error **ret_error);

/* trust.c: the directory's path without links. A caller that goes on to use a path under it resolves it once, with
 * this, so that what was checked is what is used. */
int JT_MUST_CHECK jt_trust_real(const char *dir, char **ret_real, jeton_error **ret_error);
/* Could somebody else have put a link there, or make it lead elsewhere, on the way that path names? */
int JT_MUST_CHECK jt_trust_links(const char *path, jeton_error **ret_error);

/* elf.c: whether the file exports (defines) the dynamic symbol, read from its bytes without loading it; *ret_other
 * receives the name of another defined symbol that starts with prefix ("jeton_provider_v"), or NULL; the caller frees.
 */
int JT_MUST_CHECK jt_elf_exports(int fd, const char *symbol, const char *prefix, bool *ret_found, char **ret_other,
                                 jeton_error **ret_error);

/* Loads an object of the core's own (jeton_net, a store engine) under the same rules; returns the symbol's address. */
int JT_MUST_CHECK jt_plugin_open_symbol(const char *dir, const char *file, const char *symbol, void **ret_address,
                                        jeton_error **ret_error);

#endif
