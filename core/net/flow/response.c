/* SPDX-License-Identifier: MIT */
/* Reads the headers of a response, and makes an excerpt of it for messages. */
#include "net/flow/response.h"
#include "net/flow/redact.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define RESPONSE_EXCERPT_MAX   120u
#define RESPONSE_CLOCK_SLACK_S 1 /* Date has a resolution of one second */

/* Searches the header lines as received. The last line of a name counts, as in the parsed list. */
static const char *response_head_line(struct jt_flow *flow, const char *name)
{
    const char *head = flow->response->head, *found = NULL;
    size_t name_len = strlen(name), found_len = 0;
    char *copy;

    while (head != NULL && *head != '\0') {
        size_t len = strcspn(head, "\n");

        if (len > name_len && head[name_len] == ':' && strncasecmp(head, name, name_len) == 0) {
            found = head + name_len + 1;
            found_len = len - name_len - 1;
        }
        head += len + (head[len] == '\n');
    }
    if (found == NULL)
        return NULL;
    while (found_len > 0 && (*found == ' ' || *found == '\t')) {
        found++;
        found_len--;
    }
    while (found_len > 0 && strchr(" \t\r", found[found_len - 1]) != NULL)
        found_len--;
    copy = jt_scratch_copy(&flow->scratch, found, found_len);
    if (copy == NULL)
        jt_state_no_memory(flow);
    return copy;
}

const char *jt_response_header(struct jt_flow *flow, const char *name)
{
    const struct jt_fields *headers;

    if (flow->response == NULL || name == NULL || *name == '\0')
        return NULL;
    headers = &flow->response->headers;
    for (size_t i = headers->len; i-- > 0;)
        if (strcasecmp(headers->items[i].name, name) == 0)
            return headers->items[i].value;
    return response_head_line(flow, name);
}

/* RFC 9110 5.6.7. Not strptime: it expects names of months in the process's language. */
static bool response_parse_date(const char *text, int64_t *ret_at)
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

static bool response_provider_now(struct jt_flow *flow, int64_t *ret_at)
{
    const char *text = jt_response_header(flow, "date");

    return text != NULL && response_parse_date(text, ret_at);
}

/* The time that request and response were under way is counted as the provider's clock being ahead. So a point in time
 * is taken for too early rather than too late, like a lifetime that is counted from when the request was sent. */
int64_t jt_response_clock_ahead_s(struct jt_flow *flow)
{
    int64_t at, ahead_s;

    if (!response_provider_now(flow, &at) || __builtin_sub_overflow(at, flow->response->sent_at, &ahead_s))
        return 0;
    return ahead_s > RESPONSE_CLOCK_SLACK_S || ahead_s < -RESPONSE_CLOCK_SLACK_S ? ahead_s : 0;
}

int64_t jt_response_retry_after(struct jt_flow *flow)
{
    const char *text = jt_response_header(flow, "retry-after");
    int64_t seconds = 0, at, now;

    if (text == NULL)
        return -1;
    if (*text >= '0' && *text <= '9' && text[strspn(text, "0123456789")] == '\0') {
        for (; *text != '\0' && seconds < JT_RETRY_MAX_S; text++)
            seconds = seconds * 10 + (*text - '0');
    } else if (response_parse_date(text, &at)) {
        if (!response_provider_now(flow, &now))
            now = flow->clock_now(flow->clock_data);
        seconds = at - now;
    } else {
        return -1;
    }
    if (seconds < 0)
        return 0;
    return seconds < JT_RETRY_MAX_S ? seconds : JT_RETRY_MAX_S;
}

void jt_response_add_excerpt(struct jt_flow *flow, struct jt_buf *buf)
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
    jt_redact_add(buf, flow, response->body + blank, response->body_len - blank, RESPONSE_EXCERPT_MAX, true);
    jt_buf_puts(buf, "\"");
}
