/* SPDX-License-Identifier: MIT */
/* Reads responses of OAuth servers, as the RFCs define them, and with the deviations that real servers show. */
#include "net/host/oauth.h"
#include "net/host/host_outcome.h"
#include "net/host/host_response.h"
#include "net/host/host_result.h"
#include <stdio.h>
#include <string.h>

/* An expires_in from here on is taken as Unix time: some servers send that, while no server gives a lifetime of over 31
 * years. */
#define OAUTH_ABSOLUTE INT64_C(1000000000)

static struct json_object *oauth_member(struct jt_flow *flow, const char *pointer)
{
    struct json_object *value;

    return jt_state_parse(flow) && jt_json_find(flow->json, pointer, &value) ? value : NULL;
}

/* The first non-empty text among the places that the pointers name. "" ends the list of pointers. */
static const char *oauth_words(struct jt_flow *flow, const char *const *pointers)
{
    for (; **pointers != '\0'; pointers++) {
        const char *text = jt_host_json(&flow->lent, *pointers);

        if (text != NULL && *text != '\0')
            return text;
    }
    return NULL;
}

/* Whether there is a non-empty member "error": some servers refuse with HTTP 200. */
static bool oauth_is_refusal(struct jt_flow *flow)
{
    struct json_object *error = oauth_member(flow, "/error");
    const char *text = jt_json_string(error);

    return json_object_is_type(error, json_type_object) || (text != NULL && *text != '\0');
}

/* Ends the flow with the response's error, in whichever of the known shapes it is. */
static jeton_step oauth_refuse(struct jt_flow *flow)
{
    static const char *const codes[] = {"/error", "/error/code", "/error/type", "/errorCode", ""};
    static const char *const words[] = {"/error_description", "/error/message", "/message", "/description", ""};
    const char *code = oauth_words(flow, codes), *description = oauth_words(flow, words);
    int http_status = flow->response->status;

    if ((code == NULL && description == NULL) || (http_status >= 300 && http_status < 400))
        return jt_host_error_response(&flow->lent, NULL, NULL);
    if (http_status < 300)
        http_status = 400; /* a refusal with HTTP 200 is handled like one with 400 */
    return jt_fault_end(flow, jt_fault_status(http_status, code), code, description, "%s", "");
}

/* Ends the flow because the body of a 2xx response is not as the RFC says. why: a clause about it. */
static jeton_step oauth_make_no_sense(struct jt_flow *flow, const char *why)
{
    JT_AUTO_BUF struct jt_buf body = JT_BUF_INIT(JT_RESPONSE_MAX);
    const char *type = jt_response_header(flow, "content-type");

    jt_response_add_excerpt(flow, &body);
    if (type != NULL && strstr(type, "json") == NULL)
        return jt_fault_end(flow, JETON_BAD_ANSWER, NULL, NULL, "not JSON but %s", jt_buf_str(&body));
    if (flow->response->body_len == 0)
        return jt_fault_end(flow, JETON_BAD_ANSWER, NULL, NULL, "%s", "an empty body instead of JSON");
    return jt_fault_end(flow, JETON_BAD_ANSWER, NULL, NULL, "the answer %s: %s", why, jt_buf_str(&body));
}

/* Checks every response for an error, a redirect, or a body that is no JSON object. JETON_STEP_DONE: there is none of
 * these. */
static jeton_step oauth_open(struct jt_flow *flow)
{
    if (flow->response == NULL) {
        jt_fault_contract(flow, "it reads an answer, and there is none");
        return JETON_STEP_FAIL;
    }
    if (flow->response->status < 200 || flow->response->status > 299)
        return oauth_refuse(flow);
    if (!jt_state_parse(flow))
        return oauth_make_no_sense(flow, flow->json_why);
    if (!json_object_is_type(flow->json, json_type_object))
        return oauth_make_no_sense(flow, "is JSON, but no object");
    if (oauth_is_refusal(flow))
        return oauth_refuse(flow);
    return JETON_STEP_DONE;
}

/* Sets an expiry from a lifetime or a point in time. False: the value is neither, and the flow has failed. */
static bool oauth_put_expiry(struct jt_flow *flow, const char *name, struct json_object *value, uint32_t field,
                             bool absolute)
{
    int64_t number;

    if (value == NULL) /* absent, or null */
        return true;
    if (!jt_json_integer(value, &number) || number < 0) {
        JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);

        jt_json_add(&text, value);
        (void)jt_fault_end(flow, JETON_BAD_ANSWER, NULL, NULL, "%s is %.60s, which is no number of seconds", name,
                           jt_buf_str(&text));
        return false;
    }
    if (number > JT_LATEST_AT)
        number = JT_LATEST_AT;
    if (absolute || number >= OAUTH_ABSOLUTE) /* a point in time on the provider's clock */
        number -= jt_response_clock_ahead_s(flow);
    else
        number = jt_result_at(flow, number);
    jt_result_put_at(flow, field, number);
    return true;
}

