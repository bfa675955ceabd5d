/* SPDX-License-Identifier: MIT */
/* The commands that print a token: get, acquire, refresh. */
#include "commands.h"
#include "json.h"
#include "output.h"
#include "report.h"
#include "session.h"

typedef int (*get_operation)(jeton *, const char *, const struct jeton_request *, jeton_token **, jeton_error **);

static int get_print(const struct jt_call *call, const jeton_token *token)
{
    struct json_object *object JT_AUTO_JSON = NULL;

    if (jeton_token_note(token) != NULL)
        jt_report_note(call, "%s: %s", call->operand, jeton_token_note(token));
    if (!call->json) {
        jt_output_puts(jeton_token_access_token(token));
        jt_output_puts("\n");
        return JETON_OK;
    }
    object = jt_json_token(call->operand, token, true);
    if (object == NULL)
        return jt_report_bad_answer(call);
    jt_json_print(object);
    return JETON_OK;
}

static int get_run(const struct jt_call *call, struct jt_session *session, get_operation operation)
{
    jeton_token *token JT_CLEANUP(jeton_token_free) = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    status = operation(session->ctx, call->operand, &session->request, &token, &error);
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    return get_print(call, token);
}

int jt_cmd_get(const struct jt_call *call, struct jt_session *session)
{
    return get_run(call, session, jeton_get);
}

int jt_cmd_acquire(const struct jt_call *call, struct jt_session *session)
{
    return get_run(call, session, jeton_acquire);
}

int jt_cmd_refresh(const struct jt_call *call, struct jt_session *session)
{
    return get_run(call, session, jeton_refresh);
}
