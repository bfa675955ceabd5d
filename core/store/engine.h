/* SPDX-License-Identifier: MIT */
/* Checking the table of a store engine against <jeton/store.h>. */
#ifndef JT_STORE_ENGINE_H
#define JT_STORE_ENGINE_H

#include "base/base.h"
#include <jeton/store.h>

/* Checks a table against the contract, and copies the members that both sides know. place: the file, for messages.
 * JETON_CONFIG names the rule that is broken. */
int JT_MUST_CHECK jt_store_engine_accept(const struct jeton_store_engine *theirs, const char *name, const char *place,
                                         struct jeton_store_engine *ret_engine, jeton_error **ret_error);

#endif
