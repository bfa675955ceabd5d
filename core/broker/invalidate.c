/* SPDX-License-Identifier: MIT */
/* Taking a token out of use on this machine: invalidate and forget. The provider is not asked. */
#include "broker/invalidate.h"
#include "broker/intent.h"
#include "broker/row.h"
#include <string.h>

struct invalidation {
    struct jt_entry *entry;
    const char *access_token; /* NULL: whatever is stored */
};

/* Takes the row's token out of use. False: there is nothing to do, for the row holds no token that could be handed out,
 * or somebody has renewed the one that is meant. */
static bool invalidate_entry(const struct invalidation *invalidation)
{
    struct jt_entry *entry = invalidation->entry;
    const char *meant = invalidation->access_token;

    if (entry->token.access_token == NULL || (entry->state != JT_ROW_TOKEN && entry->state != JT_ROW_INTENT))
        return false;
    if (meant != NULL && strcmp(meant, entry->token.access_token) != 0)
        return false;
    if (entry->state == JT_ROW_INTENT)
        jt_intent_expire_token(entry); /* a renewal is under way, or its answer was lost: that stays on record */
    else
        entry->state = JT_ROW_INVALID;
    entry->due_at = jt_now();
    return true;
}

/* Decides again by the row that another writer has stored meanwhile. */
static int invalidate_overtaken(void *data, struct jt_entry *other, bool *ret_stop, jeton_error **ret_error)
{
    const struct invalidation *invalidation = data;
    const struct jt_entry before = *invalidation->entry;

    (void)ret_error;
    *invalidation->entry = *other;
    *other = before;
    *ret_stop = !invalidate_entry(invalidation);
    return JETON_OK;
}

int jt_invalidate_row(const struct jt_call *call, const char *access_token, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct invalidation invalidation = {&entry, access_token};
    int status = jt_row_read(call, &entry, ret_error);

    if (status != JETON_OK || !invalidate_entry(&invalidation))
        return status;
    return jt_row_commit(call, &entry, true, invalidate_overtaken, &invalidation, ret_error);
}

int jeton_invalidate(jeton *ctx, const char *name, const struct jeton_request *request, const char *access_token,
                     jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_AUTO_CALL struct jt_call *call = NULL;
    int status = jt_call_new(ctx, name, request, &call, ret_error);

    if (status == JETON_OK)
        status = jt_invalidate_row(call, access_token, ret_error);
    if (call != NULL)
        jt_cache_drop(ctx->cache, call->name.full, call->variant);
    if (status != JETON_OK)
        jt_error_set_name(ret_error, name);
    return status;
}

int jeton_forget(jeton *ctx, const char *name, const struct jeton_request *request, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_AUTO_CALL struct jt_call *call = NULL;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct jt_store_lease *lease = NULL;
    int64_t fence;
    bool done = false;
    int status = jt_call_new_stored(ctx, name, request, &call, ret_error);

    if (status != JETON_OK)
        return status;
    status = jt_row_lease(call, &lease, &fence, ret_error);
    if (status == JETON_OK)
        status = jt_row_read(call, &entry, ret_error);
    if (status == JETON_OK && entry.state == 0)
        status = jt_row_no_token(call, &entry, ret_error);
    else if (status == JETON_OK)
        status = jt_store_remove(call->store, call->name.full, call->variant, entry.version, &done, ret_error);
    jt_store_release(call->store, &lease);
    jt_cache_drop(ctx->cache, call->name.full, call->variant);
    if (status == JETON_OK && !done)
        status =
            jt_error_set(ret_error, JETON_TRY_LATER, "%s: another process changed this row at the same moment", name);
    if (status != JETON_OK)
        jt_error_set_name(ret_error, name);
    return status;
}
