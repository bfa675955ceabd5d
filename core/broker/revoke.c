/* SPDX-License-Identifier: MIT */
/* Revocation: makes the token unusable on this machine at once, then asks the provider to revoke it. Until the provider
 * has confirmed, the token is in a row of its own (the queue), from which it is not handed out. */
#include "broker/revoke.h"
#include "broker/failure.h"
#include "broker/invalidate.h"
#include "broker/prepare.h"
#include "broker/revoke_queue.h"
#include "broker/row.h"
#include <stdlib.h>
#include <string.h>

#define TRY_EVERY_MS 5000
#define POSTPONE_S   60
#define SCAN_MAX     64

/* The queued token's row: a call like the main one, with the queue's variant. */
static int revoke_queue_call(const struct jt_call *call, const char *variant, struct jt_call **ret_call,
                             jeton_error **ret_error)
{
    JT_AUTO_CALL struct jt_call *queue = jt_call_copy(call);

    if (queue == NULL)
        return jt_error_no_memory(ret_error);
    jt_str_free(&queue->variant);
    queue->variant = jt_strdup(variant);
    if (queue->variant == NULL)
        return jt_error_no_memory(ret_error);
    *ret_call = jt_take(&queue);
    return JETON_OK;
}

/* Asks the provider to revoke the token. On success the queue's row is removed, else it records the failure. */
static int revoke_run(const struct jt_call *queue, const struct jt_plugin *plugin, struct jt_entry *entry,
                      char **ret_note, jeton_error **ret_error)
{
    JT_AUTO_RESULT struct jt_flow_result result = {.token = JT_TOKENSET_INIT};
    JT_AUTO_ERROR jeton_error *error = NULL, *ignored = NULL;
    bool done;
    int status = jt_prepare_and_run(queue, plugin, JT_REVOKE, &entry->token, &result, &error);

    if (status != JETON_OK) {
        jt_failure_record(queue, entry, error, false);
        return jt_error_give(ret_error, &error);
    }
    status = jt_store_remove(queue->store, queue->name.full, queue->variant, entry->version, &done, &ignored);
    if (status != JETON_OK)
        jt_log_write(queue->ctx->log, LOG_WARNING, "%s: revoked, but its row could not be removed: %s",
                     queue->name.full, jeton_error_message(ignored));
    if (ret_note != NULL)
        *ret_note = jt_take(&result.note);
    return JETON_OK;
}

/* Moves the token from where it is handed out to the queue, in one step: whenever a process is killed, the token is in
 * one of the two rows. */
static int revoke_enqueue(const struct jt_call *call, const struct jt_call *queue, struct jt_entry *entry,
                          jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry queued = JT_ENTRY_INIT; /* the same token, revoked before and put there again */
    bool done = false;
    int status = jt_row_read(queue, &queued, ret_error);

    entry->state = JT_ROW_REVOKING;
    if (entry->fence < queued.fence) /* both rows are under the lease on the name */
        entry->fence = queued.fence;
    entry->due_at = jt_revoke_due_at(jt_now());
    jt_failure_clear(entry);
    if (status == JETON_OK)
        status = jt_store_move(call->store, call->name.full, call->variant, queue->variant, entry, queued.version,
                               &done, ret_error);
    if (status == JETON_OK && !done)
        status = jt_error_set(ret_error, JETON_TRY_LATER, "%s: another process changed this row at the same moment",
                              call->name.full);
    return status;
}

/* The provider cannot revoke this token, so it is moved back, unless there is another token by now. */
static void revoke_put_back(const struct jt_call *call, const struct jt_call *queue, uint32_t state,
                            struct jt_entry *entry)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    bool done = false;
    int status;

    entry->state = state;
    entry->due_at = jt_call_lifetime(call, &entry->token).wanted_at;
    jt_failure_clear(entry);
    status = jt_store_move(call->store, call->name.full, queue->variant, call->variant, entry, 0, &done, &error);
    if (status == JETON_OK && !done)
        status = jt_store_remove(queue->store, queue->name.full, queue->variant, entry->version, &done, &error);
    if (status != JETON_OK)
        jt_log_write(call->ctx->log, LOG_WARNING, "%s: %s", call->name.full, jeton_error_message(error));
}

/* Adds to the hint what the failure means for the token. The plugin's own hint comes first. */
static void revoke_hint_what_is_left(const struct jt_call *call, int status, jeton_error **error)
{
    JT_AUTO_STR char *advice = jt_strdup(jeton_error_hint(*error));

    jt_error_set_hint(error, "%s%sthe token is not handed out here any more; %s: jeton revoke %s",
                      advice != NULL ? advice : "", advice != NULL ? "; " : "",
                      status == JETON_TRY_LATER ? "its revocation is queued and will be tried again, at once with"
                                                : "to ask the provider again",
                      call->name.full);
}

