/* SPDX-License-Identifier: MIT */
/* A get of many names in one thread: their renewals run side by side over one curl_multi. A name that another thread or
 * process is working on is left for a get of its own at the end. */
#include "broker/get.h"
#include "broker/failure.h"
#include "broker/renew.h"
#include <stdlib.h>

#define BATCH_MAX    256u /* each holds a lease */
#define PARALLEL_MAX 64u
#define CHUNK        16u /* names that are leased and read in one go, while the providers work on those before */
#define TOKENS_MAX   32u /* that are stored in one go */

enum one_state {
    ONE_LOOKED, /* leased and read: the row may say that there is nothing to do */
    ONE_RUNS,   /* its renewal is begun */
    ONE_TOKEN,  /* a token came, but is not stored: nobody may see it */
    ONE_LATER,  /* for a get of its own */
    ONE_OVER
};

struct one {
    enum one_state state;
    const char *name;
    struct jt_call *call;
    struct jt_entry entry;
    struct jt_renewal renewal;
    struct jt_store_lease *lease;
    int64_t fence;
    uint64_t generation;
    jeton_token **ret_token;
    jeton_token *token;
    struct jt_cache_times times;
    jeton_error *error;
    int status;
};

struct batch {
    jeton *ctx;
    const struct jeton_request *request;
    size_t count, prepared, tokens;
    struct one ones[BATCH_MAX];
};

/* All but what the caller gets. */
static void one_end(struct one *one, enum one_state state)
{
    jt_renewal_done(&one->renewal);
    jt_entry_done(&one->entry);
    one->entry = JT_ENTRY_INIT;
    if (one->call != NULL)
        jt_store_release(one->call->store, &one->lease);
    jeton_token_free(&one->token);
    jt_call_free(&one->call);
    one->state = state;
}

/* Takes the lease, unless the token is in memory or somebody else has it. */
static void one_lease(struct one *one, struct batch *batch)
{
    one->state = ONE_OVER;
    if (jt_get_cached(batch->ctx, one->name, batch->request, one->ret_token))
        return;
    one->status = jt_call_new(batch->ctx, one->name, batch->request, &one->call, &one->error);
    if (one->status == JETON_OK)
        one->status = jt_store_lease(one->call->store, one->call->name.full, one->call->variant, 0, &one->lease,
                                     &one->fence, &one->error);
    if (one->status != JETON_OK || one->lease == NULL) {
        one_end(one, one->status == JETON_OK ? ONE_LATER : ONE_OVER);
        return;
    }
    one->generation = jt_get_generation(one->call);
    one->state = ONE_LOOKED;
}

/* The next names, up to a chunk of them: their leases, then their rows in one reading. */
static void many_prepare(struct batch *batch)
{
    struct jt_store_name keys[CHUNK];
    struct jt_entry entries[CHUNK];
    struct one *read[CHUNK];
    JT_AUTO_ERROR jeton_error *error = NULL;
    size_t count = 0, some = batch->count - batch->prepared < CHUNK ? batch->count - batch->prepared : CHUNK;
    int status;

    for (size_t i = 0; i < some; i++) {
        struct one *one = &batch->ones[batch->prepared + i];

        one_lease(one, batch);
        if (one->state != ONE_LOOKED)
            continue;
        keys[count] = (struct jt_store_name){one->call->name.full, one->call->variant};
        read[count++] = one;
    }
    batch->prepared += some;
    if (count == 0)
        return;
    status = jt_store_get_many(batch->ctx->store, keys, count, entries, &error);
    for (size_t i = 0; i < count; i++) {
        if (status == JETON_OK)
            read[i]->entry = entries[i];
        else /* one of the rows cannot be read; single gets find out which */
            one_end(read[i], ONE_LATER);
    }
}

