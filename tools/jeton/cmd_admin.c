/* SPDX-License-Identifier: MIT */
/* check, init and rekey: checking the configuration, making its files and the store, and sealing the store with a new
 * key. */
#include "commands.h"
#include "json.h"
#include "output.h"
#include "report.h"
#include "session.h"
#include <stdlib.h>
#include <string.h>

static void admin_print_finding(struct json_object *finding)
{
    const char *file = jt_json_string(finding, "file"), *message = jt_json_string(finding, "message");
    int64_t line = jt_json_integer(finding, "line", 0);

    if (line > 0)
        jt_output_line("%s:%lld: %s", file != NULL ? file : "?", (long long)line, message != NULL ? message : "?");
    else
        jt_output_line("%s: %s", file != NULL ? file : "?", message != NULL ? message : "?");
}

int jt_cmd_check(const struct jt_call *call, struct jt_session *session)
{
    struct jeton_options options = jt_session_options(call);
    jeton_answer *answer JT_CLEANUP(jeton_answer_free) = NULL;
    struct json_object *object JT_AUTO_JSON = NULL, *findings = NULL;
    jeton_error *error = NULL;
    int64_t providers, accounts;
    size_t len = 0;
    int status = jeton_check(&options, &answer, &error);

    (void)session;
    if (status != JETON_OK)
        return jt_report_error(call, NULL, status, &error);
    object = jt_json_parse(jeton_answer_json(answer));
    findings = object == NULL ? NULL : jt_json_array(object, "findings", &len);
    if (findings == NULL)
        return jt_report_bad_answer(call);
    if (call->json) {
        jt_json_print(object);
        return len > 0 ? JETON_CONFIG : JETON_OK;
    }
    for (size_t i = 0; i < len; i++)
        admin_print_finding(json_object_array_get_idx(findings, i));
    if (len > 0)
        return JETON_CONFIG;
    providers = jt_json_integer(object, "providers", 0);
    accounts = jt_json_integer(object, "accounts", 0);
    jt_output_line("%lld provider%s, %lld account%s, no findings", (long long)providers, providers == 1 ? "" : "s",
                   (long long)accounts, accounts == 1 ? "" : "s");
    return JETON_OK;
}

static void admin_free_text(char **text)
{
    free(*text);
}

/* Prints the text line by line; `what` is taken apart. */
static void admin_print_steps(const struct jt_call *call, char *what)
{
    struct json_object *object JT_AUTO_JSON = jt_json_new(), *steps = json_object_new_array();
    char *line, *rest = what;

    if (steps == NULL)
        jt_output_no_memory();
    jt_json_add_object(object, "steps", steps);
    while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
        if (*line == '\0')
            continue;
        if (!call->json)
            jt_output_line("%s", line);
        else
            jt_json_append_string(steps, line);
    }
    if (call->json)
        jt_json_print(object);
}

int jt_cmd_init(const struct jt_call *call, struct jt_session *session)
{
    struct jeton_options options = jt_session_options(call);
    char *what JT_CLEANUP(admin_free_text) = NULL;
    jeton_error *error = NULL;
    int status = jeton_init(&options, &what, &error);

    (void)session;
    if (status != JETON_OK)
        return jt_report_error(call, NULL, status, &error);
    admin_print_steps(call, what);
    return JETON_OK;
}

int jt_cmd_rekey(const struct jt_call *call, struct jt_session *session)
{
    struct jeton_options options = jt_session_options(call);
    char *what JT_CLEANUP(admin_free_text) = NULL;
    jeton_error *error = NULL;
    int status = jeton_rekey(&options, call->new_key_file, &what, &error);

    (void)session;
    if (status != JETON_OK)
        return jt_report_error(call, NULL, status, &error);
    admin_print_steps(call, what);
    return JETON_OK;
}
