/* SPDX-License-Identifier: MIT */
/* Taking a token out of use on this machine: invalidate and forget. The provider is never asked. */
#include "broker/invalidate.h"
#include "broker/intent.h"
#include "broker/operations.h"
#include <string.h>

#define TRIES_MAX 8

int jt_invalidate_row(const struct jt_call *call, const char *access_token, jeton_error **ret_error)
{
    for (unsigned i = 0; i < TRIES_MAX; i++) {
        JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
        bool done = false;
        int status = jt_operation_read(call, &entry, ret_error);

        if (status != JETON_OK)
            return status;
        if (entry.token.access_token == NULL || (entry.state != JT_ROW_TOKEN && entry.state != JT_ROW_INTENT))
            return JETON_OK; /* nothing that could be handed out */
        if (access_token != NULL && strcmp(access_token, entry.token.access_token) != 0)
            return JETON_OK; /* somebody else has renewed it */
        if (entry.state == JT_ROW_INTENT)
            jt_intent_expire_token(&entry); /* a renewal is under way, or its answer was lost: that stays on record */
        else
            entry.state = JT_ROW_INVALID;
        entry.due_at = jt_now();
        status =
            jt_store_put(call->store, call->name.full, call->variant, &entry, entry.version, true, &done, ret_error);
        if (status != JETON_OK || done)
            return status;
    }
    return jt_error_set(ret_error, JETON_TRY_LATER, "%s: other processes keep changing the row of this name",
                        jt_store_place(call->store));
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
    if (status != JETON_OK && ret_error != NULL)
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
    status = jt_operation_lease(call, &lease, &fence, ret_error);
    if (status == JETON_OK)
        status = jt_operation_read(call, &entry, ret_error);
    if (status == JETON_OK && entry.state == 0)
        status = jt_operation_no_token(call, &entry, ret_error);
    else if (status == JETON_OK)
        status = jt_store_remove(call->store, call->name.full, call->variant, entry.version, &done, ret_error);
    jt_store_release(call->store, &lease);
    jt_cache_drop(ctx->cache, call->name.full, call->variant);
    if (status == JETON_OK && !done)
        status =
            jt_error_set(ret_error, JETON_TRY_LATER, "%s: another process changed this row at the same moment", name);
    if (status != JETON_OK && ret_error != NULL)
        jt_error_set_name(ret_error, name);
    return status;
}
