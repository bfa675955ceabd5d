/* SPDX-License-Identifier: MIT */
/* The commands that work on a stored token without printing it: revoke, introspect, keys, invalidate, logout. */
#include "commands.h"
#include "input.h"
#include "json.h"
#include "output.h"
#include "report.h"
#include "session.h"
#include "times.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void operations_free_note(char **note)
{
    free(*note);
}

/* Prints {"name", key: true, "note"} or "name: sentence". */
static void operations_done(const struct jt_call *call, const char *key, const char *sentence, const char *note)
{
    struct json_object *object JT_AUTO_JSON = NULL;

    if (!call->json) {
        jt_output_line("%s: %s", call->operand, note != NULL ? note : sentence);
        return;
    }
    object = jt_json_new();
    jt_json_add_string(object, "name", call->operand);
    jt_json_add_boolean(object, key, true);
    jt_json_add_string(object, "note", note);
    jt_json_print(object);
}

int jt_cmd_revoke(const struct jt_call *call, struct jt_session *session)
{
    char *note JT_CLEANUP(operations_free_note) = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    status = jeton_revoke(session->ctx, call->operand, &session->request, &note, &error);
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    operations_done(call, "revoked", "revoked", note);
    return JETON_OK;
}

/* If the provider did not answer or refused the revocation, that is reported and nothing is forgotten: the library
 * keeps the token, unusable, for the next try. */
int jt_cmd_logout(const struct jt_call *call, struct jt_session *session)
{
    char *note JT_CLEANUP(operations_free_note) = NULL;
    jeton_error *error JT_CLEANUP(jeton_error_free) = NULL, *forget_error JT_CLEANUP(jeton_error_free) = NULL;
    int status = jt_session_open(call, session), forgotten;

    if (status != JETON_OK)
        return status;
    status = jeton_revoke(session->ctx, call->operand, &session->request, &note, &error);
    if (status != JETON_OK && status != JETON_NOT_SUPPORTED)
        return jt_report_error(call, call->operand, status, &error);
    forgotten = jeton_forget(session->ctx, call->operand, &session->request, &forget_error);
    /* JETON_USAGE: the token was removed when it was revoked, so there is nothing to forget. */
    if (forgotten != JETON_OK && forgotten != JETON_USAGE)
        return jt_report_error(call, call->operand, forgotten, &forget_error);
    if (status == JETON_NOT_SUPPORTED)
        jt_report_note(call, "%s: it could not be revoked, so it stays good elsewhere until it expires: %s",
                       call->operand, jeton_error_message(error));
    operations_done(call, "forgotten", status == JETON_OK ? "revoked and forgotten" : "forgotten", note);
    return JETON_OK;
}

static void operations_print_value(const char *key, struct json_object *value)
{
    bool is_time =
        strcmp(key, "exp") == 0 || strcmp(key, "iat") == 0 || strcmp(key, "nbf") == 0 || strcmp(key, "expires_at") == 0;
    char text[2 * JT_TIMES_SIZE];

    if (is_time && json_object_is_type(value, json_type_int)) {
        jt_times_full(json_object_get_int64(value), (int64_t)time(NULL), text, sizeof(text));
        jt_output_line("%s: %s", key, text);
    } else if (json_object_is_type(value, json_type_boolean)) {
        jt_output_line("%s: %s", key, json_object_get_boolean(value) ? "yes" : "no");
    } else if (json_object_is_type(value, json_type_string)) {
        jt_output_line("%s: %s", key, json_object_get_string(value));
    } else {
        jt_output_line("%s: %s", key,
                       json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    }
}

static int operations_print_introspection(const struct jt_call *call, const jeton_answer *answer)
{
    struct json_object *object JT_AUTO_JSON = jt_json_parse(jeton_answer_json(answer)), *extra = NULL;

    if (object == NULL)
        return jt_report_bad_answer(call);
    if (call->json) {
        jt_json_print(object);
        return JETON_OK;
    }
    jt_output_line("active: %s", jeton_answer_active(answer) ? "yes" : "no");
    json_object_object_foreach(object, key, value)
    {
        if (strcmp(key, "active") != 0 && strcmp(key, "extra") != 0)
            operations_print_value(key, value);
    }
    if (json_object_object_get_ex(object, "extra", &extra) && json_object_is_type(extra, json_type_object)) {
        json_object_object_foreach(extra, extra_key, extra_value)
        {
            operations_print_value(extra_key, extra_value);
        }
    }
    return JETON_OK;
}

int jt_cmd_introspect(const struct jt_call *call, struct jt_session *session)
{
    jeton_answer *answer JT_CLEANUP(jeton_answer_free) = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    status = jeton_introspect(session->ctx, call->operand, &session->request, &answer, &error);
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    return operations_print_introspection(call, answer);
}

static int operations_print_keys(const struct jt_call *call, const jeton_answer *answer)
{
    struct json_object *object JT_AUTO_JSON = jt_json_parse(jeton_answer_json(answer)), *keys = NULL;
    size_t len = 0;

    keys = object == NULL ? NULL : jt_json_array(object, "keys", &len);
    if (keys == NULL)
        return jt_report_bad_answer(call);
    if (call->json) {
        jt_json_print(object);
        return JETON_OK;
    }
    for (size_t i = 0; i < len; i++)
        jt_output_line("%s", json_object_get_string(json_object_array_get_idx(keys, i)));
    if (len == 0)
        jt_report_note(call, "%s: the provider lists none", call->operand);
    return JETON_OK;
}

int jt_cmd_keys(const struct jt_call *call, struct jt_session *session)
{
    jeton_answer *answer JT_CLEANUP(jeton_answer_free) = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    status = jeton_list_keys(session->ctx, call->operand, &session->request, &answer, &error);
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    return operations_print_keys(call, answer);
}

int jt_cmd_invalidate(const struct jt_call *call, struct jt_session *session)
{
    char *access_token JT_AUTO_INPUT = NULL;
    jeton_error *error = NULL;
    int status = JETON_OK;

    if (call->token != NULL)
        status = jt_input_read(call, "the access token", call->token, &access_token);
    if (status == JETON_OK)
        status = jt_session_open(call, session);
    if (status != JETON_OK)
        return status;
    status = jeton_invalidate(session->ctx, call->operand, &session->request, access_token, &error);
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    operations_done(call, "invalidated",
                    access_token != NULL ? "that token will not be handed out again"
                                         : "the stored token will not be handed out again",
                    NULL);
    return JETON_OK;
}
