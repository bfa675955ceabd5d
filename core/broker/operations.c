/* SPDX-License-Identifier: MIT */
/* The operations that a caller asks for explicitly: acquire, refresh, introspect, list keys. They run even if the
 * stored token is still valid. */
#include "broker/answer.h"
#include "broker/renew.h"
#include "broker/row.h"

static int operation_renew(jeton *ctx, const char *name, const struct jeton_request *request, enum jt_renew_how how,
                           jeton_token **ret_token, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_AUTO_CALL struct jt_call *call = NULL;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    jeton_token *token = NULL;
    int64_t fence = 0;
    struct jt_store_lease *lease = NULL;
    int status = jt_call_new(ctx, name, request, &call, ret_error);

    if (status != JETON_OK)
        return status;
    status = jt_row_lease(call, &lease, &fence, ret_error);
    if (status == JETON_OK)
        status = jt_row_read(call, &entry, ret_error);
    entry.fence = fence;
    if (status == JETON_OK)
        status = jt_renew(call, how, &entry, ret_error);
    jt_store_release(call->store, &lease);
    if (status != JETON_OK)
        return status;
    jt_cache_drop(ctx->cache, call->name.full, call->variant);
    token = jt_token_new(&entry.token);
    if (token == NULL)
        return jt_error_no_memory(ret_error);
    *ret_token = token;
    return JETON_OK;
}

int jeton_acquire(jeton *ctx, const char *name, const struct jeton_request *request, jeton_token **ret_token,
                  jeton_error **ret_error)
{
    return operation_renew(ctx, name, request, JT_RENEW_ACQUIRE, ret_token, ret_error);
}

int jeton_refresh(jeton *ctx, const char *name, const struct jeton_request *request, jeton_token **ret_token,
                  jeton_error **ret_error)
{
    return operation_renew(ctx, name, request, JT_RENEW_REFRESH, ret_token, ret_error);
}

/* The plugin's sentence for the person becomes a member of the answer. */
static bool operation_add_note(struct jt_flow_result *result)
{
    json_object *object = json_tokener_parse(result->answer);
    char *text = NULL;

    if (object != NULL && json_object_is_type(object, json_type_object)) {
        json_object_object_add(object, "note", json_object_new_string(result->note));
        text =
            jt_strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    (void)json_object_put(object);
    if (text == NULL)
        return false;
    jt_str_wipe(&result->answer);
    result->answer = text;
    return true;
}

/* Asks the provider something about the stored token, or, for list keys, about the account. */
static int operation_ask(jeton *ctx, const char *name, const struct jeton_request *request, enum jt_operation operation,
                         jeton_answer **ret_answer, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_AUTO_CALL struct jt_call *call = NULL;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_RESULT struct jt_flow_result result = {.token = JT_TOKENSET_INIT};
    const struct jt_plugin *plugin;
    int status = jt_call_new(ctx, name, request, &call, ret_error);

    if (status != JETON_OK)
        return status;
    status = jt_context_plugin(ctx, call->account->plugin, &plugin, ret_error);
    if (status == JETON_OK)
        status = jt_operation_check(&plugin->table, operation, ret_error);
    if (status == JETON_OK)
        status = jt_row_read(call, &entry, ret_error);
    if (status == JETON_OK && operation == JT_INTROSPECT && entry.token.access_token == NULL)
        status = jt_row_no_token(call, &entry, ret_error);
    if (status == JETON_OK)
        status = jt_prepare_and_run(call, plugin, operation, &entry.token, &result, ret_error);
    if (status != JETON_OK) {
        jt_error_set_name(ret_error, call->name.full);
        return status;
    }
    if (result.note != NULL && !operation_add_note(&result))
        return jt_error_no_memory(ret_error);
    return jt_answer_new(jt_take(&result.answer), result.active, ret_answer, ret_error);
}

int jeton_introspect(jeton *ctx, const char *name, const struct jeton_request *request, jeton_answer **ret_answer,
                     jeton_error **ret_error)
{
    return operation_ask(ctx, name, request, JT_INTROSPECT, ret_answer, ret_error);
}

int jeton_list_keys(jeton *ctx, const char *name, const struct jeton_request *request, jeton_answer **ret_answer,
                    jeton_error **ret_error)
{
    return operation_ask(ctx, name, request, JT_LIST_KEYS, ret_answer, ret_error);
}
