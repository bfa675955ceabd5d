/* SPDX-License-Identifier: MIT */
/* How a flow fails: the sentence, the status and what the provider said, secrets replaced. It never decides that a flow
 * has failed. */
#include "net/wire/wire.h"
#include "net/flow/state.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define FAULT_TEXT_MAX      300u
#define FAULT_EXCERPT_MAX   120u
#define FAULT_CODE_MAX      80u
#define FAULT_CLOCK_SLACK_S 1 /* Date has whole seconds */

void jt_fault_stick(struct jt_flow *flow, int status, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX), clean = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    if (flow->sticky != NULL)
        return;
    va_start(args, format);
    jt_buf_vprintf(&text, format, args);
    va_end(args);
    jt_redact_add(&clean, flow, jt_buf_str(&text), text.len, FAULT_TEXT_MAX, false);
    (void)jt_error_set(&flow->sticky, status, "%s: %s", jt_flow_plugin_name(flow), jt_buf_str(&clean));
}

void jt_fault_contract(struct jt_flow *flow, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX), clean = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    if (flow->sticky != NULL)
        return;
    va_start(args, format);
    jt_buf_vprintf(&text, format, args);
    va_end(args);
    jt_redact_add(&clean, flow, jt_buf_str(&text), text.len, FAULT_TEXT_MAX, false);
    (void)jt_error_set(&flow->sticky, JETON_INTERNAL, "the plugin \"%s\" broke its contract in %s: %s",
                       jt_flow_plugin_name(flow), jt_flow_operation_name(flow), jt_buf_str(&clean));
    jt_error_set_hint(&flow->sticky,
                      "this is a defect of the plugin, not of the configuration: report it to its author");
}

void jt_fault_no_memory(struct jt_flow *flow)
{
    if (flow->sticky == NULL)
        (void)jt_error_no_memory(&flow->sticky);
}

/* "line: POST https://api.line.me/v2/oauth/accessToken: HTTP 400". */
static void fault_add_place(struct jt_flow *flow, struct jt_buf *buf)
{
    jt_buf_puts(buf, jt_flow_plugin_name(flow));
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
    jt_buf_vprintf(&text, format, args);
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
    if (text.len > 0) {
        jt_buf_puts(&message, ": ");
        jt_redact_add(&message, flow, jt_buf_str(&text), text.len, FAULT_TEXT_MAX, false);
    }
    jeton_error_free(&flow->error);
    (void)jt_error_set(&flow->error, status, "%s", jt_buf_str(&message));
    jt_error_set_provider(&flow->error, clean_code.len > 0 ? jt_buf_str(&clean_code) : NULL,
                          clean_words.len > 0 ? jt_buf_str(&clean_words) : NULL,
                          flow->response != NULL ? flow->response->status : 0,
                          flow->response != NULL ? jt_fault_retry_after(flow) : -1);
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

/* RFC 9110 5.6.7. strptime would read the names of months in the process's language. */
static bool fault_parse_date(const char *text, int64_t *ret_at)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4] = "";
    struct tm tm = {0};
    const char *found;
    time_t at;

    if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour, &tm.tm_min,
               &tm.tm_sec) != 6 ||
        strlen(month) != 3 || (found = strstr(months, month)) == NULL || (found - months) % 3 != 0)
        return false;
    tm.tm_mon = (int)(found - months) / 3;
    tm.tm_year -= 1900;
    at = timegm(&tm);
    if (at == (time_t)-1)
        return false;
    *ret_at = at;
    return true;
}

static bool fault_provider_now(struct jt_flow *flow, int64_t *ret_at)
{
    const char *text = jt_response_header(flow, "date");

    return text != NULL && fault_parse_date(text, ret_at);
}

/* The answer's way counts as the provider's clock being ahead: so a point in time comes early, never late, as a
 * lifetime does that counts from when the request was sent. */
int64_t jt_fault_clock_ahead_s(struct jt_flow *flow)
{
    int64_t at, ahead_s;

    if (!fault_provider_now(flow, &at) || __builtin_sub_overflow(at, flow->response->sent_at, &ahead_s))
        return 0;
    return ahead_s > FAULT_CLOCK_SLACK_S || ahead_s < -FAULT_CLOCK_SLACK_S ? ahead_s : 0;
}

int64_t jt_fault_retry_after(struct jt_flow *flow)
{
    const char *text = jt_response_header(flow, "retry-after");
    int64_t seconds = 0, at, now;

    if (text == NULL)
        return -1;
    if (*text >= '0' && *text <= '9' && text[strspn(text, "0123456789")] == '\0') {
        for (; *text != '\0' && seconds < JT_RETRY_MAX_S; text++)
            seconds = seconds * 10 + (*text - '0');
    } else if (fault_parse_date(text, &at)) {
        if (!fault_provider_now(flow, &now))
            now = flow->clock_now(flow->clock_data);
        seconds = at - now;
    } else {
        return -1;
    }
    if (seconds < 0)
        return 0;
    return seconds < JT_RETRY_MAX_S ? seconds : JT_RETRY_MAX_S;
}

void jt_fault_add_body(struct jt_flow *flow, struct jt_buf *buf)
{
    const char *type = jt_response_header(flow, "content-type");
    const struct jt_http_response *response = flow->response;
    size_t blank = 0;

    while (blank < response->body_len && strchr(" \t\r\n", response->body[blank]) != NULL &&
           response->body[blank] != '\0')
        blank++;
    if (blank == response->body_len) {
        jt_buf_puts(buf, "an empty body");
        return;
    }
    if (type != NULL) {
        size_t len = strcspn(type, "; ");

        jt_redact_add(buf, flow, type, len < 40 ? len : 40, 40, false);
        jt_buf_puts(buf, ": ");
    }
    jt_buf_puts(buf, "\"");
    jt_redact_add(buf, flow, response->body + blank, response->body_len - blank, FAULT_EXCERPT_MAX, true);
    jt_buf_puts(buf, "\"");
}