static jeton_step oauth_put_access_token(struct jt_flow *flow)
{
    struct json_object *value = oauth_member(flow, "/access_token");
    const char *text = jt_json_string(value);

    if (text == NULL || *text == '\0')
        return oauth_make_no_sense(flow,
                                   value == NULL ? "holds no access_token" : "holds no access_token that is text");
    jt_result_put_text(flow, JT_SET_ACCESS_TOKEN, text, (size_t)json_object_get_string_len(value));
    return JETON_STEP_DONE;
}

/* Sets the known text fields that the plugin has not set itself. */
static void oauth_put_texts(struct jt_flow *flow)
{
    static const struct {
        const char *pointer;
        enum jt_known_field field;
    } texts[] = {
        {"/token_type", JT_SET_TOKEN_TYPE}, {"/refresh_token", JT_SET_REFRESH_TOKEN}, {"/scope", JT_SET_SCOPE}};

    for (size_t i = 0; i < JT_LEN(texts); i++) {
        struct json_object *value = oauth_member(flow, texts[i].pointer);
        const char *text = jt_json_string(value);

        if (text != NULL && *text != '\0' && (flow->set_fields & texts[i].field) == 0)
            jt_result_put_text(flow, texts[i].field, text, (size_t)json_object_get_string_len(value));
    }
}

static bool oauth_put_times(struct jt_flow *flow)
{
    static const char *const refresh_names[] = {"/refresh_token_expires_in", "/refresh_expires_in"};
    struct json_object *value = oauth_member(flow, "/expires_in");
    bool given = (flow->set_fields & JT_SET_EXPIRES_AT) != 0;

    if (!given && !oauth_put_expiry(flow, "expires_in", value, JT_SET_EXPIRES_AT, false))
        return false;
    /* expires_at is not in the RFC, but some servers send it instead of expires_in. */
    if (!given && value == NULL &&
        !oauth_put_expiry(flow, "expires_at", oauth_member(flow, "/expires_at"), JT_SET_EXPIRES_AT, true))
        return false;
    flow->set_fields |= JT_SET_EXPIRES_IN;
    for (size_t i = 0; i < JT_LEN(refresh_names) && (flow->set_fields & JT_SET_REFRESH_EXPIRES_AT) == 0; i++)
        if (!oauth_put_expiry(flow, refresh_names[i] + 1, oauth_member(flow, refresh_names[i]),
                              JT_SET_REFRESH_EXPIRES_AT, false))
            return false;
    return true;
}

jeton_step jt_host_token_response(jeton_flow *lent)
{
    struct jt_flow *flow = jt_state_of(lent);
    jeton_step step = oauth_open(flow);

    if (step == JETON_STEP_DONE && (flow->set_fields & JT_SET_ACCESS_TOKEN) == 0)
        step = oauth_put_access_token(flow);
    if (step != JETON_STEP_DONE)
        return step;
    oauth_put_texts(flow);
    if (!oauth_put_times(flow))
        return JETON_STEP_FAIL;
    jt_result_put_members(flow, flow->json);
    return JETON_STEP_DONE;
}

/* RFC 7662 2.2: exp, iat and nbf are numbers. Some servers send them as strings. */
static bool oauth_put_introspected_time(struct jt_flow *flow, const char *name, struct json_object *value)
{
    int64_t at;

    if (strcmp(name, "exp") != 0 && strcmp(name, "iat") != 0 && strcmp(name, "nbf") != 0)
        return false;
    if (!jt_json_integer(value, &at))
        return false;
    jt_result_put_json(flow, name, json_object_new_int64(at));
    return true;
}

jeton_step jt_host_introspection_response(jeton_flow *lent)
{
    struct jt_flow *flow = jt_state_of(lent);
    jeton_step step = oauth_open(flow);
    struct json_object *active;
    const char *text;

    if (step != JETON_STEP_DONE)
        return step;
    active = oauth_member(flow, "/active");
    text = jt_json_string(active);
    if (json_object_is_type(active, json_type_boolean))
        jt_host_set_boolean(lent, "active", json_object_get_boolean(active));
    else if (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        jt_host_set_boolean(lent, "active", strcmp(text, "true") == 0);
    else
        return oauth_make_no_sense(flow, "does not say whether the token is active");
    json_object_object_foreach(flow->json, name, value)
    {
        if (!jt_result_was_set(flow, name))
            (void)oauth_put_introspected_time(flow, name, value);
    }
    jt_result_put_members(flow, flow->json);
    return JETON_STEP_DONE;
}

jeton_step jt_host_empty_response(jeton_flow *lent)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (flow->response != NULL && flow->response->status >= 200 && flow->response->status < 300) {
        if (oauth_is_refusal(flow))
            return oauth_refuse(flow);
        return JETON_STEP_DONE;
    }
    return jt_host_error_response(lent, "/error", "/error_description");
}
