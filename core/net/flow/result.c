/* SPDX-License-Identifier: MIT */
/* Collects the result of a flow field by field, then checks whether the fields are a result of the operation. A token
 * that cannot be sent in a header is refused. */
#include "net/flow/result.h"
#include "net/flow/fault.h"
#include "net/wire/wire.h"
#include <string.h>

static const struct {
    const char *name;
    enum jt_known_field field;
} known_fields[] = {
    {"access_token", JT_SET_ACCESS_TOKEN},
    {"token_type", JT_SET_TOKEN_TYPE},
    {"refresh_token", JT_SET_REFRESH_TOKEN},
    {"scope", JT_SET_SCOPE},
    {"key_id", JT_SET_KEY_ID},
    {"expires_at", JT_SET_EXPIRES_AT},
    {"expires_in", JT_SET_EXPIRES_IN},
    {"refresh_expires_at", JT_SET_REFRESH_EXPIRES_AT},
};

uint32_t jt_result_known_field(const char *name)
{
    for (size_t i = 0; i < JT_LEN(known_fields); i++)
        if (strcmp(known_fields[i].name, name) == 0)
            return known_fields[i].field;
    return 0;
}

/* RFC 7662 2.2 */
static bool result_is_introspected(const char *name)
{
    static const char *const names[] = {"active", "scope", "client_id", "username", "token_type", "exp",
                                        "iat",    "nbf",   "sub",       "aud",      "iss",        "jti"};

    for (size_t i = 0; i < JT_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void jt_result_put_text(struct jt_flow *flow, uint32_t field, const char *value, size_t len)
{
    struct jt_tokenset *token = &flow->result.token;
    char **place = field == JT_SET_ACCESS_TOKEN    ? &token->access_token
                   : field == JT_SET_TOKEN_TYPE    ? &token->token_type
                   : field == JT_SET_REFRESH_TOKEN ? &token->refresh_token
                   : field == JT_SET_SCOPE         ? &token->scope
                                                   : &token->key_id;

    if (len > JT_TOKEN_MAX) {
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer holds a token or a field of a token of over %u bytes",
                       JT_TOKEN_MAX);
        return;
    }
    flow->set_fields |= field;
    jt_str_wipe(place);
    *place = strndup(value, len);
    if (*place == NULL)
        jt_state_no_memory(flow);
}

void jt_result_put_at(struct jt_flow *flow, uint32_t field, int64_t at)
{
    if (at < 0)
        at = 0;
    if (at > JT_LATEST_AT && at != JT_NEVER)
        at = JT_LATEST_AT;
    flow->set_fields |= field;
    if (field == JT_SET_REFRESH_EXPIRES_AT)
        flow->result.token.refresh_expires_at = at;
    else
        flow->result.token.expires_at = at;
}

int64_t jt_result_at(struct jt_flow *flow, int64_t seconds)
{
    int64_t sent_at = jt_state_now(flow);

    if (seconds <= 0)
        return sent_at;
    return seconds < JT_LATEST_AT - sent_at ? sent_at + seconds : JT_LATEST_AT;
}

void jt_result_put_json(struct jt_flow *flow, const char *name, struct json_object *value)
{
    bool named = flow->spec.operation == JT_INTROSPECT && result_is_introspected(name);
    struct json_object **place = named ? &flow->answer : &flow->extra;

    if (*place == NULL)
        *place = json_object_new_object();
    if (*place == NULL || json_object_object_add(*place, name, value) != 0) {
        jt_json_free(&value);
        jt_state_no_memory(flow);
    }
}

/* Extras are printed, so tokens must not be among them. */
bool jt_result_is_kept_apart(const char *name)
{
    return strcmp(name, "access_token") == 0 || strcmp(name, "refresh_token") == 0;
}

bool jt_result_was_set(const struct jt_flow *flow, const char *name)
{
    if ((jt_result_known_field(name) & flow->set_fields) != 0 || jt_result_is_kept_apart(name))
        return true;
    if (strcmp(name, "active") == 0)
        return flow->spec.operation == JT_INTROSPECT;
    return (flow->answer != NULL && json_object_object_get_ex(flow->answer, name, NULL)) ||
           (flow->extra != NULL && json_object_object_get_ex(flow->extra, name, NULL));
}

void jt_result_put_members(struct jt_flow *flow, struct json_object *object)
{
    json_object_object_foreach(object, name, member)
    {
        struct json_object *copy = NULL;

        if (jt_result_was_set(flow, name))
            continue;
        /* A copy, since the response is wiped before the result is read. */
        if (member != NULL && json_object_deep_copy(member, &copy, NULL) != 0)
            jt_state_no_memory(flow);
        else
            jt_result_put_json(flow, name, copy);
    }
}

static char *result_text(struct jt_flow *flow, struct json_object *value)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_RESPONSE_MAX * 2u);
    char *text;

    jt_json_add(&buf, value);
    text = jt_buf_take(&buf);
    if (text == NULL)
        jt_state_no_memory(flow);
    return text;
}

