/* SPDX-License-Identifier: MIT */
/* Exchanges in the log of somebody who asked for them (-v). Every text passes the flow's redaction first. */
#include "net/http/http_log.h"
#include <string.h>
#include <strings.h>

#define LOG_BODY_MAX 2000u

static void log_add_headers(const struct jt_flow *flow, struct jt_buf *line, const struct jt_fields *headers)
{
    for (size_t i = 0; i < headers->len; i++) {
        const struct jt_field *field = &headers->items[i];

        if (strcasecmp(field->name, "content-type") == 0 || strcasecmp(field->name, "accept") == 0)
            continue;
        jt_buf_printf(line, " [%s: ", field->name);
        /* What is in there is made of secrets, by whatever scheme. */
        if (strcasecmp(field->name, "authorization") == 0)
            jt_buf_printf(line, "%.*s ‹credentials›", (int)strcspn(field->value, " "), field->value);
        else
            jt_redact_add(line, flow, field->value, field->len, LOG_BODY_MAX, true);
        jt_buf_puts(line, "]");
    }
}

void jt_http_log_request(const struct jt_flow *flow)
{
    JT_AUTO_BUF struct jt_buf line = JT_BUF_INIT(JT_RESPONSE_MAX);
    const struct jt_http_request *request = &flow->request;

    if (!jt_log_wants(flow->spec.log, LOG_DEBUG))
        return;
    jt_buf_printf(&line, "%s: > %s ", flow->spec.name != NULL ? flow->spec.name : "", request->method);
    jt_redact_add(&line, flow, request->url, strlen(request->url), LOG_BODY_MAX, true);
    log_add_headers(flow, &line, &request->headers);
    if (request->body.len > 0) {
        jt_buf_puts(&line, " ");
        jt_redact_add(&line, flow, request->body.data, request->body.len, LOG_BODY_MAX, true);
    }
    jt_log_write(flow->spec.log, LOG_DEBUG, "%s", jt_buf_str(&line));
}

void jt_http_log_response(const struct jt_flow *flow, const struct jt_http_response *response)
{
    JT_AUTO_BUF struct jt_buf line = JT_BUF_INIT(JT_RESPONSE_MAX);

    if (!jt_log_wants(flow->spec.log, LOG_DEBUG))
        return;
    jt_buf_printf(&line, "%s: < HTTP %d, %zu bytes ", flow->spec.name != NULL ? flow->spec.name : "", response->status,
                  response->body_len);
    jt_redact_add(&line, flow, response->body, response->body_len, LOG_BODY_MAX, true);
    jt_log_write(flow->spec.log, LOG_DEBUG, "%s", jt_buf_str(&line));
}
