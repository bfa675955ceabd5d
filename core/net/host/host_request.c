/* SPDX-License-Identifier: MIT */
/* Collects the pieces of the next request, which flow/request.c completes. If a URL of the configuration is wrong, the
 * message names the setting. */
#include "net/host/host_request.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The method as a constant; NULL: it is unknown. */
static const char *request_method(const char *method)
{
    static const char *const methods[] = {"POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

    for (size_t i = 0; method != NULL && i < JT_LEN(methods); i++)
        if (strcmp(method, methods[i]) == 0)
            return methods[i];
    return NULL;
}

static void request_bad_base(struct jt_flow *flow, const char *base, const char *wrong)
{
    if (base == NULL || *base == '\0')
        jt_fault_stick(flow, JETON_CONFIG, "no base_url is configured, and the plugin has none of its own");
    else
        jt_fault_stick(flow, JETON_CONFIG, "base_url \"%s\" %s", base, wrong);
}

/* Starts the URL with base_url, without a slash at its end: the path that follows begins with one. */
static void request_add_base(struct jt_flow *flow)
{
    const char *base = flow->spec.base_url != NULL ? flow->spec.base_url : flow->spec.plugin->table.base_url;
    struct jt_url parsed;
    const char *wrong = base != NULL ? jt_url_parse(base, &parsed) : "is missing";
    size_t len;

    if (wrong == NULL && base[parsed.path_len] != '\0')
        wrong = "has a query";
    if (wrong != NULL) {
        request_bad_base(flow, base, wrong);
        return;
    }
    len = strlen(base);
    while (len > parsed.origin_len && base[len - 1] == '/')
        len--;
    jt_buf_add(&flow->url, base, len);
}

void jt_host_request(jeton_flow *lent, const char *method, const char *url)
{
    struct jt_flow *flow = jt_state_of(lent);
    const char *query;

    jt_request_clear(&flow->draft);
    jt_buf_reset(&flow->url);
    jt_buf_reset(&flow->query);
    jt_json_free(&flow->request_json);
    flow->has_form = flow->wants_once = false;
    flow->headers_len = 0;
    flow->draft.body.cap = JT_RESPONSE_MAX;
    if (flow->checking) {
        jt_fault_contract(flow, "check prepares a request; it may only look at settings");
        return;
    }
    flow->draft.method = request_method(method);
    if (flow->draft.method == NULL) {
        jt_fault_contract(flow, "\"%s\" is no method for a request", method != NULL ? method : "NULL");
        return;
    }
    if (url == NULL) {
        jt_fault_stick(flow, JETON_CONFIG, "the plugin has no URL for its request; an endpoint is not configured");
        return;
    }
    if (*url == '/' || *url == '\0')
        request_add_base(flow);
    query = strchr(url, '?');
    jt_buf_add(&flow->url, url, query != NULL ? (size_t)(query - url) : strlen(url));
    if (query != NULL)
        jt_buf_puts(&flow->query, query + 1);
    flow->has_request = true;
}

/* Checks that a request was begun before this setter was called. */
static bool request_is_begun(struct jt_flow *flow, const char *setter)
{
    if (!flow->has_request && flow->sticky == NULL)
        jt_fault_contract(flow, "it calls %s before request", setter);
    return flow->has_request && flow->sticky == NULL;
}

void jt_host_path(jeton_flow *lent, const char *segment)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (!request_is_begun(flow, "path"))
        return;
    /* "." and ".." would lead to another path. */
    if (segment == NULL || *segment == '\0' || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0) {
        jt_fault_stick(flow, JETON_USAGE, "\"%s\" cannot be a part of the request's path",
                       segment != NULL ? segment : "");
        return;
    }
    jt_buf_add(&flow->url, "/", 1);
    jt_text_add_segment(&flow->url, segment);
}

void jt_host_query(jeton_flow *lent, const char *name, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (value == NULL || !request_is_begun(flow, "query"))
        return;
    if (flow->query.len > 0)
        jt_buf_add(&flow->query, "&", 1);
    jt_text_add_form(&flow->query, name);
    jt_buf_add(&flow->query, "=", 1);
    jt_text_add_form(&flow->query, value);
}

void jt_host_once(jeton_flow *lent)
{
    jt_state_of(lent)->wants_once = true;
}
