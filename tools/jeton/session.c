/* SPDX-License-Identifier: MIT */
/* Opens the library for a command, and turns the command line into a request. If a parameter's value is on the command
 * line, also asks the library whether that parameter is secret, and warns. */
#include "session.h"
#include "json.h"
#include "output.h"
#include "report.h"
#include <string.h>
#include <syslog.h>

static void session_log(void *data, int level, const char *line)
{
    const struct jt_call *call = data;

    (void)level;
    if (!call->quiet)
        jt_output_message("%s", line);
}

struct jeton_options jt_session_options(const struct jt_call *call)
{
    bool own_log = call->verbose || call->quiet;

    return (struct jeton_options){.struct_size = sizeof(struct jeton_options),
                                  .config_dir = call->config_dir,
                                  .log = own_log ? session_log : NULL,
                                  .log_data = own_log ? (void *)(uintptr_t)call : NULL,
                                  .log_level = call->verbose ? LOG_DEBUG : 0};
}

/* The plugin of the name's provider. NULL: unknown; the operation itself will report why. */
static const char *session_plugin(struct json_object *answer, const char *name)
{
    size_t name_len = strcspn(name, "/"), len = 0;
    struct json_object *providers = jt_json_array(answer, "providers", &len);

    for (size_t i = 0; i < len; i++) {
        struct json_object *provider = json_object_array_get_idx(providers, i);
        const char *found = jt_json_string(provider, "name");

        if (found != NULL && strlen(found) == name_len && strncmp(found, name, name_len) == 0)
            return jt_json_string(provider, "plugin");
    }
    return NULL;
}

static void session_warn_of(const struct jt_call *call, struct json_object *described, const struct jt_params *params)
{
    size_t len = 0;
    struct json_object *known = jt_json_array(described, "parameters", &len);

    for (size_t p = 0; p < params->len; p++) {
        const char *key = params->items[p].name;

        for (size_t i = 0; i < len && strchr(call->params[p], '=')[1] != '@'; i++) {
            struct json_object *parameter = json_object_array_get_idx(known, i);
            const char *name = jt_json_string(parameter, "name");

            if (name != NULL && strcmp(name, key) == 0 && jt_json_boolean(parameter, "secret"))
                jt_report_note(call,
                               "warning: %s is secret, and everybody on this machine could read it on the command "
                               "line: give -p %s=@FILE or -p %s=@-",
                               key, key, key);
        }
    }
}

/* Does nothing unless a value was given inline, since describing a plugin loads it. */
static void session_warn(const struct jt_call *call, const struct jt_session *session)
{
    jeton_answer *providers JT_CLEANUP(jeton_answer_free) = NULL, *described JT_CLEANUP(jeton_answer_free) = NULL;
    struct json_object *answer JT_AUTO_JSON = NULL, *plugin JT_AUTO_JSON = NULL;
    const char *plugin_name = NULL;
    bool any = false;

    for (size_t i = 0; i < call->params_len; i++)
        any = any || strchr(call->params[i], '=')[1] != '@';
    if (!any || call->quiet || jeton_providers(session->ctx, &providers, NULL) != JETON_OK)
        return;
    answer = jt_json_parse(jeton_answer_json(providers));
    plugin_name = answer == NULL ? NULL : session_plugin(answer, call->operand);
    if (plugin_name == NULL || jeton_describe(session->ctx, plugin_name, &described, NULL) != JETON_OK)
        return;
    plugin = jt_json_parse(jeton_answer_json(described));
    if (plugin != NULL)
        session_warn_of(call, plugin, &session->params);
}

int jt_session_open(const struct jt_call *call, struct jt_session *ret_session)
{
    struct jeton_options options = jt_session_options(call);
    struct jt_session session JT_AUTO_SESSION = {.request = {.struct_size = sizeof(struct jeton_request)}};
    jeton_error *error = NULL;
    int status = jt_params_load(call, &session.params);

    if (status != JETON_OK)
        return status;
    status = jeton_open(&options, &session.ctx, &error);
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    session_warn(call, &session);
    session.request.min_ttl_s = call->min_ttl_s;
    session.request.timeout_ms = call->timeout_ms;
    session.request.scope = call->scope;
    session.request.audience = call->audience;
    session.request.resource = call->resource;
    *ret_session = session;
    session = (struct jt_session){.ctx = NULL};
    if (ret_session->params.len > 0)
        ret_session->request.params = ret_session->params.items;
    ret_session->request.params_len = ret_session->params.len;
    return JETON_OK;
}

void jt_session_close(struct jt_session *session)
{
    jt_params_done(&session->params);
    jeton_close(&session->ctx);
}
