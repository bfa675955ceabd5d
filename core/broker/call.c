/* SPDX-License-Identifier: MIT */
/* Makes and frees calls. Making a call opens the store, if that is not done yet. */
#include "broker/call.h"
#include <stdlib.h>
#include <string.h>

#define NARROWING_ROOM 64u /* of a variant, for the names of its parts */

int jt_call_read_request(const struct jeton_request *request, struct jeton_request *ret_request,
                         jeton_error **ret_error)
{
    struct jeton_request known = {0};

    if (request != NULL) {
        if (request->struct_size < offsetof(struct jeton_request, timeout_ms))
            return jt_error_set(ret_error, JETON_USAGE,
                                "jeton_request.struct_size is %zu: set it to "
                                "sizeof(struct jeton_request)",
                                request->struct_size);
        memcpy(&known, request, request->struct_size < sizeof(known) ? request->struct_size : sizeof(known));
    }
    if (known.min_ttl_s < 0 || known.timeout_ms < 0)
        return jt_error_set(ret_error, JETON_USAGE, "min_ttl_s and timeout_ms cannot be negative");
    if (known.params == NULL && known.params_len > 0)
        return jt_error_set(ret_error, JETON_USAGE, "params_len is %zu, and params is NULL", known.params_len);
    *ret_request = known;
    return JETON_OK;
}

static size_t call_text_len(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

/* Checks the lengths of scope, audience and resource: otherwise a variant that is too long would be reported as lack of
 * memory. */
static int call_check_narrowing(const struct jeton_request *request, jeton_error **ret_error)
{
    size_t len = call_text_len(request->scope) + call_text_len(request->audience) + call_text_len(request->resource);

    if (len > JT_SETTING_MAX - NARROWING_ROOM)
        return jt_error_set(ret_error, JETON_USAGE,
                            "scope, audience and resource have %zu bytes together: at most %u are "
                            "allowed",
                            len, JT_SETTING_MAX - NARROWING_ROOM);
    return JETON_OK;
}

static int call_fill(struct jt_call *call, const char *name, const struct jeton_request *request,
                     jeton_error **ret_error)
{
    int status = jt_name_parse(name, &call->name, ret_error);

    if (status == JETON_OK)
        status = call_check_narrowing(request, ret_error);
    if (status != JETON_OK)
        return status;
    call->variant = jt_variant_make(request->scope, request->audience, request->resource);
    if (call->variant == NULL || (call->key = jt_printf("%s\n%s", call->name.full, call->variant)) == NULL)
        return jt_error_no_memory(ret_error);
    call->hash = jt_name_hash(call->name.full, call->variant);
    call->min_ttl_s = request->min_ttl_s;
    if (request->timeout_ms == 0 || __builtin_add_overflow(jt_boot_ms(), request->timeout_ms, &call->deadline_ms))
        call->deadline_ms = JT_NEVER;
    call->params = request->params;
    call->params_len = request->params_len;
    call->conversation = request->conversation;
    return jt_context_store(call->ctx, &call->store, ret_error);
}

static int call_find_account(struct jt_call *call, jeton_error **ret_error)
{
    return jt_config_account(call->ctx->config, call->name.provider, call->name.account, &call->account, ret_error);
}

/* For an account that is no longer configured: its stored rows can still be shown and removed. */
static int call_find_orphan(struct jt_call *call, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = call_find_account(call, &error);

    if (status == JETON_USAGE && jt_store_get(call->store, call->name.full, call->variant, &entry, NULL) == JETON_OK &&
        entry.state != 0)
        return JETON_OK;
    return status == JETON_OK ? JETON_OK : jt_error_give(ret_error, &error);
}

static int call_new(jeton *ctx, const char *name, const struct jeton_request *request,
                    int (*find)(struct jt_call *call, jeton_error **ret_error), struct jt_call **ret_call,
                    jeton_error **ret_error)
{
    JT_AUTO_CALL struct jt_call *call = calloc(1, sizeof(*call));
    struct jeton_request known;
    int status;

    if (call == NULL)
        return jt_error_no_memory(ret_error);
    if (name == NULL)
        return jt_error_set(ret_error, JETON_USAGE, "no token name is given (NULL)");
    call->ctx = ctx;
    status = jt_call_read_request(request, &known, ret_error);
    if (status == JETON_OK)
        status = call_fill(call, name, &known, ret_error);
    if (status == JETON_OK)
        status = find(call, ret_error);
    if (status != JETON_OK) {
        jt_error_set_name(ret_error, name);
        return status;
    }
    *ret_call = jt_take(&call);
    return JETON_OK;
}

int jt_call_new(jeton *ctx, const char *name, const struct jeton_request *request, struct jt_call **ret_call,
                jeton_error **ret_error)
{
    return call_new(ctx, name, request, call_find_account, ret_call, ret_error);
}

int jt_call_new_stored(jeton *ctx, const char *name, const struct jeton_request *request, struct jt_call **ret_call,
                       jeton_error **ret_error)
{
    return call_new(ctx, name, request, call_find_orphan, ret_call, ret_error);
}

struct jt_lifetime jt_call_lifetime(const struct jt_call *call, const struct jt_tokenset *token)
{
    const struct jt_core_settings *settings = &call->account->core;

    return jt_lifetime_of(token, settings->min_ttl_s, settings->renew_before_s, call->hash);
}

struct jt_call *jt_call_copy(const struct jt_call *call)
{
    struct jt_call *copy = malloc(sizeof(*copy));

    if (copy == NULL)
        return NULL;
    *copy = *call;
    copy->params = NULL;
    copy->params_len = 0;
    copy->conversation = NULL;
    copy->account = jt_account_ref(call->account);
    copy->variant = jt_strdup(call->variant);
    copy->key = jt_strdup(call->key);
    if (copy->variant == NULL || copy->key == NULL)
        jt_call_free(&copy);
    return copy;
}

void jt_call_free(struct jt_call **call)
{
    if (*call == NULL)
        return;
    jt_account_free(&(*call)->account);
    free((*call)->variant);
    free((*call)->key);
    free(*call);
    *call = NULL;
}
