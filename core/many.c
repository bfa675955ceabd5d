/* SPDX-License-Identifier: MIT */
/* A get of many names in one thread: their renewals run side by side over one multi handle. A name that somebody else
 * is working on is left for a get of its own, at the end. */
#include "broker.h"
#include "failure.h"
#include "renew.h"
#include <stdlib.h>

#define BATCH_MAX    256u /* each holds a lease, and each lease a file descriptor */
#define PARALLEL_MAX 64u

struct one {
    const char *name;
    struct jt_call *call;
    struct jt_entry entry;
    struct jt_renewal renewal;
    void *lease;
    jeton_token **ret_token;
    jeton_token *token; /* made, but not yet stored: nobody may see it */
    struct jt_cache_times times;
    jeton_error *error;
    int status;
    bool runs;  /* its renewal is begun */
    bool later; /* for a get of its own */
};

static void one_done(struct one *one)
{
    if (one->runs)
        jt_renewal_done(&one->renewal);
    if (one->call != NULL)
        jt_store_release(one->call->store, &one->lease);
    jt_entry_done(&one->entry);
    jeton_token_free(&one->token);
    jt_call_free(&one->call);
}

/* True: the question is settled, by a token or by an error. */
static bool one_judged(struct one *one)
{
    struct jt_cache_times times;
    enum jt_verdict verdict;

    jt_entry_done(&one->entry);
    one->entry = JT_ENTRY_INIT;
    one->status = jt_broker_look(one->call, &one->entry, &verdict, &times, &one->error);
    if (one->status != JETON_OK)
        return true;
    switch (verdict) {
    case JT_VERDICT_FRESH:
        one->status = jt_broker_hand_out(one->call, &one->entry, &times, one->ret_token, &one->error);
        return true;
    case JT_VERDICT_DUE: /* a get of its own knows how to go on with the valid token when the renewal fails */
        one->later = true;
        return true;
    case JT_VERDICT_SHORT:
        one->status = jt_broker_too_short(one->call, jt_windows_lifetime(&one->entry.token), &one->error);
        return true;
    case JT_VERDICT_NEEDED:
        break;
    }
    one->status = jt_failure_blocks(one->call, &one->entry, &one->error);
    return one->status != JETON_OK;
}

static void one_begin(struct one *one, jeton *ctx, const struct jeton_request *request)
{
    int64_t fence = 0;

    if (jt_broker_get_cached(ctx, one->name, request, one->ret_token))
        return;
    one->status = jt_call_new(ctx, one->name, request, &one->call, &one->error);
    if (one->status != JETON_OK)
        return;
    one->status =
        jt_store_lease(one->call->store, one->call->name.full, one->call->variant, 0, &one->lease, &fence, &one->error);
    if (one->status == JETON_OK && one->lease == NULL)
        one->later = true;
    if (one->status != JETON_OK || one->lease == NULL || one_judged(one))
        return;
    jt_entry_fence(&one->entry, fence);
    one->status = jt_renewal_begin(&one->renewal, one->call, JT_RENEW_ANY, &one->entry, &one->error);
    one->runs = one->status == JETON_OK;
}

static void one_end(struct one *one)
{
    enum jt_verdict verdict;
    bool durable;

    if (one->status != JETON_OK) {
        jt_error_set_name(&one->error, one->name);
        one->later = jt_renewal_failed(&one->renewal, &one->error);
        return;
    }
    durable = jt_renewal_merge(&one->renewal);
    verdict = jt_broker_judge(one->call, one->call->min_ttl_s, &one->entry, 0, &one->times);
    if (verdict == JT_VERDICT_FRESH)
        one->token = jt_token_new(&one->entry.token);
    if (!durable && one->token != NULL)
        return; /* stored together with the others */
    one->status = jt_renewal_commit(&one->renewal, durable, &one->error);
    jeton_token_free(&one->token);
    one->later = one->status == JETON_OK; /* it finds what was stored, or says what is wrong with it */
}

struct commit {
    struct one *ones;
    size_t count, next;
};

static int commit_next(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                       int64_t *ret_expected_version, jeton_error **ret_error)
{
    struct commit *commit = data;

    (void)ret_error;
    while (commit->next < commit->count) {
        struct one *one = &commit->ones[commit->next++];

        if (one->token == NULL)
            continue;
        *ret_name = one->call->name.full;
        *ret_variant = one->call->variant;
        *ret_expected_version = one->entry.version;
        *ret_entry = one->entry;
        one->entry = JT_ENTRY_INIT;
        break;
    }
    return JETON_OK;
}

