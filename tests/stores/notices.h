/* SPDX-License-Identifier: MIT */
/* Changes by others, as an engine tells of them: by the numbers alone, or by a descriptor and dispatch. */
#ifndef STORES_NOTICES_H
#define STORES_NOTICES_H

#include "store.h"

/* The number, behind a dispatch. */
uint64_t notices_number(struct store *store, uint32_t shard);

/* Whether the number is another one: at once, where `number` is by itself; else behind a dispatch within five seconds.
 */
bool notices_change(struct store *store, uint32_t shard, uint64_t before);

#endif