/* True: a renewal is to run. Else the question is settled, by a token or by an error, or left for later. */
static bool one_begin(struct one *one)
{
    struct jt_cache_times times;

    jt_get_log_damage(one->call, &one->entry);
    switch (jt_get_judge(one->call, one->call->min_ttl_s, &one->entry, one->generation, &times)) {
    case JT_VERDICT_FRESH:
        one->status = jt_get_hand_out(one->call, &one->entry, &times, one->ret_token, &one->error);
        one_end(one, ONE_OVER);
        return false;
    case JT_VERDICT_DUE: /* a get of its own knows how to go on with the valid token when the renewal fails */
        one_end(one, ONE_LATER);
        return false;
    case JT_VERDICT_SHORT:
        one->status = jt_get_fail_too_short(one->call, jt_lifetime_s(&one->entry.token), &one->error);
        one_end(one, ONE_OVER);
        return false;
    case JT_VERDICT_NEEDED:
        break;
    }
    one->status = jt_failure_blocks(one->call, &one->entry, &one->error);
    if (one->status == JETON_OK) {
        one->entry.fence = one->fence;
        one->status = jt_renewal_begin(&one->renewal, one->call, JT_RENEW_ANY, &one->entry, &one->error);
    }
    if (one->status != JETON_OK) {
        one_end(one, ONE_OVER);
        return false;
    }
    one->state = ONE_RUNS;
    return true;
}

/* Whether the name's renewal is to run; if it is, it is begun. */
static bool many_runs(struct batch *batch, size_t index)
{
    struct one *one = &batch->ones[index];

    while (batch->prepared <= index)
        many_prepare(batch);
    return one->state == ONE_RUNS || (one->state == ONE_LOOKED && one_begin(one));
}

static bool many_begin(void *data, size_t index, struct jt_flow_spec *ret_spec)
{
    struct batch *batch = data;

    if (!many_runs(batch, index))
        return false;
    *ret_spec = batch->ones[index].renewal.prepared.spec;
    return true;
}

/* A token set came. What can be had again without a loss is stored together with others, the rest at once. */
static void one_keep(struct one *one)
{
    const int64_t failed_at = one->entry.failed_at;
    const int32_t failures = one->entry.failures;
    const bool durable = jt_renewal_merge(&one->renewal);

    /* With the generation from before the commit: see get_renew_leased. */
    if (!durable &&
        jt_get_judge(one->call, one->call->min_ttl_s, &one->entry, one->generation, &one->times) == JT_VERDICT_FRESH)
        one->token = jt_token_new(&one->entry.token);
    if (one->token != NULL) {
        one->state = ONE_TOKEN;
        return;
    }
    one->status = jt_renewal_commit(&one->renewal, durable, &one->error);
    if (one->status == JETON_OK &&
        jt_get_judge(one->call, 0, &one->entry, one->generation, &one->times) == JT_VERDICT_NEEDED) {
        one->entry.failures = failures;
        one->entry.failed_at = failed_at;
        one->status = jt_get_fail_over_already(one->call, &one->entry, &one->error);
    }
    one_end(one, one->status == JETON_OK ? ONE_LATER : ONE_OVER); /* which finds what was stored */
}

struct commit {
    struct batch *batch;
    size_t next;
};

