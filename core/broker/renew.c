/* SPDX-License-Identifier: MIT */
/* A renewal: choose the operation, run it, commit what came or record the failure. The caller holds the lease. */
#include "broker/renew.h"
#include "broker/failure.h"
#include "broker/row.h"
#include <string.h>
#include <time.h>

#define COMMIT_TRIES 25u

/* A refresh token that the provider itself says is still good. */
static bool renew_can_refresh(const struct jt_plugin *plugin, const struct jt_entry *entry)
{
    return plugin->table.refresh != NULL && entry->token.refresh_token != NULL &&
           entry->token.refresh_expires_at > jt_now();
}

/* Replaces the old token set by the flow's. RFC 6749 6: without a new refresh token, the old one stays valid. */
static void renew_merge(struct jt_entry *entry, struct jt_tokenset *fresh, enum jt_operation operation)
{
    if (operation == JT_REFRESH) {
        if (fresh->refresh_token == NULL) {
            fresh->refresh_token = jt_take(&entry->token.refresh_token);
            if (fresh->refresh_expires_at == JT_NEVER)
                fresh->refresh_expires_at = entry->token.refresh_expires_at;
        }
        if (fresh->scope == NULL)
            fresh->scope = jt_take(&entry->token.scope);
    }
    jt_tokenset_done(&entry->token);
    entry->token = *fresh;
    *fresh = JT_TOKENSET_INIT;
    entry->state = JT_ROW_TOKEN;
    jt_failure_clear(entry);
}

/* Tries several times: the new set may have cost a refresh token, and there is no second chance to get it, while a full
 * disk may have room again soon. */
static int renew_commit(const struct jt_call *call, struct jt_entry *entry, bool durable, jeton_error **ret_error)
{
    static const struct timespec pause = {.tv_nsec = 200000000};
    JT_AUTO_ERROR jeton_error *error = NULL;
    /* Under the lease only an invalidate can write in between, and it means an older token. */
    int status = jt_row_commit(call, entry, durable, NULL, NULL, &error);

    for (unsigned i = 0; i < COMMIT_TRIES && durable && status == JETON_TRY_LATER; i++) {
        if (i == 0)
            jt_log_write(call->ctx->log, LOG_CRIT, "%s: a renewed token cannot be stored, trying again: %s",
                         call->name.full, jeton_error_message(error));
        (void)nanosleep(&pause, NULL);
        jeton_error_free(&error);
        status = jt_row_commit(call, entry, durable, NULL, NULL, &error);
    }
    return status == JETON_OK ? status : jt_error_give(ret_error, &error);
}

static bool renew_is_unattended(const struct jt_plugin *plugin)
{
    return (plugin->table.capabilities & JETON_CAP_UNATTENDED) != 0;
}

bool jt_renewal_failed(struct jt_renewal *renewal, jeton_error **error)
{
    const struct jt_call *call = renewal->call;
    struct jt_entry *entry = renewal->entry;

    jt_intent_end_failed(&renewal->intent, renewal->plugin, &renewal->result, error);
    if (renewal->operation != JT_REFRESH || !renew_is_unattended(renewal->plugin) ||
        !jt_failure_kills_refresh_token(*error)) {
        jt_failure_record(call, entry, *error, renewal->intent.recorded);
        return false;
    }
    /* The dead refresh token is no failure of the account: a new set can be acquired without it, by this process or
     * after a crash by another. */
    jt_str_wipe(&entry->token.refresh_token);
    entry->token.refresh_expires_at = JT_NEVER;
    jt_failure_record(call, entry, NULL, true);
    jt_log_write(call->ctx->log, LOG_INFO, "%s: the refresh token is of no more use (%s): acquiring anew",
                 call->name.full, jeton_error_message(*error));
    return true;
}

bool jt_renewal_merge(struct jt_renewal *renewal)
{
    struct jt_clock clock = jt_clock_read();
    struct jt_entry *entry = renewal->entry;

    renewal->result.token.seen_at = clock.now;
    renewal->result.token.seen_boot_ms = clock.boot_ms;
    renewal->result.token.boot_id = clock.boot_id;
    renew_merge(entry, &renewal->result.token, renewal->operation);
    entry->due_at = jt_call_lifetime(renewal->call, &entry->token).wanted_at;
    return entry->token.refresh_token != NULL || renewal->result.sent_once;
}

int jt_renewal_commit(struct jt_renewal *renewal, bool durable, jeton_error **ret_error)
{
    const struct jt_call *call = renewal->call;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = renew_commit(call, renewal->entry, durable, &error);

    if (status == JETON_OK) {
        jt_failure_memory_forget(call->ctx->failures, call->key);
        return status;
    }
    jt_error_prefix(&error, "a new token came, but it could not be stored");
    jt_error_set_name(&error, call->name.full);
    jt_failure_memory_add(call->ctx->failures, call->key, call->hash, error);
    return jt_error_give(ret_error, &error);
}

