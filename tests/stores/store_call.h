/* SPDX-License-Identifier: MIT */
/* What every function of store.h does behind its call of the engine. */
#ifndef STORES_STORE_CALL_H
#define STORES_STORE_CALL_H

#include "store.h"

/* Tests that look for a leak put this into names, variants and blobs. */
#define STORE_MARK "unspeakable"

/* Checks the call and what was visited (NULL: nothing was), ends it, and returns the status. `what` names the function.
 */
int store_called(struct jeton_store_call *call, struct store *store, const char *what, const struct rows *rows,
                 int status);

#endif
