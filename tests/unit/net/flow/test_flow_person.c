/* SPDX-License-Identifier: MIT */
/* Steps that need a person: questions, browsers, device codes; with somebody there, and with nobody. */
#include "tests/lib/probe.h"
#include <string.h>

static const struct jeton_host *const host = &jt_host;

static struct drive *started(jeton_operation wanted, jeton_step step)
{
    struct drive *d = probe_new(wanted);

    if (drive_start(d, JT_ACQUIRE) != step)
        CHECK_STR(jeton_error_message(drive_error(d)), "another step");
    return d;
}

#define REFUSED(wanted, status, part) refused((wanted), (status), (part), __FILE__, __LINE__)
static void refused(jeton_operation wanted, int status, const char *part, const char *file, unsigned line)
{
    struct drive *d = started(wanted, JETON_STEP_FAIL);

    drive_check_failure(d, status, part, file, line);
    drive_free(&d);
}

static jeton_step asks(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_ANSWER) {
        CHECK_STR(host->reply(flow, "otp"), "123456");
        CHECK_STR(host->reply(flow, "unasked"), NULL);
        host->set(flow, "access_token", "t");
        return JETON_STEP_DONE;
    }
    host->ask(flow, "otp", "One-time password", JETON_SECRET);
    host->ask(flow, "wallet", "Which wallet?", 0);
    return JETON_STEP_ASK;
}

static void questions_reach_the_person_and_answers_the_plugin(void)
{
    struct drive *d = started(asks, JETON_STEP_ASK);
    const struct jeton_question *questions;
    size_t count;

    questions = jt_flow_questions(drive_flow(d), &count);
    CHECK_INT(count, 2);
    CHECK_STR(questions[0].name, "otp");
    CHECK_STR(questions[0].prompt, "One-time password");
    CHECK_INT(questions[0].secret, 1);
    CHECK_INT(questions[1].secret, 0);
    CHECK_INT(questions[1].struct_size, sizeof(questions[1]));
    CHECK_INT(drive_answer(d, "otp", "123456"), JETON_STEP_DONE);
    drive_free(&d);
}

static jeton_step asks_rudely(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    host->ask(flow, "otp", "\x1b[2J gone", 0);
    return JETON_STEP_ASK;
}

static jeton_step asks_too_much(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    for (int i = 0; i < 17; i++)
        host->ask(flow, "q", "?", 0);
    return JETON_STEP_ASK;
}

static void questions_do_not_steer_the_terminal(void)
{
    REFUSED(asks_rudely, JETON_INTERNAL, "with control characters in it");
    REFUSED(asks_too_much, JETON_INTERNAL, "over 16 questions");
}

static jeton_step browses(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_REDIRECT) {
        const char *state = host->reply(flow, "state");

        if (state == NULL || strcmp(state, host->kept(flow, "state")) != 0)
            return host->fail(flow, JETON_BAD_ANSWER, NULL, "another state");
        host->set(flow, "access_token", host->reply(flow, "code"));
        return JETON_STEP_DONE;
    }
    host->keep(flow, "state", "s-1");
    host->request(flow, "GET", "/authorize");
    host->query(flow, "redirect_uri", host->redirect_uri(flow));
    host->query(flow, "state", "s-1");
    return JETON_STEP_BROWSE;
}

static void a_browser_goes_out_and_comes_back(void)
{
    struct drive *d = started(browses, JETON_STEP_BROWSE);

    CHECK_STR(drive_request(d)->url,
              "https://as.example/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A8914%2Fcallback&state=s-1");
    CHECK_STR(jt_state_redirect_uri(drive_flow(d)), "http://127.0.0.1:8914/callback");
    CHECK_INT(drive_redirect(d, "http://127.0.0.1:8914/callback?code=a%2Bb%3d&state=s-1&&x#frag?code=evil"),
              JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->token.access_token, "a+b=");
    drive_free(&d);
}

static void the_setting_says_where_the_browser_comes_back(void)
{
    struct drive *d = probe_new(browses);

    drive_setting(d, "redirect_uri", "https://client.example.com/cb?x=1");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_BROWSE);
    CHECK_STR(drive_query(d, "redirect_uri"), "https://client.example.com/cb?x=1");
    CHECK_INT(drive_redirect(d, "https://client.example.com/cb?x=1&code=c&state=s-1"), JETON_STEP_DONE);
    drive_free(&d);
}

static void an_arrival_that_makes_no_sense_is_refused(void)
{
    static const struct {
        const char *url;
        int status;
        const char *part;
    } cases_[] = {
        {"http://127.0.0.1:8914/callback.evil?code=c&state=s-1", JETON_USAGE, "another address"},
        {"http://evil.example/callback?code=c", JETON_USAGE, "another address"},
        {"", JETON_USAGE, "another address"},
        {"http://127.0.0.1:8914/callback?code=a&code=b&state=s-1", JETON_BAD_ANSWER, "a parameter twice"},
        {"http://127.0.0.1:8914/callback?code=%zz", JETON_BAD_ANSWER, "malformed parameter"},
        {"http://127.0.0.1:8914/callback?code=%00", JETON_BAD_ANSWER, "malformed parameter"},
        {"http://127.0.0.1:8914/callback?code=%ff", JETON_BAD_ANSWER, "malformed parameter"},
        {"http://127.0.0.1:8914/callback?code=%4", JETON_BAD_ANSWER, "malformed parameter"},
        {"http://127.0.0.1:8914/callback?code=a&state=s-2", JETON_BAD_ANSWER, "another state"},
        {"http://127.0.0.1:8914/callback", JETON_BAD_ANSWER, "another state"},
    };

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct drive *d = started(browses, JETON_STEP_BROWSE);

        CHECK_INT(drive_redirect(d, cases_[i].url), JETON_STEP_FAIL);
        check_int(jeton_error_status(drive_error(d)), cases_[i].status, cases_[i].url, __FILE__, __LINE__);
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), cases_[i].part);
        drive_free(&d);
    }
}