/* state: what the row was before it was taken out of use. */
static int revoke_token(const struct jt_call *call, const struct jt_plugin *plugin, uint32_t state,
                        struct jt_entry *entry, char **ret_note, jeton_error **ret_error)
{
    JT_AUTO_CALL struct jt_call *queue = NULL;
    JT_AUTO_STR char *variant = jt_revoke_variant(call->variant, entry->token.access_token);
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status;

    if (variant == NULL)
        return jt_error_no_memory(ret_error);
    status = revoke_queue_call(call, variant, &queue, ret_error);
    if (status == JETON_OK)
        status = revoke_enqueue(call, queue, entry, ret_error);
    if (status != JETON_OK)
        return status;
    status = revoke_run(queue, plugin, entry, ret_note, &error);
    if (status == JETON_NOT_SUPPORTED)
        revoke_put_back(call, queue, state, entry);
    else if (status != JETON_OK)
        revoke_hint_what_is_left(call, status, &error);
    return status == JETON_OK ? JETON_OK : jt_error_give(ret_error, &error);
}

struct revoke_queued {
    const char *name; /* NULL: any that is due */
    char *found_name;
    char *found_variant;
};

static int revoke_visit(void *data, const char *name, const char *variant, uint32_t flags, const struct jt_entry *entry)
{
    struct revoke_queued *queued = data;

    (void)flags;
    if (queued->name != NULL && strcmp(queued->name, name) != 0)
        return 1;
    if (queued->name == NULL && entry->retry_at > jt_now())
        return 0;
    if (entry->state != JT_ROW_REVOKING || strncmp(variant, JT_REVOKING_PREFIX, strlen(JT_REVOKING_PREFIX)) != 0)
        return 0;
    queued->found_name = jt_strdup(name);
    queued->found_variant = jt_strdup(variant);
    return 1;
}

/* The queued revocation in the row of this variant. */
static int revoke_queued_row(const struct jt_call *call, const struct jt_plugin *plugin, const char *variant,
                             char **ret_note, jeton_error **ret_error)
{
    JT_AUTO_CALL struct jt_call *queue = NULL;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    int status = revoke_queue_call(call, variant, &queue, ret_error);

    if (status == JETON_OK)
        status = jt_row_read(queue, &entry, ret_error);
    if (status == JETON_OK && entry.token.access_token == NULL)
        status = jt_row_no_token(queue, &entry, ret_error);
    if (status == JETON_OK)
        status = revoke_run(queue, plugin, &entry, ret_note, ret_error);
    return status;
}

/* One queued revocation of the call's name, whenever it is due; *ret_found false: there is none. */
static int revoke_queued_of(const struct jt_call *call, const struct jt_plugin *plugin, bool *ret_found,
                            char **ret_note, jeton_error **ret_error)
{
    struct revoke_queued queued = {.name = call->name.full};
    JT_AUTO_STR char *name = NULL, *variant = NULL;
    int status = jt_store_scan(call->store, call->name.full, JT_REVOKING_PREFIX, SCAN_MAX, false, revoke_visit, &queued,
                               ret_error);

    name = queued.found_name;
    variant = queued.found_variant;
    *ret_found = variant != NULL;
    if (status != JETON_OK || variant == NULL)
        return status;
    return revoke_queued_row(call, plugin, variant, ret_note, ret_error);
}

static int revoke_under_lease(const struct jt_call *call, const struct jt_plugin *plugin, int64_t fence,
                              uint32_t state_before, char **ret_note, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    bool found = false;
    int status = jt_row_read(call, &entry, ret_error);

    if (status != JETON_OK)
        return status;
    entry.fence = fence;
    if (entry.token.access_token != NULL)
        return revoke_token(call, plugin, entry.state == JT_ROW_INVALID ? state_before : entry.state, &entry, ret_note,
                            ret_error);
    status = revoke_queued_of(call, plugin, &found, ret_note, ret_error);
    if (status == JETON_OK && !found)
        status = jt_row_no_token(call, &entry, ret_error);
    return status;
}

