/* SPDX-License-Identifier: MIT */
/* Many rows at once. */
#include "bulk.h"
#include <stdio.h>
#include <stdlib.h>

#define BATCH 1000u

static struct jeton_store_limits limits_of(struct store *store)
{
    struct jeton_store_limits limits = {.struct_size = sizeof(limits)};

    if (engine.limits != NULL)
        engine.limits(store->store, &limits);
    return limits;
}

static size_t at_most(uint64_t limit, size_t wanted)
{
    return limit != 0 && limit < wanted ? (size_t)limit : wanted;
}

size_t bulk_batch(struct store *store, size_t wanted)
{
    struct jeton_store_limits limits = limits_of(store);

    return at_most(limits.bytes / 512, at_most(limits.changes, wanted));
}

size_t bulk_blob(struct store *store, size_t wanted)
{
    struct jeton_store_limits limits = limits_of(store);

    return at_most(limits.bytes > 1024 ? limits.bytes - 1024 : 0,
                   at_most(limits.blob, wanted)); /* the key counts too */
}

const char *bulk_name(char *buffer, const char *prefix, size_t index)
{
    (void)snprintf(buffer, 64, "%s/%07zu", prefix, index);
    return buffer;
}

struct bulk {
    uint32_t kind;
    const char *prefix;
    size_t next, end;
    void (*fill)(struct jeton_row *row, size_t index);
    char name[64];
};

static int bulk_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct bulk *bulk = data;

    *ret_more = bulk->next < bulk->end;
    if (*ret_more == 0)
        return JETON_OK;
    *ret_change = change_put(
        row_make(bulk->kind, bulk_name(bulk->name, bulk->prefix, bulk->next), "", "a blob of some thirty bytes here"),
        0);
    if (bulk->fill != NULL)
        bulk->fill(&ret_change->row, bulk->next);
    bulk->next++;
    return JETON_OK;
}

void bulk_put(struct store *store, uint32_t kind, const char *prefix, size_t count,
              void (*fill)(struct jeton_row *row, size_t index))
{
    struct bulk bulk = {.kind = kind, .prefix = prefix, .fill = fill};
    size_t batch = bulk_batch(store, BATCH);

    while (bulk.next < count) {
        int done = 0;

        bulk.end = bulk.next + batch < count ? bulk.next + batch : count;
        if (!CHECK_INT(store_write_next(store, PATIENT, bulk_next, &bulk, &done), JETON_OK) || !CHECK_INT(done, 1))
            return;
    }
}

void check_scan_is_empty(struct store *store)
{
    for (uint32_t kind = JETON_KIND_TOKEN; kind <= JETON_KIND_STORE; kind++) {
        ROWS rows = ROWS_NONE;

        CHECK_INT(store_scan(store, PATIENT, kind, "", "", 10, 0, &rows), JETON_OK);
        CHECK_INT(rows.count, 0);
    }
}