/* One transaction for all that can be had again without a loss. Where it cannot be done, each goes its own way. */
static void many_commit(jeton *ctx, struct one *ones, size_t count)
{
    struct commit commit = {.ones = ones, .count = count};
    JT_AUTO_ERROR jeton_error *error = NULL;
    bool done = false, any = false;
    int status;

    for (size_t i = 0; i < count; i++)
        any = any || ones[i].token != NULL;
    if (!any)
        return;
    status = jt_store_put_all(ctx->store, commit_next, &commit, false, &done, &error);
    if (status != JETON_OK)
        jt_log_write(ctx->log, LOG_WARNING, "tokens of many names could not be stored together: %s",
                     jeton_error_message(error));
    for (size_t i = 0; i < count; i++) {
        struct one *one = &ones[i];

        if (one->token == NULL)
            continue;
        if (status != JETON_OK || !done) {
            one->later = true;
            continue;
        }
        jt_failure_memory_forget(ctx->failures, one->call->key);
        one->times.generation = jt_store_generation(ctx->store, one->times.shard);
        jt_cache_put(ctx->cache, one->call->name.full, one->call->variant, &one->times, one->token);
        *one->ret_token = jt_take(&one->token);
    }
}

/* All begun renewals at once. */
static void many_run(jeton *ctx, struct one *ones, size_t count, struct jt_flow_spec *specs,
                     struct jt_flow_result *results, int *statuses, jeton_error **errors)
{
    size_t running = 0;

    for (size_t i = 0; i < count; i++) {
        if (!ones[i].runs)
            continue;
        specs[running] = ones[i].renewal.prepared.spec;
        results[running] = (struct jt_flow_result){.token = JT_TOKENSET_INIT};
        statuses[running] = JETON_OK;
        errors[running++] = NULL;
    }
    if (running == 0)
        return;
    ctx->net->run_many(ctx->pool, specs, running, PARALLEL_MAX, results, statuses, errors);
    running = 0;
    for (size_t i = 0; i < count; i++) {
        if (!ones[i].runs)
            continue;
        ones[i].renewal.result = results[running];
        ones[i].status = statuses[running];
        ones[i].error = errors[running++];
    }
    for (size_t i = 0; i < count; i++)
        if (ones[i].runs)
            one_end(&ones[i]);
    many_commit(ctx, ones, count);
}

struct batch {
    struct one ones[BATCH_MAX];
    struct jt_flow_spec specs[BATCH_MAX];
    struct jt_flow_result results[BATCH_MAX];
    int statuses[BATCH_MAX];
    jeton_error *errors[BATCH_MAX];
};

static int many_batch(jeton *ctx, struct batch *batch, const char *const *names, size_t count,
                      const struct jeton_request *request, jeton_token **ret_tokens, jeton_error **ret_errors)
{
    int first = JETON_OK;

    for (size_t i = 0; i < count; i++) {
        batch->ones[i] = (struct one){.name = names[i], .ret_token = &ret_tokens[i], .entry = JT_ENTRY_INIT};
        one_begin(&batch->ones[i], ctx, request);
    }
    many_run(ctx, batch->ones, count, batch->specs, batch->results, batch->statuses, batch->errors);
    for (size_t i = 0; i < count; i++)
        one_done(&batch->ones[i]);
    for (size_t i = 0; i < count; i++) {
        struct one *one = &batch->ones[i];

        if (one->later) {
            jeton_error_free(&one->error);
            one->status = jeton_get(ctx, one->name, request, one->ret_token, &one->error);
        }
        if (first == JETON_OK)
            first = one->status;
        if (ret_errors != NULL)
            ret_errors[i] = jt_take(&one->error);
        jeton_error_free(&one->error);
    }
    return first;
}

int jeton_get_many(jeton *ctx, const char *const *names, size_t count, const struct jeton_request *request,
                   jeton_token **ret_tokens, jeton_error **ret_errors)
{
    struct jeton_request known;
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct batch *batch;
    int first = jt_call_read_request(request, &known, &error);

    for (size_t i = 0; i < count; i++) {
        ret_tokens[i] = NULL;
        if (ret_errors != NULL)
            ret_errors[i] = NULL;
    }
    if (first == JETON_OK && (known.params_len > 0 || known.conversation != NULL || known.timeout_ms != 0))
        first = jt_error_set(&error, JETON_USAGE, "a get of many names takes no parameters, conversation or timeout");
    if (first == JETON_OK && count > 0 && (batch = malloc(sizeof *batch)) == NULL)
        first = jt_error_no_memory(&error);
    if (first != JETON_OK) {
        for (size_t i = 0; i < count && ret_errors != NULL; i++)
            ret_errors[i] = jt_error_copy(error);
        return first;
    }
    for (size_t at = 0; at < count; at += BATCH_MAX) {
        size_t some = count - at < BATCH_MAX ? count - at : BATCH_MAX;
        int status = many_batch(ctx, batch, names + at, some, request, ret_tokens + at,
                                ret_errors != NULL ? ret_errors + at : NULL);

        if (first == JETON_OK)
            first = status;
    }
    if (count > 0)
        free(batch);
    return first;
}
