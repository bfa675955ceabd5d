/* SPDX-License-Identifier: MIT */
/* Leases from the engine, and a list of those that this process holds, by which an engine is caught that gives one
 * lease twice. */
#include "store/opened.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jt_store_lease {
    struct jt_store_lease *next;
    void *lease; /* the engine's */
    char *name;
    char *variant;
    pid_t holder; /* a forked child has its parent's list, and holds none of its leases */
};

static void lease_free(struct jt_store_lease **lease)
{
    if (*lease == NULL)
        return;
    free((*lease)->name);
    free((*lease)->variant);
    free(*lease);
    *lease = NULL;
}

static struct jt_store_lease *lease_new(const char *name, const char *variant)
{
    JT_CLEANUP(lease_free) struct jt_store_lease *lease = calloc(1, sizeof(*lease));

    if (lease == NULL || (lease->name = jt_strdup(name)) == NULL || (lease->variant = jt_strdup(variant)) == NULL)
        return NULL;
    lease->holder = getpid();
    return jt_take(&lease);
}

static bool lease_is_same(const struct jt_store_lease *a, const struct jt_store_lease *b)
{
    return a->holder == b->holder && strcmp(a->name, b->name) == 0 && strcmp(a->variant, b->variant) == 0;
}

/* Adds the lease to the list. False: this process holds it already. */
static bool lease_note(struct jt_store *store, struct jt_store_lease *lease)
{
    const struct jt_store_lease *other;

    (void)pthread_mutex_lock(&store->lease_mutex);
    other = store->leases;
    while (other != NULL && !lease_is_same(other, lease))
        other = other->next;
    if (other == NULL) {
        lease->next = store->leases;
        store->leases = lease;
    }
    (void)pthread_mutex_unlock(&store->lease_mutex);
    return other == NULL;
}

static void lease_forget(struct jt_store *store, const struct jt_store_lease *lease)
{
    struct jt_store_lease **link = &store->leases;

    (void)pthread_mutex_lock(&store->lease_mutex);
    while (*link != NULL && *link != lease)
        link = &(*link)->next;
    if (*link != NULL)
        *link = lease->next;
    (void)pthread_mutex_unlock(&store->lease_mutex);
}

int jt_store_lease(struct jt_store *store, const char *name, const char *variant, int64_t timeout_ms,
                   struct jt_store_lease **ret_lease, int64_t *ret_fence, jeton_error **ret_error)
{
    JT_CLEANUP(lease_free) struct jt_store_lease *lease = lease_new(name, variant);
    const struct jeton_row_key key = jt_store_token_key(name, variant);
    struct jeton_store_call call = jt_store_call_new(timeout_ms);
    int64_t fence = 0;
    int status;

    if (lease == NULL)
        return jt_error_no_memory(ret_error);
    status = store->engine.lease(store->opened, &call, &key, &lease->lease, &fence);
    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status != JETON_OK)
        return status;
    if (lease->lease == NULL) {
        *ret_lease = NULL;
        return JETON_OK;
    }
    if (fence <= 0) {
        store->engine.release(store->opened, lease->lease);
        return jt_store_blame(store, "gave a lease whose fence is not above 0", ret_error);
    }
    /* The second lease is not released: that might take it from the other holder. */
    if (!lease_note(store, lease))
        return jt_store_blame(store, "gave one lease to two holders at the same time", ret_error);
    *ret_fence = fence;
    *ret_lease = jt_take(&lease);
    return JETON_OK;
}

void jt_store_release(struct jt_store *store, struct jt_store_lease **lease)
{
    JT_CLEANUP(lease_free) struct jt_store_lease *mine = jt_take(lease);

    if (mine == NULL)
        return;
    /* Removed from the list before the release: the next holder may be another thread of this process. */
    lease_forget(store, mine);
    store->engine.release(store->opened, mine->lease);
}
