/* SPDX-License-Identifier: MIT */
/* Is what a flow brought a result of its operation? Tokens that cannot stand in a header end here. It never adds a
 * value that nobody sent. */
#include "net/flow/result.h"
#include "net/wire/wire.h"
#include <string.h>

static char *result_text(struct jt_flow *flow, struct json_object *value)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_RESPONSE_MAX * 2u);
    char *text;

    jt_json_add(&buf, value);
    text = jt_buf_take(&buf);
    if (text == NULL)
        jt_fault_no_memory(flow);
    return text;
}

static void result_check_text(struct jt_flow *flow, const char *name, const char *value, bool spaces)
{
    if (value != NULL && !jt_text_is_visible(value, spaces))
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer's %s holds a character that none may (RFC 6749 appendix A)",
                       name);
}

/* Words for people and from people may be in any script, but may not steer a terminal. */
static void result_check_words(struct jt_flow *flow, const char *name, const char *value)
{
    if (value == NULL)
        return;
    for (const char *p = value; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            jt_fault_stick(flow, JETON_BAD_ANSWER, "the answer's %s holds a control character", name);
            return;
        }
    if (!jt_text_is_utf8(value, strlen(value)))
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
    token->issued_at = jt_flow_now(flow);
    if (flow->extra != NULL && json_object_object_length(flow->extra) > 0) {
        jt_str_wipe(&token->extra);
        token->extra = result_text(flow, flow->extra);
    }
    if (flow->result.note != NULL)
        token->note = jt_strdup(flow->result.note);
}

/* {"active": …} first, what RFC 7662 names next, the rest under "extra". */
static void result_finish_introspection(struct jt_flow *flow)
{
    JT_AUTO_JSON struct json_object *answer = json_object_new_object();

    if ((flow->set_fields & JT_SET_ACTIVE) == 0) {
        jt_fault_contract(flow, "it is done without having said whether the token is active");
        return;
    }
    if (answer == NULL || json_object_object_add(answer, "active", json_object_new_boolean(flow->result.active)) != 0) {
        jt_fault_no_memory(flow);
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