static int commit_next(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                       int64_t *ret_expected_version, jeton_error **ret_error)
{
    struct commit *commit = data;

    (void)ret_error;
    while (commit->next < commit->batch->count) {
        struct one *one = &commit->batch->ones[commit->next++];

        if (one->state != ONE_TOKEN)
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

/* One transaction for the tokens that came. Where it cannot be done, each goes its own way. */
static void many_commit(struct batch *batch)
{
    struct commit commit = {.batch = batch};
    JT_AUTO_ERROR jeton_error *error = NULL;
    jeton *ctx = batch->ctx;
    bool done = false;
    int status;

    if (batch->tokens == 0)
        return;
    status = jt_store_put_all(ctx->store, commit_next, &commit, false, &done, &error);
    if (status != JETON_OK)
        jt_log_write(ctx->log, LOG_WARNING, "tokens of many names could not be stored together: %s",
                     jeton_error_message(error));
    for (size_t i = 0; i < batch->count; i++) {
        struct one *one = &batch->ones[i];

        if (one->state != ONE_TOKEN)
            continue;
        if (status != JETON_OK || !done) {
            one_end(one, ONE_LATER);
            continue;
        }
        jt_failure_memory_forget(ctx->failures, one->call->key);
        jt_cache_put(ctx->cache, one->call->name.full, one->call->variant, &one->times, one->token);
        *one->ret_token = jt_take(&one->token);
        one_end(one, ONE_OVER);
    }
    batch->tokens = 0;
}

static void many_end(void *data, size_t index, int status, struct jt_flow_result *result, jeton_error **error)
{
    struct batch *batch = data;
    struct one *one = &batch->ones[index];

    one->renewal.result = *result;
    *result = (struct jt_flow_result){.token = JT_TOKENSET_INIT};
    one->status = status;
    one->error = jt_take(error);
    if (status != JETON_OK) {
        jt_error_set_name(&one->error, one->name);
        one_end(one, jt_renewal_failed(&one->renewal, &one->error) ? ONE_LATER : ONE_OVER);
        return;
    }
    one_keep(one);
    batch->tokens += one->state == ONE_TOKEN;
    if (batch->tokens >= TOKENS_MAX)
        many_commit(batch);
}

/* The network module is loaded by the first that runs. */
static void many_run(struct batch *batch)
{
    const struct jt_net_many work = {
        .count = batch->count, .parallel = PARALLEL_MAX, .data = batch, .begin = many_begin, .end = many_end};
    JT_AUTO_ERROR jeton_error *error = NULL;
    size_t index = 0;

    while (index < batch->count && !many_runs(batch, index))
        index++;
    if (index < batch->count && batch->ctx->net->run_many(batch->ctx->pool, &work, &error) != JETON_OK)
        jt_log_write(batch->ctx->log, LOG_WARNING, "many names cannot be fetched at once: %s",
                     jeton_error_message(error));
    many_commit(batch);
    for (size_t i = 0; i < batch->count; i++)
        if (batch->ones[i].state != ONE_OVER && batch->ones[i].state != ONE_LATER)
            one_end(&batch->ones[i], ONE_LATER);
}

static int many_batch(struct batch *batch, const char *const *names, jeton_token **ret_tokens, jeton_error **ret_errors)
{
    int64_t renew_until_ms;
    int first = JETON_OK;

    batch->prepared = batch->tokens = 0;
    for (size_t i = 0; i < batch->count; i++)
        batch->ones[i] = (struct one){.name = names[i], .ret_token = &ret_tokens[i], .entry = JT_ENTRY_INIT};
    many_run(batch);
    /* Valid tokens that are to be renewed come one after the other: a provider that hangs holds up the whole batch no
     * longer than it would one of them. */
    renew_until_ms = jt_boot_ms() + JT_GET_WANTED_WAIT_MS;
    for (size_t i = 0; i < batch->count; i++) {
        struct one *one = &batch->ones[i];

        if (one->state == ONE_LATER) {
            jeton_error_free(&one->error);
            one->status = jt_get_uncached(batch->ctx, one->name, batch->request, jt_boot_ms() < renew_until_ms,
                                          one->ret_token, &one->error);
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
    JT_UNCANCELLED;
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
    if (first == JETON_OK && count > 0 && (batch = malloc(sizeof(*batch))) == NULL)
        first = jt_error_no_memory(&error);
    if (first != JETON_OK) {
        for (size_t i = 0; i < count && ret_errors != NULL; i++)
            ret_errors[i] = jt_error_copy(error);
        return first;
    }
    for (size_t at = 0; at < count; at += BATCH_MAX) {
        int status;

        batch->ctx = ctx;
        batch->request = request;
        batch->count = count - at < BATCH_MAX ? count - at : BATCH_MAX;
        status = many_batch(batch, names + at, ret_tokens + at, ret_errors != NULL ? ret_errors + at : NULL);
        if (first == JETON_OK)
            first = status;
    }
    if (count > 0)
        free(batch);
    return first;
}
