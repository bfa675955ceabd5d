/* SPDX-License-Identifier: MIT */
/* A get: from the cache, from the store, or by one renewal for all callers. renew.c does the renewal. */
#include "broker/get.h"
#include "broker/failure.h"
#include "broker/renew.h"
#include "broker/revoke.h"
#include "broker/row.h"
#include <stdlib.h>

#define TRIES_MAX 3

/* What the row is good for now; *ret_times (for the cache) where it may be handed out. */
enum jt_verdict jt_get_judge(const struct jt_call *call, int64_t min_ttl_s, const struct jt_entry *entry,
                             uint64_t generation, struct jt_cache_times *ret_times)
{
    struct jt_clock clock = jt_clock_read();
    struct jt_anchor anchor = jt_lifetime_anchor(&entry->token);
    int64_t now = jt_lifetime_now(&anchor, &clock), now_ms = clock.boot_ms, wanted_at;
    struct jt_lifetime lifetime;
    bool due;

    if (entry->token.access_token == NULL || (entry->state != JT_ROW_TOKEN && entry->state != JT_ROW_INTENT))
        return JT_VERDICT_NEEDED;
    lifetime = jt_call_lifetime(call, &entry->token);
    if (now >= lifetime.needed_at)
        return JT_VERDICT_NEEDED;
    due = now >= lifetime.wanted_at;
    wanted_at = lifetime.wanted_at;
    if (due && jt_failure_blocks(call, entry, NULL) != JETON_OK) {
        due = false;
        wanted_at = entry->retry_at == JT_NEVER ? JT_NEVER : now + (entry->retry_at - clock.now);
    }
    *ret_times = (struct jt_cache_times){
        .wanted_ms = wanted_at == JT_NEVER ? JT_NEVER : now_ms + (wanted_at - now) * 1000,
        .needed_ms = lifetime.needed_at == JT_NEVER ? JT_NEVER : now_ms + (lifetime.needed_at - now) * 1000,
        .expires_ms = lifetime.expires_at == JT_NEVER ? JT_NEVER : now_ms + (lifetime.expires_at - now) * 1000,
        .checked_ms = now_ms,
        .generation = generation,
        .shard = jt_name_shard(call->hash),
    };
    if (lifetime.expires_at != JT_NEVER && lifetime.expires_at - now < min_ttl_s)
        return jt_lifetime_s(&entry->token) < min_ttl_s ? JT_VERDICT_SHORT : JT_VERDICT_NEEDED;
    return due ? JT_VERDICT_DUE : JT_VERDICT_FRESH;
}

int jt_get_hand_out(const struct jt_call *call, const struct jt_entry *entry, const struct jt_cache_times *times,
                    jeton_token **ret_token, jeton_error **ret_error)
{
    jeton_token *token = jt_token_new(&entry->token);

    if (token == NULL)
        return jt_error_no_memory(ret_error);
    jt_cache_put(call->ctx->cache, call->name.full, call->variant, times, token);
    *ret_token = token;
    return JETON_OK;
}

int jt_get_fail_too_short(const struct jt_call *call, int64_t lifetime_s, jeton_error **ret_error)
{
    (void)jt_error_set(ret_error, JETON_REFUSED,
                       "%s: a token valid for %lld more seconds was asked for, and this provider's live for %lld",
                       call->name.full, (long long)call->min_ttl_s, (long long)lifetime_s);
    jt_error_set_name(ret_error, call->name.full);
    return JETON_REFUSED;
}

void jt_get_log_damage(const struct jt_call *call, const struct jt_entry *entry)
{
    if (entry->unreadable)
        jt_log_write(call->ctx->log, LOG_WARNING, "%s: the stored row cannot be used: %s", call->name.full,
                     entry->failure);
}

uint64_t jt_get_generation(const struct jt_call *call)
{
    return jt_store_number(call->store, jt_name_shard(call->hash));
}

/* Reads the row and judges it. The generation is read first: a change that comes in between is seen by the next get. */
int jt_get_read(const struct jt_call *call, struct jt_entry *ret_entry, enum jt_verdict *ret_verdict,
                struct jt_cache_times *ret_times, jeton_error **ret_error)
{
    uint64_t generation = jt_get_generation(call);
    int status = jt_row_read(call, ret_entry, ret_error);

    if (status != JETON_OK)
        return status;
    *ret_verdict = jt_get_judge(call, call->min_ttl_s, ret_entry, generation, ret_times);
    return JETON_OK;
}

int jt_get_fail_over_already(const struct jt_call *call, struct jt_entry *entry, jeton_error **error)
{
    int status = jt_error_set(error, JETON_BAD_ANSWER,
                              "%s: the provider issued a token that is over already (lifetime %lld "
                              "s): is this machine's clock right?",
                              call->name.full, (long long)jt_lifetime_s(&entry->token));

    jt_error_set_name(error, call->name.full);
    jt_failure_record(call, entry, *error, false);
    jt_failure_add_since(entry, error);
    return status;
}