int jeton_revoke(jeton *ctx, const char *name, const struct jeton_request *request, char **ret_note,
                 jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_AUTO_CALL struct jt_call *call = NULL;
    JT_AUTO_ENTRY struct jt_entry before = JT_ENTRY_INIT;
    JT_AUTO_STR char *note = NULL;
    const struct jt_plugin *plugin;
    struct jt_store_lease *lease = NULL;
    int64_t fence = 0;
    int status = jt_call_new(ctx, name, request, &call, ret_error);

    if (status != JETON_OK)
        return status;
    status = jt_context_plugin(ctx, call->account->plugin, &plugin, ret_error);
    if (status == JETON_OK)
        status = jt_operation_check(&plugin->table, JT_REVOKE, ret_error);
    if (status == JETON_OK)
        status = jt_row_read(call, &before, ret_error);
    if (status == JETON_OK)
        status = jt_invalidate_row(call, NULL, ret_error); /* at once, whoever holds the lease */
    if (status == JETON_OK)
        status = jt_row_lease(call, &lease, &fence, ret_error);
    if (status == JETON_OK)
        status = revoke_under_lease(call, plugin, fence, before.state == JT_ROW_INVALID ? JT_ROW_INVALID : JT_ROW_TOKEN,
                                    &note, ret_error);
    jt_store_release(call->store, &lease);
    jt_cache_drop(ctx->cache, call->name.full, call->variant);
    if (status != JETON_OK)
        jt_error_set_name(ret_error, call->name.full);
    if (status == JETON_OK && ret_note != NULL)
        *ret_note = jt_take(&note);
    return status;
}

/* What a flight needs that tries one queued revocation. */
struct revoke_work {
    jeton *ctx;
    char *name;
    char *variant;
};

static void revoke_work_free(void *data)
{
    struct revoke_work *work = data;

    free(work->name);
    free(work->variant);
    free(work);
}

/* Moves the due time of the queued revocation if its failure was not recorded (the account is gone, its configuration
 * is wrong). Otherwise it would stay in front of the others for ever. */
static void revoke_postpone(const struct revoke_work *work)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_store *store;
    int64_t now = jt_now();
    bool done;

    if (jt_context_store(work->ctx, &store, &error) != JETON_OK ||
        jt_store_get(store, work->name, work->variant, &entry, &error) != JETON_OK || entry.state != JT_ROW_REVOKING ||
        entry.retry_at > now)
        return;
    entry.retry_at = now + POSTPONE_S;
    entry.due_at = jt_revoke_due_at(entry.retry_at);
    (void)(jt_store_put(store, work->name, work->variant, &entry, entry.version, true, &done, &error) == JETON_OK);
}

static int revoke_work_run(void *data, jeton_token **ret_token, jeton_error **ret_error)
{
    const struct revoke_work *work = data;
    JT_AUTO_STR char *note = NULL;
    JT_AUTO_CALL struct jt_call *call = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    const struct jt_plugin *plugin;
    struct jt_store_lease *lease = NULL;
    int64_t fence;
    int status = jt_call_new(work->ctx, work->name, NULL, &call, &error);

    (void)ret_token;
    if (status == JETON_OK)
        status = jt_context_plugin(work->ctx, call->account->plugin, &plugin, &error);
    if (status == JETON_OK) {
        call->deadline_ms = jt_boot_ms(); /* whoever holds the lease is at it already */
        status = jt_row_lease(call, &lease, &fence, &error);
    }
    if (status == JETON_OK)
        status = revoke_queued_row(call, plugin, work->variant, &note, &error);
    if (call != NULL)
        jt_store_release(call->store, &lease);
    if (status != JETON_OK)
        revoke_postpone(work);
    jt_log_write(work->ctx->log, status == JETON_OK ? LOG_INFO : LOG_NOTICE, "%s: queued revocation: %s", work->name,
                 status == JETON_OK ? "done" : jeton_error_message(error));
    return jt_error_set(ret_error, JETON_TRY_LATER, "a revocation brings no token");
}

void jt_revoke_try_queued(jeton *ctx)
{
    struct revoke_queued queued = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton_token *none = NULL;
    int64_t now_ms = jt_boot_ms(), last_ms = __atomic_load_n(&ctx->revoke_tried_ms, __ATOMIC_RELAXED);
    struct revoke_work *data = NULL;
    struct jt_store *store;

    if ((last_ms != 0 && now_ms - last_ms < TRY_EVERY_MS) ||
        !__atomic_compare_exchange_n(&ctx->revoke_tried_ms, &last_ms, now_ms, false, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED))
        return;
    if (jt_context_store(ctx, &store, &error) != JETON_OK ||
        jt_store_scan_due(store, jt_revoke_due_at(jt_now()), SCAN_MAX, revoke_visit, &queued, &error) != JETON_OK ||
        queued.found_name == NULL || queued.found_variant == NULL || (data = malloc(sizeof(*data))) == NULL) {
        free(queued.found_name);
        free(queued.found_variant);
        return;
    }
    *data = (struct revoke_work){ctx, queued.found_name, queued.found_variant};
    /* Runs in a thread of its own: a caller that wants a token must not wait for the revocation of another name. */
    (void)(jt_flights_run(ctx->flights, JT_REVOKING_PREFIX, now_ms,
                          &(struct jt_flight_work){.run = revoke_work_run, .data_free = revoke_work_free, .data = data},
                          &none, &error) == JETON_OK);
}
