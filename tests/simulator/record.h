/* SPDX-License-Identifier: MIT */
/* Owns the memory of requests that came in: the last ones whole, and a count of all.
   It never influences an answer. */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include "request.h"

#define RECORD_MAX 10000
/* Of the bodies and headers together; the oldest go first. */
#define RECORD_BYTES_MAX ((size_t)64 << 20)

/* Takes `request` whose path is below the provider's prefix. `provider` outlives the record. */
void record_add(struct request *request, const char *provider, const char *path, unsigned status);
void record_clear(void);
json_object *record_json(const char *provider);               /* NULL: all */
int64_t record_count(const char *provider, const char *path); /* NULL: all */

#endif