/* Called under the lease: reads the row again, since another process may have renewed the token meanwhile, and renews.
 * A token that does not live long enough for the caller that started the flight may do for those that joined: each
 * judges for itself. */
static int get_renew_leased(const struct jt_call *call, int64_t fence, bool wanted, jeton_token **ret_token,
                            jeton_error **error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct jt_cache_times times;
    enum jt_verdict verdict;
    uint64_t generation;
    int32_t failures;
    int64_t failed_at;
    int status = jt_get_read(call, &entry, &verdict, &times, error);

    if (status != JETON_OK)
        return status;
    entry.fence = fence;
    if (verdict == JT_VERDICT_FRESH || verdict == JT_VERDICT_SHORT)
        return jt_get_hand_out(call, &entry, &times, ret_token, error);
    if (verdict == JT_VERDICT_NEEDED)
        status = jt_failure_blocks(call, &entry, error);
    if (status != JETON_OK)
        return status;
    failures = entry.failures;
    failed_at = entry.failed_at;
    /* The generation from before the commit, so that the next get reads the row again: an invalidate may have followed
     * the commit at once. */
    generation = jt_get_generation(call);
    status = jt_renew(call, JT_RENEW_ANY, &entry, error);
    if (status != JETON_OK) {
        jt_failure_add_since(&entry, error);
        if (wanted) /* as a warning only the first time; later `jeton list` shows it */
            jt_log_write(call->ctx->log,
                         entry.failures > 1          ? LOG_DEBUG
                         : status == JETON_TRY_LATER ? LOG_NOTICE
                                                     : LOG_WARNING,
                         "%s: the token is valid until it expires, but its renewal failed: %s", call->name.full,
                         jeton_error_message(*error));
        return status;
    }
    verdict = jt_get_judge(call, 0, &entry, generation, &times);
    if (verdict == JT_VERDICT_FRESH || verdict == JT_VERDICT_DUE)
        return jt_get_hand_out(call, &entry, &times, ret_token, error);
    entry.failures = failures; /* the token is unusable, so the series of failures goes on */
    entry.failed_at = failed_at;
    return jt_get_fail_over_already(call, &entry, error);
}

/* The work of a flight: one process holds the lease, the others wait for what it brings. */
static int get_fly(const struct jt_call *call, bool wanted, jeton_token **ret_token, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_store_lease *lease = NULL;
    int64_t fence;
    int status = jt_row_lease(call, &lease, &fence, &error);

    if (status == JETON_OK)
        status = get_renew_leased(call, fence, wanted, ret_token, &error);
    jt_store_release(call->store, &lease);
    jt_revoke_try_queued(call->ctx);
    if (status == JETON_OK)
        return JETON_OK;
    jt_error_set_name(&error, call->name.full);
    return jt_error_give(ret_error, &error);
}

static int get_fly_needed(void *data, jeton_token **ret_token, jeton_error **ret_error)
{
    return get_fly(data, false, ret_token, ret_error);
}

static int get_fly_wanted(void *data, jeton_token **ret_token, jeton_error **ret_error)
{
    return get_fly(data, true, ret_token, ret_error);
}

static void get_call_free(void *data)
{
    struct jt_call *call = data;

    jt_call_free(&call);
}

static int get_start(const struct jt_call *call, bool if_idle, int64_t deadline_ms, jeton_token **ret_token,
                     jeton_error **ret_error)
{
    struct jt_call *copy = jt_call_copy(call);
    struct jt_flight_work work = {
        .run = if_idle ? get_fly_wanted : get_fly_needed, .data_free = get_call_free, .data = copy};
    int status;

    if (copy == NULL)
        return jt_error_no_memory(ret_error);
    copy->deadline_ms = if_idle ? jt_boot_ms() : deadline_ms; /* a valid token is at hand: no wait for the lease */
    if (if_idle)
        status = jt_flights_run_if_idle(call->ctx->flights, call->key, deadline_ms, &work, ret_token, ret_error);
    else
        status = jt_flights_run(call->ctx->flights, call->key, deadline_ms, &work, ret_token, ret_error);
    if (status != JETON_OK)
        jt_error_set_name(ret_error, call->name.full);
    return status;
}

/* Tries more than once: the flight that is joined may have been started by a caller that asked for a shorter life, or
 * that had less time. */
