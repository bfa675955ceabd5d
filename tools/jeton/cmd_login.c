/* SPDX-License-Identifier: MIT */
/* login: acquires a token with a person's help, by questions at the terminal or a browser that is redirected back to
 * this machine. */
#include "commands.h"
#include "json.h"
#include "output.h"
#include "redirect.h"
#include "report.h"
#include "session.h"
#include "terminal.h"
#include "times.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOGIN_PATIENCE_MS (10 * 60 * 1000)

struct login {
    const struct jt_call *call;
    bool url_printed; /* --print-url did its work */
};

static int login_ask(void *data, const struct jeton_question *question, char *answer, size_t answer_size)
{
    (void)data;
    return jt_terminal_ask(question->prompt != NULL ? question->prompt : question->name, question->secret != 0, answer,
                           answer_size);
}

/* For --print-url: prints the URL on stdout and ends the flow. */
static int login_print_url(struct login *login, const char *url, const char *user_code)
{
    struct json_object *object JT_AUTO_JSON = NULL;

    login->url_printed = true;
    if (!login->call->json) {
        jt_output_line("%s", url);
        if (user_code != NULL)
            jt_output_line("%s", user_code);
        return -1;
    }
    object = jt_json_new();
    jt_json_add_string(object, "name", login->call->operand);
    jt_json_add_string(object, "url", url);
    jt_json_add_string(object, "user_code", user_code);
    jt_json_print(object);
    return -1;
}

static int login_display(void *data, const char *url, const char *url_complete, const char *user_code)
{
    struct login *login = data;

    if (login->call->print_url)
        return login_print_url(login, url, user_code);
    jt_output_message("open this page to sign in:");
    jt_output_message("%s", url);
    if (user_code != NULL)
        jt_output_message("and enter the code %s", user_code);
    if (url_complete != NULL)
        jt_output_message("or open this one, which holds the code: %s", url_complete);
    return 0;
}

static int64_t login_now_ms(void)
{
    struct timespec now = {.tv_sec = 0};

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for whichever comes first: the browser at the listener, or a line at stdin. */
static int login_await(const struct login *login, const struct jt_redirect *redirect, char *answer, size_t answer_size)
{
    struct pollfd fds[] = {{.fd = redirect->fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    int64_t until_ms = login_now_ms() + (login->call->timeout_ms > 0 ? login->call->timeout_ms : LOGIN_PATIENCE_MS);

    for (;;) {
        int64_t left_ms = until_ms - login_now_ms();
        int ready = left_ms <= 0 ? 0 : poll(fds, JT_LEN(fds), left_ms > INT32_MAX ? INT32_MAX : (int)left_ms);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0 || left_ms <= 0) {
            jt_output_message("%s",
                              ready < 0 ? "waiting for the browser failed" : "the browser did not come back in time");
            return -1;
        }
        if ((fds[0].revents & POLLIN) != 0 && jt_redirect_accept(redirect, answer, answer_size) == 1)
            return 0;
        if (fds[1].revents == 0)
            continue;
        if (jt_terminal_ask("", false, answer, answer_size) == 0)
            return 0;
        fds[1].fd = -1; /* end of stdin: from now on only the browser can answer */
    }
}

static int login_browse(void *data, const char *url, const char *redirect_uri, char *answer, size_t answer_size)
{
    struct jt_redirect redirect JT_AUTO_REDIRECT = JT_REDIRECT_INIT;
    struct login *login = data;
    int listening;

    if (login->call->print_url)
        return login_print_url(login, url, NULL);
    listening = redirect_uri == NULL ? -1 : jt_redirect_listen(redirect_uri, &redirect);
    if (listening != 0 && redirect_uri != NULL && errno != EAFNOSUPPORT)
        jt_report_note(login->call, "%s cannot be listened on: %s", redirect_uri, strerror(errno));
    jt_output_message("open this page to sign in:");
    jt_output_message("%s", url);
    if (listening != 0)
        return jt_terminal_ask("then paste the address that the browser arrived at", false, answer, answer_size);
    jt_output_message(
        "waiting for the browser; where it cannot reach this machine, paste the address that it arrived at");
    return login_await(login, &redirect, answer, answer_size);
}

static int login_done(const struct jt_call *call, const jeton_token *token)
{
    struct json_object *object JT_AUTO_JSON = NULL;
    char until[2 * JT_TIMES_SIZE];

    if (jeton_token_note(token) != NULL)
        jt_report_note(call, "%s: %s", call->operand, jeton_token_note(token));
    if (call->json) {
        object = jt_json_token(call->operand, token, false);
        if (object == NULL)
            return jt_report_bad_answer(call);
        jt_json_print(object);
        return JETON_OK;
    }
    if (jeton_token_expires_at(token) == INT64_MAX) {
        jt_output_line("%s: signed in; the token has no known limit", call->operand);
        return JETON_OK;
    }
    jt_times_full(jeton_token_expires_at(token), (int64_t)time(NULL), until, sizeof(until));
    jt_output_line("%s: signed in; the token expires %s", call->operand, until);
    return JETON_OK;
}

int jt_cmd_login(const struct jt_call *call, struct jt_session *session)
{
    struct login login = {.call = call};
    struct jeton_conversation conversation = {.struct_size = sizeof(conversation),
                                              .data = &login,
                                              .ask = login_ask,
                                              .display = login_display,
                                              .browse = login_browse};
    jeton_token *token JT_CLEANUP(jeton_token_free) = NULL;
    jeton_error *error JT_CLEANUP(jeton_error_free) = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    session->request.conversation = &conversation;
    status = jeton_acquire(session->ctx, call->operand, &session->request, &token, &error);
    session->request.conversation = NULL;
    if (login.url_printed)
        return JETON_OK;
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    if (call->print_url)
        jt_report_note(call, "%s needs no page: it was signed in right away", call->operand);
    return login_done(call, token);
}
