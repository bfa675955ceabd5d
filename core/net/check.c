/* SPDX-License-Identifier: MIT */
/* Calls a plugin's own check of its settings. It sends nothing, and lets the plugin do no more than complain. */
#include "net/flow/state.h"

int jt_flow_check(const struct jt_plugin *plugin, const struct jt_fields *settings, const char *base_url,
                  void (*complaint)(void *data, const char *setting, const char *sentence), void *data,
                  jeton_error **ret_error)
{
    struct jt_flow_spec spec = {.plugin = plugin, .settings = settings, .base_url = base_url, .deadline_ms = JT_NEVER};
    JT_AUTO_FLOW struct jt_flow *flow = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status;

    if (plugin->table.check == NULL)
        return JETON_OK;
    status = jt_flow_new(&spec, &flow, ret_error);
    if (status != JETON_OK)
        return status;
    flow->checking = true;
    flow->complaint = complaint;
    flow->complaint_data = data;
    if (jt_flow_start(flow) == JETON_STEP_DONE)
        return JETON_OK;
    error = jt_flow_take_error(flow);
    return jt_error_give(ret_error, &error);
}