static void result_check_text(struct jt_flow *flow, const char *name, const char *value, bool spaces)
{
    if (value != NULL && !jt_text_is_visible(value, spaces))
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer's %s holds a character that none may (RFC 6749 appendix A)",
                       name);
}

/* Text that people read may be in any script, but must not contain control characters that steer a terminal. */
static void result_check_words(struct jt_flow *flow, const char *name, const char *value)
{
    if (value == NULL)
        return;
    for (const char *p = value; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer's %s holds a control character", name);
            return;
        }
    if (!jt_utf8_is_valid(value, strlen(value)))
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer's %s is not UTF-8", name);
}

static void result_finish_token(struct jt_flow *flow)
{
    struct jt_tokenset *token = &flow->result.token;

    if (token->access_token == NULL) {
        jt_fault_contract(flow, "it is done without an access token");
        return;
    }
    if (*token->access_token == '\0')
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer's access_token is empty");
    result_check_text(flow, "access_token", token->access_token, false);
    result_check_text(flow, "refresh_token", token->refresh_token, true);
    result_check_text(flow, "token_type", token->token_type, false);
    result_check_words(flow, "scope", token->scope);
    result_check_words(flow, "key_id", token->key_id);
    token->issued_at = jt_state_now(flow);
    if (flow->extra != NULL && json_object_object_length(flow->extra) > 0) {
        jt_str_wipe(&token->extra);
        token->extra = result_text(flow, flow->extra);
    }
    if (flow->result.note != NULL)
        token->note = jt_strdup(flow->result.note);
}

/* Makes the answer: "active" first, then the members that RFC 7662 names, then the rest as "extra". */
static void result_finish_introspection(struct jt_flow *flow)
{
    JT_AUTO_JSON struct json_object *answer = json_object_new_object();

    if ((flow->set_fields & JT_SET_ACTIVE) == 0) {
        jt_fault_contract(flow, "it is done without having said whether the token is active");
        return;
    }
    if (answer == NULL || json_object_object_add(answer, "active", json_object_new_boolean(flow->result.active)) != 0) {
        jt_state_no_memory(flow);
        return;
    }
    if (flow->answer != NULL) {
        json_object_object_foreach(flow->answer, name, value)
        {
            (void)json_object_object_add(answer, name, json_object_get(value));
        }
    }
    if (flow->extra != NULL && json_object_object_length(flow->extra) > 0)
        (void)json_object_object_add(answer, "extra", json_object_get(flow->extra));
    flow->result.answer = result_text(flow, answer);
}

static void result_finish_list(struct jt_flow *flow)
{
    if (flow->answer == NULL)
        flow->answer = json_object_new_object();
    if (!json_object_object_get_ex(flow->answer, "keys", NULL))
        (void)json_object_object_add(flow->answer, "keys", json_object_new_array());
    flow->result.answer = result_text(flow, flow->answer);
}

void jt_result_finish(struct jt_flow *flow)
{
    switch (flow->spec.operation) {
    case JT_ACQUIRE:
    case JT_REFRESH:
        result_finish_token(flow);
        break;
    case JT_INTROSPECT:
        result_finish_introspection(flow);
        break;
    case JT_LIST_KEYS:
        result_finish_list(flow);
        break;
    default:
        break;
    }
}
