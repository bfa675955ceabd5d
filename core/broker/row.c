/* SPDX-License-Identifier: MIT */
/* The row of a call. Others may write it at any moment: an invalidate needs no lease, and neither does an import. */
#include "broker/row.h"

/* How long a caller without a deadline waits for another process, which may be stopped, or ask a person. */
#define ROW_LEASE_WAIT_MS 120000
#define ROW_TRIES_MAX     8u

int jt_row_lease(const struct jt_call *call, struct jt_store_lease **ret_lease, int64_t *ret_fence,
                 jeton_error **ret_error)
{
    int64_t wait_ms = ROW_LEASE_WAIT_MS;
    int status;

    if (call->deadline_ms != JT_NEVER) {
        wait_ms = call->deadline_ms - jt_boot_ms();
        wait_ms = wait_ms < 0 ? 0 : wait_ms;
    }
    status = jt_store_lease(call->store, call->name.full, call->variant, wait_ms, ret_lease, ret_fence, ret_error);
    if (status == JETON_OK && *ret_lease == NULL) {
        status =
            jt_error_set(ret_error, JETON_TRY_LATER, "another process is working on this token and has not finished");
        jt_error_set_retry_after(ret_error, 0); /* no provider was asked, so a caller with more time may try at once */
    }
    if (status != JETON_OK)
        jt_error_set_name(ret_error, call->name.full);
    return status;
}

int jt_row_read(const struct jt_call *call, struct jt_entry *ret_entry, jeton_error **ret_error)
{
    int status = jt_store_get(call->store, call->name.full, call->variant, ret_entry, ret_error);

    if (status != JETON_OK)
        jt_error_set_name(ret_error, call->name.full);
    return status;
}

int jt_row_no_token(const struct jt_call *call, const struct jt_entry *entry, jeton_error **ret_error)
{
    (void)jt_error_set(ret_error, JETON_USAGE, "%s: no token is stored%s%s", call->name.full,
                       entry->unreadable ? ": the row cannot be used: " : "", entry->unreadable ? entry->failure : "");
    jt_error_set_name(ret_error, call->name.full);
    jt_error_set_hint(ret_error, "to get one: jeton get %s", call->name.full);
    return JETON_USAGE;
}

int jt_row_commit(const struct jt_call *call, struct jt_entry *entry, bool durable, jt_row_overtaken *overtaken,
                  void *data, jeton_error **ret_error)
{
    int64_t expected = entry->version;

    for (unsigned i = 0; i < ROW_TRIES_MAX; i++) {
        JT_AUTO_ENTRY struct jt_entry other = JT_ENTRY_INIT;
        bool done = false;
        int status =
            jt_store_put(call->store, call->name.full, call->variant, entry, expected, durable, &done, ret_error);

        if (status != JETON_OK || done)
            return status;
        status = jt_row_read(call, &other, ret_error);
        if (status != JETON_OK)
            return status;
        expected = other.version;
        if (overtaken != NULL)
            status = overtaken(data, &other, &done, ret_error);
        if (status != JETON_OK || done)
            return status;
    }
    return jt_error_set(ret_error, JETON_TRY_LATER, "%s: other processes keep changing the row of this name",
                        jt_store_place(call->store));
}