static int get_fetch(const struct jt_call *call, jeton_token **ret_token, jeton_error **ret_error)
{
    for (unsigned i = 0; i < TRIES_MAX; i++) {
        JT_CLEANUP(jeton_token_free) jeton_token *token = NULL;
        JT_AUTO_ERROR jeton_error *error = NULL;
        int64_t expires_at, lifetime_s;
        int status = get_start(call, false, call->deadline_ms, &token, &error);

        if (status == JETON_TRY_LATER && jeton_error_retry_after(error) == 0 && jt_boot_ms() < call->deadline_ms &&
            i + 1 < TRIES_MAX)
            continue;
        if (status != JETON_OK)
            return jt_error_give(ret_error, &error);
        expires_at = jeton_token_expires_at(token);
        if (call->min_ttl_s == 0 || expires_at == JT_NEVER || expires_at - jt_now() >= call->min_ttl_s) {
            *ret_token = jt_take(&token);
            return JETON_OK;
        }
        lifetime_s = expires_at - jeton_token_issued_at(token);
        if (lifetime_s < call->min_ttl_s)
            return jt_get_fail_too_short(call, lifetime_s, ret_error);
    }
    (void)jt_error_set(ret_error, JETON_TRY_LATER, "%s: no token came that is valid for %lld more seconds",
                       call->name.full, (long long)call->min_ttl_s);
    jt_error_set_name(ret_error, call->name.full);
    return JETON_TRY_LATER;
}

/* A valid token is at hand and its renewal is wanted: one caller sees to it, and its failure is only logged. */
static void get_renew_wanted(const struct jt_call *call)
{
    JT_CLEANUP(jeton_token_free) jeton_token *token = NULL;
    int64_t deadline_ms = jt_boot_ms() + JT_GET_WANTED_WAIT_MS;

    if (call->deadline_ms < deadline_ms)
        deadline_ms = call->deadline_ms;
    (void)(get_start(call, true, deadline_ms, &token, NULL) == JETON_OK);
}

static int get_from_store(const struct jt_call *call, bool may_renew, jeton_token **ret_token, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct jt_cache_times times;
    enum jt_verdict verdict;
    int status = jt_get_read(call, &entry, &verdict, &times, ret_error);

    if (status != JETON_OK)
        return status;
    jt_get_log_damage(call, &entry);
    switch (verdict) {
    case JT_VERDICT_FRESH:
        return jt_get_hand_out(call, &entry, &times, ret_token, ret_error);
    case JT_VERDICT_DUE:
        if (!may_renew)
            return jt_get_hand_out(call, &entry, &times, ret_token, ret_error);
        get_renew_wanted(call);
        /* The try took time, so whatever its result, the row is read again: the token may have been revoked
         * meanwhile. */
        return get_from_store(call, false, ret_token, ret_error);
    case JT_VERDICT_SHORT:
        return jt_get_fail_too_short(call, jt_lifetime_s(&entry.token), ret_error);
    case JT_VERDICT_NEEDED:
        break;
    }
    status = jt_failure_blocks(call, &entry, ret_error);
    if (status != JETON_OK)
        return status;
    return get_fetch(call, ret_token, ret_error);
}

static uint64_t get_generation(void *store, uint32_t shard)
{
    return jt_store_number(store, shard);
}

/* The common path: no lock, no system call, no allocation but the caller's token. */
bool jt_get_cached(jeton *ctx, const char *name, const struct jeton_request *request, jeton_token **ret_token)
{
    struct jt_store *store = __atomic_load_n(&ctx->store, __ATOMIC_ACQUIRE);
    struct jt_cache_view view = {.generation = get_generation, .data = store};
    jeton_token *token = NULL;

    if (store == NULL || name == NULL)
        return false;
    if (request != NULL) {
        if (request->struct_size < sizeof(*request) || request->scope != NULL || request->audience != NULL ||
            request->resource != NULL || request->params_len > 0 || request->min_ttl_s < 0 || request->timeout_ms < 0)
            return false;
        view.min_ttl_s = request->min_ttl_s;
    }
    view.now_ms = jt_boot_ms();
    if (jt_cache_get(ctx->cache, name, "", &view, &token) != JT_CACHE_FRESH) {
        jeton_token_free(&token);
        return false;
    }
    *ret_token = token;
    return true;
}

int jt_get_uncached(jeton *ctx, const char *name, const struct jeton_request *request, bool may_renew,
                    jeton_token **ret_token, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_AUTO_CALL struct jt_call *call = NULL;
    int status = jt_call_new(ctx, name, request, &call, ret_error);

    if (status != JETON_OK)
        return status;
    if (call->params_len > 0) {
        (void)jt_error_set(ret_error, JETON_USAGE, "%s: a get takes no parameters: they are for acquire", name);
        jt_error_set_name(ret_error, name);
        return JETON_USAGE;
    }
    return get_from_store(call, may_renew, ret_token, ret_error);
}

int jeton_get(jeton *ctx, const char *name, const struct jeton_request *request, jeton_token **ret_token,
              jeton_error **ret_error)
{
    return jt_get_cached(ctx, name, request, ret_token)
               ? JETON_OK
               : jt_get_uncached(ctx, name, request, true, ret_token, ret_error);
}