/* Which operation a get needs; JETON_LOGIN_NEEDED where only a person can help. */
static int renew_choose(const struct jt_call *call, const struct jt_plugin *plugin, struct jt_entry *entry,
                        enum jt_operation *ret_operation, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (renew_can_refresh(plugin, entry)) {
        *ret_operation = JT_REFRESH;
        return JETON_OK;
    }
    if (renew_is_unattended(plugin) || call->conversation != NULL || call->params_len > 0) {
        *ret_operation = JT_ACQUIRE;
        return JETON_OK;
    }
    (void)jt_error_set(&error, JETON_LOGIN_NEEDED, "%s: login needed: %s", call->name.full,
                       entry->unreadable                   ? "the stored token cannot be read any more"
                       : entry->token.access_token == NULL ? "no token is stored, and only a person can get one"
                       : entry->token.refresh_token == NULL
                           ? "the token has expired, and the provider gave no refresh token"
                           : "the token has expired, and so has its refresh token");
    jt_error_set_hint(&error, "run: jeton login %s", call->name.full);
    jt_failure_record(call, entry, error, false);
    return jt_error_give(ret_error, &error);
}

static int renew_check_refresh(const struct jt_call *call, const struct jt_plugin *plugin, const struct jt_entry *entry,
                               jeton_error **ret_error)
{
    int status = jt_operation_check(&plugin->table, JT_REFRESH, ret_error);

    if (status != JETON_OK || entry->token.refresh_token != NULL)
        return status;
    status = jt_error_set(ret_error, JETON_LOGIN_NEEDED, "%s: no refresh token is stored", call->name.full);
    jt_error_set_hint(ret_error, "run: jeton acquire %s", call->name.full);
    return status;
}

int jt_renewal_begin(struct jt_renewal *renewal, const struct jt_call *call, enum jt_renew_how how,
                     struct jt_entry *entry, jeton_error **ret_error)
{
    int status;

    *renewal = (struct jt_renewal){.call = call,
                                   .entry = entry,
                                   .operation = how == JT_RENEW_REFRESH ? JT_REFRESH : JT_ACQUIRE,
                                   .result = {.token = JT_TOKENSET_INIT}};
    status = jt_context_plugin(call->ctx, call->account->plugin, &renewal->plugin, ret_error);
    if (status == JETON_OK && how == JT_RENEW_ANY)
        status = renew_choose(call, renewal->plugin, entry, &renewal->operation, ret_error);
    if (status == JETON_OK) /* else the provider would be asked again and again for tokens that cannot be stored */
        status = jt_store_seems_writable(call->store, ret_error);
    if (status == JETON_OK && how == JT_RENEW_REFRESH)
        status = renew_check_refresh(call, renewal->plugin, entry, ret_error);
    if (status == JETON_OK)
        status = jt_prepare(&renewal->prepared, call, renewal->plugin, renewal->operation, &entry->token, ret_error);
    if (status != JETON_OK) {
        jt_error_set_name(ret_error, call->name.full);
        return status;
    }
    renewal->intent = jt_intent_of(call, entry, renewal->operation);
    renewal->prepared.spec.before_once = jt_intent_record;
    renewal->prepared.spec.data = &renewal->intent;
    return JETON_OK;
}

void jt_renewal_done(struct jt_renewal *renewal)
{
    jt_prepare_done(&renewal->prepared);
    jt_flow_result_done(&renewal->result);
}

static int renew_once(const struct jt_call *call, enum jt_renew_how how, struct jt_entry *entry, bool *ret_again,
                      jeton_error **ret_error)
{
    JT_CLEANUP(jt_renewal_done) struct jt_renewal renewal = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = jt_renewal_begin(&renewal, call, how, entry, ret_error);

    if (status != JETON_OK)
        return status;
    status = jt_prepare_run(&renewal.prepared, call, &renewal.result, &error);
    if (status == JETON_OK)
        return jt_renewal_commit(&renewal, jt_renewal_merge(&renewal), ret_error);
    *ret_again = jt_renewal_failed(&renewal, &error) && how == JT_RENEW_ANY;
    return jt_error_give(ret_error, &error);
}

int jt_renew(const struct jt_call *call, enum jt_renew_how how, struct jt_entry *entry, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    bool again = false;
    int status = renew_once(call, how, entry, &again, &error);

    if (again) {
        jeton_error_free(&error);
        status = renew_once(call, JT_RENEW_ACQUIRE, entry, &again, &error);
    }
    return status == JETON_OK ? status : jt_error_give(ret_error, &error);
}
