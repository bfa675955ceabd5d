/* SPDX-License-Identifier: MIT */
/* Prepares flows: collects, from a call and its account, what the network module needs. */
#include "broker/prepare.h"
#include "settings/settings.h"

/* The parts of the variant are parameters of the flow; a plugin that does not declare one cannot narrow by it. */
static int prepare_add_variant(const struct jt_call *call, const struct jt_plugin *plugin, struct jt_fields *params,
                               jeton_error **ret_error)
{
    static const char *const parts[] = {"scope", "audience", "resource"};

    for (size_t i = 0; i < JT_LEN(parts); i++) {
        JT_AUTO_STR char *value = jt_variant_part(call->variant, parts[i]);
        JT_AUTO_FIELDS struct jt_fields checked = {0};
        struct jeton_param param = {parts[i], value};
        int status;

        if (value == NULL)
            continue;
        status = jt_params_check(plugin, &param, 1, &checked, ret_error);
        if (status == JETON_OK)
            status = jt_fields_set(params, parts[i], value, 0, ret_error);
        if (status != JETON_OK)
            return status;
    }
    return JETON_OK;
}

static int64_t prepare_timeout_s(const struct jt_call *call)
{
    return call->account->core.timeout_s > 0 ? call->account->core.timeout_s
                                             : jt_config_main(call->ctx->config)->timeout_s;
}

static struct jt_http_options prepare_http_options(const struct jt_call *call)
{
    const struct jt_main_config *main_config = jt_config_main(call->ctx->config);
    const struct jt_core_settings *core = &call->account->core;
    struct jt_http_options options = {
        .connect_timeout_s = main_config->connect_timeout_s,
        .timeout_s = prepare_timeout_s(call),
        .ca_file = core->ca_file != NULL ? core->ca_file : main_config->ca_file,
        .proxy = core->proxy != NULL ? core->proxy : main_config->proxy,
        .client_certificate = core->client_certificate,
        .client_key = core->client_key,
    };

    return options;
}

void jt_prepare_done(struct jt_prepared *prepared)
{
    jt_resolved_free(&prepared->resolved);
    jt_fields_done(&prepared->params);
    *prepared = (struct jt_prepared){0};
}

static int prepare_inputs(const struct jt_call *call, const struct jt_plugin *plugin, enum jt_operation operation,
                          struct jt_prepared *prepared, jeton_error **ret_error)
{
    const struct jt_net *net;
    int status = jt_context_net(call->ctx, &net, ret_error);

    if (status == JETON_OK)
        status = jt_operation_check(&plugin->table, operation, ret_error);
    if (status == JETON_OK)
        status = jt_params_check(plugin, call->params, call->params_len, &prepared->params, ret_error);
    if (status == JETON_OK)
        status = prepare_add_variant(call, plugin, &prepared->params, ret_error);
    if (status == JETON_OK)
        status = jt_resolved_get(call->ctx->resolutions, call->account, plugin, net, &prepared->resolved, ret_error);
    if (status == JETON_OK && operation == JT_ACQUIRE)
        status = jt_params_require(plugin, &prepared->params, &prepared->resolved->settings, ret_error);
    return status;
}

int jt_prepare(struct jt_prepared *prepared, const struct jt_call *call, const struct jt_plugin *plugin,
               enum jt_operation operation, const struct jt_tokenset *token, jeton_error **ret_error)
{
    int status;

    *prepared = (struct jt_prepared){0};
    status = prepare_inputs(call, plugin, operation, prepared, ret_error);
    if (status != JETON_OK) {
        jt_prepare_done(prepared);
        jt_error_set_name(ret_error, call->name.full);
        return status;
    }
    prepared->spec = (struct jt_flow_spec){
        .plugin = plugin,
        .operation = operation,
        .name = call->name.full,
        .subject = call->name.subject[0] != '\0' ? call->name.subject : NULL,
        .base_url = call->account->core.base_url != NULL ? call->account->core.base_url : plugin->table.base_url,
        .settings = &prepared->resolved->settings,
        .params = &prepared->params,
        .token = token,
        .http = prepare_http_options(call),
        .conversation = call->conversation,
        .deadline_ms = JT_NEVER,
        .log = call->ctx->log,
    };
    return JETON_OK;
}

int jt_prepare_run(const struct jt_prepared *prepared, const struct jt_call *call, struct jt_flow_result *result,
                   jeton_error **ret_error)
{
    int status = call->ctx->net->run(call->ctx->pool, &prepared->spec, result, ret_error);

    if (status != JETON_OK)
        jt_error_set_name(ret_error, call->name.full);
    return status;
}

int jt_prepare_and_run(const struct jt_call *call, const struct jt_plugin *plugin, enum jt_operation operation,
                       const struct jt_tokenset *token, struct jt_flow_result *result, jeton_error **ret_error)
{
    JT_AUTO_PREPARED struct jt_prepared prepared;
    int status = jt_prepare(&prepared, call, plugin, operation, token, ret_error);

    return status == JETON_OK ? jt_prepare_run(&prepared, call, result, ret_error) : status;
}
