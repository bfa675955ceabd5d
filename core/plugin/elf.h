/* SPDX-License-Identifier: MIT */
/* Which functions a shared object exports, read from its bytes without loading it. */
#ifndef JT_PLUGIN_ELF_H
#define JT_PLUGIN_ELF_H

#include "base/base.h"

/* Whether the file defines the dynamic symbol. *ret_other receives the name of another defined symbol that starts with
 * prefix ("jeton_provider_v"), or NULL; the caller frees. */
int JT_MUST_CHECK jt_elf_exports(int fd, const char *symbol, const char *prefix, bool *ret_found, char **ret_other,
                                 jeton_error **ret_error);

#endif