static jeton_step browses_by_post(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    host->request(flow, "POST", "/authorize");
    return JETON_STEP_BROWSE;
}

static void a_page_is_opened_by_get_only(void)
{
    REFUSED(browses_by_post, JETON_INTERNAL, "a page for a browser can be a GET");
}

static const char *shown_url, *shown_code;

static jeton_step shows_a_code(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_TIMER) {
        host->wait(flow, 0);
        return JETON_STEP_WAIT;
    }
    host->display(flow, shown_url, NULL, shown_code);
    host->deadline(flow, 1800);
    host->wait(flow, 5);
    return JETON_STEP_WAIT;
}

static void rfc_8628_3_3_the_code_is_shown_from_the_wait_on(void)
{
    const char *complete = "", *code = "";
    struct drive *d;
    int64_t left_ms;

    shown_url = "https://example.com/device";
    shown_code = "WDJB-MJHT";
    d = started(shows_a_code, JETON_STEP_WAIT);
    CHECK_STR(jt_flow_display(drive_flow(d), &complete, &code), "https://example.com/device");
    CHECK_STR(complete, NULL);
    CHECK_STR(code, "WDJB-MJHT");
    left_ms = jt_flow_deadline_ms(drive_flow(d)) - jt_boot_ms();
    CHECK_TRUE(left_ms > 1790000 && left_ms <= 1800000);
    CHECK_INT(drive_timer(d), JETON_STEP_WAIT);
    CHECK_STR(jt_flow_display(drive_flow(d), &complete, &code), NULL); /* not again */
    CHECK_INT(jt_flow_wait_s(drive_flow(d)), 1);                       /* never without a pause */
    drive_free(&d);
}

static void what_a_provider_wants_shown_is_looked_at(void)
{
    shown_url = "http://evil.example/";
    shown_code = "A";
    REFUSED(shows_a_code, JETON_BAD_ANSWER, "the address that a person is to open is plain http");
    shown_url = NULL;
    REFUSED(shows_a_code, JETON_BAD_ANSWER, "the address that a person is to open is missing");
    shown_url = "https://example.com/";
    shown_code = "A\x1b]0;B";
    REFUSED(shows_a_code, JETON_BAD_ANSWER, "control characters");
}

static void without_a_person_a_login_is_needed(void)
{
    static const jeton_operation steps[] = {asks, browses, shows_a_code};
    struct jt_plugin plugin;
    struct jt_flow_spec spec = {.plugin = &plugin, .name = "probe/me", .deadline_ms = JT_NEVER};

    shown_url = "https://example.com/";
    shown_code = "A";
    for (size_t i = 0; i < JT_LEN(steps); i++) {
        JT_AUTO_ERROR jeton_error *error = NULL;
        JT_AUTO_FLOW struct jt_flow *flow = NULL;

        plugin = probe_plugin(steps[i]);
        CHECK_INT(jt_flow_new(&spec, &flow, &error), JETON_OK);
        CHECK_INT(jt_flow_start(flow), JETON_STEP_FAIL);
        error = jt_flow_take_error(flow);
        CHECK_INT(jeton_error_status(error), JETON_LOGIN_NEEDED);
        CHECK_CONTAINS(jeton_error_message(error), "nobody is there");
        CHECK_STR(jeton_error_hint(error), "sign in with: jeton login probe/me");
    }
}

static jeton_step waits_backwards(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    host->wait(flow, -5);
    return JETON_STEP_WAIT;
}

static jeton_step keeps_too_much(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    for (int i = 0; i < 9; i++)
        host->keep(flow, host->print(flow, "k%d", i), host->print(flow, "%030000d", i));
    host->wait(flow, 1);
    return JETON_STEP_WAIT;
}

static void waits_and_kept_values_have_limits(void)
{
    REFUSED(waits_backwards, JETON_INTERNAL, "wait for -5 seconds");
    REFUSED(keeps_too_much, JETON_INTERNAL, "it keeps over 262144 bytes");
}

static const struct check_case cases[] = {
    {"questions reach the person, and answers the plugin", questions_reach_the_person_and_answers_the_plugin},
    {"questions do not steer the terminal", questions_do_not_steer_the_terminal},
    {"a browser goes out and comes back", a_browser_goes_out_and_comes_back},
    {"the setting says where the browser comes back", the_setting_says_where_the_browser_comes_back},
    {"an arrival that makes no sense is refused", an_arrival_that_makes_no_sense_is_refused},
    {"a page is opened by GET only", a_page_is_opened_by_get_only},
    {"RFC 8628 3.3: the code is shown from the wait on", rfc_8628_3_3_the_code_is_shown_from_the_wait_on},
    {"what a provider wants shown is looked at", what_a_provider_wants_shown_is_looked_at},
    {"without a person a login is needed", without_a_person_a_login_is_needed},
    {"waits and kept values have limits", waits_and_kept_values_have_limits},
};
CHECK_MAIN("flow_person", cases)
