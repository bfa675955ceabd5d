/* SPDX-License-Identifier: MIT */
/* The table of a store engine: finding it, and holding it against <jeton/store.h>. */
#ifndef JT_STORE_ENGINE_H
#define JT_STORE_ENGINE_H

#include "base/base.h"
#include <jeton/store.h>

/* Holds a table against the contract and copies what both sides know of it. place: the file, for messages.
 * JETON_CONFIG names the rule that is broken. */
int JT_MUST_CHECK jt_store_engine_accept(const struct jeton_store_engine *theirs, const char *name, const char *place,
                                         struct jeton_store_engine *ret_engine, jeton_error **ret_error);

#endif
