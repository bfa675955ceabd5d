/* SPDX-License-Identifier: MIT */
/* Ends a flow with an error, worded for the person that reads the log. */
#include "net/host/host_outcome.h"
#include "net/host/host_response.h"
#include <string.h>

#define OUTCOME_HINT_MAX 600u

/* A scalar of the response as text for a message; NULL: there is none. */
static const char *outcome_words(jeton_flow *lent, const char *pointer)
{
    const char *text = pointer != NULL ? jt_host_json(lent, pointer) : NULL;

    return text != NULL && *text != '\0' ? text : NULL;
}

/* RFC 9110 15.4: redirects are not followed. For a token request, the likely cause is a wrong base_url. */
static jeton_step outcome_redirect(struct jt_flow *flow)
{
    const char *place = jt_response_header(flow, "location");
    JT_AUTO_STR char *hint = NULL;
    JT_AUTO_BUF struct jt_buf shown = JT_BUF_INIT(JT_URL_MAX);

    if (place != NULL)
        jt_url_add_shown(&shown, place);
    hint = jt_printf("look at base_url: requests that carry secrets do not follow redirects%s%s",
                     flow->hint != NULL ? "; " : "", flow->hint != NULL ? flow->hint : "");
    if (hint != NULL) {
        jt_str_free(&flow->hint);
        flow->hint = jt_take(&hint);
    }
    return jt_fault_end(flow, JETON_BAD_ANSWER, NULL, NULL, "a redirect%s%s, which is refused",
                        place != NULL ? " to " : "", jt_buf_str(&shown));
}

/* A response with a status of success that the plugin cannot use, and that has no error in it. */
static jeton_step outcome_unusable(struct jt_flow *flow)
{
    JT_AUTO_BUF struct jt_buf body = JT_BUF_INIT(JT_RESPONSE_MAX);
    bool damaged = flow->response->body_len > 0 && !jt_state_parse(flow);

    jt_response_add_excerpt(flow, &body);
    return jt_fault_end(flow, JETON_BAD_ANSWER, NULL, NULL, "the answer %s: %s",
                        damaged ? flow->json_why : "cannot be used", jt_buf_str(&body));
}

jeton_step jt_host_error_response(jeton_flow *lent, const char *error_pointer, const char *description_pointer)
{
    JT_AUTO_BUF struct jt_buf body = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_flow *flow = jt_state_of(lent);
    const char *code, *words;
    int http_status;

    if (flow->response == NULL) {
        jt_fault_contract(flow, "it reads an error from a response, and there is none");
        return JETON_STEP_FAIL;
    }
    http_status = flow->response->status;
    code = outcome_words(lent, error_pointer);
    words = outcome_words(lent, description_pointer);
    if (http_status >= 300 && http_status < 400)
        return outcome_redirect(flow);
    if (code == NULL && words == NULL && http_status >= 200 && http_status < 300)
        return outcome_unusable(flow);
    if (code == NULL && words == NULL)
        jt_response_add_excerpt(flow, &body);
    return jt_fault_end(flow, jt_fault_status(http_status, code), code, words, "%s", jt_buf_str(&body));
}

jeton_step jt_host_fail(jeton_flow *lent, int32_t status, const char *error, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_flow *flow = jt_state_of(lent);
    va_list args;

    va_start(args, format);
    jt_buf_vprintf(&text, format, args);
    va_end(args);
    switch (status) {
    case JETON_USAGE:
    case JETON_BAD_ANSWER:
    case JETON_REFUSED:
    case JETON_INTERNAL:
    case JETON_TRY_LATER:
    case JETON_NOT_SUPPORTED:
    case JETON_NOT_PERMITTED:
    case JETON_CONFIG:
    case JETON_LOGIN_NEEDED:
        break;
    default:
        if (status <= JETON_OK) {
            jt_fault_contract(flow, "it fails with the status %d, which is no failure: %s", (int)status,
                              jt_buf_str(&text));
            return JETON_STEP_FAIL;
        }
        status = JETON_REFUSED; /* a status of a later version of the interface */
    }
    /* With a code, the words are the provider's; without one they are the plugin's. */
    if (error != NULL && *error != '\0')
        return jt_fault_end(flow, status, error, jt_buf_str(&text), "%s", "");
    return jt_fault_end(flow, status, NULL, NULL, "%s", jt_buf_str(&text));
}

void jt_host_hint(jeton_flow *lent, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_flow *flow = jt_state_of(lent);
    va_list args;

    va_start(args, format);
    jt_redact_vprintf(&text, flow, OUTCOME_HINT_MAX, format, args);
    va_end(args);
    jt_str_free(&flow->hint);
    flow->hint = jt_buf_take(&text);
}

void jt_host_complain(jeton_flow *lent, const char *setting, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_flow *flow = jt_state_of(lent);
    va_list args;

    if (!flow->checking) {
        jt_fault_contract(flow, "it complains of settings outside of check");
        return;
    }
    va_start(args, format);
    jt_redact_vprintf(&text, flow, OUTCOME_HINT_MAX, format, args);
    va_end(args);
    if (flow->complaint != NULL)
        flow->complaint(flow->complaint_data, setting != NULL ? setting : "", jt_buf_str(&text));
}
