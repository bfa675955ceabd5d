/* SPDX-License-Identifier: MIT */
/* Words the failures of a flow. The words end up in logs and on terminals, so all of them are redacted. */
#include "net/flow/fault.h"
#include "net/flow/redact.h"
#include "net/flow/response.h"
#include <string.h>

#define FAULT_TEXT_MAX 300u
#define FAULT_CODE_MAX 80u

void jt_fault_stick(struct jt_flow *flow, int status, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    if (flow->sticky != NULL)
        return;
    va_start(args, format);
    jt_redact_vprintf(&text, flow, FAULT_TEXT_MAX, format, args);
    va_end(args);
    (void)jt_error_set(&flow->sticky, status, "%s: %s", jt_state_plugin_name(flow), jt_buf_str(&text));
}

void jt_fault_contract(struct jt_flow *flow, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    if (flow->sticky != NULL)
        return;
    va_start(args, format);
    jt_redact_vprintf(&text, flow, FAULT_TEXT_MAX, format, args);
    va_end(args);
    (void)jt_error_set(&flow->sticky, JETON_INTERNAL, "the plugin \"%s\" broke its contract in %s: %s",
                       jt_state_plugin_name(flow), jt_state_operation_name(flow), jt_buf_str(&text));
    jt_error_set_hint(&flow->sticky,
                      "this is a defect of the plugin, not of the configuration: report it to its author");
}

/* "line: POST https://api.line.me/v2/oauth/accessToken: HTTP 400". */
static void fault_add_place(struct jt_flow *flow, struct jt_buf *buf)
{
    jt_buf_puts(buf, jt_state_plugin_name(flow));
    if (flow->response == NULL || flow->request.url == NULL)
        return;
    jt_buf_printf(buf, ": %s ", flow->request.method);
    jt_url_add_shown(buf, flow->request.url);
    jt_buf_printf(buf, ": HTTP %d", flow->response->status);
}

jeton_step jt_fault_end(struct jt_flow *flow, int status, const char *code, const char *description, const char *format,
                        ...)
{
    JT_AUTO_BUF struct jt_buf message = JT_BUF_INIT(JT_RESPONSE_MAX), text = JT_BUF_INIT(JT_RESPONSE_MAX);
    JT_AUTO_BUF struct jt_buf clean_code = JT_BUF_INIT(JT_RESPONSE_MAX), clean_words = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    va_start(args, format);
    jt_redact_vprintf(&text, flow, FAULT_TEXT_MAX, format, args);
    va_end(args);
    if (code != NULL)
        jt_redact_add(&clean_code, flow, code, strlen(code), FAULT_CODE_MAX, false);
    if (description != NULL)
        jt_redact_add(&clean_words, flow, description, strlen(description), FAULT_TEXT_MAX, false);
    fault_add_place(flow, &message);
    if (clean_code.len > 0)
        jt_buf_printf(&message, ": %s", jt_buf_str(&clean_code));
    if (clean_words.len > 0)
        jt_buf_printf(&message, ": %s", jt_buf_str(&clean_words));
    if (text.len > 0)
        jt_buf_printf(&message, ": %s", jt_buf_str(&text));
    jeton_error_free(&flow->error);
    (void)jt_error_set(&flow->error, status, "%s", jt_buf_str(&message));
    jt_error_set_provider(&flow->error, clean_code.len > 0 ? jt_buf_str(&clean_code) : NULL,
                          clean_words.len > 0 ? jt_buf_str(&clean_words) : NULL,
                          flow->response != NULL ? flow->response->status : 0,
                          flow->response != NULL ? jt_response_retry_after(flow) : -1);
    return JETON_STEP_FAIL;
}

int jt_fault_status(int http_status, const char *code)
{
    static const char *const later[] = {"temporarily_unavailable", "slow_down", "server_error"};

    if (http_status == 408 || http_status == 423 || http_status == 429 || http_status >= 500)
        return JETON_TRY_LATER;
    if (http_status < 400)
        return JETON_BAD_ANSWER;
    for (size_t i = 0; code != NULL && i < JT_LEN(later); i++)
        if (strcmp(code, later[i]) == 0)
            return JETON_TRY_LATER;
    return JETON_REFUSED;
}
